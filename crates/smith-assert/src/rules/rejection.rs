//! Invalid submissions are refused, and in the way that tools understand.

use smith_task_schema::{Finding, Layer, Severity};

use super::scoring::{traceback, tried};
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject, Trial};

pub(super) const MISSING_COLUMN: RuleInfo = RuleInfo {
    code: "S107",
    name: "rejects-missing-column",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "A submission without a predicted column is refused with InvalidSubmissionError.",
    why: "Participants must be told what is wrong with the form before anything is scored.",
    mend: "In validate_submission compare the columns and `raise InvalidSubmissionError(…)` when one is missing.",
    references: &[],
};

pub(super) const MISSING_ROWS: RuleInfo = RuleInfo {
    code: "S108",
    name: "rejects-missing-rows",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "A submission without some of the rows is refused with InvalidSubmissionError.",
    why: "Whoever may leave rows out leaves out the hard ones.",
    mend: "In validate_submission compare the number of rows and the ids and `raise InvalidSubmissionError(…)`.",
    references: &[],
};

pub(super) const REPEATED_ID: RuleInfo = RuleInfo {
    code: "S109",
    name: "rejects-repeated-id",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "A submission that writes a row twice, beside or in place of another one, is refused with InvalidSubmissionError.",
    why: "Repeated rows count twice, or hide that others are missing.",
    mend: "In validate_submission check for duplicated ids and `raise InvalidSubmissionError(…)`.",
    references: &[],
};

pub(super) const UNKNOWN_ID: RuleInfo = RuleInfo {
    code: "S110",
    name: "rejects-unknown-id",
    severity: Severity::Warning,
    layer: Layer::Execution,
    proves: "A submission with an id that is not asked for is refused with InvalidSubmissionError.",
    why: "An unknown id mostly means that the participant predicted for the wrong rows.",
    mend: "In validate_submission compare the set of ids with the answers' and `raise InvalidSubmissionError(…)`.",
    references: &[],
};

/// `S107`.
pub(super) async fn missing_column(info: &RuleInfo, cx: &Subject) -> Findings {
    rejects(info, cx, &[Trial::MissingColumn]).await
}

/// `S108`.
pub(super) async fn missing_rows(info: &RuleInfo, cx: &Subject) -> Findings {
    rejects(info, cx, &[Trial::MissingRows]).await
}

/// `S109`.
pub(super) async fn repeated_id(info: &RuleInfo, cx: &Subject) -> Findings {
    rejects(info, cx, &[Trial::RepeatedId, Trial::ReplacedId]).await
}

/// `S110`.
pub(super) async fn unknown_id(info: &RuleInfo, cx: &Subject) -> Findings {
    rejects(info, cx, &[Trial::UnknownId]).await
}

async fn rejects(info: &RuleInfo, cx: &Subject, trials: &[Trial]) -> Findings {
    let battery = cx.battery().await?;
    let mut findings = Vec::new();
    for &trial in trials {
        let score = tried(battery, trial)?;
        let fault = match &score.error {
            Some(error) if error.kind == "InvalidSubmissionError" => continue,
            Some(error) => {
                format!("an invalid submission ({}) ends in {}: {}", trial.words(), error.kind, error.message)
            }
            None => format!("an invalid submission ({}) is accepted", trial.words()),
        };
        let place = cx.name(cx.script(Script::Metric));
        findings.push(Finding {
            evidence: traceback(score),
            ..info.finding(place, format!("{fault}. {}", info.mend))
        });
    }
    Ok(findings)
}
