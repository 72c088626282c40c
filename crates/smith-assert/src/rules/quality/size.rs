//! Sides that are too small, columns that hold nothing, answers that are missing or repeat.

use std::collections::HashMap;

use smith_data::TextColumn;
use smith_task_schema::{Bound, Figure, Layer, Severity};

use super::coverage::at_answers;
use super::{percent, place, quoted, sides, weighed};
use crate::literature;
use crate::quality::{Kind, Target, TargetKind, counts, is_missing, number};
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Examples, Subject};

pub(in crate::rules) const SIZE: RuleInfo = RuleInfo {
    code: "Q122",
    name: "side-sizes",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "Both sides of the split are large enough: 30 test examples or more, and training examples in proportion.",
    why: "A score over a handful of examples is mostly chance, and from a handful nothing can be learnt.",
    mend: "Take a larger share of the raw data, or split it in other proportions.",
    references: &[literature::TEST_SIZE],
};

pub(in crate::rules) const COLUMNS: RuleInfo = RuleInfo {
    code: "Q123",
    name: "empty-columns",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "The features of the test rows are filled, and columns of the tables vary.",
    why: "Rows without features cannot be predicted, and a column that never varies is ballast or the trace of a mistake.",
    mend: "Fill the features from the raw data, or drop the column on both sides.",
    references: &[literature::DATA_CHECKS],
};

pub(in crate::rules) const ANSWERS: RuleInfo = RuleInfo {
    code: "Q124",
    name: "answer-cells",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "Every predicted cell of the answers is filled, and numbers are plain numbers.",
    why: "A missing answer makes scores NaN or silently drops the row; a number with its unit is compared as a text.",
    mend: "Drop rows without a known value before splitting, and write numbers without units.",
    references: &[literature::DATA_CHECKS],
};

pub(in crate::rules) const REPEATED_IDS: RuleInfo = RuleInfo {
    code: "Q125",
    name: "repeated-ids",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "Ids tell the rows of the answers and of the test data apart, or repeat by design.",
    why: "Where a few ids stand twice, submissions are joined to the answers in more than one way.",
    mend: "Remove repeated rows, or give each row an id of its own.",
    references: &[literature::DATA_CHECKS],
};

const TINY: usize = 30;
/// Test examples that are few where there are so many times more to learn from.
const FEW: usize = 100;
const PLENTY: usize = 20;
/// Fewer test examples are a handful, which is needless when so many examples are known.
const HOPELESS: [(usize, usize); 2] = [(10, 200), (20, 1_000)];
/// Fewer training examples are a handful.
const FEWEST: usize = 10;
const LEAST_TRAIN_SHARE: f64 = 0.1;
/// Share of ids that repeat up to which that is a mistake rather than a design.
const FEW_REPEATS: f64 = 0.2;
/// Columns that a message names.
const SHOWN: usize = 5;

/// `Q122`.
pub(in crate::rules) fn size(info: &RuleInfo, cx: &Subject) -> Measured {
    let split = cx.split()?;
    let mut report = Report::default();
    for (path, what) in empty_tables(cx)? {
        let message = format!("this table of {what} examples has no rows. {}", info.mend);
        report.findings.push(weighed(info, Severity::Error, path, message));
    }
    let answers = distinct(&split.test.ids).max(usize::from(split.test.rows > 0));
    let train = split.train.as_ref().map(|train| train.rows);
    report
        .figures
        .push(Figure::new("different test examples", answers as f64).bounded(Bound::AtLeast(TINY as f64)));
    if answers < TINY {
        let is_needless = HOPELESS
            .iter()
            .any(|(few, plenty)| answers < *few && train.is_some_and(|train| train >= *plenty));
        let severity = if is_needless { Severity::Error } else { Severity::Warning };
        let message = format!("there are only {answers} test examples. {}", info.mend);
        report.findings.push(at_answers(cx, info, severity, message));
    }
    let Some((train, examples)) = train.zip(split.train.as_ref()) else { return Ok(report) };
    let share = train as f64 / split.test.rows.max(1) as f64;
    let figure = Figure::new("training examples for each test example", share);
    report.figures.push(figure.bounded(Bound::AtLeast(LEAST_TRAIN_SHARE)));
    if (TINY..FEW).contains(&answers) && train >= PLENTY * answers {
        let message = format!(
            "there are only {answers} test examples beside {train} to learn from: most differences between solutions are \
             noise. {}",
            info.mend
        );
        report.findings.push(at_answers(cx, info, Severity::Warning, message));
    }
    let classes = Target::of(split).filter(|target| target.kind == TargetKind::Classes);
    let classes = classes.map_or(0, |target| counts(&target.test).len());
    let is_hopeless = train < FEWEST.max(classes) && split.test.rows >= TINY && train < split.test.rows;
    if train > 0 && (share < LEAST_TRAIN_SHARE || is_hopeless) {
        let severity = if is_hopeless { Severity::Error } else { Severity::Warning };
        let message = format!(
            "there are {train} training examples for {} test examples. {}",
            split.test.rows, info.mend
        );
        report.findings.push(weighed(info, severity, place(cx, examples), message));
    }
    Ok(report)
}

