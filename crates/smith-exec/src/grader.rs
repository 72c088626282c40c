//! A stream of submissions to one task.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use smith_task_schema::TaskLayout;
use tempfile::TempDir;

use crate::copying::{clear, open_to};
use crate::gate::{self, GateLimits, Refusal, Shape};
use crate::{ExecError, Grade, Limits, Runtime, Score, Scoring, Worker};

/// Gradings after which a worker is replaced, so that nothing can pile up in it.
const GRADINGS: u32 = 500;

/// Workers that may be lost one after the other until none is tried again.
const MOST_LOST_IN_A_ROW: u32 = 3;

/// Name of every submission while it is graded, as messages show it.
const SUBMISSION: &str = "submission.csv";

/// Grades submissions to one task, one after the other: the form is checked by the [gate], then the metric
/// validates and evaluates what was checked.
///
/// A worker keeps Python, its libraries and the answers ready. Where the sandbox has no workers, and whenever a
/// worker is lost, a process of its own does the same work, only slower. The first grading is made both ways; when the
/// two differ, no worker is used at all.
///
/// The metric's file must not change while a grader lives, nor the answers.
pub struct Grader {
    runtime: Runtime,
    metric: PathBuf,
    answers: PathBuf,
    /// What submissions are held against; without one only their form is judged.
    expected: Expected,
    /// Where a worker's submissions and results lie; the only place that the metric may write.
    desk: TempDir,
    worker: Option<Box<dyn Worker>>,
    warmth: Warmth,
    /// Gradings of the present worker.
    gradings: u32,
    lost: u32,
    lost_in_a_row: u32,
}

/// What a task expects of a submission, as far as it was looked at.
#[derive(Debug, Clone)]
enum Expected {
    /// By the sample submission at this path, and the answers.
    In(PathBuf),
    Known(Option<Arc<Shape>>),
}

/// Whether submissions are scored by workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Warmth {
    /// Not known yet to give what a process of its own gives.
    Untried,
    Warm,
    Cold,
}

impl fmt::Debug for Grader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grader")
            .field("metric", &self.metric)
            .field("warmth", &self.warmth)
            .field("gradings", &self.gradings)
            .field("lost", &self.lost)
            .finish_non_exhaustive()
    }
}

impl Grader {
    /// A grader with this metric and these answers, which leaves the columns and the ids of a submission to the
    /// metric. Nothing is started yet.
    ///
    /// # Errors
    /// [`ExecError::Io`] when there is no room for temporary files.
    pub fn new(runtime: Runtime, metric: &Path, answers: &Path) -> Result<Self, ExecError> {
        Self::expecting(runtime, metric, answers, Expected::Known(None))
    }

    /// A grader for a task, which holds submissions against the shape of the answers and the sample submission. A
    /// task whose own tables have no common shape leaves columns and ids to its metric. Nothing is started yet.
    ///
    /// # Errors
    /// [`ExecError::Io`] when there is no room for temporary files.
    pub fn for_task(runtime: Runtime, task: &TaskLayout) -> Result<Self, ExecError> {
        let sample = absolute(&task.sample_submission())?;
        Self::expecting(runtime, &task.metric, &task.test_answer(), Expected::In(sample))
    }

    fn expecting(
        runtime: Runtime,
        metric: &Path,
        answers: &Path,
        expected: Expected,
    ) -> Result<Self, ExecError> {
        Ok(Self {
            metric: absolute(metric)?,
            answers: absolute(answers)?,
            expected,
            desk: desk(&runtime)?,
            runtime,
            worker: None,
            warmth: Warmth::Untried,
            gradings: 0,
            lost: 0,
            lost_in_a_row: 0,
        })
    }

    /// The same grader for a few submissions: it starts no worker, for which they would not pay.
    #[must_use]
    pub fn without_worker(self) -> Self {
        Self { warmth: Warmth::Cold, ..self }
    }

    /// Checks, validates and scores one submission, a regular file.
    ///
    /// # Errors
    /// [`ExecError`] when it could not be read or run at all. What the gate refuses and what the metric raises is
    /// in the result.
    pub async fn grade(&mut self, submission: &Path) -> Result<Grade, ExecError> {
        let shape = self.shape().await?;
        // Readable for whoever the sandbox lets the metric be.
        let folder = open_to(0o755, self.runtime.scratch().directory("smith-gate-")?)?;
        let (path, clean) = (submission.to_path_buf(), folder.path().join(SUBMISSION));
        let target = clean.clone();
        match blocking(move || pass(&path, shape.as_deref(), &target)).await? {
            Ok(()) => Ok(Grade::Scored(self.score(&clean).await?)),
            Err(refusal) if refusal.kind.is_fault() => {
                Err(ExecError::NotRun { message: refusal.to_string() })
            }
            Err(refusal) => Ok(Grade::Refused(refusal)),
        }
    }

