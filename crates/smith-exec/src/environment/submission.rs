//! Takes a submission out of the scripts' reach and has it scored.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use smith_task_schema::TaskLayout;

use super::masking::PrivateValues;
use super::observation::{ErrorType, Failure};
use super::session::{SUBMISSION, blocking};
use super::tree::size;
use crate::extract::{self, Unfit};
use crate::{ExecError, Grade, Grading, JobStatus, Score, ScoreError, ScorePhase, Scoring};

/// Largest submission that is taken, in bytes.
const SIZE_CAP: u64 = 256 << 20;
/// Longest part of a metric's message that an agent is shown, in characters.
const MESSAGE_CHARS: usize = 200;

/// Copies the submission in `cwd` to `archived`. The inner failure says why there is nothing to score.
///
/// # Errors
/// [`ExecError::Io`] when a regular file cannot be copied.
pub(super) fn take(cwd: &Path, archived: &Path) -> Result<Result<(), Failure>, ExecError> {
    let path = cwd.join(SUBMISSION);
    let (file, bytes) = match extract::open_regular(cwd, Path::new(SUBMISSION), SIZE_CAP) {
        Ok(opened) => opened,
        Err(unfit) => return Ok(Err(failure_of(unfit))),
    };
    let mut target = File::create(archived).map_err(ExecError::io(archived))?;
    // The file may still grow if something outlived its script.
    io::copy(&mut file.take(bytes), &mut target).map_err(ExecError::io(path))?;
    Ok(Ok(()))
}

fn failure_of(unfit: Unfit) -> Failure {
    match unfit {
        Unfit::Missing => not_found(),
        Unfit::Link => invalid(format!("{SUBMISSION} is a link; write a regular file")),
        Unfit::HardLink => {
            invalid(format!("{SUBMISSION} is a hard link to another file; write a file of its own"))
        }
        Unfit::NotRegular(_) => invalid(format!("{SUBMISSION} is not a regular file")),
        Unfit::TooLarge(bytes) => invalid(format!(
            "{SUBMISSION} has {}, more than the {} that are taken",
            size(bytes),
            size(SIZE_CAP)
        )),
        Unfit::Io(error) => invalid(format!("{SUBMISSION} cannot be opened: {error}")),
    }
}

fn not_found() -> Failure {
    let details = format!("the script must write {SUBMISSION} into its working directory, in this very step");
    Failure::new(ErrorType::SubmissionNotFound, format!("the script wrote no {SUBMISSION}"), details)
}

pub(super) fn invalid(error: impl Into<String>) -> Failure {
    Failure::new(ErrorType::InvalidSubmission, error, "")
}

fn evaluation(error: impl Into<String>) -> Failure {
    Failure::new(ErrorType::Evaluation, error, "")
}

/// Asks the metric whether a higher score is better, by scoring the task's own sample submission. Whether
/// the sample is valid does not matter here, but it and the answers must be readable: later, what cannot
/// be read is an agent's submission.
///
/// # Errors
/// [`ExecError::Task`] when the metric cannot be used or states no direction, or a table cannot be read;
/// faults of the machine.
pub(crate) async fn direction(grader: &dyn Grading, task: &TaskLayout) -> Result<bool, ExecError> {
    let scoring = grader.score(&task.sample_submission()).await?;
    refuse_faults(scoring.status, &task.metric)?;
    stated_direction(&scoring).map_err(|message| ExecError::Task { message })
}

fn stated_direction(scoring: &Scoring) -> Result<bool, String> {
    if let Some(message) = &scoring.metric_error {
        return Err(format!("metric.py: {message}"));
    }
    if !scoring.status.is_ok() {
        return Err(format!("scoring the sample submission: {}", scoring.status));
    }
    let mut errors = scoring.scores.iter().filter_map(|score| score.error.as_ref());
    if let Some(error) = errors.find(|error| error.phase == ScorePhase::Read) {
        return Err(error.message.clone());
    }
    scoring.higher_is_better.ok_or_else(|| "the metric does not state higher_is_better as a bool".into())
}