/// Tables of a side, by their name, that have a header at most.
fn empty_tables(cx: &Subject) -> Result<Vec<(String, &'static str)>, crate::AssertError> {
    let root = &cx.layout().public;
    let mut empty = Vec::new();
    for file in &cx.public()?.files {
        let name = file.name().to_lowercase();
        let side = ["train", "test"]
            .into_iter()
            .find(|side| name.contains(side) && name.ends_with(".csv") && !name.contains("submission"));
        let Some(side) = side.filter(|_| file.bytes < 1 << 16) else { continue };
        let text = std::fs::read(root.join(&file.path)).map_err(crate::AssertError::io(root))?;
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
        if lines <= 1 {
            empty.push((cx.name(&root.join(&file.path)), if side == "train" { "training" } else { "test" }));
        }
    }
    Ok(empty)
}

fn distinct(ids: &TextColumn) -> usize {
    ids.iter().collect::<std::collections::HashSet<_>>().len()
}

/// `Q123`.
pub(in crate::rules) fn columns(info: &RuleInfo, cx: &Subject) -> Measured {
    let (split, train) = sides(cx)?;
    let columns = split.columns();
    let mut report = Report::default();
    let filled: Vec<_> = columns.columns.iter().filter(|column| column.train.missing() < 0.5).collect();
    let gone = filled.iter().filter(|column| column.test.missing() > 0.999).count();
    report.figures.push(Figure::new("features that are filled in train and empty in test", gone as f64));
    let named: Vec<_> = filled.iter().filter(|column| column.kind != Kind::Id).collect();
    if gone > 0 && named.iter().all(|column| column.test.missing() > 0.999) {
        let message = format!(
            "every feature of the test rows is empty, while those of train are filled. {}",
            info.mend
        );
        report.findings.push(weighed(info, Severity::Error, place(cx, &split.test), message));
    }
    let rows = columns.train_rows.len() + columns.test_rows.len();
    let idle: Vec<&str> = columns
        .columns
        .iter()
        .filter(|column| column.distinct < 2 && rows >= TINY)
        .filter(|column| {
            // One value beside missing ones says something.
            column.distinct == 0 || (column.train.missing() == 0.0 && column.test.missing() == 0.0)
        })
        .map(|column| column.name.as_str())
        .collect();
    report.figures.push(Figure::new("features that never vary", idle.len() as f64));
    if !idle.is_empty() {
        let names: Vec<String> = idle.iter().take(SHOWN).map(|name| quoted(name)).collect();
        let more = if idle.len() > SHOWN { ", …" } else { "" };
        let message = format!(
            "{} columns hold the same in every row, or nothing: {}{more}. {}",
            idle.len(),
            names.join(", "),
            info.mend
        );
        report.findings.push(info.finding(place(cx, train), message));
    }
    Ok(report)
}

/// `Q124`.
pub(in crate::rules) fn answers(info: &RuleInfo, cx: &Subject) -> Measured {
    let split = cx.split()?;
    let mut report = Report::default();
    for (at, (name, answers)) in split.predicted.iter().zip(&split.test.targets).enumerate() {
        let known = split.train.as_ref().and_then(|train| train.targets.get(at));
        let missing = missing_share(answers);
        report
            .figures
            .push(Figure::new(format!("share of the answers that are missing in {}", quoted(name)), missing));
        let usual = known.map_or(0.0, missing_share);
        let numeric = answers.iter().filter(|cell| !is_missing(cell)).all(|cell| number(cell).is_some());
        if missing > 0.0 && usual == 0.0 {
            // In texts an empty cell may be an answer: no object, no label.
            let severity = if numeric && missing < 1.0 { Severity::Error } else { Severity::Warning };
            let message = format!(
                "{} of its cells in the column {} are empty. {}",
                percent(missing),
                quoted(name),
                info.mend
            );
            report.findings.push(at_answers(cx, info, severity, message));
        }
        if let Some(unit) = unit(answers) {
            let message = format!(
                "the column {} holds numbers as text, such as {}. {}",
                quoted(name),
                quoted(unit),
                info.mend
            );
            report.findings.push(at_answers(cx, info, Severity::Warning, message));
        }
    }
    Ok(report)
}

