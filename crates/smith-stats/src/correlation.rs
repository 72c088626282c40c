//! Correlation of two series: Pearson, Spearman, Kendall (paper, appendices A.5.1 to A.5.4).

use std::cmp::Ordering;

use crate::summary::raw_mean;
use crate::{StatsError, check};

mod inference;

pub use inference::{kendall_estimate, pearson_estimate, r_squared_estimate, spearman_estimate};

/// Pearson's linear correlation, from −1 to 1.
///
/// # Errors
/// Unequal lengths, fewer than two pairs, a value that is not finite, a constant series, or magnitudes beyond
/// `f64`.
pub fn pearson(x: &[f64], y: &[f64]) -> Result<f64, StatsError> {
    check::varying_pairs(x, y)?;
    let (dx, dy) = (scaled_deviations(x), scaled_deviations(y));
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let r = check::finite(dot(&dx, &dy) / (dot(&dx, &dx) * dot(&dy, &dy)).sqrt())?;
    Ok(r.clamp(-1.0, 1.0))
}

/// Coefficient of determination of the simple linear regression of one series on the other: Pearson's r squared,
/// from 0 to 1.
///
/// # Errors
/// As [`pearson`].
pub fn r_squared(x: &[f64], y: &[f64]) -> Result<f64, StatsError> {
    pearson(x, y).map(|r| r * r)
}

/// Spearman's rank correlation, from −1 to 1: Pearson's of the ranks, ties sharing the mean of their ranks.
///
/// # Errors
/// As [`pearson`].
pub fn spearman(x: &[f64], y: &[f64]) -> Result<f64, StatsError> {
    check::pairs(x, y)?;
    pearson(&average_ranks(x), &average_ranks(y))
}

/// Kendall's τ-b, from −1 to 1: concordant less discordant pairs over the geometric mean of the pairs that are
/// not tied in one and in the other series. Knight's algorithm (1966), O(n log n).
///
/// # Errors
/// As [`pearson`].
pub fn kendall_tau_b(x: &[f64], y: &[f64]) -> Result<f64, StatsError> {
    Ok(Concordance::of(x, y)?.tau_b())
}

/// Pairs of points by how they stand to each other.
struct Concordance {
    /// All pairs.
    all: u64,
    discordant: u64,
    tied_x: u64,
    tied_y: u64,
    /// Concordant less discordant pairs.
    difference: f64,
}

impl Concordance {
    fn of(x: &[f64], y: &[f64]) -> Result<Self, StatsError> {
        check::varying_pairs(x, y)?;
        let mut points: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
        points.sort_unstable_by(|a, b| order(a.0, b.0).then(order(a.1, b.1)));
        let tied_x = tied_pairs(&points, |a, b| a.0 == b.0);
        let tied_both = tied_pairs(&points, |a, b| a == b);
        let mut second: Vec<f64> = points.iter().map(|point| point.1).collect();
        let discordant = sort_counting_inversions(&mut second);
        let tied_y = tied_pairs(&second, |a, b| a == b);

        let all = choose_two(points.len());
        // Tied pairs were counted once in each series, and those tied in both twice.
        let untied = all - tied_x - (tied_y - tied_both);
        let difference = untied as f64 - 2.0 * discordant as f64;
        Ok(Self { all, discordant, tied_x, tied_y, difference })
    }

    fn tau_b(&self) -> f64 {
        let untied = (self.all - self.tied_x) as f64 * (self.all - self.tied_y) as f64;
        (self.difference / untied.sqrt()).clamp(-1.0, 1.0)
    }
}

/// Deviations from the mean over the largest of them: squares neither overflow nor vanish.
fn scaled_deviations(values: &[f64]) -> Vec<f64> {
    let mean = raw_mean(values);
    let largest = values.iter().map(|value| (value - mean).abs()).fold(0.0, f64::max);
    values.iter().map(|value| (value - mean) / largest).collect()
}

/// Order of finite values in which both zeros are equal.
fn order(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or(Ordering::Equal)
}

