//! What `metric.py` does with submissions that are tried on it, good ones and hostile ones.

use std::time::Duration;

use crate::{JobStatus, JobUsage, Score};

/// One submission that is tried on a metric. Both files lie directly in the folder that is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// Name of the submission's file.
    pub submission: String,
    /// Name of the file of answers.
    pub answers: String,
    /// Whether it is scored twice more: by the same instance, and from the tables that the validator had.
    pub closely: bool,
}

/// How long trials may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrialLimits {
    /// One trial. Loading the metric may take six times as long.
    pub each: Duration,
    /// All of them; what was not begun by then is not tried. Never more than the runtime's own limit of wall time.
    pub all: Duration,
}

impl Default for TrialLimits {
    /// 20 seconds for a trial and five minutes for all.
    fn default() -> Self {
        Self { each: Duration::from_secs(20), all: Duration::from_secs(300) }
    }
}

/// What a metric did with all submissions that were tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Trials {
    /// How the last process ended.
    pub status: JobStatus,
    /// What the last process spent.
    pub usage: JobUsage,
    /// Why `metric.py` could not be used at all, with the last lines of the traceback.
    pub metric_error: Option<String>,
    /// Name of the metric class.
    pub class_name: Option<String>,
    /// Direction, as the instance says; absent when it is not a Python bool.
    pub higher_is_better: Option<bool>,
    /// One for each trial, in order. Shorter than the list of trials when the time was over, or when too many trials
    /// never ended.
    pub tried: Vec<Tried>,
}

/// What a metric did with one submission.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// The score. A trial that did not return has an error of the kind `TookTooLong`, one that ended the process
    /// `Died`.
    pub score: Score,
    /// The score by the same instance a second time, if it was asked for and there was a first one. The inner
    /// value is absent when there was none the second time.
    pub again: Option<Option<f64>>,
    /// The score when `validate_submission` and `evaluate` get the same two tables, as `again`.
    pub shared: Option<Option<f64>>,
    /// The beginning of what the metric printed, at most 2,000 characters.
    pub printed: String,
}
