//! Quality of a set of tasks as a measuring instrument: what each task tells of the models, how few tasks would do, and
//! which ones are better dropped.
//!
//! A model's *mark* on a task is the share of the other models that it beats there by its best run, ties counting half:
//! from 0 to 1 whatever the metric. Elo ratings rest on the same comparisons.
//!
//! - **Discrimination**: Pearson's correlation, over the models, of the marks on the task with the mean marks on all other
//!   tasks (item–rest). Near 1 the task ranks models as the rest does; below 0 it contradicts the rest.
//! - **Difficulty**: 1 − mean over the models of the score, scaled so that the best model of the task has 1 and the worst 0;
//!   a model without a valid score has 0. Near 1, one model stands out from a field that failed.
//! - **Noise**: with several runs of a model, the share of the variance of scores that lies between runs of one model rather
//!   than between models: 1 − ICC(1,1), from 0 (runs repeat each other) to 1 (they tell nothing of the model).

use std::collections::BTreeMap;

use rand::seq::SliceRandom;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::agreement::cronbach_alpha;
use crate::correlation::{kendall_tau_b, pearson};
use crate::elo::{EloOptions, ScoreTable, TaskScores, generator, rate};
use crate::summary::{quantile, raw_mean, squares};
use crate::{Interval, StatsError};

/// Most tasks that are taken in.
const MAX_TASKS: usize = 20_000;
/// Most draws of subsets of one size.
const MAX_DRAWS: usize = 10_000;

/// From where on a task is better dropped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QualityOptions {
    /// Discrimination below this is too little.
    pub least_discrimination: f64,
    /// Noise above this is too much.
    pub most_noise: f64,
}

impl Default for QualityOptions {
    /// Discrimination of 0.1 at least, noise of 0.7 at most.
    fn default() -> Self {
        Self { least_discrimination: 0.1, most_noise: 0.7 }
    }
}

/// What one task tells of the models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskQuality {
    /// The task.
    pub task: String,
    /// Models that have rows for it.
    pub models: usize,
    /// Share of them that reached a valid score.
    pub solved: f64,
    /// Item–rest correlation; none for fewer than three models, or marks that do not vary.
    pub discrimination: Option<f64>,
    /// See the head of the module; none without a valid score.
    pub difficulty: Option<f64>,
    /// Share of variance between runs; none without a model that has two valid runs.
    pub noise: Option<f64>,
    /// Cronbach's α of the set without the task; none unless every model has rows for every task.
    pub alpha_without: Option<f64>,
    /// Why the task is better dropped; empty for one that is worth keeping.
    pub drop: Vec<String>,
}

/// Quality of all tasks of a set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SetQuality {
    /// The tasks in order of their names.
    pub tasks: Vec<TaskQuality>,
    /// Cronbach's α of the marks, tasks being the items; none unless every model has rows for every task.
    pub alpha: Option<f64>,
}

impl SetQuality {
    /// Judges every task.
    ///
    /// # Errors
    /// No task, more than 20,000 tasks, or an option that is NaN.
    pub fn of(scores: &ScoreTable, options: &QualityOptions) -> Result<Self, StatsError> {
        let found = scores.tasks().len();
        if found == 0 {
            return Err(StatsError::TooFew { what: "tasks", needed: 1, found });
        }
        if found > MAX_TASKS {
            return Err(StatsError::TooMany { what: "tasks", limit: MAX_TASKS, found });
        }
        for (option, value) in [
            ("the least discrimination", options.least_discrimination),
            ("the most noise", options.most_noise),
        ] {
            if value.is_nan() {
                return Err(StatsError::InvalidOption { option, demand: "be a number", value });
            }
        }
        let marks: Vec<BTreeMap<&str, f64>> = scores.tasks().values().map(marks).collect();
        let totals = Totals::of(&marks);
        let items = items(&marks, scores.models().len());
        let alpha = items.as_ref().and_then(|items| cronbach_alpha(items).ok());
        let alphas = items.as_ref().map(|items| alphas_without(items)).unwrap_or_default();
        let tasks = scores.tasks().iter().zip(&marks).enumerate().map(|(index, ((name, task), marks))| {
            let alpha_without = alphas.get(index).copied().flatten();
            let mut quality = TaskQuality {
                task: name.clone(),
                models: task.runs.len(),
                solved: solved(task),
                discrimination: totals.discrimination(marks),
                difficulty: difficulty(task),
                noise: noise(task),
                alpha_without,
                drop: Vec::new(),
            };
            quality.drop = reasons(&quality, marks, options);
            quality
        });
        Ok(Self { tasks: tasks.collect(), alpha })
    }

