//! The two parts of a task's answers in the mode `validation`: their files, and scoring on each.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use smith_task_schema::TaskLayout;
use tempfile::TempDir;
use tokio::sync::Mutex;

use super::division::{Cut, Division, Part};
#[cfg(feature = "server")]
use super::feedback::FeedbackMode;
use super::feedback::checked;
use super::session::blocking;
use super::submission::refuse_faults;
use crate::{EnvironmentConfig, ExecError, Grader, Grading, Runtime, Scoring};

/// A task's answers in two parts.
pub(super) struct HeldOut {
    runtime: Runtime,
    metric: PathBuf,
    division: Arc<Division>,
    /// Holds answers; out of the scripts' reach, and gone with the session.
    folder: TempDir,
    /// Scores on the validation part.
    grader: Arc<dyn Grading>,
}

impl HeldOut {
    /// Divides the answers of the task into files below `root`, and tries whether its metric can score on each part.
    ///
    /// # Errors
    /// [`ExecError::Mistake`] when the mode cannot be used on this task, with the reason; faults of the machine.
    pub(super) async fn open(
        runtime: &Runtime,
        config: &EnvironmentConfig,
        root: &Path,
        share: f64,
    ) -> Result<Self, ExecError> {
        let (task, seed) = (&config.task, config.seed);
        let share = checked(share).map_err(refused)?;
        let (answers, sample, root) = (task.test_answer(), task.sample_submission(), root.to_path_buf());
        let (division, folder) =
            blocking(&task.test_answer(), move || divide(&answers, &sample, &root, share, seed)).await?;
        let part = folder.path().join(answers_name(Part::Validation));
        let grader: Arc<dyn Grading> = match &config.pool {
            Some(pool) => pool.for_answers(&task.metric, &part),
            None => Arc::new(Mutex::new(Grader::new(runtime.clone(), &task.metric, &part)?)),
        };
        let (runtime, metric) = (runtime.clone(), task.metric.clone());
        let parts = Self { runtime, metric, division: Arc::new(division), folder, grader };
        parts.try_out(task).await?;
        Ok(parts)
    }

    /// Scores a valid submission on the validation part. Nothing when the metric could not.
    ///
    /// # Errors
    /// Faults of the machine.
    pub(super) async fn validate(&self, submission: &Path) -> Result<Result<Option<f64>, String>, ExecError> {
        let folder = match self.cut(&[submission]).await? {
            Ok(folder) => folder,
            Err(words) => return Ok(Err(words)),
        };
        let scoring = self.grader.score(&cut_file(folder.path(), Part::Validation, 0)).await?;
        refuse_faults(scoring.status, &self.metric)?;
        Ok(Ok(score_of(&scoring, 0).ok()))
    }

    /// Scores valid submissions on the test part; in place of a score the reason why there is none.
    ///
    /// # Errors
    /// Faults of the machine.
    pub(super) async fn test(&self, submissions: &[&Path]) -> Result<Vec<Result<f64, String>>, ExecError> {
        match self.cut(submissions).await? {
            Ok(folder) => self.score(Part::Test, folder.path(), submissions.len()).await,
            Err(words) => Ok(submissions.iter().map(|_| Err(words.clone())).collect()),
        }
    }

    /// Scores the sample submission and the answers themselves: what the metric can score as a whole it must be able
    /// to score in parts.
    async fn try_out(&self, task: &TaskLayout) -> Result<(), ExecError> {
        let (sample, answers) = (task.sample_submission(), task.test_answer());
        let tried = [sample.clone(), answers.clone()];
        let folder = self.cut(&[&sample, &answers]).await?.map_err(refused)?;
        let (whole, validation, test) = tokio::try_join!(
            self.runtime.score(&self.metric, &answers, &tried),
            self.score(Part::Validation, folder.path(), tried.len()),
            self.score(Part::Test, folder.path(), tried.len()),
        )?;
        refuse_faults(whole.status, &self.metric)?;
        let mut usable = false;
        for (at, name) in ["the sample submission", "the answers"].into_iter().enumerate() {
            if score_of(&whole, at).is_err() {
                continue;
            }
            usable = true;
            for (part, scores) in [("validation", &validation), ("test", &test)] {
                if let Err(reason) = &scores[at] {
                    tracing::warn!(%reason, "the metric cannot score {name} on the {part} part");
                    // What an exception says may hold answers, and whoever opens a session may be its agent.
                    let kind = reason.split(':').next().unwrap_or_default();
                    return Err(refused(format!(
                        "the metric cannot score {name} on the {part} part ({kind}; the log says more)"
                    )));
                }
            }
        }
        let neither = "the metric accepts neither the sample submission nor the answers".to_owned();
        if usable { Ok(()) } else { Err(refused(neither)) }
    }

