//! Everything that the paper's section 5.4 says of several sets of ratings, at once.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    BlandAltman, Icc, IccTest, LimitIntervals, bland_altman, bland_altman_intervals, ccc_estimate,
    cronbach_alpha, cronbach_alpha_interval, icc, icc_tests, top_k_chance, top_k_overlap,
};
use crate::error::quoted;
use crate::interval::check_level;
use crate::{Estimate, Interval, StatsError, correlation};

/// Ratings of the same models by several sets.
///
/// ```
/// use smith_stats::agreement::{AgreementOptions, AgreementReport, RatingTable};
///
/// let table = RatingTable::new(
///     vec!["oak".into(), "elm".into(), "ash".into()],
///     vec![
///         ("real".into(), vec![Some(1100.0), Some(1000.0), Some(900.0)]),
///         ("made".into(), vec![Some(1080.0), Some(1010.0), Some(910.0)]),
///     ],
/// )?;
/// let report = AgreementReport::of(&table, &AgreementOptions::default())?;
/// assert_eq!(report.pairs[0].kendall, Some(1.0));
/// # Ok::<(), smith_stats::StatsError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RatingTable {
    models: Vec<String>,
    sets: Vec<(String, Vec<f64>)>,
}

impl RatingTable {
    /// From one row for every model and one column for every set.
    ///
    /// # Errors
    /// [`StatsError::Rows`] with the rows of models that are there twice, have no name, or lack a finite rating in a
    /// set; two sets of one name; fewer than two models or sets.
    pub fn new(models: Vec<String>, sets: Vec<(String, Vec<Option<f64>>)>) -> Result<Self, StatsError> {
        for (what, found) in [("models", models.len()), ("sets of ratings", sets.len())] {
            if found < 2 {
                return Err(StatsError::TooFew { what, needed: 2, found });
            }
        }
        check_names(&models)?;
        let mut seen = BTreeSet::new();
        let mut complete = Vec::with_capacity(sets.len());
        for (name, ratings) in sets {
            if ratings.len() != models.len() {
                return Err(StatsError::UnequalLengths { expected: models.len(), found: ratings.len() });
            }
            if !seen.insert(name.clone()) {
                let problem = format!("two sets are called {}", quoted(&name));
                return Err(StatsError::Rows { rows: Vec::new(), problem });
            }
            let usable = |rating: &Option<f64>| rating.filter(|rating| rating.is_finite());
            let found: Vec<f64> = ratings.iter().filter_map(usable).collect();
            if found.len() < models.len() {
                let is_missing = |(_, rating): &(usize, &Option<f64>)| usable(rating).is_none();
                let rows = (1..).zip(&ratings).filter(is_missing).map(|(row, _)| row).collect();
                let problem = format!(
                    "no finite rating in the set {}; sets are compared over the same models, so fill it in or leave \
                     the model out",
                    quoted(&name)
                );
                return Err(StatsError::Rows { rows, problem });
            }
            complete.push((name, found));
        }
        Ok(Self { models, sets: complete })
    }

    /// From sets that were made apart. Models that are not in all of them are left out and returned, so that nothing
    /// is left out in silence.
    ///
    /// # Errors
    /// As [`RatingTable::new`]: fewer than two models in common, a rating that is not finite.
    pub fn of_common(sets: &[(String, BTreeMap<String, f64>)]) -> Result<(Self, Vec<String>), StatsError> {
        let all: BTreeSet<&String> = sets.iter().flat_map(|(_, ratings)| ratings.keys()).collect();
        let is_common = |model: &&String| sets.iter().all(|(_, ratings)| ratings.contains_key(*model));
        let (common, rest): (Vec<&String>, Vec<&String>) = all.into_iter().partition(is_common);
        let column = |ratings: &BTreeMap<String, f64>| {
            common.iter().map(|model| ratings.get(*model).copied()).collect()
        };
        let columns = sets.iter().map(|(name, ratings)| (name.clone(), column(ratings))).collect();
        let table = Self::new(common.iter().map(ToString::to_string).collect(), columns)?;
        Ok((table, rest.into_iter().cloned().collect()))
    }

    /// The models, in the order of the ratings.
    #[must_use]
    pub fn models(&self) -> &[String] {
        &self.models
    }

    /// Name and ratings of every set.
    #[must_use]
    pub fn sets(&self) -> &[(String, Vec<f64>)] {
        &self.sets
    }
}

fn check_names(models: &[String]) -> Result<(), StatsError> {
    let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, model) in (1..).zip(models) {
        rows.entry(model).or_default().push(row);
    }
    for (model, rows) in rows {
        if model.is_empty() {
            return Err(StatsError::Rows { rows, problem: String::from("a model has no name") });
        }
        if rows.len() > 1 {
            let problem = format!("the model {} is there more than once", quoted(model));
            return Err(StatsError::Rows { rows, problem });
        }
    }
    Ok(())
}

/// What is asked of the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AgreementOptions {
    /// Level of confidence of the intervals.
    pub level: f64,
    /// Sizes of the head of the ranking; those beyond the number of models are left out.
    pub top: Vec<usize>,
}

