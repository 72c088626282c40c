//! Every statistic of two series refuses the same inputs, with an error that says why.

use smith_stats::{StatsError, agreement, correlation};

type Statistic = fn(&[f64], &[f64]) -> Result<f64, StatsError>;

/// With the name, whether a constant series is refused.
const STATISTICS: [(&str, Statistic, bool); 7] = [
    ("pearson", correlation::pearson, true),
    ("r_squared", correlation::r_squared, true),
    ("spearman", correlation::spearman, true),
    ("kendall", correlation::kendall_tau_b, true),
    ("ccc", agreement::lin_ccc, true),
    ("bland_altman", |x, y| agreement::bland_altman(x, y).map(|limits| limits.sd), false),
    ("top_k", |x, y| agreement::top_k_overlap(x, y, 1), false),
];

#[test]
fn unusable_series_are_refused() {
    for (name, statistic, _) in STATISTICS {
        for (x, y, error) in [
            (vec![], vec![], StatsError::TooFew { what: "pairs", needed: 2, found: 0 }),
            (vec![1.0], vec![2.0], StatsError::TooFew { what: "pairs", needed: 2, found: 1 }),
            (vec![1.0, 2.0, 3.0], vec![1.0, 2.0], StatsError::UnequalLengths { expected: 3, found: 2 }),
            (
                vec![1.0, f64::INFINITY],
                vec![1.0, 2.0],
                StatsError::NonFinite { index: 1, value: f64::INFINITY },
            ),
            (
                vec![1.0, 2.0],
                vec![f64::NEG_INFINITY, 2.0],
                StatsError::NonFinite { index: 0, value: f64::NEG_INFINITY },
            ),
        ] {
            assert_eq!(statistic(&x, &y), Err(error), "{name} of {x:?} and {y:?}");
        }
        assert!(matches!(
            statistic(&[1.0, f64::NAN], &[1.0, 2.0]),
            Err(StatsError::NonFinite { index: 1, .. })
        ));
    }
}

#[test]
fn constant_series_have_no_correlation() {
    for (name, statistic, refuses) in STATISTICS {
        for (x, y) in [([0.1; 3], [1.0, 2.0, 4.0]), ([1.0, 2.0, 4.0], [0.1; 3])] {
            let refused = matches!(statistic(&x, &y), Err(StatsError::ZeroVariance { .. }));
            assert_eq!(refused, refuses, "{name} of {x:?} and {y:?}");
        }
    }
}

#[test]
fn messages_say_what_happened() {
    let message = |result: Result<f64, StatsError>| result.unwrap_err().to_string();
    assert_eq!(
        message(correlation::pearson(&[2.0, 2.0], &[1.0, 2.0])),
        "the values of the first series are all equal, so the statistic is undefined"
    );
    assert_eq!(
        message(correlation::spearman(&[1.0, f64::NAN], &[1.0, 2.0])),
        "value number 2 is NaN; only finite numbers can be used"
    );
    assert_eq!(
        message(agreement::top_k_overlap(&[1.0, 2.0], &[1.0, 2.0], 3)),
        "k must lie between 1 and 2, it is 3"
    );
}
