//! Verdict on a task and the record that stands behind it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calibration::Calibration;
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

/// What one rule says of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    /// It found nothing.
    #[default]
    Holds,
    /// It found something that is worth knowing.
    Warned,
    /// It found an error.
    Broken,
    /// It could not be decided on this task.
    NotRun,
}

/// What a figure has to be for its rule to hold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// This much or more.
    AtLeast(f64),
    /// This much or less.
    AtMost(f64),
}

impl Bound {
    /// True when `value` keeps to the bound; a value that is no number does not.
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

/// A number that a rule or a probe measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What was measured, in words and with its unit, for instance `share of test rows that stand in train`.
    pub name: String,
    /// The value; always finite.
    pub value: f64,
    /// What it has to be; absent when the figure only informs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Bound>,
    /// True for times and memory, which differ from run to run; they do not stand in certificates.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub varies: bool,
}

impl Figure {
    /// A figure that only informs.
    #[must_use]
    pub fn new(name: impl Into<String>, value: f64) -> Self {
        Self {
            name: name.into(),
            value: if value.is_finite() { value } else { 0.0 },
            bound: None,
            varies: false,
        }
    }

    /// The same figure with what it has to be.
    #[must_use]
    pub fn bounded(self, bound: Bound) -> Self {
        Self { bound: Some(bound), ..self }
    }

    /// The same figure as one that differs from run to run.
    #[must_use]
    pub fn varying(self) -> Self {
        Self { varies: true, ..self }
    }

    /// False when there is a bound and the value does not keep to it.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.bound.is_none_or(|bound| bound.holds(self.value))
    }
}

/// One rule or probe of the catalogue, and what it said of the task.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckRecord {
    /// Stable code.
    pub rule: String,
    /// What the rule proves when it finds nothing.
    pub proves: String,
    /// How many findings it had.
    pub findings: u32,
    /// What it said.
    #[serde(default)]
    pub verdict: CheckVerdict,
    /// Why it was not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
}

impl CheckRecord {
    /// The record as it stands in a certificate: the same for every run of the same rules on the same files.
    #[must_use]
    pub fn lasting(mut self) -> Self {
        self.figures.retain(|figure| !figure.varies);
        self
    }
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
    /// What scores on the task mean; absent when its ladder could not be climbed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
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
