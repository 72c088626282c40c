//! Features that are the answer of their own row wherever they can be: means of groups that are often the row alone.

use std::collections::HashMap;

use super::panel::{Numbers, Panel, Truth};

/// Test rows on which the feature is a value of the target, as a share of all and at least.
const LEAST: f64 = 0.1;
const MOST: f64 = 0.9;
const LEAST_ROWS: usize = 50;
/// Share of these on which it is the answer, and by how much that must exceed chance.
const RIGHT: f64 = 0.9;
const BEYOND_CHANCE: f64 = 0.3;
/// Values of a target of few values, and how many times more the feature must have.
const FEW: usize = 50;
const FINER: usize = 3;
/// Share of the test rows whose answer, a number of many values, the feature is.
const EQUAL: f64 = 0.05;
/// Share of these whose answer no other row has, so that it cannot have come from another one.
const UNIQUE: f64 = 0.6;

/// How a feature shows the answers of its rows; nothing when it does not.
pub(crate) fn shows_own(panel: &Panel, feature: &Numbers, truth: &Truth) -> Option<String> {
    let mut counts: HashMap<u64, usize> = HashMap::new();
    for answer in truth.numbers.values.iter().filter(|answer| answer.is_finite()) {
        *counts.entry(key(*answer)).or_default() += 1;
    }
    if counts.len() <= FEW {
        among_few(panel, feature, truth, &counts)
    } else {
        among_many(panel, feature, truth, &counts)
    }
}

fn key(value: f64) -> u64 {
    (value + 0.0).to_bits()
}

/// The feature and the answer of each test row.
fn pairs<'p>(
    panel: &'p Panel,
    feature: &'p Numbers,
    truth: &'p Truth,
) -> impl Iterator<Item = (f64, f64)> + 'p {
    let rows = panel.train..panel.rows;
    let pair = |row: usize| Some((*feature.values.get(row)?, *truth.numbers.values.get(row)?));
    rows.filter_map(pair).filter(|(given, answer)| given.is_finite() && answer.is_finite())
}

fn among_few(
    panel: &Panel,
    feature: &Numbers,
    truth: &Truth,
    counts: &HashMap<u64, usize>,
) -> Option<String> {
    let mut different: Vec<u64> = feature.values.iter().map(|value| key(*value)).collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < FINER * counts.len() {
        return None;
    }
    let all: usize = counts.values().sum();
    let (mut rows, mut there, mut right, mut chance) = (0_usize, 0_usize, 0_usize, 0.0);
    for (given, answer) in pairs(panel, feature, truth) {
        rows += 1;
        if let Some(count) = counts.get(&key(given)) {
            there += 1;
            right += usize::from(key(given) == key(answer));
            chance += *count as f64 / all.max(1) as f64;
        }
    }
    let (covered, purity) = (there as f64 / rows.max(1) as f64, right as f64 / there.max(1) as f64);
    let by_chance = chance / there.max(1) as f64;
    let is_told = there >= LEAST_ROWS
        && (LEAST..=MOST).contains(&covered)
        && purity >= RIGHT
        && purity - by_chance >= BEYOND_CHANCE;
    is_told.then(|| {
        format!(
            "the answer wherever it is a value of the target ({:.1} % of {there} test rows; {:.0} % by chance), as the mean of \
             a group of one is",
            purity * 100.0,
            by_chance * 100.0
        )
    })
}

fn among_many(
    panel: &Panel,
    feature: &Numbers,
    truth: &Truth,
    counts: &HashMap<u64, usize>,
) -> Option<String> {
    let (mut rows, mut equal, mut unique) = (0_usize, 0_usize, 0_usize);
    for (given, answer) in pairs(panel, feature, truth) {
        rows += 1;
        if key(given) == key(answer) {
            equal += 1;
            unique += usize::from(counts.get(&key(answer)) == Some(&1));
        }
    }
    let share = equal as f64 / rows.max(1) as f64;
    let is_told = equal >= LEAST_ROWS && share >= EQUAL && unique as f64 >= UNIQUE * equal as f64;
    is_told.then(|| {
        format!(
            "exactly the answer on {:.0} % of the test rows, mostly one that no other row has",
            share * 100.0
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(rows: &[(f64, f64)]) -> Panel {
        let column = |name: &str, values: Vec<f64>| Numbers::new(name, values, 0.0005);
        Panel {
            train: 0,
            rows: rows.len(),
            numbers: vec![column("f", rows.iter().map(|row| row.0).collect())],
            groups: Vec::new(),
            truths: vec![Truth {
                name: "y".to_owned(),
                class: None,
                numbers: column("y", rows.iter().map(|row| row.1).collect()),
            }],
            orders: Vec::new(),
        }
    }

    fn shown(rows: &[(f64, f64)]) -> bool {
        let panel = panel(rows);
        shows_own(&panel, &panel.numbers[0], &panel.truths[0]).is_some()
    }

    #[test]
    fn a_group_of_one_shows_its_answer() {
        let stars = |at: usize| (at * 7 % 5 + 1) as f64;
        let mean = |at: usize, alone: bool| if alone { stars(at) } else { 2.0 + (at % 97) as f64 / 97.0 };
        let rows = |alone: &dyn Fn(usize) -> bool| -> Vec<(f64, f64)> {
            (0..600).map(|at| (mean(at, alone(at)), stars(at))).collect()
        };
        assert!(shown(&rows(&|at| at % 3 == 0)));
        assert!(!shown(&rows(&|_| false)));
        // Another rating on the same scale is a feature like others.
        assert!(!shown(&rows(&|_| true)));
        let prices = |alone: usize| -> Vec<(f64, f64)> {
            let price = |at: usize| 100.0 + (at * 31 % 9_973) as f64 * 1.5;
            (0..1_000)
                .map(|at| (if at % 10 < alone { price(at) } else { price(at + 1) + 0.7 }, price(at)))
                .collect()
        };
        assert!(shown(&prices(2)));
        assert!(!shown(&prices(0)));
    }
}