impl Default for AgreementOptions {
    /// 95 %, top 3 and top 5.
    fn default() -> Self {
        Self { level: 0.95, top: vec![3, 5] }
    }
}

/// Agreement of several sets of ratings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AgreementReport {
    /// Number of models.
    pub models: usize,
    /// Every two sets.
    pub pairs: Vec<PairAgreement>,
    /// Cronbach's α of all sets.
    pub cronbach_alpha: Option<f64>,
    /// Its interval.
    pub cronbach_alpha_interval: Option<Interval>,
    /// Intraclass correlations of all sets.
    pub icc: Option<Icc>,
    /// Their tests and intervals, by form.
    pub icc_tests: BTreeMap<String, IccTest>,
    /// Why α and the intraclass correlations have no value, if so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub undefined: Option<String>,
    /// Level of confidence of the intervals.
    pub level: f64,
}

/// Agreement of two sets of ratings. What has no value is none, and `undefined` says why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PairAgreement {
    /// The first set.
    pub a: String,
    /// The second set.
    pub b: String,
    /// Pearson's r.
    pub pearson: Option<f64>,
    /// Its square.
    pub r2: Option<f64>,
    /// Spearman's ρ.
    pub spearman: Option<f64>,
    /// Kendall's τ-b.
    pub kendall: Option<f64>,
    /// Lin's concordance correlation.
    pub ccc: Option<f64>,
    /// Overlap of the first k, by k.
    pub top_k: BTreeMap<usize, f64>,
    /// Bias and limits of agreement, first less second.
    pub bland_altman: BlandAltman,
    /// Chances of such figures if the sets had nothing to do with each other.
    pub p: PairTests,
    /// Intervals of confidence.
    pub intervals: PairIntervals,
    /// Why a statistic has no value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub undefined: BTreeMap<String, String>,
}

/// Tests of a pair of sets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PairTests {
    /// Of Pearson's r, and so of its square.
    pub pearson: Option<f64>,
    /// Of Spearman's ρ.
    pub spearman: Option<f64>,
    /// Of Kendall's τ-b.
    pub kendall: Option<f64>,
    /// Of the bias against zero.
    pub bias: Option<f64>,
    /// Of the overlap of the first k, by k.
    pub top_k: BTreeMap<usize, f64>,
}

/// Intervals of a pair of sets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PairIntervals {
    /// Of Pearson's r.
    pub pearson: Option<Interval>,
    /// Of its square.
    pub r2: Option<Interval>,
    /// Of Spearman's ρ.
    pub spearman: Option<Interval>,
    /// Of Kendall's τ-b.
    pub kendall: Option<Interval>,
    /// Of Lin's concordance correlation.
    pub ccc: Option<Interval>,
    /// Of bias and limits.
    pub bland_altman: LimitIntervals,
}

impl AgreementReport {
    /// Compares every two sets, and all of them.
    ///
    /// # Errors
    /// An option outside its range, or ratings beyond `f64`.
    pub fn of(table: &RatingTable, options: &AgreementOptions) -> Result<Self, StatsError> {
        check_level(options.level)?;
        if options.top.contains(&0) {
            return Err(StatsError::InvalidK { k: 0, len: table.models.len() });
        }
        // Among equal ratings the first k are those whose names come first, whatever the order of the rows.
        let mut by_name: Vec<usize> = (0..table.models.len()).collect();
        by_name.sort_by(|a, b| table.models.get(*a).cmp(&table.models.get(*b)));
        let sorted = |(name, ratings): &(String, Vec<f64>)| {
            (name.clone(), by_name.iter().filter_map(|index| ratings.get(*index).copied()).collect())
        };
        let sets: Vec<(String, Vec<f64>)> = table.sets.iter().map(sorted).collect();
        let mut pairs = Vec::new();
        for (index, first) in sets.iter().enumerate() {
            for second in sets.iter().skip(index + 1) {
                pairs.push(pair(first, second, options)?);
            }
        }
        let raters: Vec<&[f64]> = table.sets.iter().map(|(_, ratings)| ratings.as_slice()).collect();
        let alpha = cronbach_alpha(&raters);
        let tests = icc_tests(&raters, options.level).into_iter().flatten();
        Ok(Self {
            models: table.models.len(),
            pairs,
            cronbach_alpha_interval: cronbach_alpha_interval(&raters, options.level).ok().flatten(),
            icc: icc(&raters).ok(),
            icc_tests: tests.map(|(form, test)| (form.to_owned(), test)).collect(),
            undefined: alpha.as_ref().err().map(ToString::to_string),
            cronbach_alpha: alpha.ok(),
            level: options.level,
        })
    }
}

