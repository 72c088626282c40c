//! Intervals and tests of the agreement of two series.

use serde::{Deserialize, Serialize};
use statrs::distribution::{DiscreteCDF, Hypergeometric};

use super::{bland_altman, lin_ccc, top_k_overlap};
use crate::interval::{Estimate, Interval, check_level, fisher_interval, student_deviate, student_tails};
use crate::summary::{raw_mean, squares};
use crate::{StatsError, correlation};

/// [`lin_ccc`] with the interval of Lin (1989, corrected 2000): normal after Fisher's transformation, with the
/// asymptotic variance. There is no test: that it is zero is the hypothesis of Pearson's r.
///
/// # Errors
/// As [`lin_ccc`], or a level outside 0 to 1.
pub fn ccc_estimate(x: &[f64], y: &[f64], level: f64) -> Result<Estimate, StatsError> {
    check_level(level)?;
    let c = lin_ccc(x, y)?;
    let r = correlation::pearson(x, y)?;
    let n = x.len() as f64;
    let shift = (raw_mean(x) - raw_mean(y)) / ((squares(x) / n).sqrt() * (squares(y) / n).sqrt()).sqrt();
    let (c2, u2) = (c * c, shift * shift);
    // The variance after the transformation, with 1 − c² of it cancelled; c and r agree in sign, so c/r is bounded.
    let numerator = (1.0 - r * r) * c2 / (r * r) + 2.0 * c2 * c * (1.0 - c) * u2 / (r * (1.0 - c2))
        - c2 * c2 * u2 * u2 / (2.0 * r * r * (1.0 - c2));
    let variance = if c2 < 1.0 { numerator / (1.0 - c2) / (n - 2.0) } else { 0.0 };
    let interval = if x.len() > 2 { fisher_interval(c, variance, level) } else { None };
    Ok(Estimate { value: c, p: None, interval })
}

/// Intervals of Bland and Altman's figures, and the test of the bias.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LimitIntervals {
    /// Of the bias, by Student's distribution.
    pub bias: Option<Interval>,
    /// Of the lower limit.
    pub lower: Option<Interval>,
    /// Of the upper limit.
    pub upper: Option<Interval>,
    /// Chance of a bias at least as large if there were none (Student's paired test).
    pub bias_p: Option<f64>,
}

/// Intervals of bias and limits after Bland and Altman (1999): Student's deviate (n − 1 degrees of freedom) times
/// s/√n for the bias and s·√(1/n + 1.96²/(2(n − 1))) for the limits.
///
/// # Errors
/// As [`bland_altman`], or a level outside 0 to 1.
pub fn bland_altman_intervals(x: &[f64], y: &[f64], level: f64) -> Result<LimitIntervals, StatsError> {
    check_level(level)?;
    let limits = bland_altman(x, y)?;
    let n = x.len() as f64;
    let deviate = student_deviate(level, n - 1.0);
    let of_mean = limits.sd / n.sqrt();
    let of_limit = limits.sd * (1.0 / n + 1.96_f64.powi(2) / (2.0 * (n - 1.0))).sqrt();
    let around = |centre: f64, error: f64| Interval::around(centre, deviate? * error);
    Ok(LimitIntervals {
        bias: around(limits.bias, of_mean),
        lower: around(limits.lower, of_limit),
        upper: around(limits.upper, of_limit),
        bias_p: if limits.bias == 0.0 { Some(1.0) } else { student_tails(limits.bias / of_mean, n - 1.0) },
    })
}

/// Chance that two unrelated orders share at least as many of their first `k` as these do.
///
/// # Errors
/// As [`top_k_overlap`].
pub fn top_k_chance(x: &[f64], y: &[f64], k: usize) -> Result<f64, StatsError> {
    let shared = (top_k_overlap(x, y, k)? * k as f64).round() as u64;
    let draws =
        Hypergeometric::new(x.len() as u64, k as u64, k as u64).map_err(|_| StatsError::OutOfRange)?;
    Ok(shared.checked_sub(1).map_or(1.0, |fewer| draws.sf(fewer)).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_of_leaders_are_those_of_an_urn() {
        let up: Vec<f64> = (0..8).map(f64::from).collect();
        let down: Vec<f64> = up.iter().map(|value| -value).collect();
        // One of C(8,3) sets.
        assert!((top_k_chance(&up, &up, 3).unwrap() - 1.0 / 56.0).abs() < 1e-12);
        assert_eq!(top_k_chance(&up, &down, 3), Ok(1.0));
        assert_eq!(top_k_chance(&up, &up, 8), Ok(1.0));
    }

    #[test]
    fn equal_series_agree_for_certain() {
        let x = [1.0, 5.0, 2.0, 4.0];
        let one = Some(Interval { low: 1.0, high: 1.0 });
        assert_eq!(ccc_estimate(&x, &x, 0.95).unwrap().interval, one);
        let limits = bland_altman_intervals(&x, &x, 0.95).unwrap();
        assert_eq!((limits.bias, limits.bias_p), (Some(Interval { low: 0.0, high: 0.0 }), Some(1.0)));
        let shifted = x.map(|value| value + 1.0);
        assert_eq!(bland_altman_intervals(&x, &shifted, 0.95).unwrap().bias_p, Some(0.0));
    }
}
