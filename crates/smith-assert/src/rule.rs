//! What a rule is: its description and its check.

use std::future::Future;
use std::pin::Pin;

use async_trait::async_trait;
use smith_task_schema::{Figure, Finding, Layer, Severity};

use crate::{AssertError, Outcome, Subject};

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
    /// What to do about a finding; agents get this text.
    pub mend: &'static str,
    /// Where to read on: papers, specifications, addresses. May be empty.
    pub references: &'static [&'static str],
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

/// What one rule says of a task.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// Every place at which the task breaks the rule.
    pub findings: Vec<Finding>,
    /// What was measured, whether or not anything was found.
    pub figures: Vec<Figure>,
}

impl Report {
    /// The same report with one more figure.
    #[must_use]
    pub fn with(mut self, figure: Figure) -> Self {
        self.figures.push(figure);
        self
    }

    /// The same report with a figure for a value, if there is one.
    pub(crate) fn with_some(self, name: &str, value: Option<f64>) -> Self {
        match value {
            Some(value) => self.with(Figure::new(name, value)),
            None => self,
        }
    }
}

impl From<Vec<Finding>> for Report {
    fn from(findings: Vec<Finding>) -> Self {
        Self { findings, figures: Vec::new() }
    }
}

/// One deterministic assertion or probe.
///
/// A check may block: the catalogue runs it where that is allowed.
#[async_trait]
pub trait Rule: Send + Sync {
    /// Its description.
    fn info(&self) -> &'static RuleInfo;

    /// Every place at which the task breaks the rule, and what was measured.
    ///
    /// # Errors
    /// [`AssertError::NotRun`] when the rule cannot be decided on this task, any other variant for a fault of
    /// the machine. A defect of the task is a finding.
    async fn check(&self, cx: &Subject) -> Result<Report, AssertError>;

    /// What there is to add once every rule of the catalogue has been checked; mostly nothing.
    fn conclude(&self, _cx: &Subject, _outcome: &Outcome) -> Vec<Finding> {
        Vec::new()
    }
}

/// What a check returns that measures nothing.
pub(crate) type Findings = Result<Vec<Finding>, AssertError>;

/// What a check returns that measures something.
pub(crate) type Measured = Result<Report, AssertError>;

/// A check that runs programs or waits for their cached results.
pub(crate) type BoxedCheck<'a> = Pin<Box<dyn Future<Output = Measured> + Send + 'a>>;

/// A rule that only reads files and computes.
pub(crate) struct ReadingRule {
    pub(crate) info: &'static RuleInfo,
    pub(crate) check: Reading,
}

/// The two kinds of checks that read.
pub(crate) enum Reading {
    /// Looks for something.
    Finding(fn(&RuleInfo, &Subject) -> Findings),
    /// Measures something.
    Measuring(fn(&RuleInfo, &Subject) -> Measured),
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

    async fn check(&self, cx: &Subject) -> Measured {
        let info = self.info;
        match self.check {
            Reading::Finding(check) => cx.compute(move |cx| check(info, cx).map(Report::from)).await,
            Reading::Measuring(check) => cx.compute(move |cx| check(info, cx)).await,
        }
    }
}

#[async_trait]
impl Rule for RunningRule {
    fn info(&self) -> &'static RuleInfo {
        self.info
    }

    async fn check(&self, cx: &Subject) -> Measured {
        (self.check)(self.info, cx).await
    }
}
