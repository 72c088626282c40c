//! Tests against no relation, and intervals, of the correlations.

use super::{Concordance, order, pearson, spearman};
use crate::StatsError;
use crate::interval::{Estimate, Interval, check_level, fisher_interval, normal_tails, student_tails};

/// Most values for which Kendall's distribution is enumerated.
const EXACT_LENGTH: usize = 33;

/// [`pearson`] with Student's test (n − 2 degrees of freedom) and Fisher's interval (variance 1/(n − 3)).
///
/// # Errors
/// As [`pearson`], or a level outside 0 to 1.
pub fn pearson_estimate(x: &[f64], y: &[f64], level: f64) -> Result<Estimate, StatsError> {
    check_level(level)?;
    let r = pearson(x, y)?;
    let n = x.len() as f64;
    let interval = if x.len() > 3 { fisher_interval(r, 1.0 / (n - 3.0), level) } else { None };
    Ok(Estimate { value: r, p: t_test(r, x.len()), interval })
}

/// Pearson's r squared with the test of the regression (equal to that of r) and the squares of r's interval.
///
/// # Errors
/// As [`pearson_estimate`].
pub fn r_squared_estimate(x: &[f64], y: &[f64], level: f64) -> Result<Estimate, StatsError> {
    let r = pearson_estimate(x, y, level)?;
    let interval = r.interval.map(|Interval { low, high }| {
        let (near, far) = (low.abs().min(high.abs()), low.abs().max(high.abs()));
        let crosses_zero = low <= 0.0 && high >= 0.0;
        Interval { low: if crosses_zero { 0.0 } else { near * near }, high: far * far }
    });
    Ok(Estimate { value: r.value * r.value, p: r.p, interval })
}

/// [`spearman`] with Student's test, as scipy has it, and the interval of Bonett and Wright (2000): variance
/// (1 + r²/2)/(n − 3) after Fisher's transformation.
///
/// # Errors
/// As [`spearman`], or a level outside 0 to 1.
pub fn spearman_estimate(x: &[f64], y: &[f64], level: f64) -> Result<Estimate, StatsError> {
    check_level(level)?;
    let r = spearman(x, y)?;
    let n = x.len() as f64;
    let interval =
        if x.len() > 3 { fisher_interval(r, (1.0 + r * r / 2.0) / (n - 3.0), level) } else { None };
    Ok(Estimate { value: r, p: t_test(r, x.len()), interval })
}

/// [`super::kendall_tau_b`] with its exact test for up to 33 values without ties, else the normal one corrected for
/// ties, and the interval of Fieller, Hartley and Pearson (1957): variance 0.437/(n − 4) after Fisher's transformation.
///
/// # Errors
/// As [`super::kendall_tau_b`], or a level outside 0 to 1.
pub fn kendall_estimate(x: &[f64], y: &[f64], level: f64) -> Result<Estimate, StatsError> {
    check_level(level)?;
    let pairs = Concordance::of(x, y)?;
    let tau = pairs.tau_b();
    let n = x.len() as f64;
    let is_exact = pairs.tied_x == 0 && pairs.tied_y == 0 && x.len() <= EXACT_LENGTH;
    let p = if is_exact { Some(exact_tails(&pairs, x.len())) } else { normal_test(&pairs, x, y) };
    let interval = if x.len() > 4 { fisher_interval(tau, 0.437 / (n - 4.0), level) } else { None };
    Ok(Estimate { value: tau, p, interval })
}

fn t_test(r: f64, n: usize) -> Option<f64> {
    let freedom = n.checked_sub(2).filter(|freedom| *freedom > 0)? as f64;
    student_tails(r * (freedom / ((1.0 + r) * (1.0 - r))).sqrt(), freedom)
}

/// Chance of at most so few (or so many) discordant pairs among all orders of `n` values, twice.
fn exact_tails(pairs: &Concordance, n: usize) -> f64 {
    let few = pairs.discordant.min(pairs.all - pairs.discordant) as usize;
    // The value put in as number `size` adds 0 to size − 1 discordant pairs, each as likely.
    let mut chances = vec![0.0; few + 1];
    chances[0] = 1.0;
    for size in 2..=n {
        let before = chances.clone();
        for (count, chance) in chances.iter_mut().enumerate() {
            let least = count.saturating_sub(size - 1);
            *chance = before[least..=count].iter().sum::<f64>() / size as f64;
        }
    }
    (2.0 * chances.iter().sum::<f64>()).min(1.0)
}

fn normal_test(pairs: &Concordance, x: &[f64], y: &[f64]) -> Option<f64> {
    let n = x.len() as f64;
    let (ties_x, ties_y) = (Ties::of(x), Ties::of(y));
    let ordered = n * (n - 1.0);
    let mut variance = (ordered * (2.0 * n + 5.0) - ties_x.spread - ties_y.spread) / 18.0
        + 2.0 * (pairs.tied_x as f64) * (pairs.tied_y as f64) / ordered;
    if ties_x.triples * ties_y.triples > 0.0 {
        variance += ties_x.triples * ties_y.triples / (9.0 * ordered * (n - 2.0));
    }
    (variance > 0.0).then(|| normal_tails(pairs.difference / variance.sqrt()))
}

/// Sums over the groups of equal values, t of them in each.
struct Ties {
    /// Σ t(t − 1)(t − 2).
    triples: f64,
    /// Σ t(t − 1)(2t + 5).
    spread: f64,
}

impl Ties {
    fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(|a, b| order(*a, *b));
        let (mut triples, mut spread) = (0.0, 0.0);
        for group in sorted.chunk_by(|a, b| a == b) {
            let t = group.len() as f64;
            triples += t * (t - 1.0) * (t - 2.0);
            spread += t * (t - 1.0) * (2.0 * t + 5.0);
        }
        Self { triples, spread }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_have_no_test_and_no_interval() {
        let (x, y) = ([1.0, 2.0], [1.0, 3.0]);
        for estimate in [pearson_estimate(&x, &y, 0.95), spearman_estimate(&x, &y, 0.95)] {
            assert_eq!(estimate, Ok(Estimate { value: 1.0, p: None, interval: None }));
        }
        // Both orders of two values are equally likely.
        assert_eq!(kendall_estimate(&x, &y, 0.95).unwrap().p, Some(1.0));
        assert!(pearson_estimate(&x, &y, 1.0).is_err());
    }

    #[test]
    fn perfect_correlation_is_certain() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0];
        let perfect = pearson_estimate(&x, &x, 0.95).unwrap();
        assert_eq!((perfect.p, perfect.interval), (Some(0.0), Some(Interval { low: 1.0, high: 1.0 })));
        // One of 5! orders on either side.
        assert!((kendall_estimate(&x, &x, 0.95).unwrap().p.unwrap() - 2.0 / 120.0).abs() < 1e-15);
    }

    #[test]
    fn squares_of_an_interval_across_zero_begin_at_zero() {
        let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 1.0, 3.0, 1.0, 2.5]);
        let interval = r_squared_estimate(&x, &y, 0.95).unwrap().interval.unwrap();
        assert!(interval.low == 0.0 && interval.high > 0.5, "{interval:?}");
    }
}
