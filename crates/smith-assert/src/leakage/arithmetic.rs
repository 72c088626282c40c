//! Whether the target is one column, or two taken together, in exact arithmetic.

use super::exact::{Term, agreement, fit};
use super::panel::half_unit;
use super::summaries::deviation;
use super::target::{Target, Values};
use crate::subject::number;

/// Share of the rows on which it must hold.
const EXACT: f64 = 0.99;
/// Columns of numbers that are tried in pairs.
pub(crate) const MAX_COLUMNS: usize = 48;
/// Rows on which a pair is tried first.
const TRIED: usize = 48;
/// Times what rounding hides that the target must vary.
const FINE: f64 = 20.0;
/// Share of the rows in which a column of a sum has a value.
const WHOLE: f64 = 0.97;
/// Rows that there must be.
const MIN_ROWS: usize = 40;
/// Different values that the target must have, or chance makes sums of small numbers.
const MIN_VALUES: usize = 12;

/// A feature as numbers; NaN where there is none.
pub(crate) struct Numbers<'n> {
    pub(crate) name: &'n str,
    pub(crate) values: Vec<f64>,
    /// Half a unit of the last place in which they are written.
    pub(crate) rounding: f64,
}

impl Numbers<'_> {
    /// True when hardly a value is missing.
    fn is_whole(&self) -> bool {
        self.values.iter().filter(|value| value.is_finite()).count() as f64
            >= WHOLE * self.values.len() as f64
    }
}

/// The cells as numbers; none when a tenth of them are none.
pub(crate) fn numbers<'n>(name: &'n str, cells: &[&str]) -> Option<Numbers<'n>> {
    let values: Vec<f64> = cells.iter().map(|cell| number(cell).unwrap_or(f64::NAN)).collect();
    let known = values.iter().filter(|value| value.is_finite()).count();
    let first = values.first()?;
    (known * 10 >= values.len() * 9 && values.iter().any(|value| value != first)).then(|| Numbers {
        name,
        rounding: half_unit(cells.iter().copied()),
        values,
    })
}

/// How two columns make a third.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Sum,
    Difference,
    Product,
    Ratio,
}

impl Operation {
    const ALL: [Self; 4] = [Self::Sum, Self::Difference, Self::Product, Self::Ratio];

    fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Sum => a + b,
            Self::Difference => a - b,
            Self::Product => a * b,
            Self::Ratio => a / b,
        }
    }

    pub(crate) fn sign(self) -> char {
        match self {
            Self::Sum => '+',
            Self::Difference => '-',
            Self::Product => '×',
            Self::Ratio => '/',
        }
    }
}

/// What a target must have to be looked for so: enough numbers and different values of them.
pub(crate) fn is_measured(target: &Target) -> Option<&[f64]> {
    let Values::Numbers(numbers) = &target.values else { return None };
    let mut distinct = numbers.clone();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    (numbers.len() >= MIN_ROWS && distinct.len() >= MIN_VALUES).then_some(numbers)
}

/// Half a unit of the last place in which the numbers are written, or what binary numbers leave.
pub(crate) fn rounding(target: &Target) -> f64 {
    half_unit(target.cells.iter().map(String::as_str))
}

/// The column of which the target is a multiple and a constant more, but for rounding.
pub(crate) fn scaled<'n>(
    columns: &'n [Numbers<'n>],
    truth: &[f64],
    rounding: f64,
) -> Option<&'n Numbers<'n>> {
    columns.iter().find(|column| {
        let Some((scale, shift)) = line(&column.values, truth) else { return false };
        let spread = deviation(truth);
        // What rounding hides must be small against what there is to tell.
        rounding < spread / 20.0
            && share(
                column.values.iter().zip(truth).map(|(x, y)| (x * scale + shift, *y)),
                rounding + spread * 1e-6,
            ) >= EXACT
    })
}

/// The line through the rows with the least and the greatest values.
fn line(values: &[f64], truth: &[f64]) -> Option<(f64, f64)> {
    let pairs = || values.iter().zip(truth).filter(|(x, _)| x.is_finite());
    let least = pairs().min_by(|a, b| a.0.total_cmp(b.0))?;
    let greatest = pairs().max_by(|a, b| a.0.total_cmp(b.0))?;
    let scale = (greatest.1 - least.1) / (greatest.0 - least.0);
    (scale.is_finite() && scale != 0.0).then(|| (scale, least.1 - scale * least.0))
}

/// Two columns that make the target exactly.
pub(crate) fn combined<'n>(
    columns: &'n [Numbers<'n>],
    truth: &[f64],
    rounding: f64,
) -> Option<(&'n Numbers<'n>, Operation, &'n Numbers<'n>)> {
    let columns = columns.get(..columns.len().min(MAX_COLUMNS))?;
    let step = (truth.len() / TRIED).max(1);
    for (at, a) in columns.iter().enumerate() {
        for (other, b) in columns.iter().enumerate().filter(|(other, _)| *other != at) {
            for operation in Operation::ALL {
                let is_symmetric = matches!(operation, Operation::Sum | Operation::Product);
                if is_symmetric && other < at {
                    continue;
                }
                let made = |row: usize| {
                    let (x, y) = (a.values.get(row)?, b.values.get(row)?);
                    Some((operation.of(*x, *y), *truth.get(row)?))
                };
                let tried = share((0..truth.len()).step_by(step).filter_map(made), rounding);
                if tried >= 0.95
                    && share((0..truth.len()).filter_map(made), rounding) >= EXACT
                    && needs_both(a, b, truth)
                {
                    return Some((a, operation, b));
                }
            }
        }
    }
    None
}

