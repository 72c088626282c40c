//! How a column agrees with the answers: the same values, other names for them, or numbers that rise and fall with
//! them. What chance may do is no agreement.

use std::collections::HashMap;

use super::chance::{ln_at_least, ln_correlates};
use super::listed::listed;
use super::target::{Target, Values};
use crate::rank::{auc, pearson, spearman};
use crate::subject::number;

/// Share of the compared rows that have the same value.
const SAME: f64 = 0.95;
/// Share of the compared rows for which one name always stands for one class.
const RENAMED: f64 = 0.98;
/// Rank correlation of numbers.
const MONOTONE: f64 = 0.98;
/// How well a threshold tells two classes apart.
const PARTED: f64 = 0.995;
/// How much of the way from the most frequent class to all rows the agreement has to go.
const BEYOND: f64 = 0.6;
/// Natural logarithm of the probability below which chance is no explanation: among some thousand columns none agrees
/// so by accident.
const LN_CHANCE: f64 = -16.0;
/// The same for a column of the target's name.
const LN_CHANCE_NAMED: f64 = -4.0;
/// Relative difference below which two numbers are the same.
const SAME_NUMBER: f64 = 1e-6;
/// Rows that are compared at least.
const MIN_ROWS: usize = 6;

/// In which way a column agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Relation {
    Same,
    Renamed,
    Linear,
    Monotone,
    Parted,
    OneClass,
    Listed,
}

impl Relation {
    /// `holds the answers`.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Same => "holds the answers",
            Self::Renamed => "holds the answers under other names",
            Self::Linear => "holds the answers on another scale",
            Self::Monotone => "rises or falls with the answers",
            Self::Parted => "parts the classes by a threshold",
            Self::OneClass => "tells one class from the others",
            Self::Listed => "holds the parts of the answers in another notation",
        }
    }
}

/// An agreement that is no accident.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Agreement {
    pub(crate) relation: Relation,
    /// Share of the compared rows, or the size of the correlation.
    pub(crate) strength: f64,
    /// Rows that were compared.
    pub(crate) rows: usize,
}

/// How `given`, one cell for each row of the target or none, agrees with it.
pub(crate) fn agreement(target: &Target, given: &[Option<&str>], is_named: bool) -> Option<Agreement> {
    let pairs: Vec<(usize, &str)> = given
        .iter()
        .enumerate()
        .filter_map(|(row, cell)| Some((row, (*cell)?)))
        .take(target.rows())
        .collect();
    if pairs.len() < MIN_ROWS || !target.varies() {
        return None;
    }
    let chance = if is_named { LN_CHANCE_NAMED } else { LN_CHANCE };
    same(target, &pairs, chance).or_else(|| match &target.values {
        Values::Classes(codes, names) => renamed(codes, names.len(), &pairs, chance)
            .or_else(|| parted(codes, names.len(), &pairs, chance))
            .or_else(|| one_class(codes, names.len(), &pairs, chance))
            .or_else(|| {
                let strength = listed(&target.cells, &pairs)?;
                Some(Agreement { relation: Relation::Listed, strength, rows: pairs.len() })
            }),
        Values::Numbers(numbers) => monotone(numbers, &pairs, chance),
    })
}

/// True for two ways to write one value.
pub(crate) fn is_same(a: &str, b: &str) -> bool {
    a == b
        || match (number(a), number(b)) {
            (Some(a), Some(b)) => (a - b).abs() <= SAME_NUMBER * a.abs().max(b.abs()),
            (None, None) => a.eq_ignore_ascii_case(b),
            _ => false,
        }
}

fn counts<'p>(cells: impl Iterator<Item = &'p str>) -> HashMap<&'p str, usize> {
    let mut counts = HashMap::new();
    for cell in cells {
        *counts.entry(cell).or_default() += 1;
    }
    counts
}

/// The largest share of one value.
fn most(counts: &HashMap<&str, usize>, rows: usize) -> f64 {
    counts.values().copied().max().unwrap_or(0) as f64 / rows.max(1) as f64
}

/// What of the way from the most frequent value to all rows a share goes.
fn beyond(share: f64, most: f64) -> f64 {
    if most < 1.0 { (share - most) / (1.0 - most) } else { 0.0 }
}

fn same(target: &Target, pairs: &[(usize, &str)], chance: f64) -> Option<Agreement> {
    let truth = |row: usize| target.cells.get(row).map_or("", String::as_str);
    let hits = pairs.iter().filter(|(row, cell)| is_same(truth(*row), cell)).count();
    let rows = pairs.len();
    let share = hits as f64 / rows as f64;
    if share < SAME {
        return None;
    }
    let truths = counts(pairs.iter().map(|(row, _)| truth(*row)));
    let by_chance: f64 = truths.values().map(|&count| (count as f64 / rows as f64).powi(2)).sum();
    let is_no_accident = ln_at_least(hits, rows, by_chance) <= chance;
    (is_no_accident && beyond(share, most(&truths, rows)) >= BEYOND).then_some(Agreement {
        relation: Relation::Same,
        strength: share,
        rows,
    })
}

