//! Features of one column of cells.

use std::collections::HashMap;

use smith_data::TextColumn;
use smith_data::signal::date_seconds;

use super::{Raw, words};

/// Share of the filled cells that must be of a kind.
const SHARE: f64 = 0.95;
/// Cells that decide the kind.
const LOOKED_AT: usize = 2_000;
/// Most distinct values of a category, and how often each must stand on average where there are more.
const FEW_VALUES: usize = 20;
const REPEATS: usize = 3;
/// Longest text of a category, in bytes.
const SHORT: usize = 60;
/// Distinct whole numbers that are taken for categories too.
const FEW_NUMBERS: usize = 12;
/// Numbers of a list that are features of their own.
const LISTED: usize = 64;
const DAY: f64 = 86_400.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Empty,
    Number,
    Date,
    List,
    Category,
    Text,
}

/// Adds the features of a column.
pub(super) fn add(raw: &mut Raw, at: usize, column: &TextColumn) {
    match kind_of(column) {
        Kind::Empty => {}
        Kind::Number => add_numbers(raw, column),
        Kind::Date => add_dates(raw, column),
        Kind::List => add_lists(raw, column),
        Kind::Category => {
            raw.categories.push(codes(column));
            raw.seen.categories += 1;
        }
        Kind::Text => add_texts(raw, at, column),
    }
}

fn kind_of(column: &TextColumn) -> Kind {
    let step = (column.len() / LOOKED_AT).max(1);
    let cells: Vec<&str> =
        (0..column.len()).step_by(step).map(|row| column.get(row)).filter(|cell| !is_missing(cell)).collect();
    if cells.is_empty() {
        return Kind::Empty;
    }
    let all = |is: &dyn Fn(&str) -> bool| {
        cells.iter().filter(|cell| is(cell)).count() as f64 >= SHARE * cells.len() as f64
    };
    if all(&|cell| number(cell).is_some()) {
        return Kind::Number;
    }
    if all(&|cell| date_seconds(cell).is_some()) {
        return Kind::Date;
    }
    if all(&|cell| list(cell).is_some()) {
        return Kind::List;
    }
    let mut distinct = cells.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let is_short = all(&|cell| cell.len() <= SHORT);
    let repeats =
        distinct.len() <= FEW_VALUES.min(cells.len() / 2) || distinct.len() * REPEATS <= cells.len();
    if is_short && repeats { Kind::Category } else { Kind::Text }
}

fn is_missing(cell: &str) -> bool {
    cell.is_empty() || matches!(cell, "NA" | "NaN" | "nan" | "null" | "None" | "N/A" | "?" | "-" | "<NA>")
}

/// A number, perhaps with a unit or marks of thousands around it.
fn number(cell: &str) -> Option<f64> {
    let plain = |text: &str| text.parse::<f64>().ok().filter(|value| value.is_finite());
    plain(cell).or_else(|| {
        let bare = cell.trim_matches(['%', '$', '€', '£', '°', ' ']);
        let is_grouped =
            bare.contains(',') && bare.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b',' | b'.' | b'-'));
        if is_grouped { plain(&bare.replace(',', "")) } else { plain(bare) }
    })
}

/// Several numbers with spaces, commas or semicolons between them, in brackets or not.
fn list(cell: &str) -> Option<Vec<f64>> {
    let bare = cell.trim_matches(['[', ']', '(', ')', '{', '}']);
    let parts = bare.split([' ', ',', ';', '\n', '\t', '|']).filter(|part| !part.is_empty());
    let numbers: Vec<f64> = parts.map(|part| part.parse().ok()).collect::<Option<_>>()?;
    (numbers.len() > 1).then_some(numbers)
}

fn add_numbers(raw: &mut Raw, column: &TextColumn) {
    let values: Vec<f32> =
        column.iter().map(|cell| number(cell).map_or(f32::NAN, |value| value as f32)).collect();
    let mut distinct: Vec<f32> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    distinct.sort_unstable_by(f32::total_cmp);
    distinct.dedup();
    if (3..=FEW_NUMBERS).contains(&distinct.len()) && distinct.iter().all(|value| value.fract() == 0.0) {
        raw.categories.push(codes(column));
    }
    raw.numbers.push(values);
    raw.seen.numbers += 1;
}

