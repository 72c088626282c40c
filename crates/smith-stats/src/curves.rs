//! Step-wise dynamics: how the best score so far grows with the steps (paper, section 5.3 and appendix A.3).
//!
//! # Definition
//!
//! The paper's formulas leave room; this is what is computed here, for a length of k steps. Steps that only ask for
//! information are left out before, and the rest numbered from 1; a step beyond k is left out too.
//!
//! 1. *Normalisation.* Of task i, let min and max be the least and the greatest score over all models, runs and steps
//!    up to k ([`Scope::Task`]), or over those of the one model ([`Scope::Model`]). A score s becomes (s − min)/(max −
//!    min) where higher is better, and (max − s)/(max − min) where lower is: the best is 1, the worst 0.
//! 2. *Constant case.* If max = min, scores that are there are 1 and missing ones 0.
//! 3. *Missing entries* take the value of the step before; before the first score they are 0.
//! 4. *Best so far.* Each entry becomes the maximum of itself and all before it.
//!
//! The result is a nondecreasing curve of k values from 0 to 1 for every run. Runs of one model on one task are
//! averaged; the curves of a model are averaged over its tasks, all alike, by category and overall. A task of which a
//! model has no row is not among its tasks; one of which it has rows without any score is a curve of zeros.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::error::quoted;
use crate::interval::{check_level, student_deviate};
use crate::summary::{raw_mean, squares};
use crate::{Interval, StatsError};

/// Most steps of a curve.
pub const MAX_LENGTH: usize = 10_000;

/// Most values of all curves together.
const MAX_VALUES: usize = 50_000_000;

/// One step of a run, as a plain row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The task.
    pub task: String,
    /// The model.
    pub model: String,
    /// Category of the task; the same in all rows of the task.
    pub category: Option<String>,
    /// Name of the run; rows without one belong to one run.
    pub run: Option<String>,
    /// Number of the step from 1, steps that only ask for information not counted.
    pub step: usize,
    /// The score; nothing (or NaN) when the step gave none.
    pub score: Option<f64>,
    /// The direction of the task's metric; the same in all rows of the task.
    pub higher_is_better: bool,
}

/// Over what the least and the greatest score are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// All models on the task: curves of different models compare in height.
    #[default]
    Task,
    /// The one model on the task: every model that scored ends at 1, and only the pace compares.
    Model,
}

/// How curves are made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CurveOptions {
    /// Number of steps.
    pub length: usize,
    /// Over what scores are normalised.
    pub scope: Scope,
    /// Level of confidence of the bands.
    pub level: f64,
}

impl Default for CurveOptions {
    /// Ten steps, over all models of a task, 95 %.
    fn default() -> Self {
        Self { length: 10, scope: Scope::Task, level: 0.95 }
    }
}

/// The curve of one model on one task, averaged over its runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskCurve {
    /// The task.
    pub task: String,
    /// The model.
    pub model: String,
    /// Category of the task.
    pub category: Option<String>,
    /// Number of runs.
    pub runs: usize,
    /// Values after each step, nondecreasing, from 0 to 1.
    pub values: Vec<f64>,
}

/// The mean curve of a model over some tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MeanCurve {
    /// The model.
    pub model: String,
    /// Number of tasks.
    pub tasks: usize,
    /// Mean after each step.
    pub mean: Vec<f64>,
    /// Interval of the mean after each step, by Student's distribution over the tasks, within 0 to 1; none for one task.
    pub band: Vec<Option<Interval>>,
}

/// All curves of some runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Curves {
    /// By task and model, in order of their names.
    pub tasks: Vec<TaskCurve>,
    /// Means over all tasks, in order of the models' names.
    pub overall: Vec<MeanCurve>,
    /// Means by category.
    pub categories: BTreeMap<String, Vec<MeanCurve>>,
}

