//! Verdict on a task and the record that stands behind it.

use serde::{Deserialize, Serialize};

use crate::review::ReviewReport;
use crate::validation::ValidationReport;

/// Accepted or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No error stands against the task.
    Accepted,
    /// At least one does.
    Rejected,
}

/// One rule that was run on the task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRecord {
    /// Stable code.
    pub rule: String,
    /// What the rule proves when it finds nothing.
    pub proves: String,
    /// How many findings it had.
    pub findings: u32,
}

/// Why a task was accepted: every check, review point and figure.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// Every rule that ran.
    pub checks: Vec<CheckRecord>,
    /// The last review.
    pub review: Option<ReviewReport>,
    /// The last validation.
    pub validation: Option<ValidationReport>,
}
