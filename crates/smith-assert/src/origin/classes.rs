//! Classes of a target beside the values of a raw column, of one side: what a value means, and whether there is a system.

use std::collections::HashMap;

use super::relation::Cells;

/// Rows of a class, and the share of them, that say what it is on a side.
const OF_CLASS: usize = 8;
const PURE: f64 = 0.9;
/// Classes that are many, and half of the rows that say something of them all.
const MANY: usize = 100;

/// True when the targets of rows that are not the column's are as mixed as all are: a rule would have few of them for a
/// value of the column.
pub(super) fn has_no_system(target: &Cells, column: &Cells) -> bool {
    let mut others: HashMap<u64, HashMap<u64, usize>> = HashMap::new();
    let mut counts: HashMap<u64, usize> = HashMap::new();
    for (t, r) in target.values.iter().zip(&column.values).filter(|(t, r)| **t != 0 && **r != 0) {
        *counts.entry(*t).or_default() += 1;
        if t != r {
            *others.entry(*r).or_default().entry(*t).or_default() += 1;
        }
    }
    let rows: usize = counts.values().sum();
    let (mut all, mut most, mut expected) = (0_usize, 0_usize, 0.0);
    for (r, of) in &others {
        let own: usize = of.values().sum();
        let rest = rows.saturating_sub(counts.get(r).copied().unwrap_or(0)).max(1);
        let greatest = counts.iter().filter(|(t, _)| *t != r).map(|(_, count)| *count).max().unwrap_or(0);
        all += own;
        most += of.values().copied().max().unwrap_or(0);
        expected += own as f64 * greatest as f64 / rest as f64;
    }
    counts.len() > 2
        && all >= OF_CLASS * 3
        && expected < 0.9 * all as f64
        && (most as f64) < expected + 0.2 * all as f64
}

/// What values of a column are on a side: the class of nearly all of their rows.
pub(super) fn meanings(target: &Cells, column: &Cells) -> HashMap<u64, u64> {
    let mut counts: HashMap<u64, HashMap<u64, usize>> = HashMap::new();
    for (t, r) in target.values.iter().zip(&column.values).filter(|(t, r)| **t != 0 && **r != 0) {
        *counts.entry(*r).or_default().entry(*t).or_default() += 1;
    }
    let pure = counts.into_iter().filter_map(|(value, of)| {
        let all: usize = of.values().sum();
        let (class, most) = of.into_iter().max_by_key(|(class, count)| (*count, *class))?;
        (most >= OF_CLASS && most as f64 >= PURE * all as f64).then_some((value, class))
    });
    pure.collect()
}

/// True when a target has as many classes as a column, as often, and nothing to do with it: the classes were renamed and
/// dealt to other rows.
pub(super) fn is_dealt_and_renamed(target: &Cells, column: &Cells) -> bool {
    let count = |values: &mut dyn Iterator<Item = u64>| {
        let mut counts: HashMap<u64, usize> = HashMap::new();
        values.filter(|value| *value != 0).for_each(|value| *counts.entry(value).or_default() += 1);
        counts
    };
    let targets = count(&mut target.values.iter().copied());
    let values = count(&mut column.values.iter().copied());
    let sorted = |counts: &HashMap<u64, usize>| {
        let mut counts: Vec<usize> = counts.values().copied().collect();
        counts.sort_unstable();
        counts
    };
    let (a, b) = (sorted(&targets), sorted(&values));
    let rows = a.iter().sum::<usize>() as f64;
    let apart: usize = a.iter().zip(&b).map(|(a, b)| a.abs_diff(*b)).sum();
    if a.len() != b.len()
        || !(2..=MANY).contains(&a.len())
        || rows < 2.0 * MANY as f64
        || apart as f64 > 0.03 * rows
    {
        return false;
    }
    let mut pairs: HashMap<(u64, u64), usize> = HashMap::new();
    target.values.iter().zip(&column.values).for_each(|(t, r)| *pairs.entry((*t, *r)).or_default() += 1);
    targets.iter().all(|(t, of_target)| {
        values.iter().all(|(r, of_value)| {
            let expected = *of_target as f64 * *of_value as f64 / rows;
            let seen = pairs.get(&(*t, *r)).copied().unwrap_or(0) as f64;
            (seen - expected).abs() <= 4.0 * expected.sqrt() + 4.0
        })
    })
}

/// Share of the target's cells that are the column's, each of which counts once.
pub(super) fn shared(target: &Cells, column: &Cells) -> f64 {
    let mut counts: HashMap<u64, usize> = HashMap::new();
    column
        .values
        .iter()
        .filter(|value| **value != 0)
        .for_each(|value| *counts.entry(*value).or_default() += 1);
    let (mut taken, mut all) = (0_usize, 0_usize);
    for value in target.values.iter().filter(|value| **value != 0) {
        all += 1;
        if let Some(left) = counts.get_mut(value).filter(|left| **left > 0) {
            *left -= 1;
            taken += 1;
        }
    }
    taken as f64 / all.max(1) as f64
}