impl Curves {
    /// Makes the curves of all runs.
    ///
    /// # Errors
    /// [`StatsError::Rows`] with the rows concerned: a task or model without a name, a step 0, an infinite score, a task
    /// with two directions or categories, a step of a run with two different scores; no row at all; an option outside
    /// its range.
    pub fn of(rows: &[Step], options: &CurveOptions) -> Result<Self, StatsError> {
        check_level(options.level)?;
        if !(1..=MAX_LENGTH).contains(&options.length) {
            let value = options.length as f64;
            return Err(StatsError::InvalidOption {
                option: "the length",
                demand: "lie between 1 and 10000",
                value,
            });
        }
        if rows.is_empty() {
            return Err(StatsError::TooFew { what: "steps", needed: 1, found: 0 });
        }
        let tasks = gather(rows, options.length)?;
        let tasks: Vec<TaskCurve> =
            tasks.iter().flat_map(|(name, task)| task.curves(name, options)).collect();
        let names: BTreeSet<&String> = tasks.iter().filter_map(|curve| curve.category.as_ref()).collect();
        let categories = names
            .into_iter()
            .map(|name| {
                (name.clone(), means(tasks.iter().filter(|c| c.category.as_ref() == Some(name)), options))
            })
            .collect();
        let overall = means(tasks.iter(), options);
        Ok(Self { tasks, overall, categories })
    }
}

/// Scores after each step, nothing where there was none.
type Run = Vec<Option<f64>>;

/// The rows of one task.
struct Task {
    first_row: usize,
    higher_is_better: bool,
    category: Option<String>,
    models: BTreeMap<String, BTreeMap<Option<String>, Run>>,
}

fn gather(rows: &[Step], length: usize) -> Result<BTreeMap<String, Task>, StatsError> {
    type Problem = (&'static str, fn(&Step) -> bool);
    let problems: [Problem; 3] = [
        ("a task or model has no name", |row| row.task.is_empty() || row.model.is_empty()),
        ("steps are numbered from 1", |row| row.step == 0),
        ("the score is infinite; leave it empty if there is none", |row| {
            row.score.is_some_and(f64::is_infinite)
        }),
    ];
    for (problem, is_wrong) in problems {
        let wrong: Vec<usize> =
            (1..).zip(rows).filter(|(_, row)| is_wrong(row)).map(|(number, _)| number).collect();
        if !wrong.is_empty() {
            return Err(StatsError::Rows { rows: wrong, problem: problem.to_owned() });
        }
    }
    let mut tasks: BTreeMap<String, Task> = BTreeMap::new();
    let mut held = 0_usize;
    for (number, row) in (1..).zip(rows) {
        let task = tasks.entry(row.task.clone()).or_insert_with(|| Task {
            first_row: number,
            higher_is_better: row.higher_is_better,
            category: row.category.clone(),
            models: BTreeMap::new(),
        });
        let refused = |rows: Vec<usize>, what: String| Err(StatsError::Rows { rows, problem: what });
        if task.higher_is_better != row.higher_is_better || task.category != row.category {
            let problem = format!("the task {} has two directions or two categories", quoted(&row.task));
            return refused(vec![task.first_row, number], problem);
        }
        let runs = task.models.entry(row.model.clone()).or_default();
        let run = runs.entry(row.run.clone()).or_insert_with(|| {
            held = held.saturating_add(length);
            if held > MAX_VALUES { Vec::new() } else { vec![None; length] }
        });
        if held > MAX_VALUES {
            let what = "values of all curves together";
            return Err(StatsError::TooMany { what, limit: MAX_VALUES, found: held });
        }
        let score = row.score.filter(|score| !score.is_nan());
        if let Some(slot) = run.get_mut(row.step - 1) {
            if slot.is_some() && score.is_some() && *slot != score {
                let (model, task) = (quoted(&row.model), quoted(&row.task));
                let problem =
                    format!("step {} of {model} on {task} has two different scores in one run", row.step);
                return refused(vec![number], problem);
            }
            *slot = slot.or(score);
        }
    }
    Ok(tasks)
}

impl Task {
    fn curves(&self, name: &str, options: &CurveOptions) -> Vec<TaskCurve> {
        let all = range(self.models.values().flat_map(BTreeMap::values));
        let curve = |(model, runs): (&String, &BTreeMap<Option<String>, Run>)| {
            let range = match options.scope {
                Scope::Task => all,
                Scope::Model => range(runs.values()),
            };
            let curves: Vec<Vec<f64>> = runs.values().map(|run| self.curve(run, range)).collect();
            TaskCurve {
                task: name.to_owned(),
                model: model.clone(),
                category: self.category.clone(),
                runs: runs.len(),
                values: (0..options.length).map(|step| raw_mean(&column(&curves, step))).collect(),
            }
        };
        self.models.iter().map(curve).collect()
    }

    /// Normalises, fills and takes the best so far.
    fn curve(&self, run: &Run, (least, greatest): (f64, f64)) -> Vec<f64> {
        let normalised = |score: f64| {
            if least == greatest {
                return 1.0;
            }
            // Halves, so that a range over all of double precision does not overflow.
            let width = greatest / 2.0 - least / 2.0;
            let above =
                if self.higher_is_better { score / 2.0 - least / 2.0 } else { greatest / 2.0 - score / 2.0 };
            (above / width).clamp(0.0, 1.0)
        };
        let mut best = 0.0_f64;
        run.iter()
            .map(|score| {
                // A missing entry takes the value before it, which the best so far never falls below.
                best = best.max(score.map_or(0.0, normalised));
                best
            })
            .collect()
    }
}

fn range<'a>(runs: impl Iterator<Item = &'a Run>) -> (f64, f64) {
    let scores = runs.flatten().flatten();
    scores.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, greatest), &score| {
        (least.min(score), greatest.max(score))
    })
}

