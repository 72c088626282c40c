//! Bounds on what chance does.

/// Natural logarithm of a bound on the probability that at least `hits` of `trials` succeed, each with probability
/// `each` (Chernoff's). 0 when so many are to be expected.
pub(crate) fn ln_at_least(hits: usize, trials: usize, each: f64) -> f64 {
    let share = hits as f64 / trials.max(1) as f64;
    if share <= each {
        return 0.0;
    }
    let each = each.clamp(1e-12, 1.0);
    let part = |p: f64, q: f64| if p <= 0.0 { 0.0 } else { p * (p / q.max(1e-12)).ln() };
    -(trials as f64) * (part(share, each) + part(1.0 - share, 1.0 - each))
}

/// Natural logarithm of about the probability that two unrelated series of `rows` values correlate by `rho` or more.
pub(crate) fn ln_correlates(rho: f64, rows: usize) -> f64 {
    let degrees = rows.saturating_sub(2) as f64;
    degrees / 2.0 * (1.0 - rho * rho).max(1e-12).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_no_less_than_the_probability() {
        // 8 of 8 at one half: 2^-8.
        assert!((ln_at_least(8, 8, 0.5) - -8.0 * 2_f64.ln()).abs() < 1e-9);
        assert_eq!(ln_at_least(5, 10, 0.6).abs(), 0.0);
        // P(X >= 15) of 20 at one half is 0.0207.
        assert!(ln_at_least(15, 20, 0.5) > 0.0207_f64.ln());
        assert!(ln_correlates(0.2, 20) > ln_correlates(0.9, 20));
        assert!(ln_at_least(3, 3, 1.0).abs() < 1e-9);
    }
}
