//! Rules in the order in which they run.

use std::sync::Arc;

use smith_task_schema::CheckRecord;

use crate::rules;
use crate::{AssertError, Outcome, Rule, Subject};

/// An ordered set of rules. Cheap ones come first, so that a broken task is told so without running anything
/// that must fail.
#[derive(Clone)]
pub struct Catalogue {
    rules: Vec<Arc<dyn Rule>>,
}

impl Catalogue {
    /// For the free-form work directory that the Designer leaves: scripts and `description.txt` at the root, `raw/`
    /// beside them.
    #[must_use]
    pub fn pre_refactor() -> Self {
        Self { rules: rules::pre_refactor() }
    }

    /// For a task in the unified format, in any of the three layouts.
    #[must_use]
    pub fn post_refactor() -> Self {
        Self { rules: rules::post_refactor() }
    }

    /// The rules, in order.
    #[must_use]
    pub fn rules(&self) -> &[Arc<dyn Rule>] {
        &self.rules
    }

    /// The same catalogue with one more rule at the end.
    #[must_use]
    pub fn with(mut self, rule: Arc<dyn Rule>) -> Self {
        self.rules.push(rule);
        self
    }

    /// Runs every rule on the task, one after the other.
    ///
    /// # Errors
    /// The first fault of the machine ([`AssertError::Exec`], [`AssertError::Io`]). A rule that cannot be run on this
    /// task is no fault; it is named in [`Outcome::skipped`].
    pub async fn check(&self, subject: &Subject) -> Result<Outcome, AssertError> {
        let mut outcome = Outcome::default();
        for rule in &self.rules {
            let info = rule.info();
            match rule.check(subject).await {
                Ok(findings) => {
                    outcome.checks.push(CheckRecord {
                        rule: info.code.to_owned(),
                        proves: info.proves.to_owned(),
                        findings: u32::try_from(findings.len()).unwrap_or(u32::MAX),
                    });
                    outcome.findings.extend(findings);
                }
                Err(AssertError::NotRun(why)) => outcome.skipped.push((info.code.to_owned(), why)),
                Err(fault) => return Err(fault),
            }
            tracing::debug!(rule = info.code, "checked");
        }
        outcome.sort();
        Ok(outcome)
    }
}