fn column(curves: &[Vec<f64>], step: usize) -> Vec<f64> {
    curves.iter().filter_map(|curve| curve.get(step).copied()).collect()
}

fn means<'a>(curves: impl Iterator<Item = &'a TaskCurve>, options: &CurveOptions) -> Vec<MeanCurve> {
    let mut models: BTreeMap<&str, Vec<Vec<f64>>> = BTreeMap::new();
    for curve in curves {
        models.entry(&curve.model).or_default().push(curve.values.clone());
    }
    let mean_curve = |(model, curves): (&str, Vec<Vec<f64>>)| {
        let (mean, band) =
            (0..options.length).map(|step| mean_and_band(&column(&curves, step), options.level)).unzip();
        MeanCurve { model: model.to_owned(), tasks: curves.len(), mean, band }
    };
    models.into_iter().map(mean_curve).collect()
}

fn mean_and_band(values: &[f64], level: f64) -> (f64, Option<Interval>) {
    let (mean, n) = (raw_mean(values), values.len() as f64);
    let error = (squares(values) / (n - 1.0) / n).sqrt();
    let band = student_deviate(level, n - 1.0).and_then(|deviate| Interval::around(mean, deviate * error));
    (mean, band.map(|band| Interval { low: band.low.max(0.0), high: band.high.min(1.0) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(task: &str, model: &str, higher_is_better: bool, scores: &[Option<f64>]) -> Vec<Step> {
        let step = |(step, score): (usize, &Option<f64>)| Step {
            task: task.to_owned(),
            model: model.to_owned(),
            category: Some("c".to_owned()),
            run: None,
            step,
            score: *score,
            higher_is_better,
        };
        (1..).zip(scores).map(step).collect()
    }

    fn of(rows: &[Step], length: usize, scope: Scope) -> Curves {
        Curves::of(rows, &CurveOptions { length, scope, ..CurveOptions::default() }).unwrap()
    }

    fn values(curves: &Curves, task: &str, model: &str) -> Vec<f64> {
        curves.tasks.iter().find(|c| c.task == task && c.model == model).unwrap().values.clone()
    }

    #[test]
    fn a_curve_by_hand() {
        // Errors: the least and the greatest of the task are 1 and 5.
        let mut rows = steps("t", "a", false, &[None, Some(5.0), Some(2.0), None, Some(4.0)]);
        rows.extend(steps("t", "b", false, &[Some(3.0), Some(1.0)]));
        let curves = of(&rows, 6, Scope::Task);
        assert_eq!(values(&curves, "t", "a"), [0.0, 0.0, 0.75, 0.75, 0.75, 0.75]);
        assert_eq!(values(&curves, "t", "b"), [0.5, 1.0, 1.0, 1.0, 1.0, 1.0]);
        // By itself, the first model begins at its worst and ends at its best.
        assert_eq!(values(&of(&rows, 6, Scope::Model), "t", "a"), [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn steps_beyond_the_length_do_not_count() {
        let rows = steps("t", "a", true, &[Some(1.0), Some(2.0), Some(100.0)]);
        assert_eq!(values(&of(&rows, 2, Scope::Task), "t", "a"), [0.0, 1.0]);
    }

    #[test]
    fn constant_scores_are_one_and_missing_ones_zero() {
        let mut rows = steps("t", "a", true, &[None, Some(2.0), None]);
        rows.extend(steps("t", "b", true, &[None, Some(f64::NAN), None]));
        let curves = of(&rows, 3, Scope::Task);
        assert_eq!(values(&curves, "t", "a"), [0.0, 1.0, 1.0]);
        assert_eq!(values(&curves, "t", "b"), [0.0, 0.0, 0.0]);
    }

    #[test]
    fn means_are_over_tasks_with_a_band_and_by_category() {
        let mut rows = steps("t", "a", true, &[Some(0.0), Some(1.0)]);
        rows.extend(steps("u", "a", true, &[Some(7.0), Some(7.0)]));
        let mut other = steps("v", "a", true, &[None, Some(1.0)]);
        other.iter_mut().for_each(|row| row.category = Some("d".to_owned()));
        rows.extend(other);
        let curves = of(&rows, 2, Scope::Task);
        assert_eq!((curves.overall[0].tasks, &curves.overall[0].mean), (3, &vec![1.0 / 3.0, 1.0]));
        assert_eq!(curves.overall[0].band[1], Some(Interval { low: 1.0, high: 1.0 }));
        assert_eq!(curves.overall[0].band[0].unwrap().low, 0.0);
        assert_eq!(curves.categories["c"][0].mean, [0.5, 1.0]);
        assert_eq!((curves.categories["d"][0].tasks, curves.categories["d"][0].band[0]), (1, None));
    }

    #[test]
    fn runs_of_a_model_are_averaged() {
        let mut rows = steps("t", "a", true, &[Some(0.0), Some(4.0)]);
        let mut second = steps("t", "a", true, &[Some(2.0), Some(2.0)]);
        second.iter_mut().for_each(|row| row.run = Some("2".to_owned()));
        rows.extend(second);
        let curves = of(&rows, 2, Scope::Task);
        assert_eq!((values(&curves, "t", "a"), curves.tasks[0].runs), (vec![0.25, 0.75], 2));
    }

    #[test]
    fn the_greatest_numbers_do_not_overflow() {
        let rows = steps("t", "a", true, &[Some(f64::MIN), Some(0.0), Some(f64::MAX)]);
        assert_eq!(values(&of(&rows, 3, Scope::Task), "t", "a"), [0.0, 0.5, 1.0]);
    }

    #[test]
    fn more_curves_than_can_be_held_are_refused_before_they_are_made() {
        let one = steps("t", "a", true, &[Some(1.0)]).remove(0);
        let run = |run: usize| Step { run: Some(run.to_string()), ..one.clone() };
        let rows: Vec<Step> = (0..5_001).map(run).collect();
        let options = CurveOptions { length: MAX_LENGTH, ..CurveOptions::default() };
        assert!(matches!(Curves::of(&rows, &options), Err(StatsError::TooMany { limit: MAX_VALUES, .. })));
    }

    #[test]
    fn rows_that_cannot_be_used_are_named() {
        let message = |rows: &[Step]| Curves::of(rows, &CurveOptions::default()).unwrap_err().to_string();
        let mut rows = steps("t", "a", true, &[Some(1.0), Some(2.0)]);
        rows[1].step = 0;
        assert_eq!(message(&rows), "row 2: steps are numbered from 1");
        rows[1].step = 1;
        assert!(message(&rows).contains("row 2: step 1 of `a` on `t` has two different scores"));
        rows[1].score = Some(f64::INFINITY);
        assert!(message(&rows).contains("row 2: the score is infinite"));
        let mut turned = steps("t", "a", true, &[Some(1.0), Some(2.0)]);
        turned[1].higher_is_better = false;
        assert!(message(&turned).contains("rows 1 and 2: the task `t` has two directions"));
        assert!(message(&[]).contains("at least 1 steps"));
    }
}
