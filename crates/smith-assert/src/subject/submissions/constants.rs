//! One value for each predicted column, in every row or in the wrong ones.

use std::collections::BTreeMap;

use smith_data::table::Table;

use super::{Base, Trial};
use crate::subject::tables::cell;

/// How far beyond all answers a crossed column goes, in ranges of the answers.
const BEYOND: f64 = 1e4;

/// The submission, if it is one of these.
pub(super) fn build(trial: Trial, base: &Base<'_>) -> Option<Table> {
    if let Trial::Crossed(which) = trial {
        return crossed(base, usize::from(which));
    }
    let (constant, over_half): (fn(&Base<'_>, usize) -> String, bool) = match trial {
        Trial::Mode | Trial::ModeAgain => (mode, false),
        Trial::Mean => (mean, false),
        Trial::Median => (median, false),
        Trial::Zero => (zero, false),
        Trial::Least => (|base, at| extreme(base, at, f64::min), false),
        Trial::Most => (|base, at| extreme(base, at, f64::max), false),
        Trial::FirstEverywhere => (first, false),
        Trial::WrongAsMode => (mode, true),
        Trial::WrongAsMean => (mean, true),
        Trial::WrongAsZero => (zero, true),
        Trial::WrongAsOther => (other, true),
        _ => return None,
    };
    let of_numbers = !matches!(
        trial,
        Trial::Mode | Trial::ModeAgain | Trial::FirstEverywhere | Trial::WrongAsMode | Trial::WrongAsOther
    );
    if of_numbers && base.numeric().is_empty() {
        return None;
    }
    let value = |at| constant(base, at);
    Some(if over_half {
        base.filled(&base.half, &base.predicted, |row| base.wrong.get(row) == Some(&true), value)
    } else {
        base.filled(&base.truth, &base.predicted, |_| true, value)
    })
}

/// Of two columns one far below and the other just above all answers, for each pair in both orders and at both ends.
fn crossed(base: &Base<'_>, which: usize) -> Option<Table> {
    let columns = base.numeric();
    if columns.len() < 2 || base.sums_to_one() {
        return None;
    }
    let pairs = columns.iter().flat_map(|a| columns.iter().map(move |b| (*a, *b))).filter(|(a, b)| a != b);
    let ((near, far), is_up) = pairs.flat_map(|pair| [(pair, false), (pair, true)]).nth(which)?;
    let values = base.numbers(near)?;
    let least = values.iter().copied().reduce(f64::min)?;
    let most = values.iter().copied().reduce(f64::max)?;
    let range = (most - least).max(1.0);
    let beside = if is_up { least - 0.01 * range } else { most + 0.01 * range };
    let beyond = if is_up { most + BEYOND * range } else { least - BEYOND * range };
    let value = |at: usize| if at == near { beside.to_string() } else { beyond.to_string() };
    Some(base.filled(&base.truth, &[near, far], |_| true, value))
}

/// The most frequent value; of equally frequent ones the first in order.
pub(super) fn mode(base: &Base<'_>, at: usize) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &base.truth.rows {
        *counts.entry(cell(row, at)).or_default() += 1;
    }
    let best = counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)));
    best.map(|(value, _)| value.to_owned()).unwrap_or_default()
}

fn mean(base: &Base<'_>, at: usize) -> String {
    match base.numbers(at) {
        Some(values) => (values.iter().sum::<f64>() / values.len() as f64).to_string(),
        None => mode(base, at),
    }
}

fn median(base: &Base<'_>, at: usize) -> String {
    let Some(values) = base.numbers(at) else { return mode(base, at) };
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let pair = (values.get(middle.wrapping_sub(1)), values.get(middle));
    match pair {
        (Some(&below), Some(&above)) if values.len() % 2 == 0 => f64::midpoint(below, above).to_string(),
        (_, Some(&value)) => value.to_string(),
        _ => String::new(),
    }
}

fn zero(base: &Base<'_>, at: usize) -> String {
    if base.numbers(at).is_some() { "0".to_owned() } else { mode(base, at) }
}

fn extreme(base: &Base<'_>, at: usize, of: fn(f64, f64) -> f64) -> String {
    match base.numbers(at) {
        Some(values) => values.iter().copied().reduce(of).unwrap_or(0.0).to_string(),
        None => mode(base, at),
    }
}

fn first(base: &Base<'_>, at: usize) -> String {
    base.truth.rows.first().map(|row| cell(row, at).to_owned()).unwrap_or_default()
}

/// What is no answer, though of the same kind.
fn other(base: &Base<'_>, at: usize) -> String {
    if base.numbers(at).is_some() { "-999".to_owned() } else { "no such label".to_owned() }
}
