//! What sums some numbers up.

/// The middle of numbers in order; none of none.
pub(crate) fn median(sorted: &[f64]) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    Some((sorted.get(last / 2)? + sorted.get(sorted.len() / 2)?) / 2.0)
}

/// Standard deviation of all there is.
pub(crate) fn deviation(values: &[f64]) -> f64 {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
}

/// Standard deviation of a sample around its mean; none of fewer than two.
pub(crate) fn sample_deviation(values: &[f64], mean: f64) -> Option<f64> {
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (values.len() as f64 - 1.0)).sqrt())
}
