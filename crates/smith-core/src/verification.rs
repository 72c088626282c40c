//! Verification of any task directory, without a model.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;
use smith_assert::{AssertError, Catalogue, Outcome, Subject};
use smith_exec::Runtime;
use smith_task_schema::{Calibration, CheckRecord, Finding, Layer, SandboxRecord, TaskLayout, Verdict};

use crate::error::SmithError;

/// What verification says; its JSON is that of the `verify` command.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct VerifyReport {
    /// The task's directory.
    pub task: String,
    /// Accepted when no error was found.
    pub verdict: Verdict,
    /// Errors first.
    pub findings: Vec<Finding>,
    /// Every rule, also those that could not be run.
    pub checks: Vec<CheckRecord>,
    /// Rules that could not be run, each with the reason.
    pub skipped: Vec<(String, String)>,
    /// The ladder from guessing to the answers, with scale and medals of a reward; absent when it could not be climbed.
    pub calibration: Option<Calibration>,
    /// What confined the task's programs; absent when none was run.
    pub sandbox: Option<SandboxRecord>,
    /// Wall time.
    pub seconds: f64,
}

/// Runs every assertion and probe on the task at `path`, whichever of the three layouts it has. Without
/// a runtime nothing is executed.
///
/// # Errors
/// A mistake when the directory is no task, a fault when the machine fails. Defects are findings.
pub async fn verify(path: &Path, runtime: Option<Runtime>) -> Result<VerifyReport, SmithError> {
    verify_with(path, runtime, Catalogue::post_refactor()).await
}

/// [`verify`] with a catalogue of one's own: rules left out, or rules added.
///
/// # Errors
/// As [`verify`].
pub async fn verify_with(
    path: &Path,
    runtime: Option<Runtime>,
    catalogue: Catalogue,
) -> Result<VerifyReport, SmithError> {
    check(path, runtime, async |subject| catalogue.check(subject).await).await
}

/// [`verify`], which ends as soon as the task is known to be rejected: the rules run layer by layer in this order, and
/// none behind the layer that found an error.
///
/// # Errors
/// As [`verify`].
pub async fn verify_until_rejected(
    path: &Path,
    runtime: Option<Runtime>,
    catalogue: Catalogue,
    layers: &[Layer],
) -> Result<VerifyReport, SmithError> {
    check(path, runtime, async |subject| catalogue.check_until_rejected(subject, layers).await).await
}

async fn check(
    path: &Path,
    runtime: Option<Runtime>,
    rules: impl AsyncFnOnce(&Subject) -> Result<Outcome, AssertError>,
) -> Result<VerifyReport, SmithError> {
    let started = Instant::now();
    let layout = TaskLayout::detect(path)?;
    let scratch =
        tempfile::tempdir().map_err(|error| SmithError::Fault(format!("no scratch directory: {error}")))?;
    let confined = runtime.clone();
    let subject = Subject::new(layout, runtime, scratch.path().to_path_buf());
    let outcome = rules(&subject).await?;
    Ok(VerifyReport {
        task: path.display().to_string(),
        verdict: outcome.verdict(),
        findings: outcome.findings,
        checks: outcome.checks,
        skipped: outcome.skipped,
        calibration: outcome.calibration,
        sandbox: confined.and_then(|runtime| runtime.sandbox_record()),
        seconds: started.elapsed().as_secs_f64(),
    })
}
