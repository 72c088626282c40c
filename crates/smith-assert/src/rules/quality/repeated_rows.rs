//! Training rows that come again and again.

use std::collections::HashMap;

use smith_data::TextColumn;
use smith_task_schema::{Bound, Figure, Layer, Severity};

use super::{description, has_files, percent, place, sides};
use crate::AssertError;
use crate::literature;
use crate::quality::raw_files::{RawFiles, repeated_rows};
use crate::quality::rows::{counts, repeated};
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::Subject;

pub(in crate::rules) const REPEATED: RuleInfo = RuleInfo {
    code: "Q136",
    name: "repeated-training-rows",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "Training rows, their target among them, do not come again more often than the raw data have them.",
    why: "A row that a faulty join has multiplied counts as often in training and on both sides of a validation split, \
          which then promises too much.",
    mend: "Look at the join or concatenation that makes the training data and drop the repetitions \
           (`drop_duplicates`, `validate=\"one_to_one\"` in `merge`), or say in the description why rows repeat.",
    references: &[literature::DATA_CHECKS],
};

/// Share of the training rows that repeat which is worth a word, and how much more than in the raw data.
const MANY: f64 = 0.1;
const BEYOND_RAW: f64 = 2.0;
/// Share of repeated rows, all as often as each other, that is no chance whatever the raw data are.
const EVENLY: f64 = 0.9;
/// Columns that rows must differ in not to be alike by chance.
const MIN_COLUMNS: usize = 4;
/// Different rows among those that repeat.
const MIN_DISTINCT: usize = 20;

/// `Q136`.
pub(in crate::rules) fn repeats(info: &RuleInfo, cx: &Subject) -> Measured {
    let (_, train) = sides(cx)?;
    if has_files(train) {
        return Err(AssertError::not_run("the examples are files; rows say little of them"));
    }
    let columns: Vec<&TextColumn> =
        train.features.iter().map(|feature| &feature.cells).chain(&train.targets).collect();
    let counts = counts(&columns, train.rows);
    let again: usize = counts.values().filter(|count| **count > 1).sum();
    let share = again as f64 / train.rows.max(1) as f64;
    let figure = Figure::new("share of the training rows that come again", share);
    let report = Report::default().with(figure.bounded(Bound::AtMost(MANY)));
    if share < MANY || counts.len() < MIN_DISTINCT || are_told(cx) {
        return Ok(report);
    }
    let names: Vec<&str> = train.features.iter().map(|feature| feature.name.as_str()).collect();
    let raw = RawFiles::read(cx)?.and_then(|raw| repeated_rows(&raw.tables(), &names));
    // Without the targets rows are alike more often: the raw data are compared by what they surely have.
    let features: Vec<&TextColumn> = train.features.iter().map(|feature| &feature.cells).collect();
    let own = repeated(&features, train.rows);
    let is_made = match raw {
        Some(raw) => own >= BEYOND_RAW * raw + MANY,
        None => times(&counts).is_some() && columns.len() >= MIN_COLUMNS,
    };
    let report = report.with_some("share of the raw rows that come again", raw);
    if !is_made {
        return Ok(report);
    }
    let evenly =
        times(&counts).map_or_else(String::new, |times| format!(", nearly all of them {times} times"));
    let raw = raw.map_or_else(String::new, |raw| format!(", and {} of the raw rows", percent(raw)));
    let message = format!(
        "{} of the {} training rows come again with the same features and the same target{evenly}{raw}. {}",
        percent(share),
        train.rows,
        info.mend
    );
    let finding = info.finding(place(cx, train), message);
    Ok(Report { findings: vec![finding], ..report })
}

/// True when the description speaks of rows that come again.
fn are_told(cx: &Subject) -> bool {
    let text = description(cx);
    [
        "oversampl",
        "over-sampl",
        "upsampl",
        "duplicated rows",
        "rows are repeated",
        "with replacement",
        "bootstrap",
    ]
    .iter()
    .any(|word| text.contains(word))
}

/// How often (nearly) every row stands there, if that is more than once.
fn times(counts: &HashMap<u64, usize>) -> Option<usize> {
    let mut of: HashMap<usize, usize> = HashMap::new();
    counts.values().for_each(|count| *of.entry(*count).or_insert(0) += 1);
    let (times, rows) = of.into_iter().max_by_key(|(times, rows)| (*rows, *times))?;
    (times > 1 && rows as f64 >= EVENLY * counts.len() as f64).then_some(times)
}
