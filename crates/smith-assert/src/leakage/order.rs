//! Whether an order of the examples tells their answers.

use std::collections::BTreeMap;

use super::target::{Target, Values};
use crate::rank::spearman;
use crate::subject::number;

/// Rows that an order must have to say something.
const MIN_ROWS: usize = 30;
/// Runs that chance must make beyond those of sorted classes.
const MIN_SPARE_RUNS: f64 = 10.0;
/// Rank correlation with the position from which on numbers are sorted, and from which on they nearly are.
const SORTED: f64 = 0.995;
const NEARLY: f64 = 0.9;
/// Share of the runs of chance, beyond those of sorted classes, at which classes are nearly sorted.
const FEW_RUNS: f64 = 0.2;
/// Rank correlation with the position of what the order goes by.
const ORDERS: f64 = 0.999;

/// What an order says of the answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Order {
    /// The answers stand sorted.
    Sorted,
    /// Nearly: the share of the runs of chance, or the rank correlation.
    Nearly(f64),
    Mixed,
}

/// What the order in which the rows of the target stand says of them.
pub(crate) fn order(target: &Target) -> Order {
    if target.rows() < MIN_ROWS {
        return Order::Mixed;
    }
    match &target.values {
        Values::Classes(codes, _) => of_classes(codes, &target.shares()),
        Values::Numbers(numbers) => {
            let positions: Vec<f64> = (0..numbers.len()).map(|at| at as f64).collect();
            match spearman(numbers, &positions).map_or(0.0, f64::abs) {
                rho if rho >= SORTED => Order::Sorted,
                rho if rho >= NEARLY => Order::Nearly(rho),
                _ => Order::Mixed,
            }
        }
    }
}

fn of_classes(codes: &[u32], shares: &[f64]) -> Order {
    let runs = codes.chunk_by(|a, b| a == b).count() as f64;
    let classes = shares.iter().filter(|share| **share > 0.0).count() as f64;
    // A random order begins another run wherever two neighbours differ.
    let by_chance =
        1.0 + (codes.len() as f64 - 1.0) * (1.0 - shares.iter().map(|share| share * share).sum::<f64>());
    let spare = by_chance - classes;
    if spare < MIN_SPARE_RUNS {
        return Order::Mixed;
    }
    match (runs - classes) / spare {
        0.0 => Order::Sorted,
        share if share <= FEW_RUNS => Order::Nearly(share.max(0.0)),
        _ => Order::Mixed,
    }
}

/// True when the rows stand in the order of this column by its own nature: a time or a number that rises or falls, or
/// groups whose rows stand together.
pub(crate) fn explains<'c>(cells: impl Iterator<Item = &'c str>) -> bool {
    let cells: Vec<&str> = cells.collect();
    let numbers: Option<Vec<f64>> = cells.iter().map(|cell| instant(cell)).collect();
    if let Some(numbers) = numbers
        && rises(&numbers)
    {
        return true;
    }
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    for run in cells.chunk_by(|a, b| a == b) {
        *groups.entry(run.first().copied().unwrap_or("")).or_default() += 1;
    }
    let stand_together = groups.values().all(|runs| *runs == 1);
    stand_together && groups.len() >= 2 && groups.len() * 3 <= cells.len()
}

fn rises(numbers: &[f64]) -> bool {
    let positions: Vec<f64> = (0..numbers.len()).map(|at| at as f64).collect();
    let mut distinct = numbers.to_vec();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    distinct.len() * 10 >= numbers.len()
        && spearman(numbers, &positions).is_some_and(|rho| rho.abs() >= ORDERS)
}

/// A number, or a date as a number that rises with it: its digits, which must be those of a date written from the year
/// down.
fn instant(cell: &str) -> Option<f64> {
    number(cell).or_else(|| date(cell))
}

/// A date written from the year down, as one number.
pub(crate) fn date(cell: &str) -> Option<f64> {
    let mut parts = cell.get(..10)?.split(['-', '/', '.']);
    let is_date = parts.next()?.len() == 4 && parts.next()?.len() == 2 && parts.next()?.len() == 2;
    let digits: String = cell.chars().filter(char::is_ascii_digit).take(15).collect();
    let padded = format!("{digits:0<15}");
    (is_date && digits.len() >= 8).then(|| padded.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cells: impl Iterator<Item = String>) -> Order {
        order(&Target::new("y", cells.collect()))
    }

    #[test]
    fn sorted_answers_are_found() {
        assert_eq!(of((0..90).map(|i| (i / 30).to_string())), Order::Sorted);
        assert_eq!(of((0..90).map(|i| (i * i).to_string())), Order::Sorted);
        assert!(matches!(of((0..300).map(|i| (i / 15 % 2).to_string())), Order::Nearly(_)));
        assert_eq!(of((0..90).map(|i| (i * 37 % 91 % 3).to_string())), Order::Mixed);
        assert_eq!(of((0..20).map(|i| (i / 10).to_string())), Order::Mixed, "twenty rows prove nothing");
        assert_eq!(
            of((0..90).map(|i| u8::from(i > 86).to_string())),
            Order::Mixed,
            "nor do three of a class"
        );
    }

    #[test]
    fn times_and_groups_explain_an_order() {
        let explained = |cells: &[&str]| explains(cells.iter().copied());
        assert!(explained(&["2020-01-01", "2020-01-02 05:00", "2021-11-02"]));
        assert!(explained(&["3", "4", "5", "9"]));
        assert!(explained(&["a", "a", "a", "b", "b", "b"]));
        assert!(!explained(&["a", "b", "a", "b", "a", "b"]));
        assert!(!explained(&["3", "9", "5", "4"]));
        assert!(!explained(&["0", "0", "0", "0"]));
    }
}
