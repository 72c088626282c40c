//! Predictions of the kind that models make and answers are not: probabilities, numbers with errors, ranked lists. They
//! tell formulas apart that agree on whole answers.

use std::collections::BTreeSet;

use smith_data::table::Table;

use super::{Base, Trial};
use crate::subject::shuffled::{self, Numbers};
use crate::subject::tables::{cell, number};

/// How many blends are tried.
pub(crate) const BLENDS: u8 = 4;
/// Columns that are spoilt on their own.
const MOST_COLUMNS: usize = 8;
/// Parts of the rows that are spoilt on their own.
pub(crate) const PARTS: u8 = 5;
/// Items that lists are filled with.
const MOST_ITEMS: usize = 10_000;
/// Items of a list.
const MOST_LISTED: usize = 100;
const SEPARATORS: [char; 4] = [' ', ',', ';', '|'];

/// The submission, if it is one of these.
pub(super) fn build(trial: Trial, base: &Base<'_>) -> Option<Table> {
    match trial {
        Trial::Blended(seed) => blended(base, 9_000 + u64::from(seed)),
        Trial::Column(column) => one_column(base, usize::from(column)),
        Trial::Part(part) => one_part(base, usize::from(part)),
        Trial::BelowAll => below_all(base),
        _ => None,
    }
}

/// How many columns are spoilt on their own.
pub(super) fn columns(base: &Base<'_>) -> u8 {
    let columns = base.predicted.len();
    if columns > 1 { u8::try_from(columns.min(MOST_COLUMNS)).unwrap_or(0) } else { 0 }
}

/// How one column is blended.
enum Blend {
    /// Probabilities of a yes.
    Chance,
    /// Numbers with errors.
    Error,
    /// Lists of so many items.
    List(char, usize),
}

fn blended(base: &Base<'_>, seed: u64) -> Option<Table> {
    let blends: Vec<(usize, Blend)> =
        base.predicted.iter().filter_map(|&at| Some((at, blend_of(base, at)?))).collect();
    if blends.is_empty() {
        return None;
    }
    let mut table = base.truth.clone();
    for (at, blend) in &blends {
        let mut numbers = Numbers::new(seed.wrapping_add(31 * *at as u64));
        match blend {
            Blend::Chance => chances(&mut table, *at, &mut numbers),
            Blend::Error => with_errors(&mut table, base, *at, &mut numbers),
            Blend::List(separator, length) => {
                lists(&mut table, base, *at, (*separator, *length), &mut numbers);
            }
        }
    }
    if base.sums_to_one() {
        normalise(&mut table, &base.predicted);
    }
    Some(table)
}

/// Whether the sample writes a column with decimals, so that it asks for more than labels.
fn has_decimals(base: &Base<'_>, at: usize) -> bool {
    let mut cells = base.pair.sample.rows.iter().map(|row| cell(row, at));
    cells.any(|cell| cell.contains('.') && number(cell).is_some())
}

fn blend_of(base: &Base<'_>, at: usize) -> Option<Blend> {
    if let Some(values) = base.numbers(at) {
        let is_flag = values.iter().all(|value| *value == 0.0 || *value == 1.0);
        let is_measured = values.iter().any(|value| value.fract() != 0.0);
        return match (is_flag, has_decimals(base, at)) {
            (true, true) => Some(Blend::Chance),
            (false, true) => Some(Blend::Error),
            (false, false) if is_measured => Some(Blend::Error),
            _ => None,
        };
    }
    let samples = || base.pair.sample.rows.iter().map(|row| cell(row, at));
    let answers = || base.truth.rows.iter().map(|row| cell(row, at));
    let separator = SEPARATORS
        .into_iter()
        .find(|separator| samples().chain(answers()).any(|cell| cell.contains(*separator)))?;
    let count = |cell: &str| cell.split(separator).filter(|part| !part.trim().is_empty()).count();
    // Runs and boxes are no lists of items, and texts are no lists of names.
    let of_numbers = answers().all(|cell| cell.split(separator).all(|part| number(part.trim()).is_some()));
    let length = samples().map(count).max().unwrap_or(0);
    let known = base.truth.rows.len().max(50);
    let items: BTreeSet<&str> = answers().take(MOST_ITEMS).flat_map(|cell| cell.split(separator)).collect();
    let is_mask = of_numbers && are_runs(base, at);
    let is_list = !is_mask && items.len() < known.saturating_mul(20);
    (is_list && length <= MOST_LISTED).then_some(Blend::List(separator, length.max(1)))
}

/// Whether the answers are starts and lengths, in order and apart from each other.
fn are_runs(base: &Base<'_>, at: usize) -> bool {
    let is_run = |row: &Vec<String>| {
        let numbers: Vec<f64> = cell(row, at).split_whitespace().filter_map(number).collect();
        let runs = numbers.chunks_exact(2).map_while(|pair| pair.first().zip(pair.get(1)));
        numbers.len().is_multiple_of(2) && runs.is_sorted_by(|a, b| a.0 + a.1 <= *b.0)
    };
    base.truth.rows.iter().all(is_run)
}