fn missing_share(column: &TextColumn) -> f64 {
    column.iter().filter(|cell| is_missing(cell)).count() as f64 / column.len().max(1) as f64
}

/// A cell of a column whose cells are numbers with one unit, or with marks of thousands or of a currency.
fn unit(column: &TextColumn) -> Option<&str> {
    let mut units: HashMap<&str, usize> = HashMap::new();
    let mut different = std::collections::BTreeSet::new();
    for cell in column.iter().filter(|cell| !is_missing(cell)).take(5_000) {
        let unit = unit_of(cell)?;
        *units.entry(unit).or_insert(0) += 1;
        different.insert(cell);
    }
    (units.len() == 1 && different.len() > 20).then(|| column.get(0))
}

/// What stands around the only number of a cell: `kg` of `12.5 kg`, `$` of `$1,200`.
fn unit_of(cell: &str) -> Option<&str> {
    let is_figure = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-');
    let behind = cell.trim_start_matches(is_figure).trim();
    let front = cell.trim_end_matches(is_figure).trim();
    let is_unit =
        |unit: &str| (1..=4).contains(&unit.chars().count()) && !unit.chars().any(|c| c.is_ascii_digit());
    let has_figure = cell.chars().any(|c| c.is_ascii_digit());
    let unit = if ["$", "€", "£", "¥"].contains(&front) { front } else { behind };
    (has_figure && unit.len() < cell.trim().len() && is_unit(unit) && unit != "%").then_some(unit)
}

/// `Q125`.
pub(in crate::rules) fn repeated_ids(info: &RuleInfo, cx: &Subject) -> Measured {
    let split = cx.split()?;
    let pair = cx.pair()?;
    let mut report = Report::default();
    let rows = pair.answers.rows.len();
    let ids: TextColumn = pair.answers.rows.iter().map(|row| pair.id_of(row)).collect();
    let one_key = split.keys.len() == 1;
    let repeats = rows - distinct(&ids);
    let share = repeats as f64 / rows.max(1) as f64;
    if one_key {
        report.figures.push(Figure::new("share of the answers whose id came before", share));
    }
    if one_key && repeats > 0 && share < FEW_REPEATS {
        let whole: std::collections::HashSet<&Vec<String>> = pair.answers.rows.iter().collect();
        // Where each training example has an id of its own, so should each test example.
        let unique_in_train = split
            .train
            .as_ref()
            .is_some_and(|train| train.ids.len() >= TINY && distinct(&train.ids) == train.ids.len());
        // Each test row has an answer of its own, and some have no id of their own.
        let row_by_row = split.test_has_table && split.test.rows == rows;
        let is_certain = unique_in_train || row_by_row || rows - whole.len() == repeats;
        let severity = if is_certain { Severity::Error } else { Severity::Warning };
        let message = format!("{repeats} of its {rows} rows have an id that came before. {}", info.mend);
        report.findings.push(at_answers(cx, info, severity, message));
    }
    if repeats == 0 && split.test_has_table {
        add_test(&mut report, info, cx, &split.test);
    }
    Ok(report)
}

/// Test rows with one id: a few are a mistake, many are measurements of one example.
fn add_test(report: &mut Report, info: &RuleInfo, cx: &Subject, test: &Examples) {
    let repeats = test.rows - distinct(&test.ids);
    let share = repeats as f64 / test.rows.max(1) as f64;
    report.figures.push(Figure::new("share of the test rows whose id came before", share));
    if repeats > 0 && share < FEW_REPEATS {
        let message = format!(
            "{repeats} of its {} rows have an id that came before, while the answers have each id once. {}",
            test.rows, info.mend
        );
        report.findings.push(info.finding(place(cx, test), message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        let cases = [
            ("12.5 kg", Some("kg")),
            ("$1,200", Some("$")),
            ("12", None),
            ("a1", None),
            ("12 years old", None),
            ("kg", None),
        ];
        for (cell, expected) in cases {
            assert_eq!(unit_of(cell), expected, "{cell}");
        }
        let column: TextColumn =
            (0..30).map(|i| format!("{i} kg")).collect::<Vec<_>>().iter().map(String::as_str).collect();
        assert_eq!(unit(&column), Some("0 kg"));
        let mixed: TextColumn = ["1 kg", "2 g"].into_iter().collect();
        assert_eq!(unit(&mixed), None);
    }
}
