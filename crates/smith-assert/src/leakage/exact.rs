//! Whether one series is a weighted sum of others, but for the rounding in which they are written.

use super::summaries::deviation;

/// Rounds in which the rows that fit worst are left out: a few that were changed hide no relation.
const ROUNDS: usize = 3;
/// Share of the rows that is kept each time.
const KEPT: f64 = 0.9;
/// Rows that there must be for each weight.
const ROWS_PER_WEIGHT: usize = 4;
/// Pivot below which a column adds nothing to those before it.
const SMALLEST_PIVOT: f64 = 1e-9;

/// A column and half a unit of the last place in which it is written.
#[derive(Clone, Copy)]
pub(crate) struct Term<'t> {
    pub(crate) values: &'t [f64],
    pub(crate) rounding: f64,
}

/// A weighted sum.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weights {
    pub(crate) shift: f64,
    pub(crate) of: Vec<f64>,
}

impl Weights {
    /// The sum for a row; none where a term that counts is missing.
    pub(crate) fn at(&self, terms: &[Term<'_>], row: usize) -> Option<f64> {
        let parts = self.of.iter().zip(terms).filter(|(weight, _)| **weight != 0.0);
        let sum: f64 = parts.map(|(weight, term)| weight * term.values.get(row).unwrap_or(&f64::NAN)).sum();
        Some(self.shift + sum).filter(|made| made.is_finite())
    }

    /// What rounding of the terms may change in the sum.
    pub(crate) fn rounding(&self, terms: &[Term<'_>]) -> f64 {
        self.of.iter().zip(terms).map(|(weight, term)| weight.abs() * term.rounding).sum()
    }
}

/// The weights that make `sought` of the terms on the given rows as well as can be; terms that add nothing get none.
pub(crate) fn fit(terms: &[Term<'_>], sought: &[f64], rows: &[usize]) -> Option<Weights> {
    let value = |values: &[f64], row: usize| values.get(row).copied().unwrap_or(f64::NAN);
    let is_whole = |row: &usize| {
        value(sought, *row).is_finite() && terms.iter().all(|t| value(t.values, *row).is_finite())
    };
    let whole: Vec<usize> = rows.iter().copied().filter(is_whole).collect();
    if terms.is_empty() || whole.len() < (terms.len() + 1) * ROWS_PER_WEIGHT {
        return None;
    }
    let mut kept = whole.clone();
    let mut weights = solve(terms, sought, &kept)?;
    for _ in 1..ROUNDS {
        let miss =
            |row: &usize| weights.at(terms, *row).map_or(f64::MAX, |made| (made - value(sought, *row)).abs());
        let mut misses: Vec<(f64, usize)> = whole.iter().map(|row| (miss(row), *row)).collect();
        misses.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        misses.truncate((whole.len() as f64 * KEPT).ceil() as usize);
        kept = misses.into_iter().map(|(_, row)| row).collect();
        weights = solve(terms, sought, &kept)?;
    }
    Some(weights)
}

/// Least squares over columns of mean 0 and deviation 1, refined once.
fn solve(terms: &[Term<'_>], sought: &[f64], rows: &[usize]) -> Option<Weights> {
    let columns: Vec<(Vec<f64>, f64, f64)> = terms.iter().map(|term| standard(term.values, rows)).collect();
    let (target, mean, spread) = standard(sought, rows);
    if spread <= 0.0 {
        return None;
    }
    let width = columns.len();
    let products: Vec<Vec<f64>> =
        columns.iter().map(|(a, ..)| columns.iter().map(|(b, ..)| product(a, b)).collect()).collect();
    let mut left = target;
    let mut weights = vec![0.0; width];
    for _ in 0..2 {
        let right: Vec<f64> = columns.iter().map(|(a, ..)| product(a, &left)).collect();
        for (at, more) in eliminate(products.clone(), right).into_iter().enumerate() {
            weights[at] += more;
            left.iter_mut().zip(&columns[at].0).for_each(|(left, x)| *left -= more * x);
        }
    }
    let of: Vec<f64> = weights
        .iter()
        .zip(&columns)
        .map(|(weight, (_, _, own))| if *own > 0.0 { weight * spread / own } else { 0.0 })
        .collect();
    let shift = mean - of.iter().zip(&columns).map(|(weight, (_, mean, _))| weight * mean).sum::<f64>();
    (shift.is_finite() && of.iter().all(|weight| weight.is_finite())).then_some(Weights { shift, of })
}

/// The values of some rows with mean 0 and deviation 1, and what these were; all 0 when they are constant.
fn standard(values: &[f64], rows: &[usize]) -> (Vec<f64>, f64, f64) {
    let own: Vec<f64> = rows.iter().map(|row| values.get(*row).copied().unwrap_or(0.0)).collect();
    let mean = own.iter().sum::<f64>() / own.len().max(1) as f64;
    let spread = deviation(&own);
    let scale = if spread > 1e-12 * mean.abs() { spread } else { 0.0 };
    let scaled = |x: f64| if scale > 0.0 { (x - mean) / scale } else { 0.0 };
    (own.into_iter().map(scaled).collect(), mean, scale)
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>() / a.len().max(1) as f64
}

/// Gauss-Jordan with the greatest diagonal element first; columns that depend on those before get 0.
fn eliminate(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let width = right.len();
    let mut open: Vec<usize> = (0..width).collect();
    let mut solved = Vec::new();
    while let Some(place) = (0..open.len()).max_by(|a, b| {
        matrix[open[*a]][open[*a]].total_cmp(&matrix[open[*b]][open[*b]]).then(open[*b].cmp(&open[*a]))
    }) {
        let pivot = open.swap_remove(place);
        let size = matrix[pivot][pivot];
        if size < SMALLEST_PIVOT {
            break;
        }
        let (own, value) = (matrix[pivot].clone(), right[pivot]);
        for row in (0..width).filter(|row| *row != pivot) {
            let factor = matrix[row][pivot] / size;
            if factor != 0.0 {
                matrix[row].iter_mut().zip(&own).for_each(|(x, p)| *x -= factor * p);
                right[row] -= factor * value;
            }
        }
        solved.push(pivot);
    }
    let mut weights = vec![0.0; width];
    solved.into_iter().for_each(|at| weights[at] = right[at] / matrix[at][at]);
    weights
}

/// Share of the rows on which `made` is `sought` to within `tolerance`, and how many could be made.
pub(crate) fn agreement(
    rows: impl Iterator<Item = usize>,
    sought: &[f64],
    tolerance: f64,
    made: impl Fn(usize) -> Option<f64>,
) -> (f64, usize) {
    let (mut hits, mut known) = (0_usize, 0_usize);
    for row in rows {
        let truth = sought.get(row).copied().unwrap_or(f64::NAN);
        if let Some(made) = made(row).filter(|made| made.is_finite() && truth.is_finite()) {
            known += 1;
            hits += usize::from((made - truth).abs() <= tolerance);
        }
    }
    (hits as f64 / known.max(1) as f64, known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(row: usize) -> f64 {
        (row.wrapping_mul(2_654_435_761) >> 7) as f64 % 1000.0
    }

    #[test]
    fn a_weighted_sum_is_found_and_its_exceptions_are_passed_over() {
        let columns: Vec<Vec<f64>> =
            (0..4).map(|at| (0..300).map(|row| mixed(row + 1_000 * at)).collect()).collect();
        let terms: Vec<Term<'_>> = columns.iter().map(|values| Term { values, rounding: 0.5 }).collect();
        let mut sought: Vec<f64> =
            (0..300).map(|row| 7.0 + 2.0 * columns[1][row] - 0.5 * columns[3][row]).collect();
        sought[5] = 9e5;
        let rows: Vec<usize> = (0..200).collect();
        let weights = fit(&terms, &sought, &rows).unwrap();
        assert!((weights.of[1] - 2.0).abs() < 1e-6 && (weights.of[3] + 0.5).abs() < 1e-6);
        assert!(weights.of[0].abs() < 1e-6);
        let (share, known) = agreement(0..300, &sought, 1e-3, |row| weights.at(&terms, row));
        assert!(share > 0.99 && known == 300);
        assert!((weights.rounding(&terms) - 1.25).abs() < 1e-3);
    }

    #[test]
    fn columns_that_depend_on_each_other_do_no_harm() {
        let a: Vec<f64> = (0..100).map(mixed).collect();
        let b: Vec<f64> = a.iter().map(|x| 3.0 * x + 1.0).collect();
        let terms = [&a, &b].map(|values| Term { values, rounding: 0.0 });
        let rows: Vec<usize> = (0..100).collect();
        let weights = fit(&terms, &b, &rows).unwrap();
        assert!((weights.at(&terms, 7).unwrap() - b[7]).abs() < 1e-6);
        assert!(fit(&terms, &[4.0; 100], &rows).is_none(), "a constant needs no weights");
        assert!(fit(&terms, &b, &rows[..8]).is_none(), "eight rows prove nothing");
    }
}
