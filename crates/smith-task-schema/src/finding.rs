//! What a rule or a probe reports.

use serde::{Deserialize, Serialize};

/// How much a finding weighs: an error rejects the task, a warning does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the task may still be accepted.
    Warning,
    /// The task cannot be accepted as it is.
    Error,
}

/// Which kind of evidence stands behind a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Files read or parsed, nothing run.
    Static,
    /// The task's own scripts were run.
    Dynamic,
    /// The public and private data were compared.
    Data,
    /// Submissions were made and scored.
    Execution,
}

/// One thing that a rule found. The fields are those of the `verify` command's JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code of the rule, for instance `S103`.
    pub rule: String,
    /// Error or warning.
    pub severity: Severity,
    /// Kind of evidence.
    pub layer: Layer,
    /// Place, relative to the task (`prepare.py`, `prepare.py:12`, `public/train.csv`); empty for the task as a whole.
    pub path: String,
    /// What is wrong and what to do, in one or two sentences. Agents get this text word for word.
    pub message: String,
    /// What was seen: an excerpt, a figure, an error's last lines. May be empty.
    pub evidence: String,
}

impl Finding {
    /// True when this finding alone rejects the task.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl std::fmt::Display for Finding {
    /// One block as the agents read it: `[S103 error] prepare.py: message` and the evidence indented below.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let severity = if self.is_error() { "error" } else { "warning" };
        write!(f, "[{} {severity}] ", self.rule)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}", self.message)?;
        for line in self.evidence.lines() {
            write!(f, "\n    {line}")?;
        }
        Ok(())
    }
}
