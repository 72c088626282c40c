//! One scoring run over every submission that the rules want to know about.

use std::collections::BTreeMap;
use std::path::Path;

use smith_data::table::Table;
use smith_exec::{JobStatus, JobUsage, Score, ScorePhase, TrialLimits, Trials, Tried};

use super::desk::Folder;
use super::submissions::{Against, Base, Content, Trial, classes, plan};
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
    pub(crate) usage: JobUsage,
    /// Why the metric could not be used at all.
    pub(crate) metric_error: Option<String>,
    pub(crate) higher_is_better: Option<bool>,
    /// Rows of the answers.
    pub(crate) rows: usize,
    /// Classes of which one is never or always predicted, in words.
    pub(crate) classes: Vec<String>,
    /// Classes that only the training data have.
    pub(crate) unasked: Vec<String>,
    /// Submissions that were not tried because all of them would have been too much.
    pub(crate) left_out: usize,
    /// Submissions that the time did not suffice for.
    pub(crate) too_late: usize,
    tried: BTreeMap<Trial, Tried>,
}

/// How a metric took a submission.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Reaction {
    /// Refused with InvalidSubmissionError.
    Refused,
    /// It could not be read as a table, so the metric was not asked.
    Unread,
    /// Another exception.
    Crashed,
    /// It took too long or ended the process.
    Lost,
    /// `evaluate` returned no finite number.
    NoNumber,
    /// A score.
    Scored(f64),
}

/// Difference, relative to the larger of two scores, below which they count as equal.
const EQUAL: f64 = 1e-9;
const ANSWERS: &str = "test_answer.csv";

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

    /// Every submission scored, when that has been done.
    pub(crate) fn known_battery(&self) -> Option<&Battery> {
        self.0.battery.get()
    }

    async fn score_all(&self) -> Result<Battery, AssertError> {
        self.needed_runtime()?;
        self.module(Script::Metric)?;
        self.pair()?;
        let desk = self.desk().await?;
        let (subject, folder) = (self.clone(), desk.folder()?);
        let writing = tokio::task::spawn_blocking(move || Written::new(&subject, folder));
        let (written, ()) = tokio::join!(writing, desk.scorer.warm_up());
        let written = written.map_err(|error| AssertError::Broken(error.to_string()))??;
        let limits = TrialLimits::default();
        let scored = desk.scorer.try_on(written.folder.path(), &written.trials, limits).await?;
        Ok(written.battery(scored))
    }
}

/// All submissions that are tried, on disk.
struct Written {
    folder: Folder,
    names: Vec<Trial>,
    trials: Vec<smith_exec::Trial>,
    rows: usize,
    classes: Vec<String>,
    unasked: Vec<String>,
    left_out: usize,
}

impl Written {
    /// One submission after the other is built and written, so that only one is in memory. Blocks.
    fn new(subject: &Subject, folder: Folder) -> Result<Self, AssertError> {
        copy(&subject.layout().test_answer(), &folder.path().join(ANSWERS))?;
        let shown = subject.shown().map(|(_, rows)| rows).unwrap_or_default();
        let mut base = Base::new(subject.pair()?).showing(shown);
        // Without a split there is nothing to learn from; the other submissions are tried all the same.
        base.unasked = subject.split().map(|split| classes::unasked(&base, split)).unwrap_or_default();
        let (planned, left_out) = plan(&base);
        let mut all = Self {
            folder,
            names: Vec::new(),
            trials: Vec::new(),
            rows: base.rows(),
            classes: classes::names(&base),
            unasked: base.unasked.clone(),
            left_out,
        };
        for trial in planned {
            all.add(trial, &base, subject)?;
        }
        Ok(all)
    }

