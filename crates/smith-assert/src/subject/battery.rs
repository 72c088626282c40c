//! One scoring run over every submission that the rules want to know about.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use smith_data::table::Table;
use smith_exec::{JobStatus, Score};

use super::submissions::{self, Trial};
use super::{Script, Subject};
use crate::AssertError;

/// Scores that an agent's submissions are compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// Direction, as the metric's instance says.
    pub higher_is_better: bool,
    /// Score of `sample_submission.csv`.
    pub sample: Option<f64>,
    /// Best score, in the metric's direction, of a submission that predicts one constant for each column.
    pub constant: Option<f64>,
    /// Score of the answers themselves.
    pub answers: Option<f64>,
}

/// What the metric said about the submissions.
pub(crate) struct Battery {
    pub(crate) status: JobStatus,
    /// Why the metric could not be used at all.
    pub(crate) metric_error: Option<String>,
    pub(crate) higher_is_better: Option<bool>,
    scores: BTreeMap<Trial, Score>,
}

/// Difference, relative to the larger of two scores, below which they count as equal.
const EQUAL: f64 = 1e-9;

/// True when score `a` is better than score `b` by more than rounding.
pub(crate) fn better(higher_is_better: bool, a: f64, b: f64) -> bool {
    let gain = if higher_is_better { a - b } else { b - a };
    gain > EQUAL * a.abs().max(b.abs()).max(f64::MIN_POSITIVE)
}

impl Subject {
    /// Every submission scored, once.
    pub(crate) async fn battery(&self) -> Result<&Battery, AssertError> {
        self.0.battery.get_or_try_init(|| self.score_all()).await
    }

    /// Scores tables of predictions with the task's metric, all of them in one sandboxed process and each with a fresh
    /// instance; what comes back has their names and their order. A submission that the metric refuses or
    /// fails on has the reason in its [`Score`]. Nothing is kept: ask once for all that is needed.
    ///
    /// # Errors
    /// [`AssertError::NotRun`] without a runtime, a metric or answers, or when the metric cannot be used at all;
    /// faults of the machine.
    #[expect(dead_code, reason = "the calibration ladder uses it")]
    pub(crate) async fn score(
        &self,
        submissions: Vec<(String, Table)>,
    ) -> Result<Vec<(String, Score)>, AssertError> {
        let runtime = self.needed_runtime()?;
        self.module(Script::Metric)?;
        let dir = self.scratch_dir("score-")?;
        let (metric, answers) = (dir.path().join("metric.py"), dir.path().join("test_answer.csv"));
        copy(&self.layout().metric, &metric)?;
        copy(&self.layout().test_answer(), &answers)?;
        let (mut names, mut paths) = (Vec::new(), Vec::new());
        for (position, (name, table)) in submissions.into_iter().enumerate() {
            paths.push(write(&table, dir.path().join(format!("submission-{position}.csv")))?);
            names.push(name);
        }
        let scoring = runtime.score(&metric, &answers, &paths).await?;
        if scoring.scores.len() != names.len() {
            return Err(AssertError::not_run("the metric cannot be used (S102)"));
        }
        Ok(names.into_iter().zip(scoring.scores).collect())
    }

    async fn score_all(&self) -> Result<Battery, AssertError> {
        let runtime = self.needed_runtime()?;
        self.module(Script::Metric)?;
        let pair = self.pair()?;
        let dir = self.scratch_dir("score-")?;
        let (metric, answers) = (dir.path().join("metric.py"), dir.path().join("test_answer.csv"));
        copy(&self.layout().metric, &metric)?;
        copy(&self.layout().test_answer(), &answers)?;
        let sample = dir.path().join("sample.csv");
        copy(&self.layout().sample_submission(), &sample)?;
        let (mut trials, mut paths) = (vec![Trial::Sample], vec![sample]);
        for (position, (trial, table)) in submissions::build(pair).into_iter().enumerate() {
            trials.push(trial);
            paths.push(write(&table, dir.path().join(format!("submission-{position}.csv")))?);
        }
        let scoring = runtime.score(&metric, &answers, &paths).await?;
        Ok(Battery {
            status: scoring.status,
            metric_error: scoring.metric_error,
            higher_is_better: scoring.higher_is_better,
            scores: trials.into_iter().zip(scoring.scores).collect(),
        })
    }
}

impl Battery {
    /// What the metric said about one submission; nothing when it could not be built or the metric not be used.
    pub(crate) fn get(&self, trial: Trial) -> Option<&Score> {
        self.scores.get(&trial)
    }

    /// The score of a valid submission.
    pub(crate) fn score(&self, trial: Trial) -> Option<f64> {
        self.get(trial).filter(|score| score.valid).and_then(|score| score.score)
    }

    pub(super) fn scores(&self) -> Option<Scores> {
        let higher_is_better = self.higher_is_better?;
        let constants = Trial::CONSTANTS.iter().filter_map(|&trial| self.score(trial));
        let constant = constants.reduce(|a, b| if better(higher_is_better, b, a) { b } else { a });
        let (sample, answers) = (self.score(Trial::Sample), self.score(Trial::Answers));
        Some(Scores { higher_is_better, sample, constant, answers })
    }
}

pub(super) fn copy(from: &Path, to: &Path) -> Result<(), AssertError> {
    std::fs::copy(from, to).map(drop).map_err(AssertError::io(from))
}

pub(super) fn write(table: &Table, path: PathBuf) -> Result<PathBuf, AssertError> {
    let records = std::iter::once(&table.headers).chain(&table.rows);
    let written = csv::Writer::from_path(&path).and_then(|mut writer| {
        records.into_iter().try_for_each(|record| writer.write_record(record))?;
        Ok(writer.flush()?)
    });
    written.map_err(|error| AssertError::io(&path)(error.into()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_follows_the_direction_and_ignores_rounding() {
        assert!(better(true, 0.9, 0.8) && !better(true, 0.8, 0.9));
        assert!(better(false, 0.8, 0.9) && !better(false, 0.9, 0.8));
        assert!(!better(true, 0.3, 0.1 + 0.2) && !better(true, 0.1 + 0.2, 0.3));
        assert!(better(true, 1e-30, 0.0) && !better(true, 0.0, 0.0));
    }
}