    /// Validates and scores one submission without the gate.
    ///
    /// # Errors
    /// [`ExecError`] when it could not be run at all. What the metric raises is in the result.
    pub(crate) async fn score(&mut self, submission: &Path) -> Result<Scoring, ExecError> {
        match self.warmth {
            Warmth::Untried => return self.certify(submission).await,
            Warmth::Warm => {
                // A metric that cannot be used may have been hindered by an earlier submission.
                match self.warm(submission).await {
                    Some(scoring) if scoring.metric_error.is_none() => return Ok(scoring),
                    Some(_) => self.worker = None,
                    None => {}
                }
            }
            Warmth::Cold => {}
        }
        self.runtime.score(&self.metric, &self.answers, &[submission.to_path_buf()]).await
    }

    /// Whether submissions are scored by a worker that was found to give what a process of its own gives.
    #[must_use]
    pub fn is_warm(&self) -> bool {
        self.warmth == Warmth::Warm
    }

    /// How many workers were lost so far; what they were grading was graded without.
    #[must_use]
    pub fn workers_lost(&self) -> u32 {
        self.lost
    }

    /// Limits of one grading.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.runtime.limits()
    }

    /// Looks at the task's own tables when the first submission comes.
    async fn shape(&mut self) -> Result<Option<Arc<Shape>>, ExecError> {
        let shape = match &self.expected {
            Expected::Known(shape) => return Ok(shape.clone()),
            Expected::In(sample) => {
                let (answers, sample) = (self.answers.clone(), sample.clone());
                blocking(move || Shape::of(&answers, &sample).ok().map(Arc::new)).await?
            }
        };
        self.expected = Expected::Known(shape.clone());
        Ok(shape)
    }

    /// Scores with a worker and in a process of its own, and decides how the next ones are scored.
    async fn certify(&mut self, submission: &Path) -> Result<Scoring, ExecError> {
        let (runtime, metric, answers) = (self.runtime.clone(), self.metric.clone(), self.answers.clone());
        let submissions = [submission.to_path_buf()];
        let cold = runtime.score(&metric, &answers, &submissions);
        let (cold, warm) = tokio::join!(cold, self.warm(submission));
        let cold = cold?;
        match warm {
            Some(warm) if agree(&warm, &cold) => self.warmth = Warmth::Warm,
            Some(warm) => {
                tracing::warn!(
                    metric = %self.metric.display(), ?warm, ?cold,
                    "a worker scores otherwise than a process of its own; submissions are graded one by one"
                );
                self.warmth = Warmth::Cold;
                self.worker = None;
            }
            // Lost, or there are none, which is known by now.
            None => {}
        }
        Ok(cold)
    }

    /// Scores with a worker; nothing when there is none, or it was lost.
    async fn warm(&mut self, submission: &Path) -> Option<Scoring> {
        let mut worker = self.worker().await?;
        let scoring = self.desk_work(submission).run(worker.as_mut()).await;
        let swept = self.sweep();
        match (scoring, swept) {
            (Ok(scoring), swept) => {
                self.lost_in_a_row = 0;
                // A worker whose desk cannot be cleared would show an earlier submission to the next metric.
                self.worker = swept.then_some(worker);
                Some(scoring)
            }
            (Err(error), _) => {
                tracing::warn!(%error, "a worker was lost; the submission is graded without");
                self.lost += 1;
                self.lost_in_a_row += 1;
                if self.lost_in_a_row >= MOST_LOST_IN_A_ROW {
                    self.warmth = Warmth::Cold;
                }
                None
            }
        }
    }

    fn desk_work(&self, submission: &Path) -> DeskWork {
        DeskWork {
            runtime: self.runtime.clone(),
            metric: self.metric.clone(),
            answers: self.answers.clone(),
            desk: self.desk.path().to_path_buf(),
            submission: submission.to_path_buf(),
        }
    }

    /// Takes the worker out, so that one which fails is not used again.
    async fn worker(&mut self) -> Option<Box<dyn Worker>> {
        if self.gradings >= GRADINGS {
            self.worker = None;
        }
        if self.worker.is_none() {
            self.gradings = 0;
            match self.runtime.scoring_worker(&self.metric, &self.answers, self.desk.path()).await {
                Ok(worker) => self.worker = worker,
                Err(error) => {
                    tracing::warn!(%error, "no worker could be started; submissions are graded one by one");
                }
            }
        }
        if self.worker.is_none() {
            self.warmth = Warmth::Cold;
        }
        self.gradings += 1;
        self.worker.take()
    }

    /// Deletes what a metric left on the desk. Says whether it could; otherwise there is a new desk.
    fn sweep(&mut self) -> bool {
        let cleared = clear(self.desk.path()).is_ok();
        if !cleared {
            tracing::warn!("a metric left files that cannot be deleted; its worker is replaced");
            match desk(&self.runtime) {
                Ok(desk) => self.desk = desk,
                Err(_) => self.warmth = Warmth::Cold,
            }
        }
        cleared
    }
}