/// Grades an archived submission. The inner failure is one that an agent may read; with `candid` it holds what the
/// metric says in its own words when it crashes.
///
/// # Errors
/// Faults of the machine only.
pub(super) async fn grade(
    grader: &dyn Grading,
    task: &TaskLayout,
    archived: &Path,
    candid: bool,
) -> Result<Result<f64, Failure>, ExecError> {
    let scoring = match grader.grade(archived).await? {
        Grade::Refused(refusal) => return Ok(Err(invalid(refusal.to_string()))),
        Grade::Scored(scoring) => scoring,
    };
    refuse_faults(scoring.status, &task.metric)?;
    if !scoring.status.is_ok() {
        return Ok(Err(evaluation(format!("the metric did not finish: {}", scoring.status))));
    }
    match scoring.scores.into_iter().next() {
        Some(Score { valid: true, score: Some(score), .. }) if score.is_finite() => Ok(Ok(score)),
        Some(Score { error: Some(error), .. }) if !candid && error.phase == ScorePhase::Evaluate => {
            Ok(Err(evaluation(format!("{}; what it says is not shown in this session", error.kind))))
        }
        Some(Score { error: Some(error), .. }) => explain(error, task).await.map(Err),
        _ => Ok(Err(evaluation("the metric could not be used"))),
    }
}

/// A submission that is valid and cannot be scored on a part of the answers. Why would tell which part.
pub(super) fn unscored() -> Failure {
    evaluation("the metric cannot score this submission")
}

/// Faults of the machine must not look like faults of a script.
///
/// # Errors
/// [`ExecError::Io`] at `path` when the status is such a fault.
pub(super) fn refuse_faults(status: JobStatus, path: &Path) -> Result<(), ExecError> {
    match status {
        JobStatus::SandboxError | JobStatus::InfraError => {
            Err(ExecError::io(path)(io::Error::other(status.to_string())))
        }
        _ => Ok(()),
    }
}

/// What an agent is told: the validator's own words whole, but of any other exception no private value.
async fn explain(error: ScoreError, task: &TaskLayout) -> Result<Failure, ExecError> {
    if error.kind == "InvalidSubmissionError" {
        return Ok(invalid(error.message));
    }
    let line = error.message.lines().next().unwrap_or_default().to_owned();
    if error.phase == ScorePhase::Read {
        let line = cut(&line);
        return Ok(invalid(format!("the submission cannot be read as a table: {}: {line}", error.kind)));
    }
    let answers = task.test_answer();
    blocking(&task.test_answer(), move || {
        let line = PrivateValues::read(&answers).map(|values| values.mask(&line)).unwrap_or_default();
        Ok(evaluation(format!("{}: {}", error.kind, cut(&line))))
    })
    .await
}

fn cut(line: &str) -> String {
    line.chars().take(MESSAGE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn refused(make: impl Fn(&Path)) -> Failure {
        let dir = tempfile::tempdir().unwrap();
        make(&dir.path().join(SUBMISSION));
        let failure = take(dir.path(), &dir.path().join("archived.csv")).unwrap().unwrap_err();
        assert!(!dir.path().join("archived.csv").exists());
        failure
    }

    #[test]
    fn takes_a_regular_file() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(SUBMISSION), "id,y\n1,2\n").unwrap();
        take(dir.path(), &dir.path().join("archived.csv")).unwrap().unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("archived.csv")).unwrap(), "id,y\n1,2\n");
    }

    #[test]
    fn a_missing_file_is_not_found() {
        assert_eq!(refused(|_| ()).error_type, ErrorType::SubmissionNotFound);
    }

    #[test]
    fn refuses_everything_but_a_small_regular_file() {
        let link = refused(|path| std::os::unix::fs::symlink("/dev/null", path).unwrap());
        let hard_link = refused(|path| {
            fs::write(path.with_file_name("other"), "id,y\n").unwrap();
            fs::hard_link(path.with_file_name("other"), path).unwrap();
        });
        let directory = refused(|path| fs::create_dir(path).unwrap());
        let pipe = refused(|path| {
            rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
                .unwrap();
        });
        let large = refused(|path| File::create(path).unwrap().set_len(SIZE_CAP + 1).unwrap());
        for (failure, words) in [
            (link, "is a link"),
            (hard_link, "is a hard link"),
            (directory, "not a regular file"),
            (pipe, "not a regular file"),
            (large, "more than the 268.4 MB that are taken"),
        ] {
            assert_eq!(failure.error_type, ErrorType::InvalidSubmission);
            assert!(failure.error.contains(words), "{}", failure.error);
        }
    }

    #[test]
    fn faults_of_the_machine_are_errors() {
        assert!(refuse_faults(JobStatus::InfraError, Path::new("x")).is_err());
        assert!(refuse_faults(JobStatus::SandboxError, Path::new("x")).is_err());
        assert!(refuse_faults(JobStatus::TimeoutWall, Path::new("x")).is_ok());
    }
}
