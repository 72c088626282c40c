//! Answers beside the raw data that they come from.

use smith_task_schema::{Figure, Finding, Layer, Severity};

use super::coverage::at_answers;
use super::{description, percent, place, quoted, sides, weighed};
use crate::AssertError;
use crate::origin::{Doubt, Kind, doubts};
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Examples, Subject};

pub(in crate::rules) const AS_IN_RAW: RuleInfo = RuleInfo {
    code: "Q133",
    name: "answers-as-in-raw",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "Where examples can be found again in raw/, the column that their targets come from gives the same target to \
             each row, in train and in test.",
    why: "Targets that were shuffled, shifted or joined to other rows cannot be learnt, and answers that were made in \
          another way than the training targets punish who has learnt well.",
    mend: "Keep features and target in one table until both sides are written; join by id and never by position; make the \
           targets of both sides by the same lines.",
    references: &[
        "Northcutt, Athalye and Mueller, Pervasive label errors in test sets, NeurIPS 2021, https://arxiv.org/abs/2103.14749",
    ],
};

/// Words by which a description says that targets are not those of the raw data.
const OTHERWISE: [&str; 17] = [
    "nois",
    "corrupt",
    "flipped",
    "mislabel",
    "weak label",
    "weakly",
    "crowd",
    "gold ",
    "relabel",
    "label error",
    "wrong label",
    "perturb",
    "jitter",
    "pseudo",
    "consensus",
    "adjudicat",
    "majority vote",
];
/// Findings that are told.
const SHOWN: usize = 3;

/// `Q133`.
pub(in crate::rules) fn as_in_raw(info: &RuleInfo, cx: &Subject) -> Measured {
    let (split, train) = sides(cx)?;
    let raw = cx.raw()?;
    let Some(origin) = cx.origin()? else {
        return Err(AssertError::not_run("the rows of the examples were not found again in raw/"));
    };
    let compared = doubts(origin, raw, split);
    let mut report = Report::default()
        .with(Figure::new("training examples found again in raw/", origin.train.len() as f64))
        .with(Figure::new("test examples found again in raw/", origin.test.len() as f64))
        .with(Figure::new("predicted columns that were compared", compared.targets as f64))
        .with(Figure::new("predicted columns that a raw column explains", compared.explained as f64))
        .with(Figure::new("raw tables that were not read, or not wholly", raw.unread as f64));
    let is_said = is_said_otherwise(cx);
    for doubt in &compared.doubts {
        report.findings.push(told(info, cx, train, doubt, is_said, &origin.path));
    }
    report.findings.truncate(SHOWN);
    Ok(report)
}

/// True where the description says that not everything is as in the raw data.
pub(super) fn is_said_otherwise(cx: &Subject) -> bool {
    let text = description(cx);
    OTHERWISE.iter().any(|word| text.contains(word))
}

fn told(
    info: &RuleInfo,
    cx: &Subject,
    train: &Examples,
    doubt: &Doubt,
    is_said: bool,
    table: &str,
) -> Finding {
    let (target, column) = (quoted(&doubt.target), quoted(&doubt.column));
    let table = quoted(table);
    let what = match &doubt.kind {
        Kind::OneSided { holds_in_train, train, test, other } => {
            let (right, wrong) = if *holds_in_train { ("train", "test") } else { ("test", "train") };
            let (good, bad) = if *holds_in_train { (train, test) } else { (test, train) };
            let instead = other
                .as_ref()
                .map_or_else(String::new, |other| format!("; there it is the column {}", quoted(other)));
            format!(
                "{target} comes from the column {column} of raw/ ({table}): in {right} it agrees with it on {} of the way \
                 from chance to always, in {wrong} only on {}{instead}",
                percent(*good),
                percent(bad.max(0.0))
            )
        }
        Kind::Dealt { agreement, chance: 0.0 } => format!(
            "{target} has the values of the column {column} of raw/ ({table}), but in other rows: {} of the examples that \
             were found again agree",
            percent(*agreement)
        ),
        Kind::Dealt { agreement, chance } => format!(
            "{target} has the values of the column {column} of raw/ ({table}), but in other rows: {} of the examples that \
             were found again agree, and by chance {} would",
            percent(*agreement),
            percent(*chance)
        ),
        Kind::Shifted { by } => {
            format!(
                "{target} is the column {column} of raw/ ({table}) moved by {by} rows: each example has another one's value"
            )
        }
        Kind::Remapped => format!(
            "{target} comes from the column {column} of raw/ ({table}), but one value of that is one class in train and \
             another one in test"
        ),
        Kind::Renamed => format!(
            "{target} has the values of the column {column} of raw/ ({table}), which has a column of the name {target} with \
             other values"
        ),
        Kind::Mixed { agreement } => format!(
            "{target} agrees with the column {column} of raw/ ({table}) only on {} of the way from chance to always, and \
             what it is on the other rows follows no rule",
            percent(*agreement)
        ),
    };
    let message = format!("{what}. {}", info.mend);
    let severity = if is_said { Severity::Warning } else { info.severity };
    match &doubt.kind {
        Kind::OneSided { holds_in_train: false, .. } | Kind::Shifted { .. } => {
            weighed(info, severity, place(cx, train), message)
        }
        _ => at_answers(cx, info, severity, message),
    }
}
