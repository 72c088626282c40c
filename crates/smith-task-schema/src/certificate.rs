//! Verdict on a task and the record that stands behind it.

use std::collections::BTreeMap;

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
    /// What confined the programs that were run for it; absent when none was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<SandboxRecord>,
}

/// What confined the programs that stand behind a result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SandboxRecord {
    /// How they were confined: `namespaces`, `user`, `landlock`, `container`, or `none`.
    pub tier: String,
    /// What held each guarantee, as it was read back before each program began. One that is missing did not hold
    /// for every program.
    pub guards: BTreeMap<String, String>,
}

impl SandboxRecord {
    /// A record of this tier without any guarantee.
    #[must_use]
    pub fn new(tier: impl Into<String>) -> Self {
        Self { tier: tier.into(), guards: BTreeMap::new() }
    }
}
