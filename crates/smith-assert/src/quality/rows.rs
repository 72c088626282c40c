//! Rows of tables whose features are those of a training row, exactly or nearly.

use std::collections::HashMap;

use smith_data::TextColumn;

use super::columns::{Column, Columns, Kind, Values, is_missing, number};
use super::copies::{Twins, by_key};
use super::random::{hash, mixed};
use crate::subject::{Examples, Split};

/// Copied rows whose content is weighed.
const WEIGHED: usize = 200;
/// Bits beyond those that number the training rows from which on two rows do not agree by chance.
const SPARE_BITS: f64 = 12.0;
/// Copies in train of one row, on average, beyond which rows are kinds of things rather than things.
const MAX_COPIES: f64 = 20.0;
/// Different values from which on a column of numbers can be nearly equal.
const CONTINUOUS: usize = 20;
/// Columns of numbers that are needed to compare rows nearly.
const NEEDED_COLUMNS: usize = 4;
/// Tables of cells in which near rows meet, and the columns of each.
const TABLES: u64 = 8;
const TABLE_COLUMNS: usize = 5;
/// Side of a cell, in standard deviations; the greatest difference of near values, and the root of their mean squared
/// difference.
const CELL: f64 = 0.4;
const NEAR: f64 = 0.2;
const NEAR_MEAN: f64 = 0.05;
/// Values are near too when they differ by this share of their size: noise is often in proportion to it.
const NEAR_SHARE: f64 = 0.002;
/// Rows of one cell that are compared.
const CANDIDATES: usize = 24;

/// Rows with equal features, and whether they hold so much that no two agree by chance.
pub(crate) fn exact(split: &Split, train: &Examples) -> (Twins, bool) {
    let columns = split.columns();
    let names: Vec<&str> = columns
        .columns
        .iter()
        .filter(|column| column.is_feature())
        .map(|column| column.name.as_str())
        .collect();
    let numbered = |side: &Examples| -> Vec<(usize, u64)> {
        let features = side.features.iter().filter(|feature| names.contains(&feature.name.as_str()));
        keys(features.map(|feature| &feature.cells), side.rows).into_iter().enumerate().collect()
    };
    let twins = by_key(&numbered(train), &numbered(&split.test));
    let telling = hold_much(columns, &twins, train.rows);
    (twins, telling)
}

/// A hash of each row in these columns.
pub(crate) fn keys<'c>(columns: impl IntoIterator<Item = &'c TextColumn>, rows: usize) -> Vec<u64> {
    let mut keys = vec![0_u64; rows];
    for column in columns {
        for (key, cell) in keys.iter_mut().zip(column.iter()) {
            *key = mixed(key.rotate_left(13) ^ of_cell(cell));
        }
    }
    keys
}

/// How many rows have each hash.
pub(crate) fn counts(columns: &[&TextColumn], rows: usize) -> HashMap<u64, usize> {
    let mut counts = HashMap::new();
    keys(columns.iter().copied(), rows).into_iter().for_each(|key| *counts.entry(key).or_insert(0) += 1);
    counts
}

/// Share of the rows that come again in these columns.
pub(crate) fn repeated(columns: &[&TextColumn], rows: usize) -> f64 {
    let counts = counts(columns, rows);
    let again = counts.values().filter(|count| **count > 1).sum::<usize>();
    again as f64 / rows.max(1) as f64
}

/// A hash of a cell: the same for missing ones, and for a number however it is written.
pub(crate) fn of_cell(cell: &str) -> u64 {
    if is_missing(cell) {
        return 1;
    }
    number(cell).map_or_else(|| hash(cell), |x| mixed((x + 0.0).to_bits()))
}

