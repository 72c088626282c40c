//! Columns of numbers that add up to another column or to a constant.

use std::collections::HashSet;

use smith_task_schema::profile::{ColumnKind, ColumnSum, CopyKind, NearCopy};

use crate::relations::sample::{Sample, Sampled, probe};

/// Most columns that are added up.
const MAX_COLUMNS: usize = 64;
/// Rows that show a sum.
const PROBE_ROWS: usize = 400;
/// Fewest rows that show a sum.
const MIN_ROWS: usize = 20;
/// What may remain of an exact sum, as a share of it: decimals that were rounded.
const ROUNDED: f64 = 1e-6;
/// What may remain of a constant sum, as a share of the part that varies most.
const REMAINDER: f64 = 0.2;
/// Most sums that are reported of a table.
const MAX_SUMS: usize = 20;

struct Part<'a> {
    name: &'a str,
    values: Vec<f64>,
    deviation: f64,
}

/// Sums of two columns, of neighbouring columns, and neighbouring columns with a constant sum.
pub(crate) fn find(sample: &Sample<'_>, copies: &[NearCopy]) -> Vec<ColumnSum> {
    let rows = probe(sample.rows, PROBE_ROWS);
    // Columns on a line with another would stand in every sum in its place.
    let tied: HashSet<&str> = copies
        .iter()
        .filter(|copy| copy.kind != CopyKind::MissingTogether)
        .map(|copy| copy.column.as_str())
        .collect();
    let is_plain = |column: &&Sampled<'_>| !tied.contains(column.name());
    let parts: Vec<Part<'_>> = sample
        .columns
        .iter()
        .filter(is_plain)
        .filter_map(|column| part(column, &rows))
        .take(MAX_COLUMNS)
        .collect();
    let complete: Vec<usize> = (0..rows.len())
        .filter(|&row| parts.iter().all(|part| part.values.get(row).is_some_and(|v| v.is_finite())))
        .collect();
    if complete.len() < MIN_ROWS || complete.len() * 2 < rows.len() {
        return Vec::new();
    }
    let parts: Vec<Part<'_>> = parts.iter().filter_map(|part| keep(part, &complete)).collect();
    let mut sums = constant_sums(&parts);
    sums.extend(totals(&parts));
    sums.retain(|sum| holds_in_all(sum, sample));
    sums.truncate(MAX_SUMS);
    sums
}

fn part<'a>(column: &Sampled<'a>, rows: &[usize]) -> Option<Part<'a>> {
    let is_number = matches!(column.facts.kind, ColumnKind::Integer | ColumnKind::Float);
    let numbers =
        column.numbers(false).filter(|_| is_number && column.missing() * 20 <= column.codes().len())?;
    let values = rows.iter().filter_map(|&row| numbers.get(row).copied()).collect();
    Some(Part { name: column.name(), values, deviation: 0.0 })
}

fn keep<'a>(part: &Part<'a>, rows: &[usize]) -> Option<Part<'a>> {
    let values: Vec<f64> = rows.iter().filter_map(|&row| part.values.get(row).copied()).collect();
    let (_, deviation) = mean_and_deviation(&values);
    (deviation > 0.0).then_some(Part { name: part.name, values, deviation })
}

fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