    /// Names of the tasks that are better dropped.
    #[must_use]
    pub fn to_drop(&self) -> Vec<&str> {
        self.tasks.iter().filter(|task| !task.drop.is_empty()).map(|task| task.task.as_str()).collect()
    }
}

fn reasons(quality: &TaskQuality, marks: &BTreeMap<&str, f64>, options: &QualityOptions) -> Vec<String> {
    let mut reasons = Vec::new();
    if quality.solved == 0.0 {
        reasons.push(String::from("no model reached a valid score"));
    } else if quality.models >= 2 && marks.values().all(|mark| *mark == 0.5) {
        reasons.push(String::from("all models tie, so it tells none from another"));
    }
    match quality.discrimination {
        Some(value) if value < 0.0 => {
            reasons.push(format!("it ranks models against the other tasks (discrimination {value:.2})"));
        }
        Some(value) if value < options.least_discrimination => {
            reasons.push(format!("it hardly ranks models as the other tasks do (discrimination {value:.2})"));
        }
        _ => {}
    }
    if let Some(noise) = quality.noise.filter(|noise| *noise > options.most_noise) {
        reasons.push(format!("runs of one model differ as models do (noise {noise:.2})"));
    }
    reasons
}

/// Share of the other models that each model beats; alone, a model has nobody to beat and no mark.
fn marks(task: &TaskScores) -> BTreeMap<&str, f64> {
    let others = task.runs.len().saturating_sub(1) as f64;
    if others == 0.0 {
        return BTreeMap::new();
    }
    let sign = if task.higher_is_better { 1.0 } else { -1.0 };
    // No valid score is below all others; adding zero makes both zeros one.
    let value = |model: &str| task.best(model).map_or(f64::NEG_INFINITY, |score| sign * score + 0.0);
    let values: Vec<(&str, f64)> = task.runs.keys().map(|model| (model.as_str(), value(model))).collect();
    let mut sorted: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let mark = |own: f64| {
        let beaten = sorted.partition_point(|other| *other < own);
        let level = sorted.partition_point(|other| *other <= own) - beaten;
        // One of those on its level is the model itself.
        (beaten as f64 + (level as f64 - 1.0) / 2.0) / others
    };
    values.iter().map(|(model, value)| (*model, mark(*value))).collect()
}

/// Sums of marks over all tasks by model.
struct Totals<'a>(BTreeMap<&'a str, (f64, f64)>);

impl<'a> Totals<'a> {
    fn of(marks: &[BTreeMap<&'a str, f64>]) -> Self {
        let mut totals: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for (model, mark) in marks.iter().flatten() {
            let total = totals.entry(model).or_default();
            *total = (total.0 + mark, total.1 + 1.0);
        }
        Self(totals)
    }

    /// Correlation with the mean of the other tasks, over the models that have others.
    fn discrimination(&self, marks: &BTreeMap<&str, f64>) -> Option<f64> {
        let rest = |model: &str, mark: f64| {
            let (sum, count) = *self.0.get(model)?;
            (count > 1.0).then(|| (sum - mark) / (count - 1.0))
        };
        let (own, others): (Vec<f64>, Vec<f64>) =
            marks.iter().filter_map(|(model, mark)| Some((*mark, rest(model, *mark)?))).unzip();
        if own.len() < 3 || spread(&others) < 1e-12 {
            return None;
        }
        pearson(&own, &others).ok()
    }
}

fn spread(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
        - values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn solved(task: &TaskScores) -> f64 {
    let valid = task.runs.keys().filter(|model| task.best(model).is_some()).count();
    valid as f64 / task.runs.len() as f64
}

fn difficulty(task: &TaskScores) -> Option<f64> {
    let best: Vec<Option<f64>> = task.runs.keys().map(|model| task.best(model)).collect();
    let sign = if task.higher_is_better { 1.0 } else { -1.0 };
    let valid: Vec<f64> = best.iter().flatten().map(|score| sign * score / 2.0).collect();
    let (least, greatest) =
        valid.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, g), v| (l.min(*v), g.max(*v)));
    if valid.is_empty() {
        return None;
    }
    // Where all valid scores are equal, all of them are the best.
    let scaled = |value: &f64| if least == greatest { 1.0 } else { (value - least) / (greatest - least) };
    Some(1.0 - valid.iter().map(scaled).sum::<f64>() / best.len() as f64)
}

