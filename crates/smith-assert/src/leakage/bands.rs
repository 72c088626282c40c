//! A feature whose values are ranges of the target: a class that was made of it afterwards.

use std::collections::BTreeMap;

/// Rows that are needed, and rows of each value.
const MIN_ROWS: usize = 200;
const ROWS_A_VALUE: usize = 10;
/// Different values that ranges may have.
const MAX_VALUES: usize = 60;
/// Share of the rows that may lie beyond a border: rounding.
const BEYOND: f64 = 0.002;
/// How much wider a border may be than the steps beside it; kinds of things that differ by nature lie farther apart.
const WIDE: f64 = 8.0;
/// Steps on both sides of a border that are looked at.
const BESIDE: usize = 10;
/// Words in the names of columns that go with time, and with them whatever grows.
const OF_TIME: [&str; 14] = [
    "year", "month", "date", "day", "week", "time", "quarter", "period", "season", "epoch", "round", "step",
    "hour", "index",
];

/// Number of the ranges that the cells are of the numbers, or none.
pub(crate) fn bands(name: &str, cells: &[&str], numbers: &[f64]) -> Option<usize> {
    let name = name.to_lowercase();
    if OF_TIME.iter().any(|word| name.contains(word)) {
        return None;
    }
    let mut rows: Vec<(f64, &str)> = numbers
        .iter()
        .copied()
        .zip(cells.iter().copied())
        .filter(|(number, cell)| number.is_finite() && !cell.is_empty())
        .collect();
    if rows.len() < MIN_ROWS || rows.len() * 10 < cells.len() * 9 {
        return None;
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, cell) in &rows {
        *counts.entry(cell).or_default() += 1;
        if counts.len() > MAX_VALUES {
            return None;
        }
    }
    if counts.len() < 2 || counts.values().any(|count| *count < ROWS_A_VALUE) {
        return None;
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
    let borders: Vec<usize> = rows
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair.first().map(|row| row.1) != pair.last().map(|row| row.1))
        .map(|(at, _)| at)
        .collect();
    let spare = (BEYOND * rows.len() as f64) as usize;
    let touch = borders.iter().filter(|at| touches(&rows, **at)).count();
    (borders.len() < counts.len() + 2 * spare && touch * 5 >= borders.len() * 4).then_some(counts.len())
}

/// True when the step at a border is like those beside it.
fn touches(rows: &[(f64, &str)], at: usize) -> bool {
    let step = |at: usize| Some(rows.get(at + 1)?.0 - rows.get(at)?.0);
    let from = at.saturating_sub(BESIDE);
    let mut beside: Vec<f64> = (from..=at + BESIDE)
        .filter(|other| *other != at)
        .filter_map(step)
        .filter(|step| *step > 0.0)
        .collect();
    beside.sort_by(f64::total_cmp);
    let usual = beside.get(beside.len() / 2).copied();
    match (step(at), usual) {
        (Some(own), Some(usual)) => own <= WIDE * usual,
        // Neighbours are all equal: the border is the only step.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(row: usize) -> f64 {
        (crate::quality::mixed(row as u64 + 1) % 10_007) as f64 / 100.0
    }

    fn found(
        name: &str,
        number: impl Fn(usize) -> f64,
        class: impl Fn(usize, f64) -> &'static str,
    ) -> Option<usize> {
        let numbers: Vec<f64> = (0..600).map(number).collect();
        let cells: Vec<&str> = numbers.iter().enumerate().map(|(row, x)| class(row, *x)).collect();
        bands(name, &cells, &numbers)
    }

    fn grade(x: f64) -> &'static str {
        match x {
            x if x < 20.0 => "D",
            x if x < 50.0 => "C",
            x if x < 80.0 => "B",
            _ => "A",
        }
    }

    #[test]
    fn ranges_of_the_target_are_found() {
        assert_eq!(found("grade", noise, |_, x| grade(x)), Some(4));
        assert_eq!(found("high", noise, |_, x| if x > 90.0 { "yes" } else { "no" }), Some(2));
    }

    #[test]
    fn what_differs_by_nature_is_none() {
        assert_eq!(found("year", noise, |_, x| grade(x)), None, "what grows with time");
        let noisy = |row: usize, x: f64| grade(x + noise(row + 77) / 20.0);
        assert_eq!(found("grade", noise, noisy), None, "grades that go with the target by and large");
        let animals =
            |row: usize| if row.is_multiple_of(2) { 5.0 + noise(row) / 100.0 } else { 900.0 + noise(row) };
        assert_eq!(found("animal", animals, |_, x| if x < 100.0 { "mouse" } else { "horse" }), None);
    }
}