fn add_dates(raw: &mut Raw, column: &TextColumn) {
    let seconds: Vec<Option<f64>> = column.iter().map(date_seconds).collect();
    let parts: [fn(f64) -> f64; 6] = [
        |seconds| seconds / DAY,
        |seconds| (seconds / DAY + 4.0).floor().rem_euclid(7.0),
        |seconds| (seconds / DAY).floor().rem_euclid(365.2425),
        |seconds| (seconds / 3600.0).floor().rem_euclid(24.0),
        |seconds| (std::f64::consts::TAU * seconds / DAY / 365.2425).sin(),
        |seconds| (std::f64::consts::TAU * seconds / DAY / 365.2425).cos(),
    ];
    for part in parts {
        let values: Vec<f32> =
            seconds.iter().map(|seconds| seconds.map_or(f32::NAN, |at| part(at) as f32)).collect();
        raw.numbers.push(values);
    }
    for part in [parts[1], parts[3]] {
        let code = |seconds: &Option<f64>| seconds.map_or(0, |at| part(at) as u32 + 1);
        raw.categories.push(seconds.iter().map(code).collect());
    }
    raw.seen.dates += 1;
}

/// Mean, spread, ends and length of each list, and its numbers themselves: of long lists means of even parts.
fn add_lists(raw: &mut Raw, column: &TextColumn) {
    let lists: Vec<Vec<f64>> = column.iter().map(|cell| list(cell).unwrap_or_default()).collect();
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    let width = longest.min(LISTED);
    let mut columns = vec![vec![f32::NAN; lists.len()]; width + 5];
    for (row, list) in lists.iter().enumerate().filter(|(_, list)| !list.is_empty()) {
        let features = moments(list).into_iter().chain(parts(list, width));
        columns.iter_mut().zip(features).for_each(|(column, value)| column[row] = value as f32);
    }
    raw.numbers.extend(columns);
    raw.seen.numbers += 1;
}

/// Length, mean, standard deviation, least and greatest.
pub(super) fn moments(numbers: &[f64]) -> [f64; 5] {
    let count = numbers.len().max(1) as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let variance = numbers.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
    let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    [numbers.len() as f64, mean, variance.sqrt(), least, greatest]
}

/// The numbers themselves, or means of `count` parts of them.
pub(super) fn parts(numbers: &[f64], count: usize) -> Vec<f64> {
    if numbers.len() <= count {
        return numbers.to_vec();
    }
    let part = |at: usize| {
        let range = numbers.get(at * numbers.len() / count..(at + 1) * numbers.len() / count).unwrap_or(&[]);
        range.iter().sum::<f64>() / range.len().max(1) as f64
    };
    (0..count).map(part).collect()
}

/// A number for each value in the order in which values come first, 0 for missing ones.
fn codes(column: &TextColumn) -> Vec<u32> {
    let mut known: HashMap<&str, u32> = HashMap::new();
    let mut code = |cell| {
        if is_missing(cell) {
            return 0;
        }
        let next = u32::try_from(known.len() + 1).unwrap_or(u32::MAX);
        *known.entry(cell).or_insert(next)
    };
    (0..column.len()).map(|row| code(column.get(row))).collect()
}

fn add_texts(raw: &mut Raw, at: usize, column: &TextColumn) {
    for figure in words::FIGURES {
        raw.numbers.push(column.iter().map(figure).collect());
    }
    let counted: Vec<Vec<(u32, f32)>> = {
        use rayon::prelude::*;
        (0..column.len()).into_par_iter().map(|row| words::count(at as u64, column.get(row))).collect()
    };
    let rows = raw.words_mut().iter_mut();
    rows.zip(counted).for_each(|(row, counted)| words::merge(row, counted));
    raw.seen.texts += 1;
}
