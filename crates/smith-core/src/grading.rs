//! Grading one submission.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;
use smith_exec::{Grader, Runtime};
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
    if !submission.exists() {
        return Err(SmithError::Mistake(format!("there is no submission at {}", submission.display())));
    }
    for (what, path) in [("metric", layout.metric.clone()), ("file of answers", layout.test_answer())] {
        if !path.is_file() {
            return Err(SmithError::Mistake(format!("the task has no {what} at {}", path.display())));
        }
    }
    // The caller's own file may be behind a link; what the link leads to is checked.
    let real = submission.canonicalize().unwrap_or_else(|_| submission.to_path_buf());
    let grade = Grader::for_task(runtime.clone(), &layout)?.without_worker().grade(&real).await?;
    Ok(GradeReport {
        valid: grade.score().is_some(),
        score: grade.score(),
        higher_is_better: grade.higher_is_better(),
        message: grade.message(),
        sandbox: runtime.sandbox_record(),
        seconds: started.elapsed().as_secs_f64(),
    })
}