/// One-way analysis of variance of valid runs within models, with models of different numbers of runs.
fn noise(task: &TaskScores) -> Option<f64> {
    let groups: Vec<Vec<f64>> = task
        .runs
        .values()
        .map(|runs| runs.iter().flatten().copied().collect())
        .filter(|g: &Vec<f64>| !g.is_empty())
        .collect();
    let all: Vec<f64> = groups.iter().flatten().copied().collect();
    let (n, models) = (all.len() as f64, groups.len() as f64);
    if groups.len() < 2 || all.len() == groups.len() {
        return None;
    }
    let within = groups.iter().map(|group| squares(group)).sum::<f64>() / (n - models);
    let grand = raw_mean(&all);
    let between =
        groups.iter().map(|g| g.len() as f64 * (raw_mean(g) - grand).powi(2)).sum::<f64>() / (models - 1.0);
    let sizes: f64 = groups.iter().map(|group| (group.len() as f64).powi(2)).sum();
    let size = (n - sizes / n) / (models - 1.0);
    if between == 0.0 && within == 0.0 {
        return None;
    }
    let icc = (between - within) / (between + (size - 1.0) * within);
    Some(1.0 - icc).filter(|noise| noise.is_finite()).map(|noise| noise.clamp(0.0, 1.0))
}

/// Marks by task, if every model has one on every task.
fn items(marks: &[BTreeMap<&str, f64>], models: usize) -> Option<Vec<Vec<f64>>> {
    let is_complete = models >= 2 && marks.len() >= 2 && marks.iter().all(|marks| marks.len() == models);
    is_complete.then(|| marks.iter().map(|marks| marks.values().copied().collect()).collect())
}

/// Cronbach's α without each of the items, from sums that are made once.
fn alphas_without(items: &[Vec<f64>]) -> Vec<Option<f64>> {
    let models = items.first().map_or(0, Vec::len);
    let total: Vec<f64> =
        (0..models).map(|model| items.iter().filter_map(|item| item.get(model)).sum()).collect();
    let parts: f64 = items.iter().map(|item| squares(item)).sum();
    let k = items.len() as f64 - 1.0;
    let without = |item: &Vec<f64>| {
        let rest: Vec<f64> = total.iter().zip(item).map(|(total, mark)| total - mark).collect();
        if k < 2.0 || spread(&rest) < 1e-12 {
            return None;
        }
        Some(k / (k - 1.0) * (1.0 - (parts - squares(item)) / squares(&rest)))
            .filter(|alpha| alpha.is_finite())
    };
    items.iter().map(without).collect()
}

/// How well subsets of one size keep the ratings of the whole set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Fidelity {
    /// Number of tasks in a subset.
    pub tasks: usize,
    /// Subsets that were drawn.
    pub draws: usize,
    /// Draws that could not be compared: a model was without a battle, or all ratings were equal.
    pub undefined: usize,
    /// Mean of Pearson's correlation with the ratings of the whole set.
    pub pearson: Option<f64>,
    /// Mean of Kendall's τ-b with them.
    pub kendall: Option<f64>,
    /// Middle 90 % of Kendall's τ-b over the draws.
    pub kendall_range: Option<Interval>,
    /// Mean, over draws and models, of the distance from the rating by the whole set, in points.
    pub distance: Option<f64>,
}

/// Elo fidelity of random subsets of k tasks, for each k of `sizes`: how close ratings by the subset are to those by the
/// whole set (which holds the subset, so that the figures reach 1 and 0 when k is all). Draws are without replacement
/// and the same for the same seed on any number of cores.
///
/// # Errors
/// A size of zero or beyond the number of tasks, no draw or more than 10,000, and what [`rate`] refuses.
pub fn fidelity(
    scores: &ScoreTable,
    sizes: &[usize],
    draws: usize,
    seed: u64,
) -> Result<Vec<Fidelity>, StatsError> {
    let names: Vec<&str> = scores.tasks().keys().map(String::as_str).collect();
    if let Some(&k) = sizes.iter().find(|k| !(1..=names.len()).contains(k)) {
        return Err(StatsError::InvalidK { k, len: names.len() });
    }
    if !(1..=MAX_DRAWS).contains(&draws) {
        let value = draws as f64;
        return Err(StatsError::InvalidOption {
            option: "the number of draws",
            demand: "lie between 1 and 10000",
            value,
        });
    }
    let whole = elo_of(scores, &names)?;
    sizes.iter().map(|&size| of_size(scores, &names, &whole, size, draws, seed)).collect()
}

