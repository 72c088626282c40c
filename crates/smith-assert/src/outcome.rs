//! What came out of checking a task.

use smith_task_schema::{Bound, Calibration, CheckRecord, CheckVerdict, Figure, Finding, Verdict};

use crate::{AssertError, Report, RuleInfo};

/// Figure of the rules that look for something.
const PLACES: &str = "places that break it";

/// Everything that a catalogue said about one task.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// Errors first, then by code; within one rule in the order in which the rule found them.
    pub findings: Vec<Finding>,
    /// Every rule in the catalogue's order, those too that could not be run.
    pub checks: Vec<CheckRecord>,
    /// Code of every rule that could not be run, and why.
    pub skipped: Vec<(String, String)>,
    /// The ladder from guessing to the answers, when a rule has asked for it and it could be climbed.
    pub calibration: Option<Calibration>,
}

impl Outcome {
    /// Rejected when an error stands among the findings. Skipped rules do not count: a caller who needs
    /// them to have run looks at [`skipped`](Self::skipped).
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.findings.iter().any(Finding::is_error) { Verdict::Rejected } else { Verdict::Accepted }
    }

    /// Takes in what one rule said.
    pub(crate) fn add(
        &mut self,
        info: &RuleInfo,
        report: Result<Report, AssertError>,
    ) -> Result<(), AssertError> {
        let mut record = CheckRecord {
            rule: info.code.to_owned(),
            proves: info.proves.to_owned(),
            ..CheckRecord::default()
        };
        match report {
            Ok(report) => {
                record.findings = u32::try_from(report.findings.len()).unwrap_or(u32::MAX);
                record.verdict = verdict_of(&report.findings);
                record.figures = report.figures;
                count(&mut record);
                self.findings.extend(report.findings);
            }
            Err(AssertError::NotRun(why)) => {
                record.verdict = CheckVerdict::NotRun;
                record.reason = Some(why.clone());
                self.skipped.push((info.code.to_owned(), why));
            }
            Err(fault) => return Err(fault),
        }
        self.checks.push(record);
        Ok(())
    }

    /// Takes in what one rule adds at the end.
    pub(crate) fn add_conclusion(&mut self, info: &RuleInfo, findings: Vec<Finding>) {
        let record = self.checks.iter_mut().find(|record| record.rule == info.code);
        if let Some(record) = record.filter(|_| !findings.is_empty()) {
            record.findings += u32::try_from(findings.len()).unwrap_or(u32::MAX - record.findings);
            let was_broken = record.verdict == CheckVerdict::Broken;
            record.verdict = if was_broken { CheckVerdict::Broken } else { verdict_of(&findings) };
            count(record);
            self.findings.extend(findings);
        }
    }

    /// Brings the findings into their documented order.
    pub(crate) fn sort(&mut self) {
        self.findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)));
    }
}

/// Gives a rule that measures nothing with a bound the figure that it is decided by: how many places break it.
fn count(record: &mut CheckRecord) {
    record.figures.retain(|figure| figure.name != PLACES);
    if record.figures.iter().all(|figure| figure.bound.is_none()) {
        let places = Figure::new(PLACES, f64::from(record.findings)).bounded(Bound::AtMost(0.0));
        record.figures.push(places);
    }
}

fn verdict_of(findings: &[Finding]) -> CheckVerdict {
    match findings {
        [] => CheckVerdict::Holds,
        _ if findings.iter().any(Finding::is_error) => CheckVerdict::Broken,
        _ => CheckVerdict::Warned,
    }
}
