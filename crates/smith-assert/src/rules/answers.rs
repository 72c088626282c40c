//! Answers in public data.

use std::path::PathBuf;

use smith_data::table::Table;
use smith_task_schema::{Finding, Layer, Severity, hash};

use super::compare::giveaway;
use super::running::more;
use crate::AssertError;
use crate::literature;
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Pair, Subject, list_files, odd_entries, read_table};

pub(super) const ANSWER_FILE: RuleInfo = RuleInfo {
    code: "A101",
    name: "answer-file-in-public",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "public/ holds neither test_answer.csv nor a copy of it under another name.",
    why: "Participants would hand in the answers.",
    mend: "Let prepare.py write the answers into private/ only.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const ANSWER_VALUES: RuleInfo = RuleInfo {
    code: "A102",
    name: "answer-values-in-public",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "No CSV in public/ has the test ids together with the answers.",
    why: "Participants would look the answers up instead of predicting them.",
    mend: "Remove the column, or the test rows, from that file.",
    references: &[literature::LEAKAGE],
};

pub(super) const TARGET_IN_TEST: RuleInfo = RuleInfo {
    code: "A103",
    name: "target-in-test",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "The test data in public/ has no predicted column.",
    why: "Test data comes without its target; even an empty column makes solutions read the wrong thing.",
    mend: "Drop the predicted columns before the test data is written.",
    references: &[literature::LEAKAGE],
};

pub(super) const SAMPLE_IS_ANSWERS: RuleInfo = RuleInfo {
    code: "A104",
    name: "sample-is-answers",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "sample_submission.csv does not hold the answers.",
    why: "The sample is public.",
    mend: "Fill the sample with valid values that do not come from the answers.",
    references: &[literature::LEAKAGE],
};

pub(super) const PLAIN_FILES: RuleInfo = RuleInfo {
    code: "A105",
    name: "data-is-files",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "public/ and private/ hold nothing but files and directories with readable names: no links, pipes, sockets or devices.",
    why: "A link out of public/ shows participants whatever lies there, the answers too, and nothing that a link leads to is \
          looked at by the other rules.",
    mend: "Replace it by a file of its own, or leave it out; let prepare.py write files only.",
    references: &[literature::UNIFIED_STRUCTURE],
};

const SAMPLE: &str = "sample_submission.csv";

/// Findings in the CSV files of public/ but the sample, each named by its path there. What cannot be read as a table
/// is left out: nothing can be looked up in it.
fn in_public_tables(
    cx: &Subject,
    look: impl Fn(&str, &Table) -> Vec<Finding>,
) -> Result<Vec<Finding>, AssertError> {
    let public = &cx.layout().public;
    let (mut findings, mut left_out) = (Vec::new(), None);
    let files = list_files(public)?.into_iter();
    for name in files.filter(|name| name != SAMPLE && name.to_lowercase().ends_with(".csv")) {
        match read_table(&public.join(&name)) {
            Ok(Ok(table)) => findings.extend(look(&name, &table)),
            Ok(Err(_)) => {}
            Err(not_run @ AssertError::NotRun(_)) => left_out = Some(not_run),
            Err(fault) => return Err(fault),
        }
    }
    match left_out {
        Some(not_run) if findings.is_empty() => Err(not_run),
        _ => Ok(findings),
    }
}

/// `A101`.
pub(super) fn answer_file(info: &RuleInfo, cx: &Subject) -> Findings {
    let (answers, public) = (cx.layout().test_answer(), &cx.layout().public);
    let mut findings = Vec::new();
    for name in list_files(public)?.into_iter().filter(|name| name != SAMPLE) {
        let path = public.join(&name);
        let fault = if name.rsplit('/').next() == Some("test_answer.csv") {
            "this is the file of the answers by its name"
        } else if answers.is_file() && same_bytes(&path, &answers)? {
            "this is a copy of test_answer.csv"
        } else {
            continue;
        };
        findings.push(info.finding(cx.name(&path), format!("{fault}. {}", info.mend)));
    }
    Ok(findings)
}

/// `A105`.
pub(super) fn plain_files(info: &RuleInfo, cx: &Subject) -> Findings {
    let layout = cx.layout();
    let mut findings = Vec::new();
    for part in [&layout.public, &layout.private] {
        let odd = odd_entries(part)?;
        if let Some((name, what)) = odd.first() {
            let message = format!("this {what}{}. {}", more(odd.len()), info.mend);
            findings.push(info.finding(cx.name(&part.join(name)), message));
        }
    }
    Ok(findings)
}

fn same_bytes(a: &PathBuf, b: &PathBuf) -> Result<bool, AssertError> {
    let size = |path: &PathBuf| std::fs::metadata(path).map(|meta| meta.len()).map_err(AssertError::io(path));
    let hashed = |path: &PathBuf| hash::file(path).map_err(AssertError::io(path));
    Ok(size(a)? == size(b)? && hashed(a)? == hashed(b)?)
}

/// `A102`.
pub(super) fn answer_values(info: &RuleInfo, cx: &Subject) -> Findings {
    let pair = cx.pair()?;
    in_public_tables(cx, |name, table| {
        let finding = |(column, share): (&str, f64)| {
            let message = format!(
                "its column `{column}` has the answers of {:.0} % of the test rows under their ids. {}",
                share * 100.0,
                info.mend
            );
            info.finding(cx.name_in_public(name), message)
        };
        given_away(pair, table).into_iter().map(finding).collect()
    })
}

/// Predicted columns whose answers a table holds, with the share of the answers.
fn given_away<'p>(pair: &'p Pair, table: &Table) -> Vec<(&'p str, f64)> {
    let share = |name: &'p str| giveaway(&pair.answers_by_id(name)?, table, pair.id_name(), name);
    pair.predicted().into_iter().filter_map(|name| Some((name, share(name)?))).collect()
}

/// `A103`.
pub(super) fn target_in_test(info: &RuleInfo, cx: &Subject) -> Findings {
    let pair = cx.pair()?;
    in_public_tables(cx, |name, table| {
        let targets: Vec<_> =
            pair.predicted().into_iter().filter(|target| table.column(target).is_some()).collect();
        if targets.is_empty() || !is_test_data(name) {
            return Vec::new();
        }
        let message = format!("the test data has the predicted columns {targets:?}. {}", info.mend);
        vec![info.finding(cx.name_in_public(name), message)]
    })
}

/// `test.csv`, `test_features.csv` and the like at the top of public/.
fn is_test_data(name: &str) -> bool {
    name.to_lowercase().starts_with("test") && !name.contains('/')
}

/// `A104`.
pub(super) fn sample_is_answers(info: &RuleInfo, cx: &Subject) -> Findings {
    let pair = cx.pair()?;
    let finding = |(column, share): (&str, f64)| {
        let message = format!(
            "its column `{column}` agrees with the answers in {:.0} % of the rows. {}",
            share * 100.0,
            info.mend
        );
        info.finding(cx.name(&cx.layout().sample_submission()), message)
    };
    Ok(given_away(pair, &pair.sample).into_iter().map(finding).collect())
}
