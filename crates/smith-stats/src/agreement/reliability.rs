//! Reliability of several raters over the same subjects.

use serde::{Deserialize, Serialize};

use crate::interval::{check_level, fisher_quantile, fisher_tail};
use crate::summary::{raw_mean, squares};
use crate::{Interval, StatsError, check};

/// Cronbach's α of `raters`, one series of ratings each over the same subjects: at most 1, negative when the
/// raters contradict each other. k/(k − 1) · (1 − Σ s_i² / s_total²), all variances with the same divisor.
///
/// # Errors
/// Fewer than two raters or subjects, unequal lengths, a value that is not finite, total scores that are all
/// equal, or magnitudes beyond `f64`.
pub fn cronbach_alpha<S: AsRef<[f64]>>(raters: &[S]) -> Result<f64, StatsError> {
    check_ratings(raters)?;
    let totals = varying_totals(raters)?;
    let k = raters.len() as f64;
    // The divisor of the variances cancels, so sums of squares stand for them.
    let parts: f64 = raters.iter().map(|rater| squares(rater.as_ref())).sum();
    check::finite(k / (k - 1.0) * (1.0 - parts / squares(&totals)))
}

/// Interval of [`cronbach_alpha`] after Feldt (1965); none when the raters agree without any residual.
///
/// # Errors
/// As [`cronbach_alpha`], or a level outside 0 to 1.
pub fn cronbach_alpha_interval<S: AsRef<[f64]>>(
    raters: &[S],
    level: f64,
) -> Result<Option<Interval>, StatsError> {
    check_level(level)?;
    let alpha = cronbach_alpha(raters)?;
    let n = raters.first().map_or(0, |rater| rater.as_ref().len()) as f64;
    let (between, within) = (n - 1.0, (n - 1.0) * (raters.len() as f64 - 1.0));
    let end = |probability| Some(1.0 - (1.0 - alpha) * fisher_quantile(probability, between, within)?);
    let tail = (1.0 - level) / 2.0;
    Ok(end(1.0 - tail).zip(end(tail)).and_then(|(low, high)| Interval::between(low, high)))
}

/// The six intraclass correlations of Shrout and Fleiss (1979): the model's number, then 1 for a single rating
/// or k for the mean of all raters. All are at most 1 and may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Icc {
    /// One-way random, single rating.
    #[serde(rename = "1,1")]
    pub icc_1_1: f64,
    /// Two-way random, absolute agreement, single rating: the paper's ICC.
    #[serde(rename = "2,1")]
    pub icc_2_1: f64,
    /// Two-way mixed, consistency, single rating.
    #[serde(rename = "3,1")]
    pub icc_3_1: f64,
    /// One-way random, mean of the raters.
    #[serde(rename = "1,k")]
    pub icc_1_k: f64,
    /// Two-way random, absolute agreement, mean of the raters.
    #[serde(rename = "2,k")]
    pub icc_2_k: f64,
    /// Two-way mixed, consistency, mean of the raters; equal to [`cronbach_alpha`].
    #[serde(rename = "3,k")]
    pub icc_3_k: f64,
}

/// Intraclass correlations of `raters`, one series of ratings each over the same subjects.
///
/// # Errors
/// As [`cronbach_alpha`]: when the subjects' total scores are all equal, there is nothing to be reliable about.
pub fn icc<S: AsRef<[f64]>>(raters: &[S]) -> Result<Icc, StatsError> {
    check_ratings(raters)?;
    let totals = varying_totals(raters)?;
    let (k, n) = (raters.len() as f64, totals.len() as f64);
    let MeanSquares { subjects: msr, raters: msc, error: mse, within: msw } =
        MeanSquares::of(raters, &totals);
    Ok(Icc {
        icc_1_1: check::finite((msr - msw) / (msr + (k - 1.0) * msw))?,
        icc_2_1: check::finite((msr - mse) / (msr + (k - 1.0) * mse + k * (msc - mse) / n))?,
        icc_3_1: check::finite((msr - mse) / (msr + (k - 1.0) * mse))?,
        icc_1_k: check::finite((msr - msw) / msr)?,
        icc_2_k: check::finite((msr - mse) / (msr + (msc - mse) / n))?,
        icc_3_k: check::finite((msr - mse) / msr)?,
    })
}

