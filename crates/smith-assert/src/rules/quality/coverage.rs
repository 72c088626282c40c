//! Classes on one side of the split alone.

use std::collections::{BTreeMap, BTreeSet};

use smith_data::TextColumn;
use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::{description, percent, place, quoted, sides, weighed};
use crate::AssertError;
use crate::literature;
use crate::quality::{Target, TargetKind, is_missing, number};
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Split, Subject};

pub(in crate::rules) const UNSEEN: RuleInfo = RuleInfo {
    code: "Q120",
    name: "unseen-classes",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "Every class among the answers has training examples, unless unseen ones are the point of the task.",
    why: "Nobody can learn a class of which no example is given; these points are lost to everyone.",
    mend: "Split within each class, or leave out classes that are too small for it, and say so in the description.",
    references: &[literature::CLASS_SHIFT],
};

pub(in crate::rules) const UNUSED: RuleInfo = RuleInfo {
    code: "Q121",
    name: "unused-classes",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "No class is common among the training examples and absent from the answers.",
    why: "A class that the answers never have is not part of what is measured; often the split or a filter went wrong.",
    mend: "Split within each class, or drop the class from the training data too.",
    references: &[literature::CLASS_SHIFT],
};

/// Share of the classes of the answers that must be known for the task to be one of a closed set.
const CLOSED: f64 = 0.5;
/// Share of the answers with unseen classes that weighs among many classes.
const MEANINGFUL: f64 = 0.01;
/// So few classes are a closed set in which each counts.
const FEW_CLASSES: usize = 50;
/// Examples that a class should have on a side for its absence there to be no chance.
const EXPECTED: f64 = 12.0;
/// Classes that are named.
const SHOWN: usize = 5;
/// Words of a task whose whole numbers are no classes.
const OF_NUMBERS: [&str; 8] =
    ["regress", "rmse", "rmsle", "mean squared", "mean absolute", "r2 ", "r²", "root mean"];

/// How many examples of each side have each class.
type Counts = BTreeMap<String, (usize, usize)>;

/// `Q120`.
pub(in crate::rules) fn unseen(info: &RuleInfo, cx: &Subject) -> Measured {
    let (split, _) = sides(cx)?;
    let (counts, is_certain) = class_counts(cx, split)?;
    let answers: usize = counts.values().map(|(_, test)| test).sum();
    let in_test = counts.values().filter(|(_, test)| *test > 0).count();
    let unseen: Vec<(&String, usize)> = counts
        .iter()
        .filter(|(_, (train, test))| *train == 0 && *test > 0)
        .map(|(name, (_, test))| (name, *test))
        .collect();
    let rows: usize = unseen.iter().map(|(_, test)| test).sum();
    let share = rows as f64 / answers.max(1) as f64;
    let figure = Figure::new("share of the answers whose class no training example has", share);
    let report = Report::default().with(figure.bounded(Bound::AtMost(MEANINGFUL)));
    if unseen.is_empty() {
        return Ok(report);
    }
    let is_open = (in_test - unseen.len()) as f64 <= CLOSED * in_test as f64;
    let weighs = !is_open && is_certain && (share >= MEANINGFUL || counts.len() <= FEW_CLASSES);
    let severity = if weighs { Severity::Error } else { Severity::Warning };
    let message = format!(
        "{} of the {in_test} classes among the answers have no training example: {}; {} of the answers have them. {}",
        unseen.len(),
        names(unseen.iter().map(|(name, _)| name.as_str())),
        percent(share),
        info.mend
    );
    Ok(Report {
        findings: vec![weighed(info, severity, cx.name(&cx.layout().test_answer()), message)],
        ..report
    })
}

