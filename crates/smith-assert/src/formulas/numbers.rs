//! Errors and correlations of numbers. The first series holds the answers.

use crate::rank;

/// Series that are longer are not compared pair by pair.
const MOST_PAIRED: usize = 3_000;

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in values {
        sum += value;
        count += 1.0;
    }
    (count > 0.0).then(|| sum / count)
}

fn errors<'a>(t: &'a [f64], p: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
    t.iter().zip(p).map(|(t, p)| p - t)
}

pub(super) fn mae(t: &[f64], p: &[f64]) -> Option<f64> {
    mean(errors(t, p).map(f64::abs))
}

pub(super) fn mse(t: &[f64], p: &[f64]) -> Option<f64> {
    mean(errors(t, p).map(|error| error * error))
}

pub(super) fn bias(t: &[f64], p: &[f64]) -> Option<f64> {
    mean(errors(t, p)).map(f64::abs)
}

/// Mean squared difference of the logarithms, of the values plus one when `plus_one`.
pub(super) fn msle(t: &[f64], p: &[f64], plus_one: bool) -> Option<f64> {
    let log = |value: &f64| if plus_one { value.ln_1p() } else { value.ln() };
    mean(t.iter().zip(p).map(|(t, p)| (log(p) - log(t)).powi(2))).filter(|error| error.is_finite())
}

/// Mean absolute difference of the logarithms.
pub(super) fn mean_log_error(t: &[f64], p: &[f64]) -> Option<f64> {
    mean(t.iter().zip(p).map(|(t, p)| (p.ln_1p() - t.ln_1p()).abs())).filter(|error| error.is_finite())
}

/// Relative errors, without those of answers that are 0 when `skips_zeros`.
fn relative<'a>(t: &'a [f64], p: &'a [f64], skips_zeros: bool) -> impl Iterator<Item = f64> + 'a {
    let pairs = t.iter().zip(p).filter(move |(t, _)| !skips_zeros || **t != 0.0);
    pairs.map(|(t, p)| (p - t).abs() / t.abs().max(f64::EPSILON))
}

pub(super) fn mape(t: &[f64], p: &[f64], skips_zeros: bool) -> Option<f64> {
    mean(relative(t, p, skips_zeros))
}

pub(super) fn rmspe(t: &[f64], p: &[f64]) -> Option<f64> {
    mean(relative(t, p, true).map(|error| error * error)).map(f64::sqrt)
}

/// Symmetric relative error, from 0 to 2; pairs of zeros count 0, or not at all when `skips_zeros`.
pub(super) fn smape(t: &[f64], p: &[f64], skips_zeros: bool) -> Option<f64> {
    let pairs = t.iter().zip(p).filter(|(t, p)| !skips_zeros || t.abs() + p.abs() > 0.0);
    mean(pairs.map(|(t, p)| {
        let sum = t.abs() + p.abs();
        if sum > 0.0 { 2.0 * (p - t).abs() / sum } else { 0.0 }
    }))
}

/// Sum of absolute errors, as part of the sum of the answers.
pub(super) fn wape(t: &[f64], p: &[f64]) -> Option<f64> {
    let sum: f64 = t.iter().map(|t| t.abs()).sum();
    (sum > 0.0).then(|| errors(t, p).map(f64::abs).sum::<f64>() / sum)
}

pub(super) fn median_error(t: &[f64], p: &[f64]) -> Option<f64> {
    let mut errors: Vec<f64> = errors(t, p).map(f64::abs).collect();
    errors.sort_by(f64::total_cmp);
    let middle = errors.len() / 2;
    let upper = *errors.get(middle)?;
    Some(if errors.len() % 2 == 1 {
        upper
    } else {
        f64::midpoint(*errors.get(middle.checked_sub(1)?)?, upper)
    })
}

pub(super) fn max_error(t: &[f64], p: &[f64]) -> Option<f64> {
    errors(t, p).map(f64::abs).reduce(f64::max)
}

pub(super) fn r2(t: &[f64], p: &[f64]) -> Option<f64> {
    let center = mean(t.iter().copied())?;
    let total: f64 = t.iter().map(|t| (t - center).powi(2)).sum();
    let left: f64 = errors(t, p).map(|error| error * error).sum();
    varies(t).then(|| 1.0 - left / total)
}

/// Whether there are two different values: sums of squares of equal ones need not be 0.
fn varies(values: &[f64]) -> bool {
    values.iter().any(|value| values.first() != Some(value))
}

/// Pearson's correlation; none when one of the sides is constant.
pub(super) fn pearson(t: &[f64], p: &[f64]) -> Option<f64> {
    if varies(t) && varies(p) { rank::pearson(t, p) } else { None }
}

pub(super) fn explained_variance(t: &[f64], p: &[f64]) -> Option<f64> {
    let variance = |values: &[f64]| {
        let center = mean(values.iter().copied())?;
        mean(values.iter().map(|value| (value - center).powi(2)))
    };
    let total = variance(t)?;
    let errors: Vec<f64> = errors(t, p).collect();
    let left = variance(&errors)?;
    varies(t).then_some(1.0 - left / total)
}

/// Mean loss of a forecast of the quantile `q`.
pub(super) fn pinball(t: &[f64], p: &[f64], q: f64) -> Option<f64> {
    mean(t.iter().zip(p).map(|(t, p)| (q * (t - p)).max((q - 1.0) * (t - p))))
}

/// Kendall's tau-b.
pub(super) fn kendall(t: &[f64], p: &[f64]) -> Option<f64> {
    if t.len() > MOST_PAIRED {
        return None;
    }
    let (mut both, mut of_t, mut of_p) = (0.0, 0.0, 0.0);
    for (at, (t_a, p_a)) in t.iter().zip(p).enumerate() {
        for (t_b, p_b) in t.iter().zip(p).skip(at + 1) {
            let (x, y) = (sign(t_a - t_b), sign(p_a - p_b));
            both += x * y;
            of_t += x * x;
            of_p += y * y;
        }
    }
    let tau = both / f64::sqrt(of_t * of_p);
    tau.is_finite().then_some(tau)
}

fn sign(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { value.signum() }
}

/// Lin's concordance.
pub(super) fn concordance(t: &[f64], p: &[f64]) -> Option<f64> {
    let (a, b) = (mean(t.iter().copied())?, mean(p.iter().copied())?);
    let spread = |values: &[f64], center: f64| mean(values.iter().map(|value| (value - center).powi(2)));
    let common = mean(t.iter().zip(p).map(|(t, p)| (t - a) * (p - b)))?;
    let value = 2.0 * common / (spread(t, a)? + spread(p, b)? + (a - b).powi(2));
    value.is_finite().then_some(value)
}
