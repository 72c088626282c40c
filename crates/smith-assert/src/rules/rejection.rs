//! Invalid submissions are refused, and in the way that tools understand.

use smith_task_schema::{Finding, Layer, Severity};

use super::scoring::{traceback, tried};
use crate::literature;
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Battery, Notation, Reaction, Script, Subject, Trial};

pub(super) const MISSING_COLUMN: RuleInfo = RuleInfo {
    code: "S107",
    name: "rejects-missing-column",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "A submission without a predicted column is refused with InvalidSubmissionError.",
    why: "Participants must be told what is wrong with the form before anything is scored.",
    mend: "In validate_submission compare the columns and `raise InvalidSubmissionError(…)` when one is missing.",
    references: &[literature::INPUTS, literature::COMPETITIONS],
};

pub(super) const MISSING_ROWS: RuleInfo = RuleInfo {
    code: "S108",
    name: "rejects-missing-rows",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "A submission without some of the rows is refused with InvalidSubmissionError.",
    why: "Whoever may leave rows out leaves out the hard ones.",
    mend: "In validate_submission compare the number of rows and the ids and `raise InvalidSubmissionError(…)`.",
    references: &[literature::INPUTS, literature::COMPETITIONS],
};

pub(super) const REPEATED_ID: RuleInfo = RuleInfo {
    code: "S109",
    name: "rejects-repeated-id",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "A submission that writes a row twice, beside or in place of another one, is refused with InvalidSubmissionError.",
    why: "Repeated rows count twice, or hide that others are missing.",
    mend: "In validate_submission check for duplicated ids and `raise InvalidSubmissionError(…)`.",
    references: &[literature::INPUTS, literature::COMPETITIONS],
};

pub(super) const UNKNOWN_ID: RuleInfo = RuleInfo {
    code: "S110",
    name: "rejects-unknown-id",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "A submission with ids that are not asked for, beside or in place of others, is refused with InvalidSubmissionError.",
    why: "An unknown id mostly means that the participant predicted for the wrong rows.",
    mend: "In validate_submission compare the set of ids with the answers' and `raise InvalidSubmissionError(…)`.",
    references: &[literature::INPUTS, literature::COMPETITIONS],
};

pub(super) const EMPTY_PREDICTION: RuleInfo = RuleInfo {
    code: "S112",
    name: "rejects-empty-prediction",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "A submission with empty predictions is refused with InvalidSubmissionError.",
    why: "A prediction that is missing must not be dropped, and a participant should be told about it; a score that is no \
          number ranks nowhere, or first.",
    mend: "In validate_submission check the predicted columns with `.isna().any()` and `raise InvalidSubmissionError(…)`.",
    references: &[literature::INPUTS, literature::COMPETITIONS],
};

pub(super) const ODD_CONTENT: RuleInfo = RuleInfo {
    code: "S113",
    name: "rejects-odd-content",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "Odd content (infinite numbers, words among numbers, renamed columns) is refused with InvalidSubmissionError or scored, and ends in no other exception.",
    why: "A participant who gets a traceback of the metric does not learn what is wrong with the submission, and infinite \
          numbers that are taken make scores that rank nowhere.",
    mend: "In validate_submission check columns, ids and the type and range of predictions and `raise InvalidSubmissionError(…)`.",
    references: &[literature::INPUTS, literature::COMPETITIONS],
};

/// Odd submissions that have to be refused.
const NO_SUBMISSION: [Trial; 6] =
    [Trial::RenamedColumn, Trial::OtherCase, Trial::NoHeader, Trial::Tabs, Trial::EmptyId, Trial::TextId];
/// Odd submissions that may be scored.
const ODD: [Trial; 14] = [
    Trial::FloatIds,
    Trial::ExtraColumn,
    Trial::ColumnsReversed,
    Trial::Infinite,
    Trial::MinusInfinite,
    Trial::Huge,
    Trial::MinusHuge,
    Trial::TextInNumbers,
    Trial::NumbersInLabels,
    Trial::UnknownLabel,
    Trial::Booleans,
    Trial::Lists,
    Trial::LongText,
    Trial::NoRows,
];

/// `S107`.
pub(super) async fn missing_column(info: &RuleInfo, cx: &Subject) -> Findings {
    rejects(info, cx, &[Trial::MissingColumn]).await
}

/// `S108`.
pub(super) async fn missing_rows(info: &RuleInfo, cx: &Subject) -> Findings {
    let mut findings = rejects(info, cx, &[Trial::MissingRows]).await?;
    // A submission without any row lacks all of them.
    let without_rows = rejects(info, cx, &[Trial::NoRows]).await.unwrap_or_default();
    findings.extend(without_rows.into_iter().filter(|_| findings.is_empty()).collect::<Vec<_>>());
    Ok(findings)
}

