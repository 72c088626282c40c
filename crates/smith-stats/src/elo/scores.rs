//! Raw scores per task: the best of several runs, and the battles that they make.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::battles::{Battles, Winner};
use crate::StatsError;
use crate::error::quoted;

/// One run of a model on a task, as a plain row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The task.
    pub task: String,
    /// The model.
    pub model: String,
    /// What it reached; nothing (or NaN) when it handed in nothing that could be scored.
    pub score: Option<f64>,
    /// The direction of the task's metric; the same in all rows of the task.
    pub higher_is_better: bool,
    /// Category of the task; the same in all rows of the task.
    pub category: Option<String>,
    /// Name of the run. Rows of one task and model without it are so many runs.
    pub run: Option<String>,
}

/// Scores of one task.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TaskScores {
    /// The direction of its metric.
    pub higher_is_better: bool,
    /// Its category.
    pub category: Option<String>,
    /// Scores of all runs by model, in the order of runs and rows; nothing for a run that could not be scored.
    pub runs: BTreeMap<String, Vec<Option<f64>>>,
}

impl TaskScores {
    /// The best score of a model's runs; nothing when none could be scored or there was none.
    #[must_use]
    pub fn best(&self, model: &str) -> Option<f64> {
        let better = |a: f64, b: f64| if self.higher_is_better { a.max(b) } else { a.min(b) };
        self.runs.get(model)?.iter().flatten().copied().reduce(better)
    }

    /// How a score went against another: nothing loses to everything else and ties with nothing.
    #[must_use]
    pub fn winner(&self, a: Option<f64>, b: Option<f64>) -> Winner {
        match (a, b) {
            (Some(a), Some(b)) if a == b => Winner::Tie,
            (Some(a), Some(b)) if (a > b) == self.higher_is_better => Winner::A,
            (Some(_), None) => Winner::A,
            (None, None) => Winner::Tie,
            _ => Winner::B,
        }
    }
}

/// Scores of models over tasks.
///
/// ```
/// use smith_stats::elo::{EloOptions, Score, ScoreTable, rate};
///
/// let row = |task: &str, model: &str, score| Score {
///     task: task.into(), model: model.into(), score, higher_is_better: false, category: None, run: None,
/// };
/// // The second task defeated one of the models: that loses to any score.
/// let table = ScoreTable::from_rows(&[
///     row("rain", "oak", Some(0.3)), row("rain", "elm", Some(0.2)),
///     row("snow", "oak", Some(9.0)), row("snow", "elm", None),
/// ])?;
/// let ratings = rate(&table.battles()?, &EloOptions::default())?.overall.ratings;
/// assert_eq!((ratings[0].elo, ratings[1].elo), (1000.0, 1000.0));
/// # Ok::<(), smith_stats::StatsError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScoreTable {
    tasks: BTreeMap<String, TaskScores>,
    duplicates: Vec<usize>,
}

impl ScoreTable {
    /// Takes in plain rows.
    ///
    /// # Errors
    /// [`StatsError::Rows`] with all rows concerned: a task or model without a name, an infinite score, a task with two
    /// directions or two categories, a run with two different scores.
    pub fn from_rows(rows: &[Score]) -> Result<Self, StatsError> {
        refuse(rows, |row| row.task.is_empty() || row.model.is_empty(), "a task or model has no name")?;
        let is_infinite = |row: &Score| row.score.is_some_and(f64::is_infinite);
        refuse(rows, is_infinite, "the score is infinite; leave it empty if the run has no valid score")?;
        let mut table = Self::default();
        let mut runs: BTreeMap<(&str, &str, &str), (usize, Option<f64>)> = BTreeMap::new();
        let mut first_rows: BTreeMap<&str, usize> = BTreeMap::new();
        for (number, row) in (1..).zip(rows) {
            let first = *first_rows.entry(&row.task).or_insert(number);
            let task = table.tasks.entry(row.task.clone()).or_insert_with(|| TaskScores {
                higher_is_better: row.higher_is_better,
                category: row.category.clone(),
                runs: BTreeMap::new(),
            });
            let differs = |what: &str| {
                let problem = format!("the task {} has two {what}; it must have one", quoted(&row.task));
                Err(StatsError::Rows { rows: vec![first, number], problem })
            };
            if task.higher_is_better != row.higher_is_better {
                return differs("directions");
            }
            if task.category != row.category {
                return differs("categories");
            }
            let score = row.score.filter(|score| !score.is_nan());
            if let Some(run) = &row.run {
                let (earlier, known) = *runs.entry((&row.task, &row.model, run)).or_insert((number, score));
                if earlier != number && known == score {
                    table.duplicates.push(number);
                    continue;
                }
                if earlier != number {
                    let problem = format!(
                        "run {} of {} on {} has two different scores",
                        quoted(run),
                        quoted(&row.model),
                        quoted(&row.task)
                    );
                    return Err(StatsError::Rows { rows: vec![earlier, number], problem });
                }
            }
            task.runs.entry(row.model.clone()).or_default().push(score);
        }
        Ok(table)
    }