/// True when the copied rows are so unlikely, value by value, that chance made none of them, and few share each.
fn hold_much(columns: &Columns, twins: &Twins, train_rows: usize) -> bool {
    let copied: Vec<usize> =
        twins.test.iter().filter(|(_, twin)| twin.is_some()).map(|(row, _)| *row).collect();
    let mut met: HashMap<usize, usize> = HashMap::new();
    twins
        .train
        .iter()
        .filter_map(|(row, twin)| Some((*row).min((*twin)?)))
        .for_each(|first| *met.entry(first).or_insert(0) += 1);
    let repeated: usize = met.values().sum();
    if repeated as f64 > MAX_COPIES * met.len().max(1) as f64 {
        return false;
    }
    let places: Vec<usize> = (0..columns.test_rows.len())
        .filter(|at| columns.test_rows.get(*at).is_some_and(|row| copied.binary_search(row).is_ok()))
        .take(WEIGHED)
        .collect();
    let mut bits = vec![0.0_f64; places.len()];
    for column in columns.columns.iter().filter(|column| column.is_feature()) {
        add_bits(column, &places, &mut bits);
    }
    bits.sort_by(f64::total_cmp);
    let middle = bits.get(bits.len() / 2).copied().unwrap_or(0.0);
    middle >= (train_rows.max(2) as f64).log2() + SPARE_BITS
}

/// Adds how unlikely each row's value is.
fn add_bits(column: &Column, places: &[usize], bits: &mut [f64]) {
    let keys = |values: &Values| -> Vec<u64> {
        match values {
            Values::Numbers(numbers) => numbers.iter().map(|x| (x + 0.0).to_bits()).collect(),
            Values::Codes(codes) => codes.iter().map(|code| u64::from(*code)).collect(),
        }
    };
    let (train, test) = (keys(&column.train), keys(&column.test));
    let mut counts: HashMap<u64, usize> = HashMap::new();
    train.iter().chain(&test).for_each(|key| *counts.entry(*key).or_insert(0) += 1);
    let all = (train.len() + test.len()) as f64;
    for (place, own) in places.iter().zip(bits) {
        let count = test.get(*place).and_then(|key| counts.get(key)).copied().unwrap_or(1);
        // The copy itself counts too.
        *own += (all / count.max(1) as f64).log2();
    }
}

/// Rows that are nearly equal: the same categories, and numbers that differ by hundredths of a standard deviation.
/// None when there are too few columns of numbers.
pub(crate) fn near(columns: &Columns) -> Option<Twins> {
    let numeric: Vec<&Column> =
        columns.columns.iter().filter(|c| c.kind == Kind::Number && c.distinct >= CONTINUOUS).collect();
    if numeric.len() < NEEDED_COLUMNS || columns.columns.iter().any(|column| column.kind == Kind::Text) {
        return None;
    }
    let scaled: Vec<Scaled> = numeric.iter().map(|column| Scaled::of(column)).collect();
    let codes: Vec<&Column> = columns.columns.iter().filter(|c| c.kind == Kind::Category).collect();
    let (train, test) = (columns.train_rows.len(), columns.test_rows.len());
    let rows = Rows { scaled: &scaled, codes: &codes, train };
    let mut found: Vec<Option<usize>> = vec![None; train + test];
    for table in 0..TABLES {
        rows.meet(table, train + test, &mut found);
    }
    let in_train =
        |at: usize| found.get(at).copied().flatten().and_then(|other| columns.train_rows.get(other).copied());
    Some(Twins {
        test: columns.test_rows.iter().enumerate().map(|(at, row)| (*row, in_train(train + at))).collect(),
        train: columns.train_rows.iter().enumerate().map(|(at, row)| (*row, in_train(at))).collect(),
    })
}

/// A column in standard deviations, train first, and by how many of them noise may move its usual value.
struct Scaled {
    values: Vec<f64>,
    noise: f64,
}