/// `S109`.
pub(super) async fn repeated_id(info: &RuleInfo, cx: &Subject) -> Findings {
    let mut findings = rejects(info, cx, &[Trial::RepeatedId, Trial::ReplacedId]).await?;
    let battery = cx.battery().await?;
    // What is no id of the task may be refused in any way, but is not scored as if it were one.
    let otherwise = Notation::ALL.into_iter().flat_map(|n| [Trial::RepeatedAs(n), Trial::ReplacedAs(n)]);
    let is_scored = |trial: &Trial| matches!(battery.reaction(*trial), Some(Reaction::Scored(_)));
    if let Some(trial) = otherwise.into_iter().find(is_scored) {
        findings.extend(rejects(info, cx, &[trial]).await.unwrap_or_default());
    }
    Ok(findings)
}

/// `S110`. Whoever adds ids has mostly taken the wrong file, so that a crash is no worse than a refusal; an id that is
/// scored is an error.
pub(super) async fn unknown_id(info: &RuleInfo, cx: &Subject) -> Findings {
    let battery = cx.battery().await?;
    tried(battery, Trial::UnknownId)?;
    let mut findings = Vec::new();
    for trial in [Trial::UnknownId, Trial::WrongUnknown] {
        let is_scored = matches!(battery.reaction(trial), Some(Reaction::Scored(_)));
        let severity = if is_scored { Severity::Error } else { Severity::Warning };
        let found = rejects(info, cx, &[trial]).await.unwrap_or_default();
        findings.extend(found.into_iter().map(|finding| Finding { severity, ..finding }));
    }
    Ok(findings)
}

/// `S112`.
pub(super) async fn empty_prediction(info: &RuleInfo, cx: &Subject) -> Findings {
    let battery = cx.battery().await?;
    tried(battery, Trial::Answers)?;
    let odd = [Trial::OneEmpty, Trial::AllEmpty];
    let findings = summary(info, cx, battery, odd.iter().filter_map(|trial| unclean(battery, *trial, false)));
    Ok(weighed(findings, battery, &odd))
}

/// `S113`.
pub(super) async fn odd_content(info: &RuleInfo, cx: &Subject) -> Findings {
    let battery = cx.battery().await?;
    tried(battery, Trial::Answers)?;
    let must = NO_SUBMISSION.into_iter().filter_map(|trial| unclean(battery, trial, false));
    let may = ODD.into_iter().filter_map(|trial| unclean(battery, trial, true));
    let findings = summary(info, cx, battery, must.chain(may));
    Ok(weighed(findings, battery, &[Trial::Infinite, Trial::MinusInfinite]))
}

/// An error where one of the submissions is taken and its score is no finite number; else a warning.
fn weighed(mut findings: Vec<Finding>, battery: &Battery, trials: &[Trial]) -> Vec<Finding> {
    let is_taken = trials.iter().any(|trial| battery.reaction(*trial) == Some(Reaction::NoNumber));
    let severity = if is_taken { Severity::Error } else { Severity::Warning };
    findings.iter_mut().for_each(|finding| finding.severity = severity);
    findings
}

/// One finding for all of them, with the first traceback.
fn summary(
    info: &RuleInfo,
    cx: &Subject,
    battery: &Battery,
    unclean: impl Iterator<Item = (Trial, String)>,
) -> Vec<Finding> {
    let all: Vec<(Trial, String)> = unclean.collect();
    let Some((first, _)) = all.first() else { return Vec::new() };
    let evidence = battery.get(*first).map(traceback).unwrap_or_default();
    let words: Vec<String> = all.iter().map(|(_, words)| words.clone()).collect();
    let message = format!("not refused with InvalidSubmissionError: {}. {}", words.join("; "), info.mend);
    vec![Finding { evidence, ..info.finding(cx.name(cx.script(Script::Metric)), message) }]
}

/// A submission that was neither refused cleanly nor, where that is allowed, scored.
fn unclean(battery: &Battery, trial: Trial, may_be_scored: bool) -> Option<(Trial, String)> {
    let what = match battery.reaction(trial)? {
        Reaction::Refused | Reaction::Unread => return None,
        Reaction::Scored(_) if may_be_scored => return None,
        Reaction::Scored(_) => "is accepted".to_owned(),
        _ => {
            let error = battery.get(trial)?.error.as_ref()?;
            format!("ends in {}", error.kind)
        }
    };
    Some((trial, format!("{} ({what})", trial.words())))
}

/// Findings for invalid submissions that are not refused as such.
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
            None => {
                let returned = if score.validator_returned == Some(false) {
                    "; validate_submission returned False, but only an exception refuses"
                } else {
                    ""
                };
                format!("an invalid submission ({}) is accepted{returned}", trial.words())
            }
        };
        let place = cx.name(cx.script(Script::Metric));
        let finding = info.finding(place, format!("{fault}. {}", info.mend));
        findings.push(Finding { evidence: traceback(score), ..finding });
    }
    Ok(findings)
}
