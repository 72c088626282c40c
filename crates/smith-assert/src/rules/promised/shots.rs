//! Submissions with their scores, laid beside the answers.

use std::collections::BTreeMap;

use smith_data::table::Table;

use crate::AssertError;
use crate::formulas::Sheet;
use crate::subject::{BLENDS, Battery, Corruption, Pair, Submissions, Trial, cell};

/// Cells of all predicted columns from which on nothing is computed.
const MOST_CELLS: usize = 2_000_000;
/// And from which on fewer submissions are looked at.
const MANY_CELLS: usize = 60_000;
/// Columns that rows may be grouped by.
const MOST_GROUPINGS: usize = 3;

/// A submission that was scored.
pub(super) struct Shot {
    pub(super) trial: Trial,
    pub(super) score: f64,
    /// The plain sheet, and one for each grouping of the rows.
    pub(super) sheets: Vec<Sheet>,
}

impl Shot {
    /// Whether it predicts as models do.
    pub(super) fn is_soft(&self) -> bool {
        matches!(self.trial, Trial::Blended(_))
            || matches!(self.trial, Trial::Ladder(Corruption::Noise | Corruption::Mixing, ..))
    }
}

/// What is looked at, the telling ones first.
fn trials(many: bool) -> Vec<Trial> {
    let mut trials: Vec<Trial> = (0..BLENDS).map(Trial::Blended).collect();
    trials.extend([Trial::HalfCorrupted, Trial::Corrupted, Trial::Permuted(0), Trial::Answers]);
    let steps: &[u8] = if many { &[2, 6] } else { &[1, 3, 5, 7, 9] };
    for kind in [Corruption::Exchange, Corruption::Noise, Corruption::Mixing, Corruption::Deletion] {
        trials.extend(steps.iter().map(|step| Trial::Ladder(kind, *step, 0)));
    }
    if !many {
        trials.extend([Trial::Permuted(1), Trial::Mode, Trial::Mean, Trial::Median, Trial::Zero]);
        trials.extend([
            Trial::Least,
            Trial::Most,
            Trial::WrongAsMode,
            Trial::WrongAsMean,
            Trial::FirstEverywhere,
        ]);
    }
    trials
}

/// The submissions that have a score, beside the answers. Not run when there are too few, or too much to compute with.
pub(super) fn shots(pair: &Pair, battery: &Battery) -> Result<Vec<Shot>, AssertError> {
    let submissions = Submissions::of(pair);
    let columns = predicted(pair);
    let cells = submissions.truth().rows.len().saturating_mul(columns.len());
    if cells > MOST_CELLS {
        return Err(AssertError::not_run(format!(
            "{cells} predictions are more than the {MOST_CELLS} that are recomputed"
        )));
    }
    if !pair.unique {
        return Err(AssertError::not_run("rows of the answers share their ids"));
    }
    let groupings = groupings(pair);
    let shot = |trial: Trial| {
        let score = battery.score(trial)?;
        let table = submissions.table(trial)?;
        let sheet = sheet(submissions.truth(), &table, &columns)?;
        let grouped = groupings.iter().map(|groups| sheet.clone().grouped(groups.clone()));
        let sheets = std::iter::once(sheet.clone()).chain(grouped).collect();
        Some(Shot { trial, score, sheets })
    };
    Ok(trials(cells > MANY_CELLS).into_iter().filter_map(shot).collect())
}

/// The sheet of one submission, which has the rows of the answers in their order.
pub(super) fn sheet(truth: &Table, given: &Table, columns: &[usize]) -> Option<Sheet> {
    let side = |table: &Table| -> Vec<Vec<String>> {
        columns.iter().map(|&at| table.rows.iter().map(|row| cell(row, at).to_owned()).collect()).collect()
    };
    let names = columns.iter().map(|&at| truth.headers.get(at).cloned().unwrap_or_default()).collect();
    Sheet::new(names, side(truth), side(given))
}

/// The predicted columns, without those that the sample gives away as they are.
pub(super) fn predicted(pair: &Pair) -> Vec<usize> {
    let all = pair.predicted_at();
    let told: BTreeMap<&str, &Vec<String>> =
        pair.sample.rows.iter().map(|row| (cell(row, pair.id), row)).collect();
    let truth = pair.answers_as_submission();
    let is_told = |at: usize| {
        let same = |row: &Vec<String>| {
            told.get(cell(row, pair.id)).is_some_and(|other| cell(other, at) == cell(row, at))
        };
        pair.unique && truth.rows.iter().all(same)
    };
    let open: Vec<usize> = all.iter().copied().filter(|at| !is_told(*at)).collect();
    if open.is_empty() { all } else { open }
}

/// Columns of the answers by which rows may be ranked: keys, and columns that are not predicted.
fn groupings(pair: &Pair) -> Vec<Vec<usize>> {
    let key_names = pair.keys.iter().filter_map(|at| pair.sample.headers.get(*at));
    let keys: Vec<&String> = if pair.keys.len() > 1 { key_names.collect() } else { Vec::new() };
    let answers = &pair.answers;
    let extra = answers.headers.iter().filter(|name| pair.sample.column(name).is_none());
    let columns = keys.into_iter().chain(extra).filter_map(|name| answers.column(name));
    let groups = |at: usize| {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut groups = Vec::with_capacity(answers.rows.len());
        for row in &answers.rows {
            let next = numbers.len();
            groups.push(*numbers.entry(cell(row, at)).or_insert(next));
        }
        let several = numbers.len() > 1 && numbers.len() * 2 <= groups.len();
        several.then_some(groups)
    };
    columns.filter_map(groups).take(MOST_GROUPINGS).collect()
}
