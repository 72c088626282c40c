//! Agreement of rating sets: of two (concordance, Bland–Altman, leaders) and of several (α, ICC), after the
//! paper's appendices A.5.5 to A.5.9.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::summary::{raw_mean, sd, squares};
use crate::{StatsError, check};

mod inference;
mod reliability;
mod report;

pub use inference::{LimitIntervals, bland_altman_intervals, ccc_estimate, top_k_chance};
pub use reliability::{Icc, IccTest, cronbach_alpha, cronbach_alpha_interval, icc, icc_tests};
pub use report::{AgreementOptions, AgreementReport, PairAgreement, PairIntervals, PairTests, RatingTable};

/// Lin's concordance correlation coefficient, from −1 to 1: 2·s_xy / (s_x² + s_y² + (x̄ − ȳ)²), with moments of
/// divisor n as in Lin (1989).
///
/// # Errors
/// Unequal lengths, fewer than two pairs, a value that is not finite, a constant series, or magnitudes beyond
/// `f64`.
pub fn lin_ccc(x: &[f64], y: &[f64]) -> Result<f64, StatsError> {
    check::varying_pairs(x, y)?;
    let (mx, my) = (raw_mean(x), raw_mean(y));
    let n = x.len() as f64;
    let products: f64 = x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum();
    check::finite(2.0 * products / (squares(x) + squares(y) + n * (mx - my).powi(2)))
}

/// Bias and limits of agreement of two series, in their unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BlandAltman {
    /// Mean of the differences first − second.
    pub bias: f64,
    /// Sample standard deviation of the differences (divisor n − 1).
    pub sd: f64,
    /// `bias` − 1.96 `sd`.
    pub lower: f64,
    /// `bias` + 1.96 `sd`.
    pub upper: f64,
}

/// Bland and Altman's analysis of the differences of two series. Differences that are all equal are a pure bias
/// with limits of no width.
///
/// # Errors
/// Unequal lengths, fewer than two pairs, a value that is not finite, or differences beyond `f64`.
pub fn bland_altman(x: &[f64], y: &[f64]) -> Result<BlandAltman, StatsError> {
    check::pairs(x, y)?;
    let differences: Vec<f64> = x.iter().zip(y).map(|(x, y)| x - y).collect();
    let bias = check::finite(raw_mean(&differences))?;
    let sd = sd(&differences)?;
    Ok(BlandAltman {
        bias,
        sd,
        lower: check::finite(bias - 1.96 * sd)?,
        upper: check::finite(bias + 1.96 * sd)?,
    })
}

/// Share of the `k` greatest values of one series that are among the `k` greatest of the other, from 0 to 1.
/// Among equal values the earlier one counts as greater, in both series.
///
/// # Errors
/// Unequal lengths, fewer than two pairs, a value that is not finite, `k` of zero or beyond the length.
pub fn top_k_overlap(x: &[f64], y: &[f64], k: usize) -> Result<f64, StatsError> {
    check::pairs(x, y)?;
    if k == 0 || k > x.len() {
        return Err(StatsError::InvalidK { k, len: x.len() });
    }
    let (first, second) = (leaders(x, k), leaders(y, k));
    let shared = first.iter().filter(|index| second.contains(index)).count();
    Ok(shared as f64 / k as f64)
}

/// Indices of the `k` greatest values.
fn leaders(values: &[f64], k: usize) -> HashSet<usize> {
    let mut indices: Vec<usize> = (0..values.len()).collect();
    // A stable sort keeps ties in their order; adding zero makes both zeros one, so that they tie.
    indices.sort_by(|&a, &b| (values[b] + 0.0).total_cmp(&(values[a] + 0.0)));
    indices.into_iter().take(k).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concordance_punishes_shift_and_scale() {
        let x = [1.0, 2.0, 3.0];
        assert_eq!(lin_ccc(&x, &x), Ok(1.0));
        // Variances 2/3 each, covariance 2/3, means one apart: (4/3) / (4/3 + 1).
        let shifted = lin_ccc(&x, &[2.0, 3.0, 4.0]).unwrap();
        assert!((shifted - 4.0 / 7.0).abs() < 1e-15, "{shifted}");
        // Variances 2/3 and 8/3, covariance 4/3, means two apart: (8/3) / (10/3 + 4).
        let scaled = lin_ccc(&x, &[2.0, 4.0, 6.0]).unwrap();
        assert!((scaled - 4.0 / 11.0).abs() < 1e-15, "{scaled}");
        assert_eq!(lin_ccc(&x, &[3.0, 2.0, 1.0]), Ok(-1.0));
    }

    #[test]
    fn limits_stand_around_the_bias() {
        let plain = bland_altman(&[1.0, 2.0, 3.0, 4.0], &[0.0, 2.0, 2.0, 4.0]).unwrap();
        let sd = (1.0_f64 / 3.0).sqrt();
        assert_eq!(plain, BlandAltman { bias: 0.5, sd, lower: 0.5 - 1.96 * sd, upper: 0.5 + 1.96 * sd });
        let pure_bias = bland_altman(&[5.0, 6.0], &[2.0, 3.0]).unwrap();
        assert_eq!(pure_bias, BlandAltman { bias: 3.0, sd: 0.0, lower: 3.0, upper: 3.0 });
        assert_eq!(bland_altman(&[f64::MAX, 0.0], &[-f64::MAX, 1.0]), Err(StatsError::OutOfRange));
    }

    #[test]
    fn leaders_that_tie_are_taken_in_order() {
        let (x, y) = ([3.0, 2.0, 2.0, 1.0], [3.0, 1.0, 2.0, 2.0]);
        for (k, overlap) in [(1, 1.0), (2, 0.5), (3, 2.0 / 3.0), (4, 1.0)] {
            assert_eq!(top_k_overlap(&x, &y, k), Ok(overlap), "{k}");
        }
        assert_eq!(top_k_overlap(&[0.0, -0.0], &[-0.0, 0.0], 1), Ok(1.0));
        for k in [0, 5] {
            assert_eq!(top_k_overlap(&x, &y, k), Err(StatsError::InvalidK { k, len: 4 }));
        }
    }
}