/// Ratings by model, in order of names.
fn elo_of(scores: &ScoreTable, tasks: &[&str]) -> Result<BTreeMap<String, f64>, StatsError> {
    let options = EloOptions { rounds: 0, ..EloOptions::default() };
    let standings = rate(&scores.battles_of(tasks.iter().copied())?.without_categories(), &options)?;
    Ok(standings.overall.ratings.into_iter().map(|rating| (rating.model, rating.elo)).collect())
}

fn of_size(
    scores: &ScoreTable,
    names: &[&str],
    whole: &BTreeMap<String, f64>,
    size: usize,
    draws: usize,
    seed: u64,
) -> Result<Fidelity, StatsError> {
    let expected: Vec<f64> = whole.values().copied().collect();
    let draw = |round: usize| {
        let mut drawn = names.to_vec();
        let (subset, _) = drawn.partial_shuffle(&mut generator(seed ^ size as u64, round as u64), size);
        let found = match elo_of(scores, subset) {
            Err(StatsError::TooFew { .. }) => return Ok(None),
            other => other?,
        };
        if found.len() < whole.len() {
            return Ok(None);
        }
        let found: Vec<f64> = found.into_values().collect();
        let distance =
            found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).sum::<f64>() / found.len() as f64;
        let correlations = pearson(&found, &expected).ok().zip(kendall_tau_b(&found, &expected).ok());
        Ok(correlations.map(|(pearson, kendall)| [pearson, kendall, distance]))
    };
    let drawn: Vec<Option<[f64; 3]>> =
        (0..draws).into_par_iter().map(draw).collect::<Result<_, StatsError>>()?;
    let column = |index: usize| -> Vec<f64> {
        drawn.iter().flatten().filter_map(|figures| figures.get(index).copied()).collect()
    };
    let mean = |index: usize| Some(raw_mean(&column(index))).filter(|mean| mean.is_finite());
    let taus = column(1);
    let range = quantile(&taus, 0.05).ok().zip(quantile(&taus, 0.95).ok());
    Ok(Fidelity {
        tasks: size,
        draws,
        undefined: drawn.iter().filter(|figures| figures.is_none()).count(),
        pearson: mean(0),
        kendall: mean(1),
        kendall_range: range.map(|(low, high)| Interval { low, high }),
        distance: mean(2),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elo::Score;

    fn score(task: &str, model: usize, score: Option<f64>) -> Score {
        Score {
            task: task.to_owned(),
            model: format!("m{model}"),
            score,
            higher_is_better: true,
            category: None,
            run: None,
        }
    }

    /// Six tasks that rank five models alike, one that turns them round, one on which all tie, one nobody solved.
    fn table() -> ScoreTable {
        let mut rows = Vec::new();
        for model in 0..5 {
            for task in 0..6 {
                // The two best change places on every third task.
                let swapped = if task % 3 == 0 && model >= 3 { 7 - model } else { model };
                rows.push(score(&format!("good {task}"), model, Some(swapped as f64)));
            }
            rows.push(score("turned", model, Some(-(model as f64))));
            rows.push(score("tied", model, Some(3.0)));
            rows.push(score("unsolved", model, None));
        }
        ScoreTable::from_rows(&rows).unwrap()
    }

    #[test]
    fn tasks_that_measure_are_kept_and_the_others_say_why() {
        let quality = SetQuality::of(&table(), &QualityOptions::default()).unwrap();
        assert_eq!(quality.to_drop(), ["tied", "turned", "unsolved"]);
        let of = |name: &str| quality.tasks.iter().find(|task| task.task == name).unwrap();
        assert!(of("good 1").discrimination.unwrap() > 0.9);
        assert!(of("turned").discrimination.unwrap() < -0.9);
        assert!(of("turned").drop[0].contains("against the other tasks"));
        assert!(of("tied").drop[0].contains("all models tie"));
        assert!(of("unsolved").drop[0].contains("no model reached"));
        assert_eq!((of("tied").discrimination, of("tied").difficulty), (None, Some(0.0)));
        assert_eq!((of("unsolved").difficulty, of("unsolved").solved), (None, 0.0));
        // Marks 0, 1/4 … 1 of scores 0 to 4.
        assert_eq!(of("good 1").difficulty, Some(0.5));
        assert!(of("turned").alpha_without.unwrap() > quality.alpha.unwrap());
        assert!(of("good 1").alpha_without.unwrap() < quality.alpha.unwrap());
    }

    #[test]
    fn alpha_without_a_task_is_alpha_of_the_rest() {
        let table = table();
        let marks: Vec<_> = table.tasks().values().map(marks).collect();
        let items = items(&marks, 5).unwrap();
        for (index, without) in alphas_without(&items).into_iter().enumerate() {
            let rest: Vec<_> =
                items.iter().enumerate().filter(|(i, _)| *i != index).map(|(_, item)| item).collect();
            assert!((without.unwrap() - cronbach_alpha(&rest).unwrap()).abs() < 1e-12);
        }
    }

    #[test]
    fn marks_are_the_battles_that_a_model_wins() {
        let rows = [(0, Some(2.0)), (1, Some(0.0)), (2, Some(-0.0)), (3, None), (4, None), (5, Some(9.0))];
        let mut rows = rows.map(|(model, value)| score("t", model, value));
        for higher_is_better in [true, false] {
            rows.iter_mut().for_each(|row| row.higher_is_better = higher_is_better);
            let table = ScoreTable::from_rows(&rows).unwrap();
            let options = EloOptions { rounds: 0, ..EloOptions::default() };
            let ratings = rate(&table.battles().unwrap(), &options).unwrap().overall.ratings;
            let marks = marks(&table.tasks()["t"]);
            for rating in ratings {
                assert!((marks[rating.model.as_str()] - rating.win_share).abs() < 1e-15, "{rating:?}");
            }
        }
    }

    #[test]
    fn noise_is_what_lies_between_runs() {
        let noise_of = |runs: &[(usize, f64)]| {
            let rows: Vec<Score> =
                runs.iter().map(|(model, value)| score("t", *model, Some(*value))).collect();
            let quality =
                SetQuality::of(&ScoreTable::from_rows(&rows).unwrap(), &QualityOptions::default()).unwrap();
            (quality.tasks[0].noise, quality.tasks[0].drop.len())
        };
        assert_eq!(noise_of(&[(0, 1.0), (0, 1.0), (1, 2.0), (1, 2.0)]), (Some(0.0), 0));
        // Mean squares: between 0, within 2; ICC −1, cut to pure noise.
        let (noise, reasons) = noise_of(&[(0, 1.0), (0, 3.0), (1, 3.0), (1, 1.0)]);
        assert_eq!((noise, reasons), (Some(1.0), 2));
        assert_eq!(noise_of(&[(0, 1.0), (1, 3.0)]).0, None);
        assert_eq!(noise_of(&[(0, 1.0), (0, 1.0), (1, 1.0)]).0, None);
    }

    #[test]
    fn more_tasks_keep_the_ratings_better_and_all_keep_them() {
        let table = table();
        let found = fidelity(&table, &[1, 4, 9], 60, 3).unwrap();
        assert_eq!(found, fidelity(&table, &[1, 4, 9], 60, 3).unwrap());
        let all = &found[2];
        assert!((all.kendall.unwrap() - 1.0).abs() < 1e-12 && all.distance.unwrap() < 1e-9, "{all:?}");
        assert!(found[0].kendall.unwrap() < found[1].kendall.unwrap(), "{found:?}");
        assert!(found[0].undefined > 0, "tied and unsolved tasks rank nothing: {found:?}");
        assert_eq!(fidelity(&table, &[10], 5, 0), Err(StatsError::InvalidK { k: 10, len: 9 }));
        assert!(fidelity(&table, &[1], 0, 0).is_err());
    }

    #[test]
    fn incomplete_tables_have_no_alpha_and_no_panic() {
        let rows = [score("a", 0, Some(1.0)), score("b", 0, Some(1.0)), score("b", 1, Some(2.0))];
        let quality =
            SetQuality::of(&ScoreTable::from_rows(&rows).unwrap(), &QualityOptions::default()).unwrap();
        assert_eq!(
            (quality.alpha, quality.tasks[0].discrimination, quality.tasks[0].difficulty),
            (None, None, Some(0.0))
        );
        assert!(SetQuality::of(&ScoreTable::default(), &QualityOptions::default()).is_err());
    }
}
