//! A stream of submissions to one task.

use std::fmt;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::{ExecError, Limits, Runtime, Scoring, Worker};

/// Scores submissions to one task for several callers at once.
#[async_trait]
pub trait Grade: fmt::Debug + Send + Sync {
    /// Validates and scores one submission.
    ///
    /// # Errors
    /// [`ExecError`] when it could not be run at all. What the metric raises is in the result.
    async fn grade(&self, submission: &Path) -> Result<Scoring, ExecError>;
}

/// One grader, for which its callers wait.
#[async_trait]
impl Grade for Mutex<Grader> {
    async fn grade(&self, submission: &Path) -> Result<Scoring, ExecError> {
        self.lock().await.grade(submission).await
    }
}

/// Gradings after which a worker is replaced, so that nothing can pile up in it.
const GRADINGS: u32 = 500;

/// Scores submissions to one task, one after the other, by a worker that keeps Python and its libraries
/// ready. Where the sandbox has no workers, and whenever a worker is lost, a process of its own does the same
/// work, only slower: results do not depend on it.
pub struct Grader {
    runtime: Runtime,
    metric: PathBuf,
    answers: PathBuf,
    /// Where submissions and results lie; the only place that the metric may write.
    desk: TempDir,
    worker: Option<Box<dyn Worker>>,
    gradings: u32,
    /// No worker is tried again after one could not be started.
    cold: bool,
}

impl fmt::Debug for Grader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grader")
            .field("metric", &self.metric)
            .field("gradings", &self.gradings)
            .finish_non_exhaustive()
    }
}

impl Grader {
    /// A grader for the task with this metric and these answers. Nothing is started yet.
    ///
    /// # Errors
    /// [`ExecError::Io`] when there is no room for temporary files.
    pub fn new(runtime: Runtime, metric: &Path, answers: &Path) -> Result<Self, ExecError> {
        let absolute = |path: &Path| std::path::absolute(path).map_err(ExecError::io(path));
        Ok(Self {
            metric: absolute(metric)?,
            answers: absolute(answers)?,
            desk: runtime.scratch().directory("smith-desk-")?,
            runtime,
            worker: None,
            gradings: 0,
            cold: false,
        })
    }

    /// Validates and scores one submission.
    ///
    /// # Errors
    /// [`ExecError`] when it could not be run at all. What the metric raises is in the result.
    pub async fn grade(&mut self, submission: &Path) -> Result<Scoring, ExecError> {
        if let Some(mut worker) = self.worker().await {
            let view = (self.metric.as_path(), self.answers.as_path());
            let graded = self.runtime.score_in(worker.as_mut(), view, self.desk.path(), submission).await;
            match graded {
                Ok(scoring) => {
                    self.worker = Some(worker);
                    return Ok(scoring);
                }
                Err(error) => tracing::warn!(%error, "a worker was lost; the submission is graded without"),
            }
        }
        self.runtime.score(&self.metric, &self.answers, &[submission.to_path_buf()]).await
    }

    /// Takes the worker out, so that one which fails is not used again.
    async fn worker(&mut self) -> Option<Box<dyn Worker>> {
        if self.gradings >= GRADINGS {
            self.worker = None;
            self.gradings = 0;
        }
        self.gradings += 1;
        if self.worker.is_none() && !self.cold {
            match self.runtime.scoring_worker(&self.metric, &self.answers, self.desk.path()).await {
                Ok(Some(worker)) => return Some(worker),
                Ok(None) => self.cold = true,
                Err(error) => {
                    tracing::warn!(%error, "no worker could be started; submissions are graded one by one");
                    self.cold = true;
                }
            }
        }
        self.worker.take()
    }

    /// Limits of one grading.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.runtime.limits()
    }
}