    fn add(&mut self, trial: Trial, base: &Base<'_>, subject: &Subject) -> Result<(), AssertError> {
        let submission = format!("submission-{}.csv", self.names.len());
        let path = self.folder.path().join(&submission);
        match trial.content(base) {
            _ if trial == Trial::Sample => copy(&subject.layout().sample_submission(), &path)?,
            Some(Content::Table(table)) => write(&table, &path)?,
            Some(Content::Bytes(bytes)) => std::fs::write(&path, bytes).map_err(AssertError::io(&path))?,
            None => return Ok(()),
        }
        let answers = self.answers(trial.against(), base)?;
        self.trials.push(smith_exec::Trial { submission, answers, closely: trial.closely() });
        self.names.push(trial);
        Ok(())
    }

    /// The name of a file of answers, written when it is not there.
    fn answers(&self, against: Against, base: &Base<'_>) -> Result<String, AssertError> {
        let name = match against {
            Against::Answers => return Ok(ANSWERS.to_owned()),
            Against::Shuffled => "shuffled_answer.csv",
            Against::FirstTenth => "first_answer.csv",
        };
        if let Some(table) = against.table(base) {
            write(&table, &self.folder.path().join(name))?;
        }
        Ok(name.to_owned())
    }

    fn battery(self, scored: Trials) -> Battery {
        Battery {
            too_late: self.names.len() - scored.tried.len().min(self.names.len()),
            status: scored.status,
            usage: scored.usage,
            metric_error: scored.metric_error,
            higher_is_better: scored.higher_is_better,
            rows: self.rows,
            classes: self.classes,
            unasked: self.unasked,
            left_out: self.left_out,
            tried: self.names.into_iter().zip(scored.tried).collect(),
        }
    }
}

impl Battery {
    /// What the metric said about one submission; nothing when it could not be built or the metric not be used.
    pub(crate) fn get(&self, trial: Trial) -> Option<&Score> {
        self.tried.get(&trial).map(|tried| &tried.score)
    }

    /// Everything that was tried, and what came of it.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Trial, &Tried)> {
        self.tried.iter().map(|(trial, tried)| (*trial, tried))
    }

    /// How the metric took a submission, if it was tried.
    pub(crate) fn reaction(&self, trial: Trial) -> Option<Reaction> {
        self.get(trial).map(reaction_of)
    }

    /// The score of a valid submission.
    pub(crate) fn score(&self, trial: Trial) -> Option<f64> {
        self.get(trial).filter(|score| score.valid).and_then(|score| score.score)
    }

    /// The best score, in the metric's direction, of some submissions.
    pub(crate) fn best(&self, trials: &[Trial]) -> Option<f64> {
        let higher_is_better = self.higher_is_better?;
        let scores = trials.iter().filter_map(|&trial| self.score(trial));
        scores.reduce(|a, b| if better(higher_is_better, b, a) { b } else { a })
    }

    pub(super) fn scores(&self) -> Option<Scores> {
        Some(Scores {
            higher_is_better: self.higher_is_better?,
            sample: self.score(Trial::Sample),
            constant: self.best(&Trial::CONSTANTS),
            answers: self.score(Trial::Answers),
        })
    }
}

fn reaction_of(score: &Score) -> Reaction {
    match (&score.error, score.score) {
        (Some(error), _) => match error.kind.as_str() {
            "InvalidSubmissionError" => Reaction::Refused,
            _ if error.phase == ScorePhase::Read => Reaction::Unread,
            "TookTooLong" | "Died" | "Killed" => Reaction::Lost,
            "NonFiniteScore" | "NotANumber" => Reaction::NoNumber,
            _ => Reaction::Crashed,
        },
        (None, Some(score)) => Reaction::Scored(score),
        (None, None) => Reaction::NoNumber,
    }
}

pub(super) fn copy(from: &Path, to: &Path) -> Result<(), AssertError> {
    std::fs::copy(from, to).map(drop).map_err(AssertError::io(from))
}

pub(super) fn write(table: &Table, path: &Path) -> Result<(), AssertError> {
    let records = std::iter::once(&table.headers).chain(&table.rows);
    let written = csv::Writer::from_path(path).and_then(|mut writer| {
        records.into_iter().try_for_each(|record| writer.write_record(record))?;
        Ok(writer.flush()?)
    });
    written.map_err(|error| AssertError::io(path)(error.into()))
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