impl Scaled {
    fn of(column: &Column) -> Self {
        let (Values::Numbers(train), Values::Numbers(test)) = (&column.train, &column.test) else {
            return Self { values: Vec::new(), noise: 0.0 };
        };
        let all: Vec<f64> = train.iter().chain(test).copied().collect();
        let mut sorted: Vec<f64> = all.iter().copied().filter(|x| x.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sorted.get((share * sorted.len() as f64) as usize).copied().unwrap_or(0.0);
        // From the middle: one far value must not make all others near.
        let middle = (at(0.8413) - at(0.1587)) / 2.0;
        let scale = if middle > 0.0 { middle } else { (at(0.99) - at(0.01)).max(f64::MIN_POSITIVE) };
        let noise = NEAR_SHARE * at(0.5).abs() / scale;
        Self { values: all.into_iter().map(|x| x / scale).collect(), noise }
    }
}

struct Rows<'a> {
    scaled: &'a [Scaled],
    codes: &'a [&'a Column],
    train: usize,
}

impl Rows<'_> {
    /// Puts all rows into cells, by some of the columns, and compares those of train that share one with a row.
    fn meet(&self, table: u64, rows: usize, found: &mut [Option<usize>]) {
        let mut order: Vec<usize> = (0..self.scaled.len()).collect();
        // Columns in which noise is small beside the spread find more.
        order.sort_by(|a, b| self.noise(*a).total_cmp(&self.noise(*b)).then(a.cmp(b)));
        order.truncate((order.len() / 2).max(TABLE_COLUMNS));
        order.sort_by_key(|at| mixed(table << 32 | *at as u64));
        order.truncate(TABLE_COLUMNS);
        let cell = |row: usize| {
            order.iter().fold(0_u64, |state, at| {
                let offset = (mixed(table << 40 | *at as u64) % 1_000) as f64 / 1_000.0;
                let value = self
                    .scaled
                    .get(*at)
                    .and_then(|scaled| scaled.values.get(row))
                    .copied()
                    .unwrap_or(f64::NAN);
                let place = if value.is_nan() { i64::MIN } else { (value / CELL + offset).floor() as i64 };
                mixed(state.rotate_left(11) ^ place as u64)
            })
        };
        let cells: Vec<u64> = (0..rows).map(cell).collect();
        let mut members: HashMap<u64, Vec<usize>> = HashMap::new();
        for (row, cell) in cells.iter().enumerate().take(self.train) {
            let members = members.entry(*cell).or_default();
            if members.len() < CANDIDATES {
                members.push(row);
            }
        }
        for ((row, cell), place) in cells.iter().enumerate().zip(found.iter_mut()) {
            if place.is_none() {
                let others = members.get(cell).into_iter().flatten();
                *place = others.copied().find(|other| *other != row && self.are_near(row, *other));
            }
        }
    }

    fn noise(&self, at: usize) -> f64 {
        self.scaled.get(at).map_or(0.0, |scaled| scaled.noise)
    }

    fn are_near(&self, a: usize, b: usize) -> bool {
        let mut squares = 0.0;
        let numbers = self.scaled.iter().all(|scaled| match (scaled.values.get(a), scaled.values.get(b)) {
            (Some(x), Some(y)) if x.is_nan() || y.is_nan() => x.is_nan() && y.is_nan(),
            (Some(x), Some(y)) => {
                let apart = ((x - y).abs() - NEAR_SHARE * x.abs()).max(0.0);
                squares += apart * apart;
                apart <= NEAR
            }
            _ => false,
        });
        let mean = squares / self.scaled.len().max(1) as f64;
        let numbers = numbers && mean <= NEAR_MEAN * NEAR_MEAN;
        numbers && self.codes.iter().all(|column| self.code(column, a) == self.code(column, b))
    }

    fn code(&self, column: &Column, row: usize) -> Option<u32> {
        let (values, at) =
            if row < self.train { (&column.train, row) } else { (&column.test, row - self.train) };
        match values {
            Values::Codes(codes) => codes.get(at).copied(),
            Values::Numbers(_) => None,
        }
    }
}
