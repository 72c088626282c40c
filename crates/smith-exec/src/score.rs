//! What `metric.py` says about submissions.

use serde::{Deserialize, Serialize};

use crate::JobStatus;

/// The result of one scoring call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scoring {
    /// How the scoring process ended.
    pub status: JobStatus,
    /// Why `metric.py` could not be used at all (not loadable, no class, not instantiable), with the
    /// last lines of the traceback.
    pub metric_error: Option<String>,
    /// Name of the metric class.
    pub class_name: Option<String>,
    /// Direction, as the instance says; absent when it is not a Python bool.
    pub higher_is_better: Option<bool>,
    /// One for each submission, in order. Empty when there is a `metric_error` or the status is not ok.
    pub scores: Vec<Score>,
}

/// The score of one submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Whether the submission could be read and the validator raised nothing.
    pub valid: bool,
    /// The score; only finite numbers.
    pub score: Option<f64>,
    /// What was raised, and where.
    pub error: Option<ScoreError>,
    /// Python type of what `evaluate` returned: `float`, `numpy.float64`, …
    pub python_type: Option<String>,
    /// The verdict that `validate_submission` returned as a bool or as the first item of a tuple.
    /// It does not decide: only an exception rejects.
    pub validator_returned: Option<bool>,
    /// Wall time in seconds for reading, validating and evaluating.
    pub seconds: f64,
}

/// Why a submission has no score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreError {
    /// Class of the Python exception, or `NonFiniteScore` or `NotANumber`.
    pub kind: String,
    /// Its message.
    pub message: String,
    /// Where it happened.
    pub phase: ScorePhase,
    /// Traceback within the metric's own file; empty when nothing was raised.
    pub traceback: String,
}

/// The steps of scoring one submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScorePhase {
    /// Reading the submission or the answers.
    Read,
    /// `validate_submission`.
    Validate,
    /// `evaluate`, and looking at what it returned.
    Evaluate,
}