fn renamed(codes: &[u32], classes: usize, pairs: &[(usize, &str)], chance: f64) -> Option<Agreement> {
    let rows = pairs.len();
    let mut table: HashMap<&str, HashMap<u32, usize>> = HashMap::new();
    for (row, cell) in pairs {
        *table.entry(cell).or_default().entry(*codes.get(*row)?).or_default() += 1;
        if table.len() > classes + 2 {
            return None;
        }
    }
    let mut seen = vec![0_usize; classes];
    for (row, _) in pairs {
        if let Some(count) = codes.get(*row).and_then(|code| seen.get_mut(*code as usize)) {
            *count += 1;
        }
    }
    let best: Vec<(u32, usize)> = table
        .values()
        .filter_map(|of| of.iter().max_by_key(|(code, count)| (**count, std::cmp::Reverse(**code))))
        .map(|(code, count)| (*code, *count))
        .collect();
    let mut named: Vec<u32> = best.iter().map(|(code, _)| *code).collect();
    named.sort_unstable();
    named.dedup();
    let present = seen.iter().filter(|count| **count > 0).count();
    let hits: usize = best.iter().map(|(_, count)| count).sum();
    let share = hits as f64 / rows as f64;
    if share < RENAMED || named.len() < 2 || named.len() * 10 < present * 8 {
        return None;
    }
    let most = seen.iter().copied().max().unwrap_or(0) as f64 / rows as f64;
    let by_chance: f64 =
        seen.iter().map(|&count| (count as f64 / rows as f64).powi(2)).sum::<f64>().max(most);
    // Any name may stand for any class: so many ways there are to be lucky.
    let ways = table.len() as f64 * (present.max(2) as f64).ln();
    (ways + ln_at_least(hits, rows, by_chance) <= chance && beyond(share, most) >= BEYOND)
        .then_some(Agreement { relation: Relation::Renamed, strength: share, rows })
}

/// Numbers of two classes of which one has the greater ones.
fn parted(codes: &[u32], classes: usize, pairs: &[(usize, &str)], chance: f64) -> Option<Agreement> {
    if classes != 2 {
        return None;
    }
    let values: Vec<f64> = pairs.iter().map(|(_, cell)| number(cell)).collect::<Option<_>>()?;
    let yes: Vec<bool> = pairs.iter().map(|(row, _)| codes.get(*row) == Some(&1)).collect();
    let parted = auc(&values, &yes).map(|auc| auc.max(1.0 - auc))?;
    let rare = yes.iter().filter(|yes| **yes).count().min(yes.iter().filter(|yes| !**yes).count());
    // The chance that the few of a class are all at one end is less than one half for each.
    let is_no_accident = rare >= 10 && -(rare as f64) * 2_f64.ln() * 2.0 <= chance;
    (parted >= PARTED && is_no_accident).then_some(Agreement {
        relation: Relation::Parted,
        strength: parted,
        rows: pairs.len(),
    })
}

/// A column of two values of which one stands for one of several classes.
fn one_class(codes: &[u32], classes: usize, pairs: &[(usize, &str)], chance: f64) -> Option<Agreement> {
    let first = pairs.first()?.1;
    let other = pairs.iter().map(|(_, cell)| *cell).find(|cell| *cell != first)?;
    if classes < 3 || pairs.iter().any(|(_, cell)| *cell != first && *cell != other) {
        return None;
    }
    let rows = pairs.len();
    let mut counts = vec![(0_usize, 0_usize); classes];
    for (row, cell) in pairs {
        let (firsts, others) = counts.get_mut(*codes.get(*row)? as usize)?;
        *(if *cell == first { firsts } else { others }) += 1;
    }
    let firsts: usize = counts.iter().map(|(firsts, _)| firsts).sum();
    // Rows that agree when the one value, or the other, stands for the class.
    let hits = |(of_first, of_other): &(usize, usize)| {
        let by_first = of_first + (rows - firsts) - of_other;
        (by_first.max(rows - by_first), of_first + of_other)
    };
    let (hits, of_class) = counts.iter().map(hits).max_by_key(|(hits, _)| *hits)?;
    let (share, class) = (hits as f64 / rows as f64, of_class as f64 / rows as f64);
    let most = class.max(1.0 - class);
    let ways = (classes as f64 * 2.0).ln();
    (share >= RENAMED && ways + ln_at_least(hits, rows, most) <= chance && beyond(share, most) >= BEYOND)
        .then_some(Agreement { relation: Relation::OneClass, strength: share, rows })
}

