//! Submissions built from the answers: constants, corrupted ones and invalid ones. All of it is deterministic.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use smith_data::table::Table;

use super::tables::{Pair, cell, number};

/// Fewer answers than this cannot be corrupted or cut in a telling way.
pub(crate) const NEEDED_ROWS: usize = 4;

/// A submission that is tried on the metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trial {
    /// `sample_submission.csv` as it is.
    Sample,
    /// The answers themselves.
    Answers,
    /// The most frequent answer everywhere.
    Mode,
    /// The mean answer everywhere, where answers are numbers.
    Mean,
    /// The median answer everywhere, where answers are numbers.
    Median,
    /// Every second answer exchanged with another.
    HalfCorrupted,
    /// Every answer exchanged with another.
    Corrupted,
    /// Without the last predicted column.
    MissingColumn,
    /// Without the last fifth of the rows.
    MissingRows,
    /// The first row a second time.
    RepeatedId,
    /// The first row a second time in place of the last one.
    ReplacedId,
    /// One more row with an id that is not asked for.
    UnknownId,
}

impl Trial {
    /// The constant ones.
    pub(crate) const CONSTANTS: [Self; 3] = [Self::Mode, Self::Mean, Self::Median];

    /// The submission in words, for messages.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Sample => "sample_submission.csv",
            Self::Answers => "the answers themselves",
            Self::Mode => "the most frequent answer in every row",
            Self::Mean => "the mean answer in every row",
            Self::Median => "the median answer in every row",
            Self::HalfCorrupted => "the answers with half of the rows exchanged",
            Self::Corrupted => "the answers with all rows exchanged",
            Self::MissingColumn => "the answers without the last predicted column",
            Self::MissingRows => "the answers without the last fifth of the rows",
            Self::RepeatedId => "the answers with the first row written twice",
            Self::ReplacedId => "the answers with the first row in place of the last one",
            Self::UnknownId => "the answers with one more row of an unknown id",
        }
    }
}

/// Every submission that can be built from the answers; [`Trial::Sample`] is not among them.
pub(super) fn build(pair: &Pair) -> Vec<(Trial, Table)> {
    let answers = pair.answers_as_submission();
    let mut trials = constants(pair, &answers);
    if answers.rows.len() >= NEEDED_ROWS {
        trials.extend(corrupted(pair, &answers));
        trials.extend(invalid(pair, &answers));
    }
    trials.push((Trial::Answers, answers));
    trials
}

fn constants(pair: &Pair, answers: &Table) -> Vec<(Trial, Table)> {
    let mut trials = vec![(Trial::Mode, filled(pair, answers, mode))];
    let numeric = |at: usize| numbers(answers, at).is_some();
    if (0..answers.headers.len()).any(|at| at != pair.id && numeric(at)) {
        trials.push((Trial::Mean, filled(pair, answers, mean_or_mode)));
        trials.push((Trial::Median, filled(pair, answers, median_or_mode)));
    }
    trials
}

/// The answers with one value for each predicted column.
fn filled(pair: &Pair, answers: &Table, constant: fn(&Table, usize) -> String) -> Table {
    let mut table = answers.clone();
    for at in (0..answers.headers.len()).filter(|&at| at != pair.id) {
        let value = constant(answers, at);
        for row in &mut table.rows {
            row[at].clone_from(&value);
        }
    }
    table
}

/// The most frequent value; of equally frequent ones the first in order.
fn mode(table: &Table, at: usize) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &table.rows {
        *counts.entry(cell(row, at)).or_default() += 1;
    }
    let best = counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)));
    best.map(|(value, _)| value.to_owned()).unwrap_or_default()
}

fn mean_or_mode(table: &Table, at: usize) -> String {
    match numbers(table, at) {
        Some(values) => (values.iter().sum::<f64>() / values.len() as f64).to_string(),
        None => mode(table, at),
    }
}