/// One grading by a worker; apart from the grader, because a worker is for one thread at a time.
struct DeskWork {
    runtime: Runtime,
    metric: PathBuf,
    answers: PathBuf,
    desk: PathBuf,
    submission: PathBuf,
}

impl DeskWork {
    /// Scores in a place of its own, so that nothing of an earlier submission is there.
    async fn run(&self, worker: &mut dyn Worker) -> Result<Scoring, ExecError> {
        // Only those who may enter the desk come by; the sandbox may have made the metric another user.
        let place = open_to(0o777, tempfile::tempdir_in(&self.desk).map_err(ExecError::io(&self.desk))?)?;
        let folder = place.path().join("submission");
        std::fs::create_dir(&folder).map_err(ExecError::io(&folder))?;
        let copy = folder.join(self.submission.file_name().unwrap_or(SUBMISSION.as_ref()));
        std::fs::copy(&self.submission, &copy).map_err(ExecError::io(&self.submission))?;
        self.runtime.score_in(worker, (&self.metric, &self.answers), place.path(), &copy).await
    }
}

/// Checks a submission and copies it to `clean`.
fn pass(submission: &Path, shape: Option<&Shape>, clean: &Path) -> Result<(), Refusal> {
    gate::check(submission, shape, &GateLimits::default())?.write_clean(clean)
}

/// Whether two scorings of one submission say the same. Texts may hold what differs from process to process.
fn agree(one: &Scoring, other: &Scoring) -> bool {
    let same = |(a, b): (&Score, &Score)| {
        let error = |score: &Score| score.error.as_ref().map(|error| (error.kind.clone(), error.phase));
        let number = |score: &Score| score.score.map(f64::to_bits);
        (a.valid, number(a), error(a), &a.python_type, a.validator_returned)
            == (b.valid, number(b), error(b), &b.python_type, b.validator_returned)
    };
    one.status == other.status
        && one.metric_error.is_some() == other.metric_error.is_some()
        && one.class_name == other.class_name
        && one.higher_is_better == other.higher_is_better
        && one.scores.len() == other.scores.len()
        && one.scores.iter().zip(&other.scores).all(same)
}

fn desk(runtime: &Runtime) -> Result<TempDir, ExecError> {
    open_to(0o700, runtime.scratch().directory("smith-desk-")?)
}

fn absolute(path: &Path) -> Result<PathBuf, ExecError> {
    std::path::absolute(path).map_err(ExecError::io(path))
}

/// Runs blocking work outside the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ExecError> {
    let stopped = |error: tokio::task::JoinError| ExecError::NotRun { message: error.to_string() };
    tokio::task::spawn_blocking(work).await.map_err(stopped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JobStatus, ScoreError, ScorePhase};

    fn scoring(number: f64, kind: &str, message: &str, seconds: f64) -> Scoring {
        let error = ScoreError {
            kind: kind.into(),
            message: message.into(),
            phase: ScorePhase::Evaluate,
            traceback: message.into(),
        };
        let score = Score {
            valid: true,
            score: Some(number),
            error: Some(error),
            python_type: Some("float".into()),
            validator_returned: None,
            seconds,
        };
        Scoring {
            status: JobStatus::Ok,
            metric_error: None,
            class_name: Some("M".into()),
            higher_is_better: Some(true),
            scores: vec![score],
        }
    }

    #[test]
    fn scorings_agree_when_all_but_times_and_texts_is_the_same() {
        let one = scoring(0.5, "KeyError", "at 0x7f00", 0.1);
        assert!(agree(&one, &scoring(0.5, "KeyError", "at 0x7fff", 9.0)));
        for other in [
            scoring(0.5 + f64::EPSILON, "KeyError", "at 0x7f00", 0.1),
            scoring(0.5, "ValueError", "at 0x7f00", 0.1),
            Scoring { status: JobStatus::Oom, ..one.clone() },
            Scoring { metric_error: Some("no".into()), ..one.clone() },
            Scoring { higher_is_better: None, ..one.clone() },
            Scoring { scores: Vec::new(), ..one.clone() },
        ] {
            assert!(!agree(&one, &other), "{other:?}");
        }
    }
}