fn monotone(numbers: &[f64], pairs: &[(usize, &str)], chance: f64) -> Option<Agreement> {
    let known: Vec<(f64, f64)> =
        pairs.iter().filter_map(|(row, cell)| Some((*numbers.get(*row)?, number(cell)?))).collect();
    if known.len() * 10 < pairs.len() * 9 || known.len() < MIN_ROWS * 2 {
        return None;
    }
    let (truth, given): (Vec<f64>, Vec<f64>) = known.into_iter().unzip();
    let rho = spearman(&truth, &given)?.abs();
    if rho < MONOTONE || ln_correlates(rho, truth.len()) > chance {
        return None;
    }
    let relation = if is_linear(&truth, &given) { Relation::Linear } else { Relation::Monotone };
    Some(Agreement { relation, strength: rho, rows: truth.len() })
}

/// True when one series is the other on another scale, but for rounding.
pub(crate) fn is_linear(a: &[f64], b: &[f64]) -> bool {
    pearson(a, b).is_some_and(|r| r.abs() > 1.0 - 1e-6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(rows: usize, of: impl Fn(usize) -> &'static str) -> Target {
        Target::new("y", (0..rows).map(|row| of(row).to_owned()).collect())
    }

    fn relation(target: &Target, given: impl Fn(usize) -> String) -> Option<Relation> {
        let cells: Vec<String> = (0..target.rows()).map(given).collect();
        let given: Vec<Option<&str>> = cells.iter().map(|cell| Some(cell.as_str())).collect();
        agreement(target, &given, false).map(|agreement| agreement.relation)
    }

    /// Rows in no order, the same each time.
    fn mixed(row: usize) -> usize {
        row.wrapping_mul(2_654_435_761) >> 7
    }

    #[test]
    fn classes_in_any_notation() {
        let target = classes(60, |row| ["cat", "dog", "owl"][mixed(row) % 3]);
        assert_eq!(
            relation(&target, |row| ["CAT", "dog", "owl"][mixed(row) % 3].to_owned()),
            Some(Relation::Same)
        );
        assert_eq!(
            relation(&target, |row| ["2", "7", "1"][mixed(row) % 3].to_owned()),
            Some(Relation::Renamed)
        );
        assert_eq!(relation(&target, |row| (mixed(row + 1) % 3).to_string()), None);
        assert_eq!(
            relation(&target, |row| row.to_string()),
            None,
            "an id tells every class, and says nothing"
        );
        assert_eq!(relation(&target, |_| "cat".to_owned()), None);
    }

    #[test]
    fn one_class_of_several() {
        let target = classes(90, |row| ["cat", "dog", "owl"][mixed(row) % 3]);
        let is_dog = |row: usize| u8::from(mixed(row) % 3 == 1).to_string();
        assert_eq!(relation(&target, is_dog), Some(Relation::OneClass));
        assert_eq!(relation(&target, |row| (mixed(row + 9) % 2).to_string()), None);
    }

    #[test]
    fn numbers_on_any_scale() {
        let number = |row: usize| (mixed(row) % 1000) as f64 / 7.0;
        let target = Target::new("y", (0..60).map(|row| number(row).to_string()).collect());
        assert_eq!(relation(&target, |row| (number(row) * 2.54 - 7.0).to_string()), Some(Relation::Linear));
        assert_eq!(
            relation(&target, |row| (-(number(row) + 1.0).ln()).to_string()),
            Some(Relation::Monotone)
        );
        assert_eq!(relation(&target, |row| mixed(row + 3).to_string()), None);
    }

    #[test]
    fn few_rows_and_rare_classes_prove_nothing() {
        let target = classes(8, |row| ["a", "b"][mixed(row) % 2]);
        assert_eq!(relation(&target, |row| (mixed(row) % 2).to_string()), None);
        let rare = classes(500, |row| if row % 100 == 0 { "1" } else { "0" });
        assert_eq!(relation(&rare, |_| "0".to_owned()), None);
        assert_eq!(relation(&rare, |row| if row == 0 { "x" } else { "y" }.to_owned()), None);
    }

    #[test]
    fn a_score_that_knows_the_class_parts_it() {
        let target = classes(100, |row| ["0", "1"][mixed(row) % 2]);
        let score = |row: usize| (mixed(row) % 2) as f64 * 0.6 + (row % 40) as f64 / 100.0;
        assert_eq!(relation(&target, |row| score(row).to_string()), Some(Relation::Parted));
    }
}
