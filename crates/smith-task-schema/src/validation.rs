//! Result of execution-based validation (paper, section 3.2).

use serde::{Deserialize, Serialize};

/// One submission that the validation agent made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// Step of the environment that made it, from 1.
    pub step: u32,
    /// Its score, if it was valid.
    pub score: Option<f64>,
    /// The error's type when it was not.
    pub error: Option<String>,
}

/// What happened when an agent tried to solve the task.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ValidationReport {
    /// Steps of the environment that were used.
    pub steps: u32,
    /// Every submission, in order.
    pub submissions: Vec<Submission>,
    /// Best score of the agent, in the metric's direction.
    pub best: Option<f64>,
    /// Direction that the metric states.
    pub higher_is_better: bool,
    /// Score of `sample_submission.csv`.
    pub sample: Option<f64>,
    /// Best score of a submission that predicts one constant.
    pub constant: Option<f64>,
    /// Score of the answers themselves.
    pub answers: Option<f64>,
    /// What the agent said at the end.
    pub note: String,
}

impl ValidationReport {
    /// True when `a` is a better score than `b` in this task's direction.
    #[must_use]
    pub fn better(&self, a: f64, b: f64) -> bool {
        if self.higher_is_better { a > b } else { a < b }
    }
}
