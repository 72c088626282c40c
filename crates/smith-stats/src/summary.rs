//! Location and spread of one series.

use serde::{Deserialize, Serialize};

use crate::{StatsError, check};

/// Arithmetic mean, in the unit of the values.
///
/// # Errors
/// No value, a value that is not finite, or a sum beyond `f64`.
pub fn mean(values: &[f64]) -> Result<f64, StatsError> {
    check::series(values, "values", 1)?;
    check::finite(raw_mean(values))
}

/// Sample standard deviation (divisor n − 1), in the unit of the values. Zero for a constant series.
///
/// # Errors
/// Fewer than two values, a value that is not finite, or squares beyond `f64`.
pub fn sd(values: &[f64]) -> Result<f64, StatsError> {
    check::series(values, "values", 2)?;
    if check::is_constant(values) {
        return Ok(0.0);
    }
    check::finite((squares(values) / (values.len() - 1) as f64).sqrt())
}

/// Median: the middle value, or the mean of the two middle values.
///
/// # Errors
/// As [`quantile`].
pub fn median(values: &[f64]) -> Result<f64, StatsError> {
    quantile(values, 0.5)
}

/// Quantile by linear interpolation at (n − 1)·p, type 7 of Hyndman and Fan (1996), the default of numpy and R.
///
/// # Errors
/// No value, a value that is not finite, or a probability outside 0 to 1.
pub fn quantile(values: &[f64], probability: f64) -> Result<f64, StatsError> {
    check::series(values, "values", 1)?;
    if !(0.0..=1.0).contains(&probability) {
        return Err(StatsError::InvalidProbability(probability));
    }
    check::finite(quantile_of_sorted(&sorted(values), probability))
}

/// Minimum, quartiles and maximum.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FiveNumbers {
    /// Least value.
    pub min: f64,
    /// First quartile.
    pub q1: f64,
    /// Median.
    pub median: f64,
    /// Third quartile.
    pub q3: f64,
    /// Greatest value.
    pub max: f64,
}

/// Tukey's five-number summary, with the quartiles of [`quantile`].
///
/// # Errors
/// As [`quantile`].
pub fn five_numbers(values: &[f64]) -> Result<FiveNumbers, StatsError> {
    check::series(values, "values", 1)?;
    let sorted = sorted(values);
    let at = |probability| check::finite(quantile_of_sorted(&sorted, probability));
    Ok(FiveNumbers { min: at(0.0)?, q1: at(0.25)?, median: at(0.5)?, q3: at(0.75)?, max: at(1.0)? })
}

/// Mean of a series that is known to hold values.
pub(crate) fn raw_mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sum of the squared deviations from the mean; two passes, so that a large mean costs no digits.
pub(crate) fn squares(values: &[f64]) -> f64 {
    let mean = raw_mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

pub(crate) fn quantile_of_sorted(sorted: &[f64], probability: f64) -> f64 {
    let position = (sorted.len() - 1) as f64 * probability;
    let (low, high) = (position.floor(), position.ceil());
    let (below, above) = (sorted[low as usize], sorted[high as usize]);
    below + (above - below) * (position - low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let values = [7.0, 15.0, 36.0, 39.0, 40.0, 41.0];
        assert_eq!(mean(&values), Ok(178.0 / 6.0));
        assert_eq!(median(&values), Ok(37.5));
        assert_eq!(
            five_numbers(&values),
            Ok(FiveNumbers { min: 7.0, q1: 20.25, median: 37.5, q3: 39.75, max: 41.0 })
        );
        assert_eq!(sd(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), Ok((32.0_f64 / 7.0).sqrt()));
    }

    #[test]
    fn one_value_is_its_own_summary_but_has_no_spread() {
        assert_eq!((mean(&[3.5]), median(&[3.5]), quantile(&[3.5], 0.9)), (Ok(3.5), Ok(3.5), Ok(3.5)));
        assert_eq!(sd(&[3.5]), Err(StatsError::TooFew { what: "values", needed: 2, found: 1 }));
        assert_eq!(sd(&[0.1; 7]), Ok(0.0));
    }

    #[test]
    fn a_large_mean_costs_no_digits() {
        let spread = sd(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]).unwrap();
        assert!((spread - 30.0_f64.sqrt()).abs() < 1e-9, "{spread}");
    }

    #[test]
    fn what_has_no_value_says_why() {
        assert_eq!(mean(&[]), Err(StatsError::TooFew { what: "values", needed: 1, found: 0 }));
        assert_eq!(median(&[]), Err(StatsError::TooFew { what: "values", needed: 1, found: 0 }));
        assert_eq!(
            five_numbers(&[1.0, f64::INFINITY]),
            Err(StatsError::NonFinite { index: 1, value: f64::INFINITY })
        );
        assert_eq!(quantile(&[1.0], 1.5), Err(StatsError::InvalidProbability(1.5)));
        assert!(matches!(quantile(&[1.0], f64::NAN), Err(StatsError::InvalidProbability(_))));
        assert_eq!(mean(&[f64::MAX, f64::MAX]), Err(StatsError::OutOfRange));
        assert_eq!(five_numbers(&[f64::MIN, f64::MAX]), Err(StatsError::OutOfRange));
        assert_eq!(sd(&[-1e200, 1e200]), Err(StatsError::OutOfRange));
    }
}
