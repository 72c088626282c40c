//! What must hold for all series.

use proptest::collection::vec;
use proptest::num::f64::ANY;
use proptest::prelude::*;
use smith_stats::{agreement, correlation, summary};

type Statistic = fn(&[f64], &[f64]) -> Result<f64, smith_stats::StatsError>;

const CORRELATIONS: [Statistic; 3] =
    [correlation::pearson, correlation::spearman, correlation::kendall_tau_b];

fn varies(values: &[f64]) -> bool {
    values.iter().any(|value| *value != values[0])
}

/// Two series of small whole numbers, so that ties are common and sums are exact.
fn series() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    let value = || (-6_i8..7).prop_map(f64::from);
    (2_usize..40)
        .prop_flat_map(move |n| (vec(value(), n), vec(value(), n)))
        .prop_filter("constant series have no correlation", |(x, y)| varies(x) && varies(y))
}

/// Ratings of two to five raters for two to twelve subjects.
fn ratings() -> impl Strategy<Value = Vec<Vec<f64>>> {
    (2_usize..6, 2_usize..13).prop_flat_map(|(raters, subjects)| vec(vec(-50.0..50.0_f64, subjects), raters))
}

fn map(values: &[f64], f: impl Fn(f64) -> f64) -> Vec<f64> {
    values.iter().copied().map(f).collect()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

/// Kendall's definition, pair by pair.
fn naive_tau_b(x: &[f64], y: &[f64]) -> f64 {
    let sign = |a: f64, b: f64| f64::from(i8::from(a > b) - i8::from(a < b));
    let (mut difference, mut untied_x, mut untied_y) = (0.0, 0.0_f64, 0.0);
    for i in 0..x.len() {
        for j in 0..i {
            let (dx, dy) = (sign(x[i], x[j]), sign(y[i], y[j]));
            difference += dx * dy;
            untied_x += dx.abs();
            untied_y += dy.abs();
        }
    }
    difference / (untied_x * untied_y).sqrt()
}

proptest! {
    #[test]
    fn fast_kendall_is_the_definition((x, y) in series()) {
        prop_assert!(close(correlation::kendall_tau_b(&x, &y).unwrap(), naive_tau_b(&x, &y)));
    }

    #[test]
    fn correlations_are_symmetric_and_bounded((x, y) in series()) {
        for statistic in CORRELATIONS {
            let there = statistic(&x, &y).unwrap();
            prop_assert!(close(there, statistic(&y, &x).unwrap()));
            prop_assert!((-1.0..=1.0).contains(&there));
            prop_assert!(close(statistic(&x, &x).unwrap(), 1.0));
            prop_assert!(close(there, -statistic(&x, &map(&y, |v| -v)).unwrap()));
        }
    }

    #[test]
    fn pearson_ignores_scale_and_shift((x, y) in series(), scale in 0.01..100.0_f64, shift in -1e3..1e3_f64) {
        let moved = map(&x, |v| scale * v + shift);
        prop_assert!(close(correlation::pearson(&x, &y).unwrap(), correlation::pearson(&moved, &y).unwrap()));
    }

    #[test]
    fn rank_correlations_ignore_monotone_transforms((x, y) in series()) {
        let bent = map(&x, |v| v.exp() + v);
        for statistic in [correlation::spearman, correlation::kendall_tau_b] {
            prop_assert_eq!(statistic(&x, &y).unwrap(), statistic(&bent, &y).unwrap());
        }
    }

    #[test]
    fn concordance_is_symmetric_and_never_beyond_pearson((x, y) in series()) {
        let ccc = agreement::lin_ccc(&x, &y).unwrap();
        prop_assert!(close(ccc, agreement::lin_ccc(&y, &x).unwrap()));
        prop_assert!(ccc.abs() <= correlation::pearson(&x, &y).unwrap().abs() + 1e-12);
    }

    #[test]
    fn bland_altman_turns_round_with_its_series((x, y) in series()) {
        let (there, back) = (agreement::bland_altman(&x, &y).unwrap(), agreement::bland_altman(&y, &x).unwrap());
        prop_assert!(close(there.bias, -back.bias) && close(there.sd, back.sd));
        prop_assert!(close(there.lower, -back.upper) && close(there.upper, -back.lower));
    }

    #[test]
    fn overlap_is_symmetric_and_full_at_the_end((x, y) in series(), share in 0.0..1.0_f64) {
        let k = 1 + (share * (x.len() - 1) as f64) as usize;
        let overlap = agreement::top_k_overlap(&x, &y, k).unwrap();
        prop_assert_eq!(overlap, agreement::top_k_overlap(&y, &x, k).unwrap());
        prop_assert!((0.0..=1.0).contains(&overlap));
        prop_assert_eq!(agreement::top_k_overlap(&x, &y, x.len()).unwrap(), 1.0);
    }

    #[test]
    fn raters_may_come_in_any_order(raters in ratings(), shift in -100.0..100.0_f64) {
        let turned: Vec<_> = raters.iter().rev().map(|rater| map(rater, |v| v + shift)).collect();
        if let (Ok(a), Ok(b)) = (agreement::icc(&raters), agreement::icc(&turned)) {
            prop_assert!((a.icc_2_1 - b.icc_2_1).abs() < 1e-6, "{a:?} {b:?}");
            prop_assert!((a.icc_3_1 - b.icc_3_1).abs() < 1e-6);
            prop_assert!((a.icc_1_1 - b.icc_1_1).abs() < 1e-6);
        }
    }

    #[test]
    fn consistency_ignores_the_level_of_a_rater_and_agreement_does_not(raters in ratings()) {
        let mut shifted = raters.clone();
        shifted[0] = map(&raters[0], |v| v + 1e3);
        if let (Ok(a), Ok(b)) = (agreement::icc(&raters), agreement::icc(&shifted)) {
            prop_assert!((a.icc_3_1 - b.icc_3_1).abs() < 1e-6, "{a:?} {b:?}");
            prop_assert!(b.icc_2_1.abs() < a.icc_2_1.abs(), "{a:?} {b:?}");
        }
    }

    #[test]
    fn alpha_is_the_consistency_of_the_mean(raters in ratings()) {
        if let (Ok(alpha), Ok(icc)) = (agreement::cronbach_alpha(&raters), agreement::icc(&raters)) {
            prop_assert!(close(alpha, icc.icc_3_k), "{alpha} {icc:?}");
        }
    }

    #[test]
    fn quantiles_rise_within_the_range(values in vec(-1e6..1e6_f64, 1..50), p in 0.0..=1.0_f64, q in 0.0..=1.0_f64) {
        let (low, high) = (summary::quantile(&values, p.min(q)).unwrap(), summary::quantile(&values, p.max(q)).unwrap());
        let five = summary::five_numbers(&values).unwrap();
        prop_assert!(five.min <= low && low <= high + 1e-9 && high <= five.max + 1e-9);
        prop_assert!(five.min <= five.q1 && five.q1 <= five.median && five.median <= five.q3 && five.q3 <= five.max);
        prop_assert_eq!(five.median, summary::median(&values).unwrap());
    }

    #[test]
    fn spread_ignores_shift_and_follows_scale(values in vec(-1e3..1e3_f64, 2..50), scale in 0.01..100.0_f64) {
        let sd = summary::sd(&values).unwrap();
        prop_assert!(close(summary::sd(&map(&values, |v| v + 500.0)).unwrap(), sd));
        prop_assert!(close(summary::sd(&map(&values, |v| v * -scale)).unwrap(), sd * scale));
    }

    #[test]
    fn no_input_panics_or_gives_a_result_that_is_not_finite(x in vec(ANY, 0..8), y in vec(ANY, 0..8)) {
        let mut results = vec![summary::mean(&x), summary::sd(&x), summary::median(&x)];
        results.extend(CORRELATIONS.map(|statistic| statistic(&x, &y)));
        results.extend([agreement::lin_ccc(&x, &y), agreement::cronbach_alpha(&[&x, &y])]);
        results.push(agreement::bland_altman(&x, &y).map(|limits| limits.upper - limits.lower));
        results.push(agreement::icc(&[&x, &y]).map(|icc| icc.icc_2_k));
        for result in results {
            prop_assert!(result.is_err() || result.is_ok_and(f64::is_finite));
        }
    }
}
