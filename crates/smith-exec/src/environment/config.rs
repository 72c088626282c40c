//! What a session needs to know.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use smith_task_schema::TaskLayout;
use tokio::sync::Mutex;

use super::feedback::FeedbackMode;
use crate::{ExecError, Grader, GraderPool, Grading, Limits, Runtime};

/// What a session needs to know.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EnvironmentConfig {
    /// The task's name, as agents are told it.
    pub name: String,
    /// Where the parts of the task lie.
    pub task: TaskLayout,
    /// Directory in which the session makes a directory of its own, `session-<n>`.
    pub workdir: PathBuf,
    /// How many actions may be taken; `None` for as many as the caller lets through. `get_history` and
    /// `reset` are free.
    pub max_steps: Option<u32>,
    /// Wall time since the session was opened after which no action that costs a step is taken; `None` for as long
    /// as the caller lets it go on. A script gets what is left when that is less than its limit, but some seconds at
    /// least.
    pub max_time: Option<Duration>,
    /// What the agent is told about its submissions.
    pub feedback: FeedbackMode,
    /// Seed of the scripts' random numbers and of what the environment chooses by chance; `None` to leave the scripts
    /// as they are. See [`Runtime::run_seeded`].
    pub seed: Option<u64>,
    /// What each script may spend.
    pub limits: Limits,
    /// The grader of the task, for sessions that share one; otherwise the session has its own.
    pub grader: Option<SharedGrader>,
    /// Where a session gets the graders that it needs for itself alone; otherwise it makes them.
    pub pool: Option<Arc<GraderPool>>,
    /// Direction of the score, where it is known already; otherwise the metric is asked, which runs it once.
    pub higher_is_better: Option<bool>,
}

/// What several sessions on one task share: a single grader, for which they wait, or a [pool's](GraderPool).
pub type SharedGrader = Arc<dyn Grading>;

impl EnvironmentConfig {
    /// A session without budgets and seed, with the default limits, whose agent sees every score.
    #[must_use]
    pub fn new(name: impl Into<String>, task: TaskLayout, workdir: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            task,
            workdir: workdir.into(),
            max_steps: None,
            max_time: None,
            feedback: FeedbackMode::Test,
            seed: None,
            limits: Limits::default(),
            grader: None,
            pool: None,
            higher_is_better: None,
        }
    }

    /// The options that are not what they are by default, as agents are told them.
    pub(super) fn options(&self) -> Map<String, Value> {
        let mut options = Map::new();
        if let Some(time) = self.max_time {
            options.insert("max_seconds".into(), json!(time.as_secs_f64()));
        }
        if self.feedback != FeedbackMode::Test {
            options.insert("feedback".into(), json!(self.feedback));
        }
        if let Some(seed) = self.seed {
            options.insert("seed".into(), json!(seed));
        }
        options
    }
}

/// A grader for sessions on `task`.
///
/// # Errors
/// [`ExecError::Io`] when there is no room for temporary files.
pub fn shared_grader(runtime: &Runtime, task: &TaskLayout) -> Result<SharedGrader, ExecError> {
    let grader = Grader::for_task(runtime.clone(), task)?;
    Ok(Arc::new(Mutex::new(grader)))
}
