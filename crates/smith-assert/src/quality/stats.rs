//! Small statistics.

use std::cmp::Ordering;

/// Probability that the standard normal is above `z` (after Abramowitz and Stegun 7.1.26; error below 1.5e-7).
pub(crate) fn normal_tail(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let poly = t
        * (0.254_829_592
            + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    let tail = 0.5 * poly * (-x * x).exp();
    if z >= 0.0 { tail } else { 1.0 - tail }
}

/// Probability that chi-square with so many degrees of freedom is above `x` (Wilson and Hilferty's approximation).
pub(crate) fn chi_square_tail(x: f64, freedom: f64) -> f64 {
    if freedom <= 0.0 || x <= 0.0 {
        return 1.0;
    }
    let spread = 2.0 / (9.0 * freedom);
    normal_tail(((x / freedom).cbrt() - (1.0 - spread)) / spread.sqrt())
}

/// Probability that a value of the first list is above one of the second, ties by half.
pub(crate) fn auc(above: &[f64], below: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> =
        above.iter().map(|x| (*x, true)).chain(below.iter().map(|x| (*x, false))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut rank, mut sum) = (0_usize, 0.0);
    for ties in all.chunk_by(|a, b| a.0.total_cmp(&b.0) == Ordering::Equal) {
        let middle = rank as f64 + (ties.len() as f64 + 1.0) / 2.0;
        sum += middle * ties.iter().filter(|(_, is_above)| *is_above).count() as f64;
        rank += ties.len();
    }
    let (m, n) = (above.len() as f64, below.len() as f64);
    if m == 0.0 || n == 0.0 { 0.5 } else { (sum - m * (m + 1.0) / 2.0) / (m * n) }
}

/// Standard error of an AUC (Hanley and McNeil 1982).
pub(crate) fn auc_error(auc: f64, above: usize, below: usize) -> f64 {
    let (m, n) = (above.max(1) as f64, below.max(1) as f64);
    let (q1, q2) = (auc / (2.0 - auc), 2.0 * auc * auc / (1.0 + auc));
    let variance = auc * (1.0 - auc) + (m - 1.0) * (q1 - auc * auc) + (n - 1.0) * (q2 - auc * auc);
    (variance.max(0.0) / (m * n)).sqrt()
}

/// Borders that divide numbers into at most `bins` parts of about equal size; missing ones aside. Few different
/// values are kept apart, and so is a least value that many have.
pub(crate) fn borders(numbers: impl Iterator<Item = f64>, bins: usize) -> Vec<f64> {
    let mut sorted: Vec<f64> = numbers.filter(|x| x.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let mut distinct = sorted.clone();
    distinct.dedup();
    if distinct.len() <= bins {
        return distinct.into_iter().skip(1).collect();
    }
    let least = sorted.first().copied().unwrap_or(0.0);
    let above = sorted.partition_point(|x| *x <= least);
    let rest = if above * bins > sorted.len() { sorted.get(above..).unwrap_or_default() } else { &sorted };
    let mut borders: Vec<f64> =
        (0..bins).filter_map(|bin| rest.get(bin * rest.len() / bins).copied()).collect();
    borders.dedup();
    borders.retain(|border| *border > least);
    borders
}

/// The part into which a number falls: 0 for a missing one, then from 1 on.
pub(crate) fn bin(borders: &[f64], x: f64) -> u32 {
    if x.is_nan() { 0 } else { 1 + borders.partition_point(|border| *border <= x) as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails() {
        assert!((normal_tail(1.959_964) - 0.025).abs() < 1e-6);
        assert!((normal_tail(-1.0) - 0.841_345).abs() < 1e-5);
        assert!((chi_square_tail(3.841_459, 1.0) - 0.05).abs() < 5e-3);
        assert!((chi_square_tail(18.307, 10.0) - 0.05).abs() < 1e-3);
    }

    #[test]
    fn areas() {
        assert!((auc(&[3.0, 4.0], &[1.0, 2.0]) - 1.0).abs() < 1e-12);
        assert!((auc(&[1.0, 2.0], &[1.0, 2.0]) - 0.5).abs() < 1e-12);
        assert!((auc(&[], &[1.0]) - 0.5).abs() < 1e-12);
        assert!(auc_error(0.5, 100, 100) > 0.03 && auc_error(0.5, 100, 100) < 0.05);
    }

    #[test]
    fn parts_are_of_equal_size() {
        let borders = borders((0..100).map(f64::from), 4);
        assert_eq!(borders, [25.0, 50.0, 75.0]);
        assert_eq!([f64::NAN, 0.0, 25.0, 99.0].map(|x| bin(&borders, x)), [0, 1, 2, 4]);
        assert_eq!(super::borders([1.0, 1.0, 1.0, 2.0].into_iter(), 2), [2.0]);
        let mostly_zero = (0..100).map(|i| f64::from((i - 90).max(0)));
        assert_eq!(super::borders(mostly_zero, 4).first(), Some(&1.0));
    }
}
