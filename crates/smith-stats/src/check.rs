//! What every statistic demands of its input and of its result.

use crate::StatsError;

/// Enough values, all of them finite.
pub(crate) fn series(values: &[f64], what: &'static str, needed: usize) -> Result<(), StatsError> {
    if values.len() < needed {
        return Err(StatsError::TooFew { what, needed, found: values.len() });
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(StatsError::NonFinite { index, value: values[index] }),
        None => Ok(()),
    }
}

/// Two series of equal length, at least two pairs, all values finite.
pub(crate) fn pairs(x: &[f64], y: &[f64]) -> Result<(), StatsError> {
    if x.len() != y.len() {
        return Err(StatsError::UnequalLengths { expected: x.len(), found: y.len() });
    }
    series(x, "pairs", 2)?;
    series(y, "pairs", 2)
}

/// What [`pairs`] demands, and neither series constant.
pub(crate) fn varying_pairs(x: &[f64], y: &[f64]) -> Result<(), StatsError> {
    pairs(x, y)?;
    for (values, of) in [(x, "the values of the first series"), (y, "the values of the second series")] {
        if is_constant(values) {
            return Err(StatsError::ZeroVariance { of });
        }
    }
    Ok(())
}

/// All values are equal. Compared exactly: the computed variance of a constant series need not be zero.
pub(crate) fn is_constant(values: &[f64]) -> bool {
    values.windows(2).all(|pair| pair[0] == pair[1])
}

/// The last gate of every statistic: sums of finite values may still leave the range of `f64`.
pub(crate) fn finite(result: f64) -> Result<f64, StatsError> {
    if result.is_finite() { Ok(result) } else { Err(StatsError::OutOfRange) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_recognised_despite_rounding() {
        let values = [0.1; 7];
        assert_ne!(
            crate::summary::mean(&values).unwrap(),
            0.1,
            "the mean is rounded, so the example is a good one"
        );
        assert!(is_constant(&values) && is_constant(&[0.0, -0.0]));
        assert!(!is_constant(&[0.1, 0.1, 0.2]));
    }
}