fn chances(table: &mut Table, at: usize, numbers: &mut Numbers) {
    const SHARE: f64 = 0.35;
    for row in &mut table.rows {
        let chance = 0.02 + 0.96 * ((1.0 - SHARE) * numbers.signed().abs());
        let Some(place) = row.get_mut(at) else { continue };
        let truth = number(place.trim()).unwrap_or(0.0);
        *place = format!("{:.6}", chance + SHARE * 0.96 * truth);
    }
}

fn with_errors(table: &mut Table, base: &Base<'_>, at: usize, numbers: &mut Numbers) {
    let Some(values) = base.numbers(at) else { return };
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let spread =
        (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len().max(1) as f64).sqrt();
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for (row, value) in table.rows.iter_mut().zip(values) {
        let noisy = (value + spread * numbers.signed()).clamp(least, most);
        // Between the ends, so that no two are equal.
        let inner = noisy + 1e-3 * (mean - noisy) * numbers.signed().abs();
        if let Some(place) = row.get_mut(at) {
            *place = format!("{inner:.9}");
        }
    }
}

/// What is right stands somewhere among what others have, or not at all.
fn lists(
    table: &mut Table,
    base: &Base<'_>,
    at: usize,
    (separator, length): (char, usize),
    numbers: &mut Numbers,
) {
    let parts = |text: &str| -> Vec<String> {
        text.split(separator).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let pool: Vec<String> = base
        .truth
        .rows
        .iter()
        .take(MOST_ITEMS)
        .flat_map(|row| parts(cell(row, at)))
        .take(MOST_ITEMS)
        .collect();
    if pool.is_empty() {
        return;
    }
    for row in &mut table.rows {
        let Some(place) = row.get_mut(at) else { continue };
        let mut items: Vec<String> = Vec::new();
        for item in parts(place) {
            if numbers.below(10) < 6 && items.len() < length {
                items.push(item);
            }
        }
        for _ in 0..4 * length {
            let Some(item) = pool.get(numbers.below(pool.len())) else { break };
            if items.len() < length && !items.contains(item) {
                items.push(item.clone());
            }
        }
        let order = shuffled::order(items.len(), numbers.below(usize::MAX) as u64);
        let ordered: Vec<&str> =
            order.into_iter().filter_map(|at| items.get(at)).map(String::as_str).collect();
        *place = ordered.join(&separator.to_string());
    }
}

fn normalise(table: &mut Table, columns: &[usize]) {
    for row in &mut table.rows {
        let values: Vec<f64> = columns.iter().filter_map(|&at| number(cell(row, at))).collect();
        let sum: f64 = values.iter().sum();
        for (&at, value) in columns.iter().zip(values) {
            if let Some(place) = row.get_mut(at).filter(|_| sum > 0.0) {
                *place = format!("{:.12}", value / sum);
            }
        }
    }
}

/// One predicted column of other rows.
fn one_column(base: &Base<'_>, column: usize) -> Option<Table> {
    if base.sums_to_one() || base.predicted.len() < 2 {
        return None;
    }
    let at = *base.predicted.get(column)?;
    let other = base.exchanged(&base.in_order());
    let mut table = base.truth.clone();
    for (row, from) in table.rows.iter_mut().zip(&other.rows) {
        if let (Some(place), Some(value)) = (row.get_mut(at), from.get(at)) {
            place.clone_from(value);
        }
    }
    (table.rows != base.truth.rows).then_some(table)
}

/// A stretch of rows with predictions of other rows, the others as they are.
fn one_part(base: &Base<'_>, part: usize) -> Option<Table> {
    let (rows, parts) = (base.rows(), usize::from(PARTS));
    if rows < 4 * parts {
        return None;
    }
    let (from, to) = (rows * part / parts, rows * (part + 1) / parts);
    let other = base.exchanged(&base.in_order());
    let mut table = base.truth.clone();
    for (row, moved) in table.rows.iter_mut().zip(other.rows).take(to).skip(from) {
        *row = moved;
    }
    (table.rows != base.truth.rows).then_some(table)
}

/// A number below every answer by as much as they span, in the first row: what a straight line may predict.
fn below_all(base: &Base<'_>) -> Option<Table> {
    let mut table = base.truth.clone();
    let mut changed = false;
    for at in base.numeric() {
        let Some(values) = base.numbers(at) else { continue };
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let different: BTreeSet<u64> = values.iter().map(|value| value.to_bits()).collect();
        // Classes and probabilities are not predicted below their least.
        if different.len() * 5 < values.len().min(200) || least < 0.0 || most <= 1.0 {
            continue;
        }
        if let Some(place) = table.rows.first_mut().and_then(|row| row.get_mut(at)) {
            *place = format!("{}", (least - 0.5 * (most - least)).min(-2.0));
            changed = true;
        }
    }
    changed.then_some(table)
}
