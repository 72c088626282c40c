//! Rules in the order in which they run.

use std::sync::Arc;

use smith_task_schema::{Finding, Layer};
use tokio::task::JoinSet;

use crate::rules;
use crate::selection::means;
use crate::{AssertError, Outcome, Report, Rule, RuleInfo, Selection, Subject, UnknownRule};

/// An ordered set of rules. What one finds out others share, so that they may run side by side: nothing is read or
/// run twice.
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

    /// Every built-in rule, by code.
    #[must_use]
    pub fn all() -> Self {
        let mut rules = rules::post_refactor();
        rules.extend(rules::pre_refactor());
        rules.sort_by_key(|rule| rule.info().code);
        rules.dedup_by_key(|rule| rule.info().code);
        Self { rules }
    }

    /// The rules that a selection wants.
    ///
    /// # Errors
    /// A pattern that names no rule of this catalogue: a slip of the pen would switch off nothing, or everything.
    pub fn only(mut self, selection: &Selection) -> Result<Self, UnknownRule> {
        let named = |pattern: &&String| self.rules.iter().any(|rule| means(pattern, rule.info()));
        if let Some(pattern) = selection.patterns().find(|pattern| !named(pattern)) {
            return Err(UnknownRule(pattern.clone()));
        }
        self.rules.retain(|rule| selection.wants(rule.info()));
        Ok(self)
    }

    /// The rule of this code or name.
    #[must_use]
    pub fn find(&self, rule: &str) -> Option<&RuleInfo> {
        let infos = self.rules.iter().map(|rule| rule.info());
        infos.into_iter().find(|info| info.code.eq_ignore_ascii_case(rule) || info.name == rule)
    }

    /// The rules, in order.
    #[must_use]
    pub fn rules(&self) -> &[Arc<dyn Rule>] {
        &self.rules
    }

    /// The same catalogue with one more rule at the end, or in the place of the one that has its code.
    #[must_use]
    pub fn with(mut self, rule: Arc<dyn Rule>) -> Self {
        match self.rules.iter_mut().find(|own| own.info().code == rule.info().code) {
            Some(own) => *own = rule,
            None => self.rules.push(rule),
        }
        self
    }

    /// Runs every rule on the task, those that compute side by side on all cores.
    ///
    /// # Errors
    /// The first fault of the machine ([`AssertError::Exec`], [`AssertError::Io`]), or [`AssertError::Broken`]. A rule
    /// that cannot be run on this task is no fault; it is named in [`Outcome::skipped`].
    pub async fn check(&self, subject: &Subject) -> Result<Outcome, AssertError> {
        let mut reports = self.no_reports();
        self.run(subject, |_| true, &mut reports).await?;
        self.outcome(subject, reports)
    }

    /// Runs the rules layer by layer in this order, and stops behind the first layer that rejects the task: what is known
    /// to be rejected is known in a fraction of the time. Rules that were not reached are named in [`Outcome::skipped`];
    /// those of layers that are not listed are among them.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub async fn check_until_rejected(
        &self,
        subject: &Subject,
        layers: &[Layer],
    ) -> Result<Outcome, AssertError> {
        let mut reports = self.no_reports();
        for layer in layers {
            self.run(subject, |rule| rule.info().layer == *layer, &mut reports).await?;
            let found = reports.iter().flatten().flatten().flat_map(|report| &report.findings);
            if found.into_iter().any(Finding::is_error) {
                break;
            }
        }
        let not_reached = || Some(Err(AssertError::not_run("its layer was not reached")));
        let reports = reports.into_iter().map(|report| report.or_else(not_reached)).collect();
        self.outcome(subject, reports)
    }

    fn no_reports(&self) -> Vec<Option<Result<Report, AssertError>>> {
        self.rules.iter().map(|_| None).collect()
    }

    /// Runs the rules that are wanted side by side, and puts what each says at its place.
    async fn run(
        &self,
        subject: &Subject,
        wanted: impl Fn(&dyn Rule) -> bool,
        reports: &mut [Option<Result<Report, AssertError>>],
    ) -> Result<(), AssertError> {
        let mut running: JoinSet<(usize, Result<Report, AssertError>)> = JoinSet::new();
        for (position, rule) in self.rules.iter().cloned().enumerate().filter(|(_, rule)| wanted(&**rule)) {
            let subject = subject.clone();
            running.spawn(async move { (position, rule.check(&subject).await) });
        }
        while let Some(ended) = running.join_next().await {
            let (position, report) = ended.map_err(|error| AssertError::Broken(error.to_string()))?;
            if let Some(place) = reports.get_mut(position) {
                *place = Some(report);
            }
        }
        Ok(())
    }

    fn outcome(
        &self,
        subject: &Subject,
        reports: Vec<Option<Result<Report, AssertError>>>,
    ) -> Result<Outcome, AssertError> {
        let mut outcome = Outcome::default();
        for (rule, report) in self.rules.iter().zip(reports.into_iter().flatten()) {
            outcome.add(rule.info(), report)?;
        }
        outcome.calibration = subject.calibration();
        for rule in &self.rules {
            outcome.add_conclusion(rule.info(), rule.conclude(subject, &outcome));
        }
        outcome.sort();
        Ok(outcome)
    }
}
