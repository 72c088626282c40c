//! Ratings of resampled battles, the same on any number of cores.

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt};
use rand_distr::{Binomial, Distribution};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::battles::Row;
use super::comparisons::{Cell, Pair, PairNumbers, cells, halves, is_one_tier};
use super::newton;
use crate::StatsError;

/// What is drawn anew in a round of the bootstrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Whole tasks with all their battles, which are not independent of each other.
    Tasks,
    /// Single battles.
    Battles,
}

/// Strengths of one round; NaN for a model that has no battle in it.
pub(crate) struct Round {
    pub(crate) strengths: Vec<f64>,
    /// The drawn battles have no maximum of the likelihood without a ridge.
    pub(crate) is_ridged: bool,
}

/// What is drawn from, and where the search for each round's strengths begins.
pub(crate) struct Sampler<'a> {
    pairs: &'a [Pair],
    models: usize,
    urn: Urn,
    ridge: f64,
    start: &'a [f64],
}

enum Urn {
    /// For each task, what it adds to the outcomes of which pair.
    Tasks(Vec<Vec<Share>>),
    /// Battles that are alike, with their number.
    Battles(Vec<(Share, u64)>),
}

/// Outcomes of the pair with a number.
#[derive(Clone, Copy)]
struct Share {
    pair: u32,
    won: f64,
    lost: f64,
}

impl<'a> Sampler<'a> {
    /// `None` when there are fewer than two units to draw from.
    pub(crate) fn new(
        unit: Unit,
        rows: &[Row],
        pairs: &'a [Pair],
        models: usize,
        ridge: f64,
        start: &'a [f64],
    ) -> Option<Self> {
        let urn = match unit {
            Unit::Tasks => Urn::Tasks(tasks(rows, pairs, models)?),
            Unit::Battles if rows.len() < 2 => return None,
            Unit::Battles => Urn::Battles(battles(rows, pairs, models)),
        };
        Some(Self { pairs, models, urn, ridge, start })
    }

    /// Runs the rounds, each with draws of its own.
    pub(crate) fn rounds(&self, rounds: usize, seed: u64) -> Result<Vec<Round>, StatsError> {
        let drawn = || (self.pairs.to_vec(), Vec::new());
        (0..rounds as u64)
            .into_par_iter()
            .map_init(drawn, |(pairs, counts), round| {
                self.draw(&mut generator(seed, round), pairs, counts);
                self.fit(pairs)
            })
            .collect()
    }

    fn draw(&self, random: &mut impl Rng, drawn: &mut [Pair], counts: &mut Vec<u32>) {
        for pair in drawn.iter_mut() {
            (pair.won, pair.lost) = (0.0, 0.0);
        }
        let mut add = |share: &Share, times: f64| {
            let pair = &mut drawn[share.pair as usize];
            pair.won += share.won * times;
            pair.lost += share.lost * times;
        };
        match &self.urn {
            Urn::Tasks(tasks) => {
                counts.clear();
                counts.resize(tasks.len(), 0);
                for _ in 0..tasks.len() {
                    counts[random.random_range(0..tasks.len())] += 1;
                }
                for (task, &times) in tasks.iter().zip(&*counts).filter(|(_, times)| **times > 0) {
                    task.iter().for_each(|share| add(share, f64::from(times)));
                }
            }
            Urn::Battles(cells) => {
                let all = cells.iter().map(|(_, count)| count).sum();
                multinomial(random, cells.iter().map(|(_, count)| *count), all, |cell, times| {
                    add(&cells[cell].0, times as f64);
                });
            }
        }
    }

    fn fit(&self, drawn: &[Pair]) -> Result<Round, StatsError> {
        let mut is_there = vec![false; self.models];
        for pair in drawn.iter().filter(|pair| pair.weight() > 0.0) {
            is_there[pair.first as usize] = true;
            is_there[pair.second as usize] = true;
        }
        let is_ridged = !is_one_tier(drawn, &is_there);
        let ridge = if is_ridged { self.ridge } else { 0.0 };
        let mut strengths = newton::strengths(drawn, self.models, ridge, self.start)?;
        regauge(&mut strengths, &is_there, self.start);
        Ok(Round { strengths, is_ridged })
    }
}

