//! What a session comes to.

use serde::{Deserialize, Serialize};

use super::feedback::FeedbackMode;

/// What a session comes to, for whoever runs it. No agent may see it: it holds the score on the test part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FinalScore {
    /// What the agent was told about its submissions.
    pub feedback: FeedbackMode,
    /// Direction of the scores, as the metric states it.
    pub higher_is_better: bool,
    /// The seed of the session.
    pub seed: Option<u64>,
    /// The submission that counts, see [`FeedbackMode`]; nothing when none since the last reset was valid.
    pub submission: Option<FinalSubmission>,
    /// The last valid submission; nothing when there is none.
    pub last: Option<FinalSubmission>,
}

/// A submission when the session is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FinalSubmission {
    /// The step that made it.
    pub step: u32,
    /// Score on the test part in the mode `validation`, else on all answers. Nothing when the metric cannot score it
    /// there.
    pub score: Option<f64>,
    /// Score on the validation part, in that mode.
    pub validation_score: Option<f64>,
    /// Why there is no score; empty when there is one.
    pub message: String,
}
