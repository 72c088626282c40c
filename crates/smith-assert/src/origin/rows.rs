//! The raw row of each example, by cells that both have.

use std::collections::{HashMap, HashSet};

use smith_data::{Frame, TextColumn};

use super::cells::{Notation, distinct, notation, value, values};
use super::column;
use crate::quality::spread;

/// Examples of each side that are looked at, spread evenly.
const MAX_ROWS: usize = 10_000;
/// Cells that tell which column of the raw table a feature is.
const SAMPLED: usize = 300;
/// Share of them that must stand in that column.
const NAMED: f64 = 0.85;
const UNNAMED: f64 = 0.98;
/// The same of texts that are long, in bytes on an average with what a cell takes besides.
const LONG_SHARE: f64 = 0.5;
const LONG: usize = 35;
/// Features that are looked at by name, and by content where no name helps.
const BY_NAME: usize = 24;
const BY_CONTENT: usize = 8;
/// Raw columns that are tried for a feature of another name.
const TRIED: usize = 48;
/// Different values that a column of another name must have.
const TELLING: usize = 20;
/// Columns that a raw table may have before those of the features, or lack.
const MOVED: isize = 3;
/// Columns by which rows are found, and by which they are checked.
const KEYS: usize = 8;
const CHECKS: usize = 8;
/// Share of the raw rows that the keys should tell apart.
const APART: f64 = 0.95;
/// Examples of a side that must be found, and the share of them.
const LEAST: usize = 30;
const COVERED: f64 = 0.3;
/// Share of what was found that must stand the check, and be rows of their own.
const CHECKED: f64 = 0.8;
const OWN: f64 = 0.5;

/// A feature of both sides.
pub(super) struct Both<'a> {
    pub(super) name: &'a str,
    pub(super) train: &'a TextColumn,
    pub(super) test: &'a TextColumn,
}

/// Pairs of an example and its raw row.
pub(super) struct Rows {
    pub(super) train: Vec<(usize, usize)>,
    pub(super) test: Vec<(usize, usize)>,
}

impl Rows {
    pub(super) fn count(&self) -> usize {
        self.train.len() + self.test.len()
    }
}

/// A feature with its raw column, and the values of that.
struct Mapped<'a> {
    feature: &'a Both<'a>,
    notation: Notation,
    values: Vec<u64>,
    distinct: usize,
    raw: usize,
}