/// Moves the strengths of those who are there to the mean that they have in `reference`, and takes out the others.
fn regauge(strengths: &mut [f64], is_there: &[bool], reference: &[f64]) {
    let mean = |values: &[f64]| {
        let present = values.iter().zip(is_there).filter(|(_, there)| **there).map(|(value, _)| *value);
        let (sum, count) = present.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        sum / count
    };
    let shift = mean(reference) - mean(strengths);
    for (strength, there) in strengths.iter_mut().zip(is_there) {
        *strength = if *there { *strength + shift } else { f64::NAN };
    }
}

/// A generator of one round: its number is mixed into the seed, so that rounds are independent streams.
pub(crate) fn generator(seed: u64, round: u64) -> Xoshiro256PlusPlus {
    // Stafford's mix 13: neighbouring numbers become far apart.
    let mut mixed = round.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    Xoshiro256PlusPlus::seed_from_u64(seed ^ mixed ^ (mixed >> 31))
}

/// Draws `all` times with replacement from cells that hold `counts`, and reports how often each was drawn: one
/// binomial draw a cell instead of one draw a battle.
fn multinomial(
    random: &mut impl Rng,
    counts: impl Iterator<Item = u64>,
    all: u64,
    mut report: impl FnMut(usize, u64),
) {
    let (mut draws, mut left) = (all, all);
    for (cell, count) in counts.enumerate() {
        if draws == 0 {
            return;
        }
        let chance = count as f64 / left as f64;
        let times = if count >= left {
            draws
        } else {
            // A chance between 0 and 1 is all that can be asked of it.
            Binomial::new(draws, chance).map_or(0, |binomial| binomial.sample(random))
        };
        if times > 0 {
            report(cell, times);
        }
        draws -= times;
        left = left.saturating_sub(count);
    }
}

/// What each task adds; none when there are fewer than two tasks, or battles without one.
fn tasks(rows: &[Row], pairs: &[Pair], models: usize) -> Option<Vec<Vec<Share>>> {
    if rows.iter().any(|row| row.task.is_none()) {
        return None;
    }
    let numbers = PairNumbers::new(pairs, models);
    // Rows come in the order of their tasks, and within a task of their pairs.
    let share = |same: &[Row]| {
        let mut share = Share { pair: numbers.of(&same[0]), won: 0.0, lost: 0.0 };
        for row in same {
            let (won, lost) = halves(row.winner, row.weight);
            share.won += won;
            share.lost += lost;
        }
        share
    };
    let tasks: Vec<Vec<Share>> = rows
        .chunk_by(|a, b| a.task == b.task)
        .map(|task| task.chunk_by(|a, b| (a.first, a.second) == (b.first, b.second)).map(share).collect())
        .collect();
    (tasks.len() >= 2).then_some(tasks)
}

/// What a battle of each sort adds, and how many there are.
fn battles(rows: &[Row], pairs: &[Pair], models: usize) -> Vec<(Share, u64)> {
    let share = |cell: &Cell| {
        let (won, lost) = halves(cell.winner, cell.weight);
        (Share { pair: cell.pair, won, lost }, cell.count)
    };
    cells(rows, pairs, models).iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multinomial_draws_have_the_right_sum_mean_and_spread() {
        let counts = [10_u64, 0, 30, 60];
        let (mut sums, mut squares) = ([0.0; 4], [0.0; 4]);
        let rounds = 4000;
        for round in 0..rounds {
            let mut drawn = [0_u64; 4];
            multinomial(&mut generator(5, round), counts.into_iter(), 100, |cell, times| {
                drawn[cell] += times;
            });
            assert_eq!(drawn.iter().sum::<u64>(), 100);
            for cell in 0..4 {
                sums[cell] += drawn[cell] as f64;
                squares[cell] += (drawn[cell] as f64).powi(2);
            }
        }
        for cell in 0..4 {
            let share = counts[cell] as f64 / 100.0;
            let (mean, variance) = (100.0 * share, 100.0 * share * (1.0 - share));
            let found = sums[cell] / rounds as f64;
            let spread = squares[cell] / rounds as f64 - found * found;
            assert!(
                (found - mean).abs() < 0.5 && (spread - variance).abs() <= 0.1 * variance,
                "{cell}: {found} {spread}"
            );
        }
    }

    #[test]
    fn those_who_are_there_keep_their_mean() {
        let mut strengths = [2.0, 1.0, 0.0];
        regauge(&mut strengths, &[true, true, false], &[1.0, -0.5, -0.5]);
        assert!((strengths[0] - 0.75).abs() < 1e-15 && (strengths[1] + 0.25).abs() < 1e-15);
        assert!(strengths[2].is_nan());
    }
}