/// Ranks from 1; equal values share the mean of the ranks that they take up.
fn average_ranks(values: &[f64]) -> Vec<f64> {
    let mut indices: Vec<usize> = (0..values.len()).collect();
    indices.sort_unstable_by(|&a, &b| order(values[a], values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for group in indices.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = before as f64 + (group.len() + 1) as f64 / 2.0;
        for &index in group {
            ranks[index] = rank;
        }
        before += group.len();
    }
    ranks
}

fn choose_two(n: usize) -> u64 {
    let n = n as u64;
    n * n.saturating_sub(1) / 2
}

/// Pairs of equal elements; equal ones stand together.
fn tied_pairs<T>(sorted: &[T], equal: impl FnMut(&T, &T) -> bool) -> u64 {
    sorted.chunk_by(equal).map(|group| choose_two(group.len())).sum()
}

/// Sorts by merging and counts the pairs that stood in the wrong order; equal values are in order.
fn sort_counting_inversions(values: &mut [f64]) -> u64 {
    let mut inversions = 0;
    let mut merged = Vec::with_capacity(values.len());
    let mut width = 1;
    while width < values.len() {
        for block in values.chunks_mut(2 * width) {
            let (left, right) = block.split_at(width.min(block.len()));
            merged.clear();
            inversions += merge(left, right, &mut merged);
            block.copy_from_slice(&merged);
        }
        width *= 2;
    }
    inversions
}

/// Merges two sorted runs and counts for each element of the right one the greater elements of the left one.
fn merge(left: &[f64], right: &[f64], merged: &mut Vec<f64>) -> u64 {
    let mut inversions = 0;
    let mut taken = 0;
    for &value in right {
        let start = taken;
        taken += left[start..].iter().take_while(|&&smaller| smaller <= value).count();
        merged.extend_from_slice(&left[start..taken]);
        merged.push(value);
        inversions += (left.len() - taken) as u64;
    }
    merged.extend_from_slice(&left[taken..]);
    inversions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_their_ranks() {
        assert_eq!(average_ranks(&[10.0, 30.0, 10.0, 20.0, 30.0, 30.0]), [1.5, 5.0, 1.5, 3.0, 5.0, 5.0]);
        assert_eq!(average_ranks(&[0.0, -0.0, 1.0]), [1.5, 1.5, 3.0]);
    }

    #[test]
    fn inversions_are_counted_while_sorting() {
        for (mut values, inversions) in [
            (vec![1.0, 2.0, 3.0], 0),
            (vec![3.0, 2.0, 1.0], 3),
            (vec![2.0, 2.0, 1.0, 2.0], 2),
            (vec![5.0, 1.0, 4.0, 2.0, 3.0], 6),
        ] {
            let mut expected = values.clone();
            expected.sort_unstable_by(f64::total_cmp);
            assert_eq!(sort_counting_inversions(&mut values), inversions, "{expected:?}");
            assert_eq!(values, expected);
        }
    }

    #[test]
    fn pairs_tied_in_both_series_count_once() {
        // By hand: 6 pairs, 4 concordant, 0 discordant, 2 tied in x, 1 of them in y too.
        let tau = kendall_tau_b(&[1.0, 1.0, 2.0, 2.0], &[1.0, 1.0, 2.0, 3.0]).unwrap();
        assert!((tau - 4.0 / (4.0_f64 * 5.0).sqrt()).abs() < 1e-15, "{tau}");
    }

    #[test]
    fn magnitudes_do_not_matter() {
        let (x, y) = ([1.0, 2.0, 4.0], [2.0, 1.0, 5.0]);
        let expected = pearson(&x, &y).unwrap();
        for scale in [1e-200, 1e200] {
            let r = pearson(&x.map(|value| value * scale), &y).unwrap();
            assert!((r - expected).abs() < 1e-12, "{scale}: {r}");
        }
        assert_eq!(pearson(&[f64::MAX, f64::MAX, 0.0], &y), Err(StatsError::OutOfRange));
    }
}
