//! What comes of an agent that works on a task in order to be measured.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::stage::{StageContext, StageError, ValidateInput};

/// One action that an agent took in the environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TakenAction {
    /// Steps used once the action was done, so an action that costs none bears the number of the step before it.
    pub step: u32,
    /// The action's name.
    pub action: String,
    /// `SUCCESS`, or the name of what went wrong.
    pub outcome: String,
    /// Score of the submission that the action made.
    pub score: Option<f64>,
    /// Seconds since the session was opened.
    pub at_seconds: f64,
    /// The source that was executed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// How an agent did on a task.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SolveReport {
    /// Every action, oldest first.
    pub actions: Vec<TakenAction>,
    /// Score of the submission that counts; nothing when none was valid.
    pub score: Option<f64>,
    /// The step that made that submission.
    pub score_step: Option<u32>,
    /// Direction that the metric states.
    pub higher_is_better: bool,
    /// Model calls; none for an agent without a model, and none known of a program.
    pub model_calls: u32,
    /// What the agent said at the end, or how it ended.
    pub note: String,
    /// Why the task could not be opened at all: then nothing is said of the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unplayable: Option<String>,
}

impl SolveReport {
    /// What is said of a task that cannot be opened.
    #[must_use]
    pub fn unplayable(reason: String) -> Self {
        Self { unplayable: Some(reason), ..Self::default() }
    }
}

/// Works on a task in the interactive environment, to be measured.
#[async_trait]
pub trait Solve: Send + Sync {
    /// Every action with its score. What the agent does badly is in the report; an error says nothing of it.
    async fn solve(&self, cx: &StageContext, input: ValidateInput) -> Result<SolveReport, StageError>;
}