fn pair(
    (a, x): &(String, Vec<f64>),
    (b, y): &(String, Vec<f64>),
    options: &AgreementOptions,
) -> Result<PairAgreement, StatsError> {
    let mut undefined = BTreeMap::new();
    let mut keep = |name: &str, result: Result<Estimate, StatsError>| {
        result.map_err(|error| undefined.insert(name.to_owned(), error.to_string())).ok()
    };
    let pearson = keep("pearson", correlation::pearson_estimate(x, y, options.level));
    let r2 = keep("r2", correlation::r_squared_estimate(x, y, options.level));
    let spearman = keep("spearman", correlation::spearman_estimate(x, y, options.level));
    let kendall = keep("kendall", correlation::kendall_estimate(x, y, options.level));
    let ccc = keep("ccc", ccc_estimate(x, y, options.level));
    let value = |estimate: Option<Estimate>| estimate.map(|estimate| estimate.value);
    let p = |estimate: Option<Estimate>| estimate.and_then(|estimate| estimate.p);
    let interval = |estimate: Option<Estimate>| estimate.and_then(|estimate| estimate.interval);
    let limits = bland_altman_intervals(x, y, options.level)?;
    let (mut top_k, mut chances) = (BTreeMap::new(), BTreeMap::new());
    for &k in options.top.iter().filter(|k| **k <= x.len()) {
        top_k.insert(k, top_k_overlap(x, y, k)?);
        chances.insert(k, top_k_chance(x, y, k)?);
    }
    Ok(PairAgreement {
        a: a.clone(),
        b: b.clone(),
        pearson: value(pearson),
        r2: value(r2),
        spearman: value(spearman),
        kendall: value(kendall),
        ccc: value(ccc),
        top_k,
        bland_altman: bland_altman(x, y)?,
        p: PairTests {
            pearson: p(pearson),
            spearman: p(spearman),
            kendall: p(kendall),
            bias: limits.bias_p,
            top_k: chances,
        },
        intervals: PairIntervals {
            pearson: interval(pearson),
            r2: interval(r2),
            spearman: interval(spearman),
            kendall: interval(kendall),
            ccc: interval(ccc),
            bland_altman: limits,
        },
        undefined,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn some(ratings: &[f64]) -> Vec<Option<f64>> {
        ratings.iter().copied().map(Some).collect()
    }

    #[test]
    fn tables_that_cannot_be_compared_say_where() {
        let table = |models: &[&str], first: Vec<Option<f64>>| {
            let second = some(&[1.0, 2.0, 4.0]);
            RatingTable::new(names(models), vec![("x".to_owned(), first), ("y".to_owned(), second)])
                .map_err(|error| error.to_string())
        };
        for (models, first, part) in [
            (&["a", "b", "a"], some(&[1.0, 2.0, 3.0]), "rows 1 and 3: the model `a` is there more than once"),
            (&["a", "", "c"], some(&[1.0, 2.0, 3.0]), "row 2: a model has no name"),
            (
                &["a", "b", "c"],
                vec![Some(1.0), None, Some(f64::NAN)],
                "rows 2 and 3: no finite rating in the set `x`",
            ),
        ] {
            let message = table(models, first).unwrap_err();
            assert!(message.contains(part), "{message}");
        }
        let twice = vec![("x".to_owned(), some(&[1.0, 2.0])), ("x".to_owned(), some(&[1.0, 2.0]))];
        assert!(RatingTable::new(names(&["a", "b"]), twice).unwrap_err().to_string().contains("called `x`"));
        let one = vec![("x".to_owned(), some(&[1.0])), ("y".to_owned(), some(&[1.0]))];
        assert!(matches!(
            RatingTable::new(names(&["a"]), one),
            Err(StatsError::TooFew { what: "models", .. })
        ));
    }

    #[test]
    fn models_that_one_set_lacks_are_left_out_aloud() {
        let set = |name: &str, models: &[(&str, f64)]| {
            (name.to_owned(), models.iter().map(|(model, rating)| (model.to_string(), *rating)).collect())
        };
        let sets = [
            set("x", &[("a", 1.0), ("b", 2.0), ("c", 3.0)]),
            set("y", &[("b", 5.0), ("c", 7.0), ("d", 1.0)]),
        ];
        let (table, left_out) = RatingTable::of_common(&sets).unwrap();
        assert_eq!((table.models(), left_out), (&names(&["b", "c"])[..], names(&["a", "d"])));
        assert_eq!(table.sets()[1].1, [5.0, 7.0]);
    }

    #[test]
    fn a_constant_set_has_limits_and_no_correlation() {
        let sets = vec![("x".to_owned(), some(&[1.0, 1.0, 1.0])), ("y".to_owned(), some(&[1.0, 2.0, 3.0]))];
        let table = RatingTable::new(names(&["a", "b", "c"]), sets).unwrap();
        let report = AgreementReport::of(&table, &AgreementOptions::default()).unwrap();
        let pair = &report.pairs[0];
        assert_eq!((pair.pearson, pair.bland_altman.bias), (None, -1.0));
        assert!(pair.undefined["kendall"].contains("all equal"), "{:?}", pair.undefined);
        assert_eq!(pair.top_k.keys().copied().collect::<Vec<_>>(), [3]);
    }
}
