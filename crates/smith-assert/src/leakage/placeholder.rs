//! Columns that are filled in for one outcome only: what is known only afterwards.

use std::collections::{BTreeSet, HashMap};

use super::chance::ln_at_least;
use super::target::{Target, Values};
use crate::subject::number;

/// Words for nothing.
const NOTHING: [&str; 12] =
    ["", "na", "n/a", "nan", "none", "null", "unknown", "-", "?", "missing", "nil", "<na>"];
/// Share of the rows with, or without, a value that have the same answer.
const PRECISION: f64 = 0.99;
/// Share of the answer's rows that this tells, at least.
const RECALL: f64 = 0.05;
/// Largest share of an answer of which being told is news.
const MAX_BASE: f64 = 0.75;
/// Rows that have to be told.
const MIN_ROWS: usize = 20;
/// Natural logarithm of the probability below which chance is no explanation.
const LN_CHANCE: f64 = -20.0;

/// A class that the presence or the absence of a value tells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    pub(crate) class: String,
    /// True when having a value tells it, false when having none does.
    pub(crate) by_presence: bool,
    /// Share of the rows told that are of the class.
    pub(crate) precision: f64,
    /// Share of the rows of the class that are told.
    pub(crate) recall: f64,
}

/// The class that a column tells by being filled or empty. The filled cells must be like names or dates: many values.
pub(crate) fn told(cells: &[&str], target: &Target) -> Option<Told> {
    let Values::Classes(codes, names) = &target.values else { return None };
    let filled = filled(cells)?;
    let mut best: Option<Told> = None;
    for by_presence in [true, false] {
        let told: Vec<u32> = codes
            .iter()
            .zip(&filled)
            .filter(|(_, filled)| **filled == by_presence)
            .map(|(code, _)| *code)
            .collect();
        for (class, name) in (0_u32..).zip(names) {
            let of_class = codes.iter().filter(|code| **code == class).count();
            let hits = told.iter().filter(|code| **code == class).count();
            let base = of_class as f64 / codes.len().max(1) as f64;
            let precision = hits as f64 / told.len().max(1) as f64;
            let recall = hits as f64 / of_class.max(1) as f64;
            let tells = hits >= MIN_ROWS && base <= MAX_BASE && precision >= PRECISION && recall >= RECALL;
            if tells
                && ln_at_least(hits, told.len(), base) <= LN_CHANCE
                && best.as_ref().is_none_or(|best| recall > best.recall)
            {
                best = Some(Told { class: name.clone(), by_presence, precision, recall });
            }
        }
    }
    best
}

/// Which cells hold a value, where some do and some do not: an empty cell, a word for nothing, or one value that stands
/// for nothing among names that hardly repeat.
fn filled(cells: &[&str]) -> Option<Vec<bool>> {
    let is_nothing = |cell: &str| NOTHING.contains(&cell.to_ascii_lowercase().as_str());
    let mut filled: Vec<bool> = cells.iter().map(|cell| !is_nothing(cell)).collect();
    let mut empty = filled.iter().filter(|filled| !**filled).count();
    if empty * 20 < cells.len() {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        cells.iter().for_each(|cell| *counts.entry(cell).or_default() += 1);
        let (most, count) = counts.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)))?;
        let others = cells.len() - count;
        let are_names = (counts.len() - 1) * 2 >= others && cells.iter().any(|cell| number(cell).is_none());
        if count * 10 < cells.len() * 3 || !are_names {
            return None;
        }
        filled = cells.iter().map(|cell| cell != most).collect();
        empty = *count;
    }
    let values: BTreeSet<&str> =
        cells.iter().zip(&filled).filter(|(_, filled)| **filled).map(|(cell, _)| *cell).collect();
    (empty > 0 && empty < cells.len() && values.len() >= 2).then_some(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(rows: usize, of: impl Fn(usize) -> bool) -> Target {
        Target::new("y", (0..rows).map(|row| if of(row) { "yes" } else { "no" }.to_owned()).collect())
    }

    fn mixed(row: usize) -> usize {
        row.wrapping_mul(2_654_435_761) >> 7
    }

    #[test]
    fn names_that_only_successes_have_are_found() {
        let success = |row: usize| mixed(row).is_multiple_of(4);
        for nothing in ["N/A", "", "nobody"] {
            let names: Vec<String> = (0..600)
                .map(|row| {
                    if success(row) && row.is_multiple_of(3) {
                        format!("user{row}")
                    } else {
                        nothing.to_owned()
                    }
                })
                .collect();
            let cells: Vec<&str> = names.iter().map(String::as_str).collect();
            let told = told(&cells, &target(600, success)).unwrap();
            assert_eq!(
                (told.class.as_str(), told.by_presence, told.precision),
                ("yes", true, 1.0),
                "{nothing}"
            );
        }
    }

    #[test]
    fn what_is_missing_by_chance_or_of_rare_classes_tells_nothing() {
        let values: Vec<String> = (0..600)
            .map(|row| if mixed(row + 1).is_multiple_of(3) { String::new() } else { row.to_string() })
            .collect();
        let cells: Vec<&str> = values.iter().map(String::as_str).collect();
        assert_eq!(told(&cells, &target(600, |row| mixed(row).is_multiple_of(2))), None);
        assert_eq!(told(&cells, &target(600, |row| row == 5)), None, "nearly everything is `no`");
        let kinds: Vec<&str> =
            (0..600_usize).map(|row| if row.is_multiple_of(2) { "foul" } else { "none" }).collect();
        assert!(told(&kinds, &target(600, |row| row.is_multiple_of(2))).is_none(), "a category is no name");
    }
}