/// One form of the intraclass correlation with the test against zero and its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IccTest {
    /// The correlation.
    pub value: f64,
    /// Ratio of mean squares; none when the divisor is zero.
    pub f: Option<f64>,
    /// Degrees of freedom above.
    pub df1: f64,
    /// Degrees of freedom below.
    pub df2: f64,
    /// Chance of such a ratio or a greater one if subjects did not differ.
    pub p: Option<f64>,
    /// Interval of confidence, after Shrout and Fleiss (1979) and McGraw and Wong (1996).
    pub interval: Option<Interval>,
}

/// The six forms of [`icc`] in its order (1,1 · 2,1 · 3,1 · 1,k · 2,k · 3,k), each with its test and interval.
///
/// # Errors
/// As [`icc`], or a level outside 0 to 1.
pub fn icc_tests<S: AsRef<[f64]>>(
    raters: &[S],
    level: f64,
) -> Result<[(&'static str, IccTest); 6], StatsError> {
    check_level(level)?;
    let icc = icc(raters)?;
    let totals = varying_totals(raters)?;
    let squares = MeanSquares::of(raters, &totals);
    let ratios =
        Ratios { k: raters.len() as f64, n: totals.len() as f64, tail: (1.0 - level) / 2.0, squares };
    let (one, two, three) = (ratios.one_way(), ratios.two_way_random(icc.icc_2_1), ratios.two_way_mixed());
    let within = ratios.n * (ratios.k - 1.0);
    let error = (ratios.n - 1.0) * (ratios.k - 1.0);
    let (msw, mse) = (ratios.squares.within, ratios.squares.error);
    let mean = |single: Option<Interval>| ratios.of_mean(single);
    Ok([
        ("1,1", ratios.test(icc.icc_1_1, msw, within, one)),
        ("2,1", ratios.test(icc.icc_2_1, mse, error, two)),
        ("3,1", ratios.test(icc.icc_3_1, mse, error, three)),
        ("1,k", ratios.test(icc.icc_1_k, msw, within, mean(one))),
        ("2,k", ratios.test(icc.icc_2_k, mse, error, mean(two))),
        ("3,k", ratios.test(icc.icc_3_k, mse, error, mean(three))),
    ])
}

/// What the intervals of intraclass correlations are made of: `k` raters of `n` subjects.
struct Ratios {
    k: f64,
    n: f64,
    tail: f64,
    squares: MeanSquares,
}

impl Ratios {
    fn test(&self, value: f64, below: f64, df2: f64, interval: Option<Interval>) -> IccTest {
        let ratio = self.squares.subjects / below;
        let df1 = self.n - 1.0;
        IccTest {
            value,
            f: Some(ratio).filter(|f| f.is_finite()),
            df1,
            df2,
            p: fisher_tail(ratio, df1, df2),
            interval,
        }
    }

    fn one_way(&self) -> Option<Interval> {
        self.single(self.squares.within, self.n * (self.k - 1.0))
    }

    fn two_way_mixed(&self) -> Option<Interval> {
        self.single(self.squares.error, (self.n - 1.0) * (self.k - 1.0))
    }

    fn single(&self, below: f64, df2: f64) -> Option<Interval> {
        let (ratio, df1) = (self.squares.subjects / below, self.n - 1.0);
        let low = ratio / fisher_quantile(1.0 - self.tail, df1, df2)?;
        let high = ratio * fisher_quantile(1.0 - self.tail, df2, df1)?;
        let end = |f: f64| (f - 1.0) / (f + self.k - 1.0);
        Interval::between(end(low), end(high))
    }

    /// Absolute agreement: Satterthwaite's approximation of the degrees of freedom.
    fn two_way_random(&self, icc: f64) -> Option<Interval> {
        let Self { k, n, tail, squares: MeanSquares { subjects: msr, raters: msc, error: mse, .. } } = self;
        let ratio = msc / mse;
        let rest = n * (1.0 + (k - 1.0) * icc) - k * icc;
        let freedom = (k - 1.0) * (n - 1.0) * (k * icc * ratio + rest).powi(2)
            / ((n - 1.0) * (k * icc * ratio).powi(2) + rest * rest);
        let upper = fisher_quantile(1.0 - tail, n - 1.0, freedom)?;
        let lower = fisher_quantile(1.0 - tail, freedom, n - 1.0)?;
        let noise = k * msc + (k * n - k - n) * mse;
        Interval::between(
            n * (msr - upper * mse) / (upper * noise + n * msr),
            n * (lower * msr - mse) / (noise + n * lower * msr),
        )
    }

    /// From a single rating to the mean of all raters (Spearman and Brown).
    fn of_mean(&self, single: Option<Interval>) -> Option<Interval> {
        let end = |r: f64| self.k * r / (1.0 + (self.k - 1.0) * r);
        single.and_then(|Interval { low, high }| Interval::between(end(low), end(high)))
    }
}

/// Mean squares of the two-way analysis of variance without replication.
struct MeanSquares {
    /// Between subjects (MSR).
    subjects: f64,
    /// Between raters (MSC).
    raters: f64,
    /// Residual (MSE).
    error: f64,
    /// Within subjects, of the one-way analysis (MSW).
    within: f64,
}

impl MeanSquares {
    fn of<S: AsRef<[f64]>>(ratings: &[S], totals: &[f64]) -> Self {
        let (k, n) = (ratings.len() as f64, totals.len() as f64);
        let rater_means: Vec<f64> = ratings.iter().map(|rater| raw_mean(rater.as_ref())).collect();
        let grand = raw_mean(&rater_means);
        let between_raters = n * squares(&rater_means);
        // Residuals are summed directly; as a difference of larger sums they would lose their digits.
        let mut residual = 0.0;
        for (rater, mean) in ratings.iter().zip(&rater_means) {
            for (rating, total) in rater.as_ref().iter().zip(totals) {
                residual += (rating - total / k - mean + grand).powi(2);
            }
        }
        Self {
            subjects: squares(totals) / k / (n - 1.0),
            raters: between_raters / (k - 1.0),
            error: residual / ((n - 1.0) * (k - 1.0)),
            within: (between_raters + residual) / (n * (k - 1.0)),
        }
    }
}

fn check_ratings<S: AsRef<[f64]>>(raters: &[S]) -> Result<(), StatsError> {
    if raters.len() < 2 {
        return Err(StatsError::TooFew { what: "raters", needed: 2, found: raters.len() });
    }
    let expected = raters[0].as_ref().len();
    for rater in raters.iter().map(AsRef::as_ref) {
        if rater.len() != expected {
            return Err(StatsError::UnequalLengths { expected, found: rater.len() });
        }
        check::series(rater, "subjects", 2)?;
    }
    Ok(())
}

/// Sum of each subject's ratings. They must differ by more than the rounding of such a sum: otherwise the
/// statistics would divide by noise.
fn varying_totals<S: AsRef<[f64]>>(raters: &[S]) -> Result<Vec<f64>, StatsError> {
    let subjects = raters[0].as_ref().len();
    let total = |subject: usize| raters.iter().map(|rater| rater.as_ref()[subject]).sum::<f64>();
    let totals: Vec<f64> = (0..subjects).map(total).collect();
    let largest =
        raters.iter().flat_map(AsRef::as_ref).fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let (least, greatest) =
        totals.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, g), &t| (l.min(t), g.max(t)));
    if check::finite(greatest - least)? <= largest * raters.len() as f64 * f64::EPSILON {
        return Err(StatsError::ZeroVariance { of: "the total scores of the subjects" });
    }
    Ok(totals)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six subjects by four raters, from Shrout and Fleiss (1979), table 2.
    const RATERS: [[f64; 6]; 4] = [
        [9.0, 6.0, 8.0, 7.0, 10.0, 6.0],
        [2.0, 1.0, 4.0, 1.0, 5.0, 2.0],
        [5.0, 3.0, 6.0, 2.0, 6.0, 4.0],
        [8.0, 2.0, 8.0, 6.0, 9.0, 7.0],
    ];

    #[test]
    fn the_published_example_gives_the_published_figures() {
        let icc = icc(&RATERS).unwrap();
        for (value, printed) in [
            (icc.icc_1_1, 0.17),
            (icc.icc_2_1, 0.29),
            (icc.icc_3_1, 0.71),
            (icc.icc_1_k, 0.44),
            (icc.icc_2_k, 0.62),
            (icc.icc_3_k, 0.91),
        ] {
            assert!((value - printed).abs() <= 0.005, "{value} is printed as {printed}");
        }
    }

    #[test]
    fn alpha_is_the_consistency_of_the_mean() {
        let alpha = cronbach_alpha(&RATERS).unwrap();
        assert!((alpha - icc(&RATERS).unwrap().icc_3_k).abs() < 1e-12, "{alpha}");
    }

    #[test]
    fn alpha_does_not_mix_divisors() {
        let n = RATERS[0].len() as f64;
        let totals = varying_totals(&RATERS).unwrap();
        let alpha_with = |part_divisor: f64, total_divisor: f64| {
            let parts: f64 = RATERS.iter().map(|rater| squares(rater) / part_divisor).sum();
            4.0 / 3.0 * (1.0 - parts / (squares(&totals) / total_divisor))
        };
        let alpha = cronbach_alpha(&RATERS).unwrap();
        assert!(
            (alpha - alpha_with(n, n)).abs() < 1e-12 && (alpha - alpha_with(n - 1.0, n - 1.0)).abs() < 1e-12
        );
        for mixed in [alpha_with(n, n - 1.0), alpha_with(n - 1.0, n)] {
            assert!((alpha - mixed).abs() > 0.01, "{alpha} {mixed}");
        }
    }

    #[test]
    fn forms_are_named_as_in_the_literature() {
        let json = serde_json::to_value(icc(&RATERS).unwrap()).unwrap();
        let names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["1,1", "1,k", "2,1", "2,k", "3,1", "3,k"]);
    }

    #[test]
    fn equal_totals_are_an_error_despite_rounding() {
        // 0.1 + 0.2 and 0.3 + 0.0 differ in their last bit.
        for raters in [[[0.1, 0.3, 0.3], [0.2, 0.0, 0.0]], [[5.0, 5.0, 5.0], [5.0, 5.0, 5.0]]] {
            let expected = StatsError::ZeroVariance { of: "the total scores of the subjects" };
            assert_eq!(cronbach_alpha(&raters), Err(expected.clone()));
            assert_eq!(icc(&raters), Err(expected));
        }
    }

    #[test]
    fn what_cannot_be_rated_says_why() {
        let nothing: [[f64; 3]; 0] = [];
        assert_eq!(icc(&nothing), Err(StatsError::TooFew { what: "raters", needed: 2, found: 0 }));
        assert_eq!(
            cronbach_alpha(&[[1.0, 2.0]]),
            Err(StatsError::TooFew { what: "raters", needed: 2, found: 1 })
        );
        assert_eq!(icc(&[[1.0], [2.0]]), Err(StatsError::TooFew { what: "subjects", needed: 2, found: 1 }));
        assert_eq!(
            icc(&[vec![1.0, 2.0, 3.0], vec![1.0, 2.0]]),
            Err(StatsError::UnequalLengths { expected: 3, found: 2 })
        );
        assert!(matches!(
            cronbach_alpha(&[[1.0, f64::NAN], [1.0, 2.0]]),
            Err(StatsError::NonFinite { index: 1, .. })
        ));
        assert_eq!(icc(&[[1e200, -1e200], [1e200, -1e199]]), Err(StatsError::OutOfRange));
    }
}
