//! Whether an order of the examples tells their answers.

use std::collections::{BTreeMap, BTreeSet};

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

/// Groups that must have rows of several classes, and the share of them that must be sorted.
const MIN_GROUPS: usize = 4;
const GROUPS_SORTED: f64 = 0.9;
/// Natural logarithm of the probability below which chance does not sort groups.
const LN_CHANCE: f64 = -16.0;

/// True when the rows of each group stand together, sorted by their class: those that are relevant first, for instance.
/// `groups` has the name of the group of each row of the target.
pub(crate) fn sorted_within(target: &Target, groups: &[&str]) -> bool {
    let Some(ranks) = ranks(target).filter(|ranks| ranks.len() == groups.len()) else { return false };
    let mut seen = BTreeSet::new();
    let (mut turns, mut ln_chance) = (Turns::default(), 0.0);
    for (group, own) in of_groups(groups, &ranks) {
        if !seen.insert(group) {
            return false;
        }
        if monotone(own) != (true, true) {
            turns.add(own);
            ln_chance += ln_of_order(own);
        }
    }
    turns.are_sorted() && ln_chance <= LN_CHANCE
}

/// The numbers of each run of rows of one group.
fn of_groups<'g>(groups: &'g [&'g str], numbers: &'g [f64]) -> impl Iterator<Item = (&'g str, &'g [f64])> {
    let mut rest = numbers;
    groups.chunk_by(|a, b| a == b).map(move |run| {
        let (own, behind) = rest.split_at(run.len().min(rest.len()));
        rest = behind;
        (run.first().copied().unwrap_or_default(), own)
    })
}

/// In how many groups numbers fall, and rise.
#[derive(Default)]
struct Turns {
    groups: usize,
    falling: usize,
    rising: usize,
}

impl Turns {
    fn add(&mut self, numbers: &[f64]) {
        let (falls, rises) = monotone(numbers);
        self.groups += 1;
        self.falling += usize::from(falls);
        self.rising += usize::from(rises);
    }

    fn are_sorted(&self) -> bool {
        let sorted = self.falling.max(self.rising) as f64;
        self.groups >= MIN_GROUPS && sorted >= GROUPS_SORTED * self.groups as f64
    }
}

/// Whether numbers never rise, and whether they never fall.
fn monotone(numbers: &[f64]) -> (bool, bool) {
    let all = |holds: fn(&f64, &f64) -> bool| {
        numbers.windows(2).all(|pair| pair.first().zip(pair.last()).is_none_or(|(a, b)| holds(a, b)))
    };
    (all(|a, b| a >= b), all(|a, b| a <= b))
}

/// True when numbers or dates of many values rise, or fall, within nearly all groups.
pub(crate) fn rises_within(groups: &[&str], cells: &[String]) -> bool {
    let Some(numbers) = cells.iter().map(|cell| instant(cell)).collect::<Option<Vec<f64>>>() else {
        return false;
    };
    let mut turns = Turns::default();
    for (_, own) in of_groups(groups, &numbers) {
        let steps = own.windows(2).filter(|pair| pair.first() != pair.last()).count();
        if own.len() >= 3 && steps * 2 >= own.len() {
            turns.add(own);
        }
    }
    turns.are_sorted()
}

/// The classes as numbers: those that they are, or of two the rarer one above the other.
fn ranks(target: &Target) -> Option<Vec<f64>> {
    let Values::Classes(codes, names) = &target.values else { return None };
    let numbers: Option<Vec<f64>> = names.iter().map(|name| number(name)).collect();
    let shares = target.shares();
    let by_rarity = || (names.len() == 2).then(|| shares.iter().map(|share| -share).collect::<Vec<f64>>());
    let ranks = numbers.or_else(by_rarity)?;
    Some(codes.iter().map(|code| ranks.get(*code as usize).copied().unwrap_or(0.0)).collect())
}

/// Natural logarithm of the chance that a random order of these values is one of the two sorted ones.
fn ln_of_order(values: &[f64]) -> f64 {
    let ln_factorial = |n: usize| (2..=n).map(|k| (k as f64).ln()).sum::<f64>();
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let alike: f64 = sorted.chunk_by(|a, b| a == b).map(|run| ln_factorial(run.len())).sum();
    2_f64.ln() + alike - ln_factorial(values.len())
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
    fn groups_that_are_sorted_each_are_found() {
        let groups: Vec<String> = (0..80).map(|row| format!("q{}", row / 8)).collect();
        let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
        let of = |value: &dyn Fn(usize) -> usize| {
            sorted_within(&Target::new("y", (0..80).map(|row| value(row).to_string()).collect()), &groups)
        };
        assert!(of(&|row| usize::from(row % 8 < 2)));
        assert!(of(&|row| row % 8 / 3));
        assert!(!of(&|row| usize::from((row * 5 + row / 8) % 8 < 2)));
        assert!(!of(&|row| usize::from(row / 8 % 2 == 0)));
        let mixed: Vec<&str> = groups.iter().rev().chain(&groups).copied().step_by(2).collect();
        let target = Target::new("y", (0..80).map(|row| usize::from(row % 8 < 2).to_string()).collect());
        assert!(!sorted_within(&target, &mixed));
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
