//! What came out of checking a task.

use smith_task_schema::{CheckRecord, Finding, Verdict};

/// Everything that a catalogue said about one task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Errors first, then by code; within one rule in the order in which the rule found them.
    pub findings: Vec<Finding>,
    /// Every rule that ran, in the catalogue's order.
    pub checks: Vec<CheckRecord>,
    /// Code of every rule that could not be run, and why.
    pub skipped: Vec<(String, String)>,
}

impl Outcome {
    /// Rejected when an error stands among the findings. Skipped rules do not count: a caller who needs
    /// them to have run looks at [`skipped`](Self::skipped).
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.findings.iter().any(Finding::is_error) { Verdict::Rejected } else { Verdict::Accepted }
    }

    /// Brings the findings into their documented order.
    pub(crate) fn sort(&mut self) {
        self.findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)));
    }
}