/// A column that counts in a weighted sum, and its weight.
pub(crate) type Share<'n> = (&'n str, f64);

/// Columns whose weighted sum is the target, but for rounding, with what they count; the greatest first. Weights are
/// found on the first `train` rows; it must hold on all.
pub(crate) fn weighed<'n>(
    columns: &'n [Numbers<'n>],
    truth: &[f64],
    rounding: f64,
    train: usize,
) -> Option<Vec<Share<'n>>> {
    let columns: Vec<&Numbers<'n>> =
        columns.iter().take(MAX_COLUMNS).filter(|column| column.is_whole()).collect();
    let terms: Vec<Term<'_>> =
        columns.iter().map(|column| Term { values: &column.values, rounding: column.rounding }).collect();
    let rows: Vec<usize> = (0..train.min(truth.len())).collect();
    let mut weights = fit(&terms, truth, &rows)?;
    let spread = deviation(truth);
    let size = |weight: f64, at: usize| {
        let known: Vec<f64> = columns.get(at).map_or(Vec::new(), |column| column.values.clone());
        weight.abs() * deviation(&known.into_iter().filter(|value| value.is_finite()).collect::<Vec<_>>())
    };
    // What moves the sum by less than rounding does is none of its parts.
    for (at, weight) in weights.of.iter_mut().enumerate() {
        if size(*weight, at) < (rounding / 4.0).max(spread * 1e-5) {
            *weight = 0.0;
        }
    }
    let tolerance = rounding + weights.rounding(&terms) + spread * 1e-6;
    let holds =
        |rows: std::ops::Range<usize>| agreement(rows, truth, tolerance * 1.5, |row| weights.at(&terms, row));
    let (all, known) = holds(0..truth.len());
    let (test, _) = holds(train..truth.len());
    let is_exact = all >= EXACT && test >= 0.95 && known * 10 >= truth.len() * 9;
    if !is_exact || spread < FINE * tolerance {
        return None;
    }
    let mut parts: Vec<(f64, Share<'n>)> = weights
        .of
        .iter()
        .enumerate()
        .filter(|(_, weight)| **weight != 0.0)
        .filter_map(|(at, weight)| Some((size(*weight, at), (columns.get(at)?.name, *weight))))
        .collect();
    parts.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.0.cmp(b.1.0)));
    Some(parts.into_iter().map(|(_, part)| part).collect())
}

/// True when neither column is the target alone, but for rows in which the other says nothing.
fn needs_both(a: &Numbers<'_>, b: &Numbers<'_>, truth: &[f64]) -> bool {
    let alone =
        |column: &Numbers<'_>| share(column.values.iter().copied().zip(truth.iter().copied()), 0.0) < 0.9;
    alone(a) && alone(b)
}

/// Share of the pairs that differ by no more than `rounding`, or by what binary numbers leave.
fn share(pairs: impl Iterator<Item = (f64, f64)>, rounding: f64) -> f64 {
    let (mut hits, mut rows) = (0_usize, 0_usize);
    for (made, truth) in pairs {
        rows += 1;
        hits += usize::from((made - truth).abs() <= rounding + 1e-9 * truth.abs());
    }
    hits as f64 / rows.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(row: usize) -> usize {
        row.wrapping_mul(2_654_435_761) >> 7
    }

    fn column(name: &'static str, of: impl Fn(usize) -> f64) -> Numbers<'static> {
        Numbers { name, values: (0..200).map(of).collect(), rounding: 1e-9 }
    }

    #[test]
    fn totals_and_scales_are_found() {
        let a = |row: usize| (mixed(row) % 97) as f64;
        let b = |row: usize| (mixed(row + 500) % 89) as f64 / 4.0;
        let columns = [column("a", a), column("noise", |row| (mixed(row + 77) % 100) as f64), column("b", b)];
        let total = Target::new("y", (0..200).map(|row| (a(row) + b(row)).to_string()).collect());
        let found = combined(&columns, is_measured(&total).unwrap(), rounding(&total)).unwrap();
        assert_eq!((found.0.name, found.1, found.2.name), ("a", Operation::Sum, "b"));
        assert!(scaled(&columns, is_measured(&total).unwrap(), rounding(&total)).is_none());

        let fahrenheit =
            Target::new("y", (0..200).map(|row| format!("{:.1}", a(row) * 1.8 + 32.0)).collect());
        let found = scaled(&columns, is_measured(&fahrenheit).unwrap(), rounding(&fahrenheit)).unwrap();
        assert_eq!(found.name, "a");
        assert!(combined(&columns, is_measured(&fahrenheit).unwrap(), rounding(&fahrenheit)).is_none());
    }

    #[test]
    fn a_noisy_relation_is_none() {
        let a = |row: usize| (mixed(row) % 97) as f64;
        let columns = [column("a", a), column("b", |row| (mixed(row + 500) % 89) as f64)];
        let noisy = Target::new(
            "y",
            (0..200).map(|row| (a(row) * 2.0 + (mixed(row + 9) % 7) as f64 / 7.0).to_string()).collect(),
        );
        let truth = is_measured(&noisy).unwrap();
        assert!(scaled(&columns, truth, rounding(&noisy)).is_none());
        assert!(combined(&columns, truth, rounding(&noisy)).is_none());
    }
}
