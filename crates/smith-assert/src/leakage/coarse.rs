//! Features that say where the target lies, without saying all of it: ranges of a number, and a column for each class.

use std::collections::HashMap;

use super::target::{Target, Values};

/// Rows that there must be, and of each value.
const MIN_ROWS: usize = 150;
const ROWS_PER_LEVEL: usize = 5;
/// Values that may stand for ranges.
const MAX_LEVELS: usize = 60;
/// What is empty between two ranges, as a part of a range: groups that are far apart by nature are no ranges.
const MAX_GAP: f64 = 0.1;
/// Share of the rows of one class from which on a column of two values stands for it.
const STANDS_FOR: f64 = 0.995;

/// Number of the ranges of a numeric target for which the values of a column stand, where none of them overlap. The
/// first `train` rows are those of train; both sides must have the values.
pub(crate) fn ranges(target: &Target, cells: &[&str], train: usize) -> Option<usize> {
    let Values::Numbers(numbers) = &target.values else { return None };
    if numbers.len() < MIN_ROWS || numbers.len() != cells.len() {
        return None;
    }
    let mut levels: HashMap<&str, Level> = HashMap::new();
    for (row, (cell, number)) in cells.iter().zip(numbers).enumerate() {
        levels.entry(cell).or_default().add(*number, row >= train);
        if levels.len() > MAX_LEVELS {
            return None;
        }
    }
    let mut levels: Vec<Level> = levels.into_values().collect();
    let is_rare = levels.iter().any(|level| level.rows < ROWS_PER_LEVEL || !level.in_train || !level.in_test);
    let most = levels.iter().map(|level| level.rows).max().unwrap_or(0);
    if levels.len() < 2 || is_rare || most * 10 > numbers.len() * 9 {
        return None;
    }
    levels.sort_by(|a, b| a.least.total_cmp(&b.least));
    let gaps: Vec<f64> = levels
        .windows(2)
        .map(|pair| pair.last().map_or(0.0, |b| b.least) - pair.first().map_or(0.0, |a| a.greatest))
        .collect();
    let widths: f64 = levels.iter().map(|level| level.greatest - level.least).sum();
    let width = widths / levels.len() as f64;
    let gap = gaps.iter().sum::<f64>() / gaps.len().max(1) as f64;
    (width > 0.0 && gaps.iter().all(|gap| *gap >= 0.0) && gap <= MAX_GAP * width).then_some(levels.len())
}

#[derive(Clone, Copy)]
struct Level {
    least: f64,
    greatest: f64,
    rows: usize,
    in_train: bool,
    in_test: bool,
}

impl Default for Level {
    fn default() -> Self {
        Self { least: f64::INFINITY, greatest: f64::NEG_INFINITY, rows: 0, in_train: false, in_test: false }
    }
}

impl Level {
    fn add(&mut self, value: f64, is_test: bool) {
        self.least = self.least.min(value);
        self.greatest = self.greatest.max(value);
        self.rows += 1;
        self.in_test |= is_test;
        self.in_train |= !is_test;
    }
}

/// Columns of two values each of which stands for one class; none unless all classes but one have theirs. Positions of
/// the columns.
pub(crate) fn one_each(target: &Target, columns: &[Vec<&str>]) -> Option<Vec<usize>> {
    let Values::Classes(codes, names) = &target.values else { return None };
    if names.len() < 3 || codes.len() < MIN_ROWS {
        return None;
    }
    let mut of_class: HashMap<u32, usize> = HashMap::new();
    for (at, cells) in columns.iter().enumerate() {
        if let Some(class) = stands_for(codes, names.len(), cells) {
            of_class.entry(class).or_insert(at);
        }
    }
    let mut columns: Vec<usize> = of_class.into_values().collect();
    columns.sort_unstable();
    columns.dedup();
    (columns.len() + 1 >= names.len()).then_some(columns)
}

/// The class for which one of the two values of a column stands.
fn stands_for(codes: &[u32], classes: usize, cells: &[&str]) -> Option<u32> {
    let first = *cells.first()?;
    let other = *cells.iter().find(|cell| **cell != first)?;
    if cells.iter().any(|cell| *cell != first && *cell != other) {
        return None;
    }
    let mut counts = vec![[0_usize; 2]; classes];
    for (code, cell) in codes.iter().zip(cells) {
        counts.get_mut(*code as usize)?[usize::from(*cell == first)] += 1;
    }
    let totals = counts.iter().fold([0, 0], |all, own| [all[0] + own[0], all[1] + own[1]]);
    (0_u32..).zip(&counts).find_map(|(class, own)| {
        let stands = (0..2).any(|value: usize| {
            let (hits, of_class) = (own[value], own[0] + own[1]);
            hits >= ROWS_PER_LEVEL
                && hits as f64 >= STANDS_FOR * of_class as f64
                && hits as f64 >= STANDS_FOR * totals[value] as f64
        });
        stands.then_some(class)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(row: usize) -> usize {
        row.wrapping_mul(2_654_435_761) >> 7
    }

    #[test]
    fn ranges_of_the_target_are_found() {
        let number = |row: usize| (mixed(row) % 1000) as f64 / 10.0;
        let target = Target::new("y", (0..400).map(|row| number(row).to_string()).collect());
        let cells = |of: &dyn Fn(usize) -> &'static str| (0..400).map(of).collect::<Vec<&str>>();
        let band = |at: f64| {
            if at < 20.0 {
                "low"
            } else if at < 61.0 {
                "middle"
            } else {
                "high"
            }
        };
        assert_eq!(ranges(&target, &cells(&|row| band(number(row))), 300), Some(3));
        let nearly = cells(&|row| band(number(row) + (mixed(row + 9) % 40) as f64 / 10.0 - 2.0));
        assert_eq!(ranges(&target, &nearly, 300), None);
        assert_eq!(ranges(&target, &cells(&|row| ["a", "b"][mixed(row + 4) % 2]), 300), None);
    }

    #[test]
    fn groups_that_are_apart_and_times_are_no_ranges() {
        let apart = |row: usize| (mixed(row) % 100) as f64 + [0.0, 900.0][mixed(row + 1) % 2];
        let target = Target::new("y", (0..400).map(|row| format!("{:.1}", apart(row))).collect());
        let cells: Vec<&str> = (0..400).map(|row| ["cat", "cow"][mixed(row + 1) % 2]).collect();
        assert_eq!(ranges(&target, &cells, 300), None);
        let rising = Target::new("y", (0..400).map(|row| format!("{row}.5")).collect());
        let years: Vec<&str> = (0..400).map(|row| ["1", "2", "3", "4"][row / 100]).collect();
        assert_eq!(ranges(&rising, &years, 300), None, "the last year is not in train");
    }

    #[test]
    fn a_column_for_each_class_is_found() {
        let class = |row: usize| mixed(row) % 4;
        let target = Target::new("y", (0..400).map(|row| format!("k{}", class(row))).collect());
        let is = |of: usize| -> Vec<&str> {
            (0..400).map(|row| if class(row) == of { "1" } else { "0" }).collect()
        };
        let other: Vec<&str> = (0..400).map(|row| ["x", "y"][mixed(row + 3) % 2]).collect();
        assert_eq!(one_each(&target, &[is(3), other.clone(), is(0), is(1)]), Some(vec![0, 2, 3]));
        assert_eq!(one_each(&target, &[is(3), other, is(0)]), None, "two of four are no notation of all");
    }
}