fn row_sums(parts: &[Part<'_>]) -> Vec<f64> {
    let rows = parts.first().map_or(0, |part| part.values.len());
    (0..rows).map(|row| parts.iter().filter_map(|part| part.values.get(row)).sum()).collect()
}

/// Neighbouring columns, at least three, whose sum hardly varies though each of them does.
fn constant_sums(parts: &[Part<'_>]) -> Vec<ColumnSum> {
    let mut sums: Vec<(usize, usize, ColumnSum)> = Vec::new();
    for from in 0..parts.len() {
        for to in from + 3..=parts.len() {
            let inside = |sum: &(usize, usize, ColumnSum)| sum.0 >= from && sum.1 <= to;
            if sums.iter().any(inside) {
                break;
            }
            if let Some(sum) = parts.get(from..to).and_then(constant_sum) {
                sums.push((from, to, sum));
            }
        }
    }
    sums.into_iter().map(|(_, _, sum)| sum).collect()
}

fn constant_sum(parts: &[Part<'_>]) -> Option<ColumnSum> {
    let most = parts.iter().map(|part| part.deviation).fold(0.0, f64::max);
    let least = parts.iter().map(|part| part.deviation).fold(f64::INFINITY, f64::min);
    let (mean, remains) = mean_and_deviation(&row_sums(parts));
    // A part that varies no more than what remains has no share in the constancy.
    let is_constant = mean.abs() > remains * 10.0 && remains <= REMAINDER * most && remains * 1.2 <= least;
    is_constant.then(|| {
        let mut sum = ColumnSum::default();
        sum.parts = parts.iter().map(|part| part.name.to_string()).collect();
        sum.constant = Some(mean);
        sum.remainder = if remains <= ROUNDED * mean.abs() { 0.0 } else { remains / most };
        sum
    })
}

/// Columns that are the sum of two others or of neighbours.
fn totals(parts: &[Part<'_>]) -> Vec<ColumnSum> {
    let mut sums = Vec::new();
    for (index, total) in parts.iter().enumerate() {
        let pair = (0..parts.len()).flat_map(|a| (a + 1..parts.len()).map(move |b| vec![a, b]));
        let ranges = (0..parts.len())
            .flat_map(|from| (from + 3..=parts.len()).map(move |to| (from..to).collect::<Vec<_>>()));
        let found = pair.chain(ranges).find(|set| !set.contains(&index) && adds_up(parts, total, set));
        if let Some(set) = found {
            let mut sum = ColumnSum::default();
            sum.total = Some(total.name.to_string());
            sum.parts = set.iter().filter_map(|&i| parts.get(i)).map(|part| part.name.to_string()).collect();
            sums.push(sum);
        }
    }
    sums
}

/// True when the parts add up to the total in every row, and none of them alone does.
fn adds_up(parts: &[Part<'_>], total: &Part<'_>, set: &[usize]) -> bool {
    let rows = total.values.len();
    let equals = |row: usize| {
        let Some(&wanted) = total.values.get(row) else { return false };
        let sum: f64 = set.iter().filter_map(|&i| parts.get(i)?.values.get(row)).sum();
        (sum - wanted).abs() <= ROUNDED * wanted.abs().max(1.0)
    };
    if !(0..rows).all(equals) {
        return false;
    }
    set.iter().filter_map(|&i| parts.get(i)).all(|part| {
        let differ = part.values.iter().zip(&total.values).filter(|(a, b)| a != b).count();
        differ * 20 >= rows
    })
}

/// True when a sum found in some rows holds in all sampled rows with numbers.
fn holds_in_all(sum: &ColumnSum, sample: &Sample<'_>) -> bool {
    let Some(total) = &sum.total else { return true };
    let numbers =
        |name: &str| sample.columns.iter().find(|c| c.name() == name).and_then(|c| c.numbers(false));
    let (Some(total), Some(parts)) =
        (numbers(total), sum.parts.iter().map(|part| numbers(part)).collect::<Option<Vec<_>>>())
    else {
        return false;
    };
    total.iter().enumerate().all(|(row, &wanted)| {
        let sum: f64 = parts.iter().filter_map(|part| part.get(row)).sum();
        !wanted.is_finite() || !sum.is_finite() || (sum - wanted).abs() <= ROUNDED * wanted.abs().max(1.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relations::sample::mix;
    use crate::relations::testing;

    fn sums(header: &str, rows: &[String]) -> Vec<ColumnSum> {
        let table = testing::table("t.csv", header, rows);
        find(&Sample::of(&table), &[])
    }

    fn noise(i: usize, of: u64) -> f64 {
        (mix(of, i as u64) % 1000) as f64 / 10.0
    }

    #[test]
    fn counts_of_two_kinds_add_up_to_their_total() {
        let rows: Vec<String> = (0..80)
            .map(|i| format!("{},{},{},{}", noise(i, 9), noise(i, 1), noise(i, 2), noise(i, 1) + noise(i, 2)))
            .collect();
        let found = sums("temp,casual,registered,cnt", &rows);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].total.as_deref(), Some("cnt"));
        assert_eq!(found[0].parts, ["casual", "registered"]);
    }

    #[test]
    fn shares_nearly_add_up_to_a_constant() {
        let rows: Vec<String> = (0..80)
            .map(|i| {
                let (water, fat) = (40.0 + noise(i, 1) / 4.0, 5.0 + noise(i, 2) / 4.0);
                format!("{},{water},{fat},{}", noise(i, 7), 99.0 - water - fat + noise(i, 3) / 100.0)
            })
            .collect();
        let found = sums("x,water,fat,protein", &rows);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].parts, ["water", "fat", "protein"]);
        assert!(found[0].constant.is_some_and(|sum| (98.0..100.5).contains(&sum)));
        assert!(found[0].remainder > 0.0);
    }

    #[test]
    fn unrelated_numbers_add_up_to_nothing() {
        let rows: Vec<String> = (0..80)
            .map(|i| format!("{},{},{},{}", noise(i, 1), noise(i, 2), noise(i, 3), noise(i, 4)))
            .collect();
        assert_eq!(sums("a,b,c,d", &rows), []);
    }
}