    /// Scores the files that were cut into `folder`, each in one process for itself and with fresh tables.
    async fn score(
        &self,
        part: Part,
        folder: &Path,
        count: usize,
    ) -> Result<Vec<Result<f64, String>>, ExecError> {
        let files: Vec<PathBuf> = (0..count).map(|number| cut_file(folder, part, number)).collect();
        let scoring = self.runtime.score(&self.metric, &self.answers(part), &files).await?;
        refuse_faults(scoring.status, &self.metric)?;
        Ok((0..count).map(|number| score_of(&scoring, number)).collect())
    }

    fn answers(&self, part: Part) -> PathBuf {
        self.folder.path().join(answers_name(part))
    }

    /// Cuts submissions into files. The inner error is one that an agent may read.
    async fn cut(&self, submissions: &[&Path]) -> Result<Result<TempDir, String>, ExecError> {
        let division = self.division.clone();
        let submissions: Vec<PathBuf> = submissions.iter().map(|path| path.to_path_buf()).collect();
        let within = self.folder.path().to_path_buf();
        blocking(&self.metric, move || {
            let folder = readable_folder(&within)?;
            for (number, path) in submissions.iter().enumerate() {
                match division.cut(&fs::read(path).map_err(ExecError::io(path))?) {
                    Ok(cut) => write(&cut, |part| cut_file(folder.path(), part, number))?,
                    Err(words) => return Ok(Err(words)),
                }
            }
            Ok(Ok(folder))
        })
        .await
    }
}

/// Divides the answers into two files.
fn divide(
    answers: &Path,
    sample: &Path,
    root: &Path,
    share: f64,
    seed: Option<u64>,
) -> Result<(Division, TempDir), ExecError> {
    let bytes = fs::read(answers).map_err(ExecError::io(answers))?;
    let about = |what: &'static str| move |words: String| refused(format!("{what}: {words}"));
    let division = Division::of(&bytes, share, seed.unwrap_or_default()).map_err(about("test_answer.csv"))?;
    let cut = division.cut(&bytes).map_err(about("test_answer.csv"))?;
    let sampled = fs::read(sample).map_err(ExecError::io(sample))?;
    // Otherwise its first column holds no ids, or they are the answers' secret.
    division.cut(&sampled).map_err(about("sample_submission.csv"))?;
    let folder = readable_folder(root)?;
    write(&cut, |part| folder.path().join(answers_name(part)))?;
    Ok((division, folder))
}

/// Whether the task can give the feedback mode, tried with the configured seed and files below `root`.
///
/// # Errors
/// [`ExecError::Mistake`] when it cannot, with the reason; faults of the machine.
#[cfg(feature = "server")]
pub(crate) async fn try_feedback(
    runtime: &Runtime,
    config: &EnvironmentConfig,
    root: &Path,
) -> Result<(), ExecError> {
    if let FeedbackMode::Validation { share } = config.feedback {
        HeldOut::open(runtime, config, root, share).await?;
    }
    Ok(())
}

fn write(cut: &Cut, place: impl Fn(Part) -> PathBuf) -> Result<(), ExecError> {
    for (part, bytes) in [(Part::Validation, &cut.validation), (Part::Test, &cut.test)] {
        let path = place(part);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(ExecError::io(folder))?;
        }
        fs::write(&path, bytes).map_err(ExecError::io(path))?;
    }
    Ok(())
}

/// A directory that whoever runs the metric may read.
fn readable_folder(within: &Path) -> Result<TempDir, ExecError> {
    let folder =
        tempfile::Builder::new().prefix("smith-parts-").tempdir_in(within).map_err(ExecError::io(within))?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))
        .map_err(ExecError::io(folder.path()))?;
    Ok(folder)
}

fn answers_name(part: Part) -> &'static str {
    match part {
        Part::Validation => "validation_answer.csv",
        Part::Test => "test_answer.csv",
    }
}

/// Where one part of the submission with this number is.
fn cut_file(folder: &Path, part: Part, number: usize) -> PathBuf {
    let name = match part {
        Part::Validation => "validation",
        Part::Test => "test",
    };
    folder.join(format!("{name}_{number}")).join("submission.csv")
}

/// The score of one submission, or why there is none.
fn score_of(scoring: &Scoring, number: usize) -> Result<f64, String> {
    if let Some(error) = &scoring.metric_error {
        return Err(error.clone());
    }
    match scoring.scores.get(number) {
        None => Err(scoring.status.to_string()),
        Some(score) => match (score.score.filter(|_| score.valid), &score.error) {
            (Some(number), _) => Ok(number),
            (None, Some(error)) => Err(format!("{}: {}", error.kind, error.message)),
            (None, None) => Err("there is no score".into()),
        },
    }
}

fn refused(reason: impl std::fmt::Display) -> ExecError {
    ExecError::Mistake(format!(
        "the feedback mode `validation` cannot be used here: {reason}; use `test` or `none`"
    ))
}
