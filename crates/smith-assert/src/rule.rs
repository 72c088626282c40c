//! What a rule is: its description and its check.

use std::future::Future;
use std::pin::Pin;

use async_trait::async_trait;
use smith_task_schema::{Finding, Layer, Severity};

use crate::{AssertError, Subject};

/// The description of a rule, as the `rules` and `explain` commands print it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleInfo {
    /// Stable code: a letter for the family and three digits.
    pub code: &'static str,
    /// Short name in kebab-case.
    pub name: &'static str,
    /// How much a finding weighs, unless the finding itself says otherwise.
    pub severity: Severity,
    /// Kind of evidence.
    pub layer: Layer,
    /// What holds for a task on which the rule finds nothing.
    pub proves: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What to do about a finding.
    pub mend: &'static str,
}

impl RuleInfo {
    /// A finding of this rule without evidence. `path` is relative to the task.
    #[must_use]
    pub fn finding(&self, path: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding {
            rule: self.code.to_owned(),
            severity: self.severity,
            layer: self.layer,
            path: path.into(),
            message: message.into(),
            evidence: String::new(),
        }
    }
}

/// One deterministic assertion.
#[async_trait]
pub trait Rule: Send + Sync {
    /// Its description.
    fn info(&self) -> &'static RuleInfo;

    /// Every place at which the task breaks the rule; nothing when it keeps it.
    ///
    /// # Errors
    /// [`AssertError::NotRun`] when the rule cannot be decided on this task, any other variant for a fault of
    /// the machine. A defect of the task is a finding.
    async fn check(&self, cx: &Subject) -> Result<Vec<Finding>, AssertError>;
}

/// What a check returns.
pub(crate) type Findings = Result<Vec<Finding>, AssertError>;

/// A check that runs programs or waits for their cached results.
pub(crate) type BoxedCheck<'a> = Pin<Box<dyn Future<Output = Findings> + Send + 'a>>;

/// A rule that only reads files.
pub(crate) struct ReadingRule {
    pub(crate) info: &'static RuleInfo,
    pub(crate) check: fn(&RuleInfo, &Subject) -> Findings,
}

/// A rule that runs the task's scripts.
pub(crate) struct RunningRule {
    pub(crate) info: &'static RuleInfo,
    pub(crate) check: for<'a> fn(&'a RuleInfo, &'a Subject) -> BoxedCheck<'a>,
}

#[async_trait]
impl Rule for ReadingRule {
    fn info(&self) -> &'static RuleInfo {
        self.info
    }

    async fn check(&self, cx: &Subject) -> Findings {
        (self.check)(self.info, cx)
    }
}

#[async_trait]
impl Rule for RunningRule {
    fn info(&self) -> &'static RuleInfo {
        self.info
    }

    async fn check(&self, cx: &Subject) -> Findings {
        (self.check)(self.info, cx).await
    }
}
