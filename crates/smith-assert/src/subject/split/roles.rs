//! Which table holds the test examples, and which one the known values.

use std::collections::BTreeSet;

use smith_data::{Frame, TextColumn};

use super::ids::Ids;
use super::keys::Keys;
use super::notations;
use super::sources::{Source, plain};
use super::targets::{self, Known};

/// The test table, with the columns that hold its ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TestTable {
    pub(super) at: usize,
    pub(super) keys: Vec<usize>,
}

/// The table of the test examples, if they have one.
pub(super) fn test_table(
    sources: &[Source<'_>],
    keys: &Keys,
    ids: &Ids<'_>,
    rows: usize,
) -> Option<TestTable> {
    let fits = sources.iter().enumerate().filter_map(|(at, source)| {
        let columns = key_columns(source, keys, ids)?;
        Some((test_fit(source, keys, rows)?, TestTable { at, keys: columns }))
    });
    fits.reduce(|a, b| if b.0 > a.0 { b } else { a }).map(|(_, table)| table)
}

/// The columns in which a table holds the ids.
pub(super) fn key_columns(source: &Source<'_>, keys: &Keys, ids: &Ids<'_>) -> Option<Vec<usize>> {
    if let [name] = keys.names.as_slice() {
        return ids.column_of(&source.frame, name).map(|at| vec![at]);
    }
    let at: Vec<usize> = keys.names.iter().map(|name| source.position(name)).collect::<Option<_>>()?;
    let columns: Vec<&TextColumn> = at.iter().filter_map(|&at| source.frame.columns().get(at)).collect();
    ids.are_in(&Keys::joined(&columns)).then_some(at)
}

/// How well a table that holds the ids fits; none for a table of everything, with the examples that are known.
fn test_fit(source: &Source<'_>, keys: &Keys, rows: usize) -> Option<i32> {
    let has_target = keys.predicted.iter().any(|name| source.position(name).is_some());
    let mut score = 0;
    score += if source.says("test") || source.says("eval") { 8 } else { 0 };
    score -= if source.says("train") { 12 } else { 0 };
    score -= if has_target { 4 } else { 0 };
    score += if source.frame.rows() == rows { 4 } else { 0 };
    score += i32::from(source.frame.names().len() > keys.names.len());
    (score > -8).then_some(score)
}

/// The table of the known values, with them. `without` are the ids of the test examples, which a table of everything
/// holds too.
pub(super) fn train_table(
    sources: &[Source<'_>],
    test: Option<&TestTable>,
    keys: &Keys,
    answers: &[TextColumn],
) -> Option<(usize, Known)> {
    let frame = test.and_then(|test| sources.get(test.at)).map(|source| &*source.frame);
    let fits = sources.iter().enumerate().filter_map(|(at, source)| {
        let known = known_values(&source.frame, frame, keys, answers)?;
        let is_test = test.is_some_and(|test| test.at == at);
        Some((train_fit(source, &known, frame, is_test), at, known))
    });
    let best = fits.reduce(|a, b| if b.0 > a.0 { b } else { a });
    best.map(|(_, at, known)| (at, known))
}

/// The predicted columns in a table.
pub(super) fn known_values(
    frame: &Frame,
    test: Option<&Frame>,
    keys: &Keys,
    answers: &[TextColumn],
) -> Option<Known> {
    let exclusion = || targets::by_exclusion(frame, test?, answers);
    let mut known = keys.known(frame).or_else(exclusion)?;
    for (column, answers) in known.columns.iter_mut().zip(answers) {
        if let Some(same) = notations::harmonised(column, answers) {
            *column = same;
        }
    }
    Some(known)
}

fn train_fit(source: &Source<'_>, known: &Known, test: Option<&Frame>, is_test: bool) -> i32 {
    let filled = known.columns.first().is_some_and(|column| column.iter().any(|cell| !cell.is_empty()));
    let shared = test.map_or(0, |test| holds(&source.frame, &feature_names(test, &[])).min(6));
    let mut score = i32::try_from(shared).unwrap_or(0);
    score += if source.says("train") { 8 } else { 0 };
    score -= if source.says("test") { 4 } else { 0 };
    score -= if source.says("sample") || source.says("submission") { 12 } else { 0 };
    score -= if filled { 0 } else { 8 };
    score -= if is_test { 30 } else { 0 };
    score
}

/// Plain names of the columns of a table but for some.
pub(super) fn feature_names(frame: &Frame, without: &[usize]) -> BTreeSet<String> {
    let names = frame.names().iter().enumerate();
    names.filter(|(at, _)| !without.contains(at)).map(|(_, name)| plain(name)).collect()
}

/// How many columns of these plain names a table has.
pub(super) fn holds(frame: &Frame, names: &BTreeSet<String>) -> usize {
    frame.names().iter().filter(|name| names.contains(&plain(name))).count()
}
