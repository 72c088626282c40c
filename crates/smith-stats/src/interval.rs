//! Intervals, and the quantiles of the distributions behind them.

use serde::{Deserialize, Serialize};
use statrs::distribution::{Beta, ContinuousCDF, FisherSnedecor, Normal, StudentsT};

use crate::StatsError;

/// An interval of confidence, both ends belonging to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// The interval of half-width `half` around `centre`.
    pub(crate) fn around(centre: f64, half: f64) -> Option<Self> {
        Self::between(centre - half, centre + half)
    }

    /// The interval, unless one of its ends has no value.
    pub(crate) fn between(low: f64, high: f64) -> Option<Self> {
        (low.is_finite() && high.is_finite()).then_some(Self { low, high })
    }
}

/// A statistic with what can be said of its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Estimate {
    /// The statistic.
    pub value: f64,
    /// Chance of a value at least as far from zero if there were no relation; none when there are too few values.
    pub p: Option<f64>,
    /// Interval of confidence; none when there are too few values.
    pub interval: Option<Interval>,
}

/// The interval of a correlation that is normal with a `variance` after Fisher's transformation.
pub(crate) fn fisher_interval(r: f64, variance: f64, level: f64) -> Option<Interval> {
    if !(variance >= 0.0 && variance.is_finite()) {
        return None;
    }
    let half = normal_deviate(level) * variance.sqrt();
    Interval::between((r.atanh() - half).tanh(), (r.atanh() + half).tanh())
}

/// A level of confidence strictly between 0 and 1.
pub(crate) fn check_level(level: f64) -> Result<(), StatsError> {
    if level > 0.0 && level < 1.0 {
        return Ok(());
    }
    Err(StatsError::InvalidOption {
        option: "the level of confidence",
        demand: "lie between 0 and 1",
        value: level,
    })
}

/// Deviate of the standard normal distribution that cuts off (1 − level)/2 on each side.
pub(crate) fn normal_deviate(level: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + level / 2.0)
}

/// Probability beyond ±`z` under the standard normal distribution.
pub(crate) fn normal_tails(z: f64) -> f64 {
    (2.0 * Normal::standard().sf(z.abs())).min(1.0)
}

/// Deviate of Student's t that cuts off (1 − level)/2 on each side; none without degrees of freedom.
pub(crate) fn student_deviate(level: f64, freedom: f64) -> Option<f64> {
    let t = StudentsT::new(0.0, 1.0, freedom).ok()?;
    Some(t.inverse_cdf(0.5 + level / 2.0)).filter(|deviate| deviate.is_finite())
}

/// Probability beyond ±`t` under Student's distribution; zero for an infinite `t`.
pub(crate) fn student_tails(t: f64, freedom: f64) -> Option<f64> {
    if t.is_infinite() {
        return (freedom > 0.0).then_some(0.0);
    }
    // Through the incomplete beta function: the difference from one would lose small probabilities.
    let beta = Beta::new(freedom / 2.0, 0.5).ok()?;
    Some(beta.cdf(freedom / (freedom + t * t))).filter(|p| p.is_finite())
}

/// Probability above `f` under Fisher's distribution; zero for an infinite `f`.
pub(crate) fn fisher_tail(f: f64, upper: f64, lower: f64) -> Option<f64> {
    if f.is_infinite() {
        return Some(0.0);
    }
    let fisher = FisherSnedecor::new(upper, lower).ok()?;
    Some(if f <= 0.0 { 1.0 } else { fisher.sf(f) }).filter(|p| p.is_finite())
}

/// Quantile of Fisher's distribution.
pub(crate) fn fisher_quantile(probability: f64, upper: f64, lower: f64) -> Option<f64> {
    // Of the beta variable that the ratio is made of; its own inverse search is coarse in statrs.
    let beta = Beta::new(upper / 2.0, lower / 2.0).ok()?;
    let share = invert(|x| beta.cdf(x), probability)?;
    Some(lower * share / (upper * (1.0 - share))).filter(|f| f.is_finite())
}

/// Where a rising function on 0 to 1 reaches `target`, by bisection to the last bit.
fn invert(rising: impl Fn(f64) -> f64, target: f64) -> Option<f64> {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        let value = rising(middle);
        if value.is_nan() {
            return None;
        }
        if middle <= low || middle >= high {
            break;
        }
        if value < target { low = middle } else { high = middle }
    }
    Some(f64::midpoint(low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of printed tables, to the digits that they print.
    #[test]
    fn quantiles_are_those_of_the_tables() {
        let near =
            |found: f64, printed: f64| assert!((found - printed).abs() < 5e-4 * printed, "{found} {printed}");
        near(normal_deviate(0.95), 1.95996);
        near(student_deviate(0.95, 7.0).unwrap(), 2.36462);
        near(student_deviate(0.99, 1.0).unwrap(), 63.6567);
        near(fisher_quantile(0.975, 7.0, 14.0).unwrap(), 3.3799);
        near(fisher_quantile(0.95, 1.0, 1.0).unwrap(), 161.4476);
        near(student_tails(2.36462, 7.0).unwrap(), 0.05);
        near(normal_tails(-1.95996), 0.05);
        near(fisher_tail(3.3799, 7.0, 14.0).unwrap(), 0.025);
    }

    #[test]
    fn the_ends_have_values_and_the_rest_none() {
        assert_eq!(student_tails(f64::INFINITY, 3.0), Some(0.0));
        assert_eq!(student_tails(1.0, 0.0), None);
        assert_eq!(student_deviate(0.95, 0.0), None);
        assert_eq!(fisher_tail(-1.0, 2.0, 3.0), Some(1.0));
        assert_eq!(fisher_quantile(0.5, 0.0, 3.0), None);
        assert!(check_level(0.95).is_ok());
        for level in [0.0, 1.0, f64::NAN] {
            assert!(check_level(level).is_err(), "{level}");
        }
    }
}