/// `Q121`.
pub(in crate::rules) fn unused(info: &RuleInfo, cx: &Subject) -> Measured {
    let (split, train) = sides(cx)?;
    let (counts, _) = class_counts(cx, split)?;
    let (known, answers) =
        counts.values().fold((0, 0), |(known, answers), (train, test)| (known + train, answers + test));
    let ratio = answers as f64 / known.max(1) as f64;
    let unused: Vec<&String> = counts
        .iter()
        .filter(|(_, (train, test))| *test == 0 && *train as f64 * ratio >= EXPECTED)
        .map(|(name, _)| name)
        .collect();
    let figure =
        Figure::new("classes that are common in train and absent from the answers", unused.len() as f64);
    let mut report = Report::default().with(figure.bounded(Bound::AtMost(0.0)));
    if !unused.is_empty() {
        let message = format!(
            "the training data have {} classes that no answer has, though chance would have given each {EXPECTED} or \
             more: {}. {}",
            unused.len(),
            names(unused.iter().map(|name| name.as_str())),
            info.mend
        );
        report.findings.push(info.finding(place(cx, train), message));
    }
    Ok(report)
}

/// How many examples of each side have each class, and whether they are classes for certain.
fn class_counts(cx: &Subject, split: &Split) -> Result<(Counts, bool), AssertError> {
    let not_classes = || AssertError::not_run("what is predicted are no classes");
    let target = Target::of(split).ok_or_else(not_classes)?;
    if let Some(labels) = label_sets(split) {
        return Ok((labels, true));
    }
    // Several columns that are no classes together: boxes, masks, several measurements.
    let alone = split.predicted.len() == 1 || target.classes == split.predicted;
    if target.kind != TargetKind::Classes || !alone {
        return Err(not_classes());
    }
    let mut counts = Counts::new();
    for (code, is_test) in
        target.train.iter().map(|code| (code, false)).chain(target.test.iter().map(|code| (code, true)))
    {
        if *code == 0 {
            continue;
        }
        let (train, test) = counts.entry(target.class(*code).to_owned()).or_insert((0, 0));
        *(if is_test { test } else { train }) += 1;
    }
    let numeric =
        target.classes.iter().all(|class| number(class).is_some()) && target.classes != split.predicted;
    let text = description(cx);
    let speaks_of_numbers = || OF_NUMBERS.iter().any(|word| text.contains(word));
    Ok((counts, !numeric || counts_are_few(&target) || !speaks_of_numbers()))
}

fn counts_are_few(target: &Target) -> bool {
    target.classes.len() <= 2
}

/// Several labels in one cell: `cat dog`, `cat|dog`. None when cells hold anything else.
fn label_sets(split: &Split) -> Option<Counts> {
    let ([known], [answers]) = (split.train.as_ref()?.targets.as_slice(), split.test.targets.as_slice())
    else {
        return None;
    };
    let separator = [";", "|", ",", " "].into_iter().find(|separator| {
        let cells = known.iter().take(2_000).filter(|cell| cell.contains(separator)).count();
        cells * 10 >= known.len().min(2_000)
    })?;
    let mut counts = Counts::new();
    let mut tokens = 0_usize;
    for (column, is_test) in [(known, false), (answers, true)] {
        for cell in column.iter().filter(|cell| !is_missing(cell)) {
            let labels: BTreeSet<&str> =
                cell.split(separator).map(str::trim).filter(|label| !label.is_empty()).collect();
            for label in labels {
                tokens += 1;
                let (train, test) = counts.entry(label.to_owned()).or_insert((0, 0));
                *(if is_test { test } else { train }) += 1;
            }
        }
        if counts.len() > 500 {
            return None;
        }
    }
    // Words among many numbers are what boxes and the like are made of.
    let numbers = counts.keys().filter(|label| number(label).is_some()).count();
    let are_labels = tokens >= counts.len() * 10 && numbers * 2 <= counts.len();
    // One label of several words is no set: then the cells themselves are few.
    let cells: BTreeSet<&str> = known.iter().take(5_000).collect();
    (are_labels && cells.len() > counts.len() && is_no_prose(known)).then_some(counts)
}

fn is_no_prose(column: &TextColumn) -> bool {
    column.iter().take(1_000).all(|cell| cell.len() < 200)
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = names.collect();
    let shown: Vec<String> = all.iter().take(SHOWN).map(|name| quoted(name)).collect();
    let more = if all.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// Finding about the answers.
pub(super) fn at_answers(cx: &Subject, info: &RuleInfo, severity: Severity, message: String) -> Finding {
    weighed(info, severity, cx.name(&cx.layout().test_answer()), message)
}
