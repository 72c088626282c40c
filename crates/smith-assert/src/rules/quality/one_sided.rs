//! Columns that the training rows have and the test rows have not.

use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::{description, place, quoted, sides, weighed};
use crate::leakage::predict::shortcut;
use crate::leakage::target::{Target, targets};
use crate::literature;
use crate::quality::one_sided::{Fault, fault};
use crate::quality::said::{Said, Standing};
use crate::quality::spread;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Examples, Feature, Subject};

pub(in crate::rules) const FILLED: RuleInfo = RuleInfo {
    code: "Q134",
    name: "columns-filled-on-one-side",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "No feature that the training rows have filled is empty, one filler or in another unit in all test rows, unless \
             the description says so.",
    why: "What is learnt from such a column cannot be used on the test rows, and what is learnt beside it is worth less; \
          mostly a join found nothing.",
    mend: "Fill the column in the test data as in the training data (look at the join that makes it), or drop it from both.",
    references: &[literature::LEAKAGE, literature::DATA_CHECKS],
};

pub(in crate::rules) const MISSING: RuleInfo = RuleInfo {
    code: "Q135",
    name: "columns-missing-in-test",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "The test rows have every feature that the description speaks of and the training rows have.",
    why: "A model that is trained on a promised column cannot be asked about rows without it.",
    mend: "Give the test data the column too; or, if it must not be known there, drop it from the training data or say in the \
           description that only these have it.",
    references: &[literature::LEAKAGE, literature::DATA_CHECKS],
};

/// Columns that a message names.
const SHOWN: usize = 5;
/// Rows on which it is seen whether a column is the target in other words, and the score from which on it is.
const TRIED: usize = 4_000;
const OF_TARGET: f64 = 0.8;

/// `Q134`.
pub(in crate::rules) fn filled(info: &RuleInfo, cx: &Subject) -> Measured {
    let (split, train) = sides(cx)?;
    let said = Said::of(&description(cx));
    let faults: Vec<(&str, Fault)> = train
        .features
        .iter()
        .zip(&split.test.features)
        .filter_map(|(known, asked)| Some((asked.name.as_str(), fault(&known.cells, &asked.cells)?)))
        .filter(|(name, _)| said.of_column(name) != Standing::Withheld)
        .collect();
    let figure = Figure::new("features that are filled in train and not in test", faults.len() as f64);
    let mut report = Report::default().with(figure.bounded(Bound::AtMost(0.0)));
    let (certain, doubtful): (Vec<_>, Vec<_>) = faults.iter().partition(|(_, fault)| fault.is_certain());
    for (faults, severity) in [(certain, Severity::Error), (doubtful, Severity::Warning)] {
        if faults.is_empty() {
            continue;
        }
        let words: Vec<String> = faults.iter().take(SHOWN).map(|(name, fault)| words(name, fault)).collect();
        let more = if faults.len() > SHOWN { ", …" } else { "" };
        let message = format!(
            "{} of {} features are not in the test rows what they are in the training rows: {}{more}. {}",
            faults.len(),
            train.features.len(),
            words.join(", "),
            info.mend
        );
        report.findings.push(weighed(info, severity, place(cx, &split.test), message));
    }
    Ok(report)
}

fn words(name: &str, fault: &Fault) -> String {
    let name = quoted(name);
    match fault {
        Fault::Empty(filled) => format!("{name} is empty (filled in {:.0} % of train)", filled * 100.0),
        Fault::Ends(filled) => {
            format!("{name} is empty, as in the last rows of train (filled in {:.0} % of it)", filled * 100.0)
        }
        Fault::Filler(value) => format!("{name} is always {}", quoted(value)),
        Fault::OneText(value) => format!("{name} is always the text {}", quoted(value)),
        Fault::Unit(by) => format!("{name} is {by:.4} times as great throughout, as in another unit"),
    }
}

/// `Q135`.
pub(in crate::rules) fn missing(info: &RuleInfo, cx: &Subject) -> Measured {
    let (split, train) = sides(cx)?;
    let said = Said::of(&description(cx));
    let answers = &cx.pair()?.answers.headers;
    let (mut promised, mut others): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let beyond = split.only_in_train.iter().filter(|_| split.test_has_table);
    for feature in beyond.filter(|feature| !is_answer(feature, answers) && !is_of_target(feature, train)) {
        match said.of_column(&feature.name) {
            Standing::Withheld => {}
            Standing::Promised => promised.push(&feature.name),
            Standing::Named | Standing::Unnamed => others.push(&feature.name),
        }
    }
    let count = promised.len() + others.len();
    let report = Report::default().with(Figure::new("features of train that test lacks", count as f64));
    let finding = |names: &[&str], severity, what: &str| -> Option<Finding> {
        let shown: Vec<String> = names.iter().take(SHOWN).map(|name| quoted(name)).collect();
        let more = if names.len() > SHOWN { ", …" } else { "" };
        let message = format!(
            "{} columns of the training data are not in the test data, {what}: {}{more}. {}",
            names.len(),
            shown.join(", "),
            info.mend
        );
        (!names.is_empty()).then(|| weighed(info, severity, place(cx, &split.test), message))
    };
    let mut report = report;
    report.findings.extend(finding(
        &promised,
        Severity::Error,
        "though the description lists them as columns of both",
    ));
    report.findings.extend(finding(&others, Severity::Warning, "and the description does not say so"));
    Ok(report)
}

/// True for a column that the answers have too: what is asked for beside what is scored.
fn is_answer(feature: &Feature, answers: &[String]) -> bool {
    answers.iter().any(|name| name.trim().eq_ignore_ascii_case(feature.name.trim()))
}

/// True for a column that says what is predicted, and is rightly kept from the test rows.
fn is_of_target(feature: &Feature, train: &Examples) -> bool {
    let rows = spread(train.rows, TRIED);
    let Some(first) = train.targets.first() else { return false };
    let columns = [rows.iter().map(|row| first.get(*row).to_owned()).collect::<Vec<String>>()];
    let cells: Vec<&str> = rows.iter().map(|row| feature.cells.get(*row)).collect();
    let (known, asked) = cells.split_at(cells.len() / 2);
    targets(&["target"], &columns).iter().any(|target| {
        let (before, behind): (Target, Target) = target.split_at(known.len());
        shortcut((known, &before), (asked, &behind)) >= OF_TARGET
    })
}
