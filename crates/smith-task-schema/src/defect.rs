//! A fault of the task itself, on its way to the stage that can mend it.

use serde::{Deserialize, Serialize};

use crate::Finding;
use crate::stage::Stage;

/// Something wrong with a candidate, addressed to the stage that can mend it.
///
/// A defect is never a fault of the infrastructure (those are retried and reported apart) and never
/// a mistake of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defect {
    /// Where it was seen: a rule's code, `review:<criterion>` or `validation:<what>`.
    pub source: String,
    /// The stage that can mend it.
    pub route: Stage,
    /// The text that goes to that stage's agent word for word.
    pub text: String,
}

impl Defect {
    /// A rule's finding, routed to `route`.
    #[must_use]
    pub fn from_finding(finding: &Finding, route: Stage) -> Self {
        Self { source: finding.rule.clone(), route, text: finding.to_string() }
    }
}
