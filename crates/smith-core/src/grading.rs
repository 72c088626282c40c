//! Grading one submission.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;
use smith_exec::gate::{self, GateLimits, Refusal, Shape};
use smith_exec::{Runtime, Scoring};
use smith_task_schema::{SandboxRecord, TaskLayout};

use crate::error::SmithError;

/// What grading says; its JSON is that of the `grade` command.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GradeReport {
    /// Whether the submission was accepted and scored.
    pub valid: bool,
    /// A finite number, or nothing.
    pub score: Option<f64>,
    /// The metric's direction; absent when the metric cannot be loaded.
    pub higher_is_better: Option<bool>,
    /// Why it was not scored; empty when it was.
    pub message: String,
    /// What confined the metric; absent when it was not run.
    pub sandbox: Option<SandboxRecord>,
    /// Wall time.
    pub seconds: f64,
}

/// Validates and scores `submission` with the task's own metric and answers. Its form is checked before Python
/// sees it, and what was checked is what is scored.
///
/// # Errors
/// A mistake when the task or the submission is not there, a fault when the machine fails.
pub async fn grade(task: &Path, submission: &Path, runtime: &Runtime) -> Result<GradeReport, SmithError> {
    let started = Instant::now();
    let layout = TaskLayout::detect(task)?;
    for (what, path) in [
        ("the submission", submission.to_path_buf()),
        ("the task's metric", layout.metric.clone()),
        ("the task's answers", layout.test_answer()),
    ] {
        if !path.is_file() {
            return Err(SmithError::Mistake(format!("{what} is not there: {}", path.display())));
        }
    }
    let desk =
        tempfile::tempdir().map_err(|error| SmithError::Fault(format!("no temporary folder: {error}")))?;
    let clean = desk.path().join("submission.csv");
    let report = |valid, score, higher_is_better, message| GradeReport {
        valid,
        score,
        higher_is_better,
        message,
        sandbox: runtime.confinement().map(|confinement| confinement.record()),
        seconds: started.elapsed().as_secs_f64(),
    };
    match formally(&layout, submission, &clean) {
        Ok(()) => {}
        Err(refusal) if refusal.kind.is_fault() => return Err(SmithError::Fault(refusal.to_string())),
        Err(refusal) => return Ok(report(false, None, None, refusal.to_string())),
    }
    let scoring = runtime.score(&layout.metric, &layout.test_answer(), &[clean]).await?;
    let (valid, score, message) = judged(&scoring);
    Ok(report(valid, score, scoring.higher_is_better, message))
}

/// Checks the submission's form and copies it to `clean`. A task whose own tables have no common shape leaves
/// columns and ids to its metric.
fn formally(layout: &TaskLayout, submission: &Path, clean: &Path) -> Result<(), Refusal> {
    // The caller's own file may be behind a link; what the link leads to is checked.
    let real = submission.canonicalize().unwrap_or_else(|_| submission.to_path_buf());
    let shape = Shape::of(&layout.test_answer(), &layout.sample_submission()).ok();
    gate::check(&real, shape.as_ref(), &GateLimits::default())?.write_clean(clean)
}

fn judged(scoring: &Scoring) -> (bool, Option<f64>, String) {
    if let Some(error) = &scoring.metric_error {
        return (false, None, format!("the task's metric cannot be used: {error}"));
    }
    match scoring.scores.first() {
        Some(score) => {
            let message =
                score.error.as_ref().map_or_else(String::new, |e| format!("{}: {}", e.kind, e.message));
            (score.valid && score.score.is_some(), score.score, message)
        }
        None => (false, None, format!("the metric did not finish: {}", scoring.status)),
    }
}
