//! Features as a few codes each, and what they tell of a label: a small learner without settings.

use std::collections::HashMap;

use super::columns::{Column, Values};
use super::stats::{auc, auc_error, bin, borders, chi_square_tail};

/// Parts into which numbers are divided, and categories that are kept apart.
const BINS: usize = 16;
const FOLDS: usize = 5;
/// Counts that every part has beforehand.
const PRIOR: f64 = 0.5;

/// A feature as codes below `size`; 0 for a missing value.
#[derive(Debug, Clone)]
pub(crate) struct Binned {
    pub(crate) codes: Vec<u32>,
    pub(crate) size: usize,
}

impl Binned {
    /// A column of both sides, the rows of train first.
    pub(crate) fn of(column: &Column) -> Self {
        match (&column.train, &column.test) {
            (Values::Numbers(train), Values::Numbers(test)) => {
                let all: Vec<f64> = train.iter().chain(test).copied().collect();
                Self::of_numbers(&all)
            }
            (Values::Codes(train), Values::Codes(test)) => {
                let all: Vec<u32> = train.iter().chain(test).copied().collect();
                Self::of_codes(&all)
            }
            _ => Self { codes: Vec::new(), size: 1 },
        }
    }

    /// Numbers, divided into parts of about equal size.
    pub(crate) fn of_numbers(numbers: &[f64]) -> Self {
        let borders = borders(numbers.iter().copied(), BINS);
        let codes = numbers.iter().map(|x| bin(&borders, *x)).collect();
        Self { codes, size: borders.len() + 2 }
    }

    /// Categories, of which only the frequent ones are kept apart.
    fn of_codes(codes: &[u32]) -> Self {
        let mut counts: HashMap<u32, usize> = HashMap::new();
        codes.iter().for_each(|code| *counts.entry(*code).or_insert(0) += 1);
        let mut frequent: Vec<(u32, usize)> = counts.into_iter().filter(|(code, _)| *code != 0).collect();
        frequent.sort_by_key(|(code, count)| (std::cmp::Reverse(*count), *code));
        let kept: HashMap<u32, u32> =
            frequent.iter().take(BINS).zip(1..).map(|((code, _), new)| (*code, new)).collect();
        let rest = kept.len() as u32 + 1;
        let new = |code: &u32| if *code == 0 { 0 } else { kept.get(code).copied().unwrap_or(rest) };
        Self { codes: codes.iter().map(new).collect(), size: kept.len() + 2 }
    }

    /// Log-odds of the label for each row, learnt from the rows of other folds.
    fn log_odds(&self, labels: &[bool]) -> Vec<f64> {
        let mut counts = vec![[[0.0_f64; 2]; FOLDS]; self.size];
        for (row, (code, label)) in self.codes.iter().zip(labels).enumerate() {
            if let Some(place) = counts.get_mut(*code as usize) {
                place[row % FOLDS][usize::from(*label)] += 1.0;
            }
        }
        let totals: Vec<[f64; 2]> = counts
            .iter()
            .map(|folds| folds.iter().fold([0.0; 2], |sum, own| [sum[0] + own[0], sum[1] + own[1]]))
            .collect();
        let odds: Vec<[f64; FOLDS]> = counts
            .iter()
            .zip(&totals)
            .map(|(folds, total)| {
                folds.map(|own| ((total[1] - own[1] + PRIOR) / (total[0] - own[0] + PRIOR)).ln())
            })
            .collect();
        let of =
            |(row, code): (usize, &u32)| odds.get(*code as usize).map_or(0.0, |folds| folds[row % FOLDS]);
        self.codes.iter().enumerate().map(of).collect()
    }

    /// Probability that chance alone makes the parts differ so much in their classes (chi-square; rare classes
    /// together). `rows` are positions of codes, one for each class code.
    pub(crate) fn dependence(&self, classes: &[u32], kinds: usize) -> f64 {
        let mut table = vec![vec![0.0_f64; kinds]; self.size];
        for (code, class) in self.codes.iter().zip(classes) {
            if let Some(place) = table.get_mut(*code as usize).and_then(|row| row.get_mut(*class as usize)) {
                *place += 1.0;
            }
        }
        chi_square(&table)
    }
}