/// The raw rows of the examples; none when they cannot be told, or not for enough of both sides.
pub(super) fn find(frame: &Frame, features: &[Both<'_>]) -> Option<Rows> {
    let mut mapped = mapped(frame, features);
    mapped.sort_by_key(|own| (std::cmp::Reverse(own.distinct), own.raw));
    let (keys, index) = keys(&mapped, frame.rows())?;
    let checks: Vec<&Mapped<'_>> = mapped.iter().skip(keys).take(CHECKS).collect();
    let keys = mapped.get(..keys)?;
    if checks.is_empty() && !tells_alone(keys) {
        return None;
    }
    let train = matched(keys, &checks, &index, |feature| feature.train)?;
    let test = matched(keys, &checks, &index, |feature| feature.test)?;
    Some(Rows { train, test })
}

/// Pairs of a side.
fn matched<'a>(
    keys: &[Mapped<'a>],
    checks: &[&Mapped<'a>],
    index: &HashMap<u64, Option<u32>>,
    side: impl Fn(&Both<'a>) -> &'a TextColumn,
) -> Option<Vec<(usize, usize)>> {
    let rows = spread(side(keys.first()?.feature).len(), MAX_ROWS);
    let mut found = Vec::new();
    let mut contradicted = 0_usize;
    for &row in &rows {
        let own = |mapped: &Mapped<'a>| value(side(mapped.feature).get(row), mapped.notation);
        let key = keys.iter().fold(0, |state, mapped| together(state, own(mapped)));
        let Some(raw) = index.get(&key).copied().flatten().map(|raw| raw as usize) else { continue };
        let agree = checks.iter().filter(|mapped| mapped.values.get(raw) == Some(&own(mapped))).count();
        if agree * 2 < checks.len() {
            contradicted += 1;
        } else {
            found.push((row, raw));
        }
    }
    let own: HashSet<usize> = found.iter().map(|(_, raw)| *raw).collect();
    let (count, all) = (found.len() as f64, rows.len() as f64);
    let is_enough = found.len() >= LEAST
        && count >= COVERED * all
        && count >= CHECKED * (count + contradicted as f64)
        && own.len() as f64 >= OWN * count;
    is_enough.then_some(found)
}

/// True when keys without anything to check them by are no accident: several, or texts, or measured numbers.
fn tells_alone(keys: &[Mapped<'_>]) -> bool {
    keys.len() > 1 || keys.iter().any(|own| !matches!(own.notation, Notation::Places(0)))
}

/// How many of the columns tell the rows apart, and the row of each key; none where several have it.
fn keys(mapped: &[Mapped<'_>], rows: usize) -> Option<(usize, HashMap<u64, Option<u32>>)> {
    let mut state = vec![0_u64; rows];
    let mut best = None;
    for (count, own) in mapped.iter().take(KEYS).enumerate() {
        for (state, value) in state.iter_mut().zip(&own.values) {
            *state = together(*state, *value);
        }
        let mut index: HashMap<u64, Option<u32>> = HashMap::with_capacity(rows);
        for (row, key) in state.iter().enumerate() {
            let row = u32::try_from(row).ok();
            index.entry(*key).and_modify(|place| *place = None).or_insert(row);
        }
        let unique = index.values().flatten().count();
        best = Some((count + 1, index));
        if unique as f64 >= APART * rows as f64 {
            break;
        }
    }
    best
}

fn together(state: u64, value: u64) -> u64 {
    crate::quality::mixed(state.rotate_left(21) ^ value)
}

/// The features whose raw column is known: by name, or, where no name helps, by place or by what they hold.
fn mapped<'a>(frame: &Frame, features: &'a [Both<'a>]) -> Vec<Mapped<'a>> {
    let mut by_name: Vec<(&Both<'_>, usize)> =
        features.iter().filter_map(|feature| Some((feature, position(frame, feature.name)?))).collect();
    by_name.sort_by_key(|(feature, _)| std::cmp::Reverse(sampled(feature).1.len()));
    let mut mapped: Vec<Mapped<'a>> = by_name
        .into_iter()
        .take(BY_NAME)
        .filter_map(|(feature, raw)| map(frame, feature, raw, NAMED))
        .collect();
    if mapped.len() < 2 {
        let more = by_place(frame, features).unwrap_or_else(|| by_content(frame, features));
        if more.len() > mapped.len() {
            mapped = more;
        }
    }
    mapped
}

/// Features that are the raw columns one behind the other, whatever these are called: a table without a header.
fn by_place<'a>(frame: &Frame, features: &'a [Both<'a>]) -> Option<Vec<Mapped<'a>>> {
    let some = features.get(..features.len().min(BY_NAME))?;
    (0..=MOVED).flat_map(|by| [by, -by]).find_map(|by: isize| {
        let raw =
            |at: usize| isize::try_from(at).ok()?.checked_add(by).and_then(|at| usize::try_from(at).ok());
        let found: Vec<Mapped<'a>> = some
            .iter()
            .enumerate()
            .filter_map(|(at, feature)| map(frame, feature, raw(at)?, UNNAMED))
            .collect();
        (found.len() >= 4 && found.len() * 10 >= some.len() * 9).then_some(found)
    })
}

/// Features by what they hold: the raw column with the fewest values that has all of theirs.
fn by_content<'a>(frame: &Frame, features: &'a [Both<'a>]) -> Vec<Mapped<'a>> {
    let values = |feature: &&'a Both<'a>| sampled(feature);
    let mut telling: Vec<&'a Both<'a>> = features
        .iter()
        .filter(|feature| match values(feature) {
            (Notation::Text, different) => different.len() > 2,
            (Notation::Places(_), different) => different.len() >= TELLING,
        })
        .collect();
    telling.sort_by_key(|feature| std::cmp::Reverse(sampled(feature).1.len()));
    let mut mapped: Vec<Mapped<'a>> = Vec::new();
    for feature in telling.into_iter().take(BY_CONTENT) {
        let free = (0..frame.names().len().min(TRIED)).filter(|raw| mapped.iter().all(|own| own.raw != *raw));
        let found = free.filter_map(|raw| map(frame, feature, raw, UNNAMED)).min_by_key(|own| own.distinct);
        mapped.extend(found);
    }
    mapped
}

/// Position of the column of a name, however it is written.
fn position(frame: &Frame, name: &str) -> Option<usize> {
    let plain = super::cells::plain_name(name);
    frame
        .position(name)
        .or_else(|| frame.names().iter().position(|own| super::cells::plain_name(own) == plain))
}

fn map<'a>(frame: &Frame, feature: &'a Both<'a>, raw: usize, share: f64) -> Option<Mapped<'a>> {
    let (notation, wanted) = sampled(feature);
    let values = values(column(frame, raw)?, notation);
    let known = distinct(&values);
    let share = if is_long(feature.train, notation) { share.min(LONG_SHARE) } else { share };
    let held = wanted.iter().filter(|value| known.contains(value)).count();
    (known.len() > 1 && !wanted.is_empty() && held as f64 >= share * wanted.len() as f64).then_some(Mapped {
        feature,
        notation,
        distinct: known.len(),
        values,
        raw,
    })
}

/// True for sentences, which do not stand somewhere else by chance.
fn is_long(column: &TextColumn, notation: Notation) -> bool {
    notation == Notation::Text && column.bytes() >= LONG * column.len().max(1)
}

/// How a feature is written, and different values of it.
fn sampled(feature: &Both<'_>) -> (Notation, HashSet<u64>) {
    let of = |column: &'_ TextColumn| -> Vec<usize> { spread(column.len(), SAMPLED) };
    let cells = || {
        let train = of(feature.train).into_iter().map(|row| feature.train.get(row));
        train.chain(of(feature.test).into_iter().map(|row| feature.test.get(row)))
    };
    let notation = notation(cells());
    let values: Vec<u64> = cells().map(|cell| value(cell, notation)).collect();
    (notation, distinct(&values))
}
