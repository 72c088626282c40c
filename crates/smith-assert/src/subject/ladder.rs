//! Ways from the answers to noise, in ten steps.

use smith_data::table::Table;

use super::shuffled::{self, Numbers};
use super::submissions::Base;
use super::tables::{cell, number};

/// Steps from the answers (0) to noise.
pub(crate) const STEPS: u8 = 10;

/// What is done to the answers, more of it with each step. What is wrong at one step is wrong at the next one too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Corruption {
    /// Rows get the predictions of other rows.
    Exchange,
    /// Numbers get noise, in the last step of twice their spread.
    Noise,
    /// Probabilities are mixed with equal ones.
    Mixing,
    /// Parts of texts are left out.
    Deletion,
}

/// Numbers that are no whole ones are measured, not labels.
const WHOLE: f64 = 1e-9;
/// Probabilities sum to one up to this.
const SUM: f64 = 1e-3;
/// Parts that texts have on average, from which on some are left out.
const PARTS: f64 = 3.0;
const SEPARATORS: [char; 4] = [' ', ',', ';', '|'];

impl Corruption {
    pub(super) const ALL: [Self; 4] = [Self::Exchange, Self::Noise, Self::Mixing, Self::Deletion];

    /// In words, behind `the answers with`.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Exchange => "rows exchanged",
            Self::Noise => "noise added to the numbers",
            Self::Mixing => "probabilities mixed with equal ones",
            Self::Deletion => "parts of the texts left out",
        }
    }

    /// Whether it can be done to these answers.
    pub(super) fn applies(self, base: &Base<'_>) -> bool {
        match self {
            Self::Exchange => true,
            Self::Noise => !is_distribution(base) && !measured(base).is_empty(),
            Self::Mixing => is_distribution(base),
            Self::Deletion => base.predicted.iter().any(|&at| parts(base, at).is_some()),
        }
    }

    /// The answers after so many steps. `seed` chooses which rows come first and what happens to them.
    pub(super) fn corrupt(self, base: &Base<'_>, step: u8, seed: u8) -> Table {
        let share = f64::from(step) / f64::from(STEPS);
        let seed = 100 * (1 + self as u64) + u64::from(seed);
        match self {
            Self::Exchange => exchange(base, share, seed),
            Self::Noise => noise(base, share, seed),
            Self::Mixing => mix(base, share),
            Self::Deletion => delete(base, share, seed),
        }
    }
}

fn exchange(base: &Base<'_>, share: f64, seed: u64) -> Table {
    let rows = base.rows();
    let (order, partners) = (shuffled::order(rows, seed), shuffled::partners(rows, seed + 50));
    let changed = (share * rows as f64).round() as usize;
    let moves = order.into_iter().take(changed).filter_map(|row| Some((row, *partners.get(row)?)));
    base.with_predictions_of(moves)
}

/// Predicted columns of numbers some of which are no whole ones.
fn measured(base: &Base<'_>) -> Vec<usize> {
    let fractional = |value: &f64| (value - value.round()).abs() > WHOLE;
    let is_measured = |&at: &usize| base.numbers(at).is_some_and(|values| values.iter().any(fractional));
    base.predicted.iter().copied().filter(is_measured).collect()
}

/// What leaves the range of the answers is brought back into it, where every metric can stand it.
fn noise(base: &Base<'_>, share: f64, seed: u64) -> Table {
    let mut table = base.truth.clone();
    for at in measured(base) {
        let Some(values) = base.numbers(at) else { continue };
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let spread =
            (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt();
        let (least, most) = values
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), &v| (least.min(v), most.max(v)));
        let mut numbers = Numbers::new(seed + 7 * at as u64);
        for (row, value) in table.rows.iter_mut().zip(values) {
            // Spread evenly, with a standard deviation of one.
            let noise = numbers.signed() * 3.0_f64.sqrt();
            if let (Some(place), true) = (row.get_mut(at), least < most) {
                *place = (value + 2.0 * share * share * spread * noise).clamp(least, most).to_string();
            }
        }
    }
    table
}

/// Whether the predicted numbers of each row are probabilities that sum to one.
pub(super) fn is_distribution(base: &Base<'_>) -> bool {
    let sums_to_one = |row: &Vec<String>| {
        let values: Option<Vec<f64>> = base.predicted.iter().map(|&at| number(cell(row, at))).collect();
        values.is_some_and(|values| {
            values.iter().all(|value| (0.0..=1.0).contains(value))
                && (values.iter().sum::<f64>() - 1.0).abs() < SUM
        })
    };
    base.predicted.len() > 1 && base.truth.rows.iter().all(sums_to_one)
}

fn mix(base: &Base<'_>, share: f64) -> Table {
    let mut table = base.truth.clone();
    let equal = 1.0 / base.predicted.len().max(1) as f64;
    for row in &mut table.rows {
        for &at in &base.predicted {
            let Some(place) = row.get_mut(at) else { continue };
            if let Some(value) = number(place.trim()) {
                *place = ((1.0 - share) * value + share * equal).to_string();
            }
        }
    }
    table
}

/// The separator of a text column whose values have several parts, and how many parts belong together.
fn parts(base: &Base<'_>, at: usize) -> Option<(char, usize)> {
    if base.numbers(at).is_some() {
        return None;
    }
    let rows = base.rows().max(1) as f64;
    let count = |separator: char| {
        base.truth.rows.iter().map(|row| cell(row, at).split(separator).count()).sum::<usize>() as f64
    };
    let separator = SEPARATORS.into_iter().find(|&separator| count(separator) / rows >= PARTS)?;
    Some((separator, together(base, at, separator)))
}

/// Whether a column's answers are texts of several parts.
pub(super) fn is_list(base: &Base<'_>, at: usize) -> bool {
    parts(base, at).is_some()
}

/// Numbers in texts mostly belong together: starts and lengths, corners of a box.
fn together(base: &Base<'_>, at: usize, separator: char) -> usize {
    const MOST: usize = 6;
    let mut common = 0;
    for row in &base.truth.rows {
        let values: Vec<&str> = cell(row, at).split(separator).collect();
        if values.iter().any(|value| number(value.trim()).is_none()) {
            return 1;
        }
        common = greatest_common(common, values.len());
    }
    if (1..=MOST).contains(&common) { common } else { 1 }
}

fn greatest_common(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common(b, a % b) }
}

/// One part is always left: an empty prediction would be another kind of wrong.
fn delete(base: &Base<'_>, share: f64, seed: u64) -> Table {
    let mut table = base.truth.clone();
    for &at in &base.predicted {
        let Some((separator, unit)) = parts(base, at) else { continue };
        let mut numbers = Numbers::new(seed + 7 * at as u64);
        for row in &mut table.rows {
            let Some(place) = row.get_mut(at) else { continue };
            let values: Vec<&str> = place.split(separator).collect();
            let units: Vec<String> =
                values.chunks(unit).map(|unit| unit.join(&separator.to_string())).collect();
            let keeps = units.iter().map(|_| numbers.signed().abs()).collect::<Vec<_>>();
            let kept = units.iter().zip(&keeps).filter(|(_, luck)| **luck >= share);
            let mut kept: Vec<&str> = kept.map(|(unit, _)| unit.as_str()).collect();
            if kept.is_empty() {
                let luckiest = units.iter().zip(&keeps).max_by(|a, b| a.1.total_cmp(b.1));
                kept.extend(luckiest.map(|(unit, _)| unit.as_str()));
            }
            *place = kept.join(&separator.to_string());
        }
    }
    table
}
