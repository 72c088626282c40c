//! A model's judgement of a task, with quotations.

use serde::{Deserialize, Serialize};

use crate::stage::Stage;

/// What a review looks at (paper, section 3.2: clarity, metric, meaningful behaviour over shortcuts, leaks).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// `description.txt` says all that a participant needs, and it is true.
    Description,
    /// The metric fits the goal and cannot be gamed.
    Metric,
    /// Nothing public gives the answers away.
    Leakage,
    /// Skill is needed: no shortcut solves the task.
    Shortcuts,
    /// The task is worth solving and uses the data well.
    Usefulness,
}

impl Criterion {
    /// All criteria, in the order of the rubric.
    pub const ALL: [Self; 5] =
        [Self::Description, Self::Metric, Self::Leakage, Self::Shortcuts, Self::Usefulness];

    /// The word in files and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::Metric => "metric",
            Self::Leakage => "leakage",
            Self::Shortcuts => "shortcuts",
            Self::Usefulness => "usefulness",
        }
    }
}

/// Judgement on one criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewVerdict {
    /// In order.
    Pass,
    /// Not in order, with evidence.
    Fail,
    /// The reviewer abstains, or failed the point without evidence.
    CannotTell,
}

/// One criterion judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewPoint {
    /// What was judged.
    pub criterion: Criterion,
    /// The judgement, after checking the evidence.
    pub verdict: ReviewVerdict,
    /// Passages quoted from the task's files; checked to stand there.
    pub evidence: Vec<String>,
    /// Why, and for a failing point what to change.
    pub reason: String,
    /// Which stage can mend it.
    pub route: Stage,
    /// Set when the verdict was lowered (a fail without evidence), with the cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowered: Option<String>,
}

/// A whole review.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewReport {
    /// One point a criterion.
    pub points: Vec<ReviewPoint>,
    /// Model calls that it took.
    pub steps: u32,
}

impl ReviewReport {
    /// The points that must be mended.
    pub fn failing(&self) -> impl Iterator<Item = &ReviewPoint> {
        self.points.iter().filter(|p| p.verdict == ReviewVerdict::Fail)
    }
}