    /// The tasks by name.
    #[must_use]
    pub fn tasks(&self) -> &BTreeMap<String, TaskScores> {
        &self.tasks
    }

    /// Numbers of rows that say again what an earlier row of the same run said; they count once.
    #[must_use]
    pub fn duplicates(&self) -> &[usize] {
        &self.duplicates
    }

    /// All models, in order.
    #[must_use]
    pub fn models(&self) -> Vec<&str> {
        let mut models: Vec<&str> =
            self.tasks.values().flat_map(|task| task.runs.keys()).map(String::as_str).collect();
        models.sort_unstable();
        models.dedup();
        models
    }

    /// One battle for every two models on every task that both have rows for, by the best of their runs.
    ///
    /// # Errors
    /// More models than can be rated together.
    pub fn battles(&self) -> Result<Battles, StatsError> {
        self.battles_of(self.tasks.keys().map(String::as_str))
    }

    /// The battles of some of the tasks; a task that is named twice counts twice.
    ///
    /// # Errors
    /// As [`ScoreTable::battles`].
    pub fn battles_of<'a>(&self, tasks: impl IntoIterator<Item = &'a str>) -> Result<Battles, StatsError> {
        let mut battles = Battles::default();
        for name in tasks {
            let Some(task) = self.tasks.get(name) else { continue };
            let best: Vec<(&str, Option<f64>)> =
                task.runs.keys().map(|model| (model.as_str(), task.best(model))).collect();
            for (index, (a, first)) in best.iter().enumerate() {
                battles.add_model(a);
                for (b, second) in best.iter().skip(index + 1) {
                    let winner = task.winner(*first, *second);
                    battles.push(a, b, winner, 1.0, Some(name), task.category.as_deref())?;
                }
            }
        }
        Ok(battles)
    }
}

fn refuse(rows: &[Score], is_wrong: impl Fn(&Score) -> bool, problem: &str) -> Result<(), StatsError> {
    let wrong: Vec<usize> =
        (1..).zip(rows).filter(|(_, row)| is_wrong(row)).map(|(number, _)| number).collect();
    if wrong.is_empty() { Ok(()) } else { Err(StatsError::Rows { rows: wrong, problem: problem.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(task: &str, model: &str, score: f64, run: Option<&str>) -> Score {
        Score {
            task: task.to_owned(),
            model: model.to_owned(),
            score: Some(score),
            higher_is_better: true,
            category: None,
            run: run.map(str::to_owned),
        }
    }

    #[test]
    fn the_best_run_counts_in_the_direction_of_the_task() {
        let mut rows =
            vec![row("t", "a", 1.0, None), row("t", "a", 3.0, None), row("t", "a", f64::NAN, None)];
        assert_eq!(ScoreTable::from_rows(&rows).unwrap().tasks()["t"].best("a"), Some(3.0));
        rows.iter_mut().for_each(|row| row.higher_is_better = false);
        let table = ScoreTable::from_rows(&rows).unwrap();
        assert_eq!(table.tasks()["t"].best("a"), Some(1.0));
        assert_eq!(table.tasks()["t"].best("b"), None);
        assert_eq!(table.tasks()["t"].winner(Some(1.0), Some(2.0)), Winner::A);
        assert_eq!(table.tasks()["t"].winner(None, Some(2.0)), Winner::B);
    }

    #[test]
    fn a_row_that_is_there_twice_counts_once_and_two_scores_of_a_run_are_refused() {
        let rows =
            [row("t", "a", 1.0, Some("1")), row("t", "a", 1.0, Some("1")), row("t", "a", 1.0, Some("2"))];
        let table = ScoreTable::from_rows(&rows).unwrap();
        assert_eq!((table.duplicates(), table.tasks()["t"].runs["a"].len()), (&[2][..], 2));
        let message = ScoreTable::from_rows(&[row("t", "a", 1.0, Some("1")), row("t", "a", 2.0, Some("1"))])
            .unwrap_err()
            .to_string();
        assert_eq!(message, "rows 1 and 2: run `1` of `a` on `t` has two different scores");
    }

    #[test]
    fn tables_that_contradict_themselves_are_refused() {
        let message = |rows: &[Score]| ScoreTable::from_rows(rows).unwrap_err().to_string();
        let mut turned = row("t", "b", 1.0, None);
        turned.higher_is_better = false;
        assert!(
            message(&[row("t", "a", 1.0, None), turned])
                .contains("rows 1 and 2: the task `t` has two directions")
        );
        let mut other = row("t", "b", 1.0, None);
        other.category = Some("vision".to_owned());
        assert!(message(&[row("t", "a", 1.0, None), other]).contains("two categories"));
        let infinite = [
            row("t", "a", f64::INFINITY, None),
            row("t", "b", 1.0, None),
            row("t", "c", f64::NEG_INFINITY, None),
        ];
        assert!(message(&infinite).starts_with("rows 1 and 3: the score is infinite"));
        assert!(message(&[row("", "a", 1.0, None)]).contains("no name"));
    }
}