fn median_or_mode(table: &Table, at: usize) -> String {
    match numbers(table, at) {
        Some(mut values) => {
            values.sort_by(f64::total_cmp);
            let middle = values.len() / 2;
            let median = if values.len() % 2 == 1 {
                values[middle]
            } else {
                f64::midpoint(values[middle - 1], values[middle])
            };
            median.to_string()
        }
        None => mode(table, at),
    }
}

/// A column's numbers, when it holds at least one and nothing else.
fn numbers(table: &Table, at: usize) -> Option<Vec<f64>> {
    let values: Option<Vec<_>> = table.rows.iter().map(|row| number(cell(row, at))).collect();
    values.filter(|values| !values.is_empty())
}

/// Predictions are exchanged as whole rows, so that what holds within a row (probabilities that sum to one) still
/// holds. Rows are put in order of their predictions and moved on by half of their number: every row gets another
/// value unless one value fills more than half of the rows.
fn corrupted(pair: &Pair, answers: &Table) -> Vec<(Trial, Table)> {
    let mut order: Vec<usize> = (0..answers.rows.len()).collect();
    order.sort_by(|&a, &b| compare(pair, &answers.rows[a], &answers.rows[b]).then(a.cmp(&b)));
    let half: Vec<usize> = order.iter().copied().step_by(2).collect();
    vec![
        (Trial::Corrupted, exchanged(pair, answers, &order)),
        (Trial::HalfCorrupted, exchanged(pair, answers, &half)),
    ]
}

fn compare(pair: &Pair, a: &[String], b: &[String]) -> Ordering {
    let predicted = (0..a.len()).filter(|&at| at != pair.id);
    predicted
        .map(|at| match (number(&a[at]), number(&b[at])) {
            (Some(x), Some(y)) => x.total_cmp(&y),
            _ => a[at].cmp(&b[at]),
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn exchanged(pair: &Pair, answers: &Table, order: &[usize]) -> Table {
    let mut table = answers.clone();
    let shift = order.len() / 2;
    for (position, &row) in order.iter().enumerate() {
        let from = order[(position + shift) % order.len()];
        for at in (0..answers.headers.len()).filter(|&at| at != pair.id) {
            table.rows[row][at].clone_from(&answers.rows[from][at]);
        }
    }
    table
}

fn invalid(pair: &Pair, answers: &Table) -> Vec<(Trial, Table)> {
    let last = answers.rows.len() - 1;
    let changed = |change: &dyn Fn(&mut Table)| {
        let mut table = answers.clone();
        change(&mut table);
        table
    };
    vec![
        (Trial::MissingColumn, changed(&|table| drop_column(table, pair))),
        (Trial::MissingRows, changed(&|table| table.rows.truncate((last + 1) * 4 / 5))),
        (Trial::RepeatedId, changed(&|table| table.rows.push(answers.rows[0].clone()))),
        (Trial::ReplacedId, changed(&|table| table.rows[last].clone_from(&answers.rows[0]))),
        (Trial::UnknownId, changed(&|table| table.rows.push(unknown_row(pair, answers)))),
    ]
}

/// Removes the last predicted column.
fn drop_column(table: &mut Table, pair: &Pair) {
    let Some(at) = (0..table.headers.len()).rev().find(|&at| at != pair.id) else { return };
    table.headers.remove(at);
    for row in &mut table.rows {
        row.remove(at);
    }
}

/// The first row under an id of the same kind that no row has.
fn unknown_row(pair: &Pair, answers: &Table) -> Vec<String> {
    let mut row = answers.rows[0].clone();
    let ids: Option<Vec<i64>> = answers.rows.iter().map(|row| cell(row, pair.id).parse().ok()).collect();
    row[pair.id] = match ids.and_then(|ids| ids.into_iter().max()) {
        Some(largest) => largest.saturating_add(1).to_string(),
        None => format!("{}_unknown", row[pair.id]),
    };
    row
}

#[cfg(test)]
mod tests;