fn chi_square(table: &[Vec<f64>]) -> f64 {
    let kinds = table.first().map_or(0, Vec::len);
    let rows: Vec<f64> = table.iter().map(|row| row.iter().sum()).collect();
    let columns: Vec<f64> = (0..kinds).map(|at| table.iter().filter_map(|row| row.get(at)).sum()).collect();
    let all: f64 = rows.iter().sum();
    let mut statistic = 0.0;
    for (row, sum) in table.iter().zip(&rows).filter(|(_, sum)| **sum > 0.0) {
        for (seen, column) in row.iter().zip(&columns).filter(|(_, column)| **column > 0.0) {
            let expected = sum * column / all;
            statistic += (seen - expected).powi(2) / expected;
        }
    }
    let count = |sums: &[f64]| sums.iter().filter(|sum| **sum > 0.0).count() as f64 - 1.0;
    chi_square_tail(statistic, count(&rows) * count(&columns))
}

/// How well a label can be told from features.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    /// Area under the curve, out of fold.
    pub(crate) auc: f64,
    /// Its standard error.
    pub(crate) error: f64,
    /// The same for each feature alone, best first: its position and area.
    pub(crate) single: Vec<(usize, f64)>,
}

/// Tells a label from features, each of which adds its own evidence.
pub(crate) fn tell(features: &[Binned], labels: &[bool]) -> Told {
    let split = |scores: &[f64]| {
        let (mut above, mut below) = (Vec::new(), Vec::new());
        scores
            .iter()
            .zip(labels)
            .for_each(|(score, label)| if *label { above.push(*score) } else { below.push(*score) });
        (above, below)
    };
    let mut sum = vec![0.0_f64; labels.len()];
    let mut single: Vec<(usize, f64)> = Vec::new();
    for (at, feature) in features.iter().enumerate() {
        let odds = feature.log_odds(labels);
        sum.iter_mut().zip(&odds).for_each(|(sum, own)| *sum += own);
        let (above, below) = split(&odds);
        single.push((at, auc(&above, &below)));
    }
    single.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let (above, below) = split(&sum);
    let together = auc(&above, &below).max(single.first().map_or(0.5, |(_, area)| *area));
    Told { auc: together, error: auc_error(together, above.len(), below.len()), single }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::random::mixed;

    fn noise(seed: u64, rows: u64) -> Vec<f64> {
        (0..rows).map(|row| (mixed(seed << 32 | row) % 10_000) as f64).collect()
    }

    #[test]
    fn a_label_is_told_from_what_shifts_with_it_and_not_from_noise() {
        let labels: Vec<bool> = (0..2_000).map(|row| row >= 1_000).collect();
        let quiet: Vec<Binned> = (0..10).map(|seed| Binned::of_numbers(&noise(seed, 2_000))).collect();
        let told = tell(&quiet, &labels);
        assert!((told.auc - 0.5).abs() < 0.1, "{told:?}");
        let shifted: Vec<f64> = noise(99, 2_000)
            .iter()
            .zip(&labels)
            .map(|(x, label)| x + if *label { 5_000.0 } else { 0.0 })
            .collect();
        let told = tell(&[quiet, vec![Binned::of_numbers(&shifted)]].concat(), &labels);
        assert!(told.auc > 0.8 && told.single[0].0 == 10, "{told:?}");
    }

    #[test]
    fn dependence_is_seen_and_noise_is_not() {
        let x = noise(1, 1_000);
        let classes: Vec<u32> = x.iter().map(|x| u32::from(*x > 5_000.0)).collect();
        let other: Vec<u32> = noise(2, 1_000).iter().map(|x| u32::from(*x > 5_000.0)).collect();
        let feature = Binned::of_numbers(&x);
        assert!(feature.dependence(&classes, 2) < 1e-9);
        assert!(feature.dependence(&other, 2) > 1e-3);
    }
}
