//! Reading what `run_score.py` wrote. The file was written by a process that ran the metric's code, so
//! nothing in it is taken on trust.

use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use super::scrub::Scrubber;
use crate::{JobResult, JobStatus, Score, ScoreError, Scoring, extract};

/// More than this is no result of ours, in bytes for each submission.
const MOST_BYTES: u64 = 1 << 16;

/// The file as it is written: the score is text, which keeps every digit.
#[derive(Deserialize)]
struct Written {
    metric_error: Option<String>,
    class_name: Option<String>,
    higher_is_better: Option<bool>,
    scores: Vec<WrittenScore>,
}

#[derive(Deserialize)]
pub(super) struct WrittenScore {
    valid: bool,
    score: Option<String>,
    error: Option<ScoreError>,
    python_type: Option<String>,
    validator_returned: Option<bool>,
    seconds: f64,
}

/// The result in the file at `path`, after the scoring process has `ended`.
pub(super) fn read(path: &Path, ended: &JobResult, submissions: usize, scrubber: &Scrubber) -> Scoring {
    let nothing = Scoring {
        status: ended.status,
        metric_error: None,
        class_name: None,
        higher_is_better: None,
        scores: Vec::new(),
    };
    if !matches!(ended.status, JobStatus::Ok | JobStatus::Exit { .. }) {
        return nothing;
    }
    match parse(path, submissions) {
        Some(written) if ended.status.is_ok() => scoring(written, scrubber),
        _ => Scoring { metric_error: Some(premature_end(ended, scrubber)), ..nothing },
    }
}

fn parse(path: &Path, submissions: usize) -> Option<Written> {
    let most = MOST_BYTES * (submissions as u64 + 1);
    let (file, _) = extract::open_regular(path.parent()?, Path::new(path.file_name()?), most).ok()?;
    let mut text = String::new();
    file.take(most).read_to_string(&mut text).ok()?;
    let written: Written = serde_json::from_str(&text).ok()?;
    let expected = if written.metric_error.is_some() { 0 } else { submissions };
    (written.scores.len() == expected).then_some(written)
}

fn scoring(written: Written, scrubber: &Scrubber) -> Scoring {
    Scoring {
        status: JobStatus::Ok,
        metric_error: written.metric_error.map(|text| scrubber.scrub(&text)),
        class_name: written.class_name,
        higher_is_better: written.higher_is_better,
        scores: written.scores.into_iter().map(|score| score_of(score, scrubber)).collect(),
    }
}

pub(super) fn score_of(written: WrittenScore, scrubber: &Scrubber) -> Score {
    let number = written.score.and_then(|text| text.parse().ok()).filter(|number: &f64| number.is_finite());
    let error = written.error.map(|error| ScoreError {
        message: scrubber.scrub(&error.message),
        traceback: scrubber.scrub(&error.traceback),
        ..error
    });
    Score {
        valid: written.valid,
        score: number,
        error,
        python_type: written.python_type,
        validator_returned: written.validator_returned,
        seconds: written.seconds,
    }
}

pub(super) fn premature_end(ended: &JobResult, scrubber: &Scrubber) -> String {
    let said = scrubber.scrub(&ended.stderr.text);
    let lines: Vec<&str> = said.trim_end().lines().collect();
    let last = lines[lines.len().saturating_sub(5)..].join("\n");
    format!("the process ended before its result was written ({})\n{last}", ended.status)
        .trim_end()
        .to_owned()
}
