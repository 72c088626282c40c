//! Trying many submissions on a metric, so that none is lost to another. What the scoring process wrote is not taken
//! on trust.

use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use serde_json::json;

use super::scoring::WrittenScore;
use super::scrub::Scrubber;
use super::way::Way;
use super::{Runtime, absolute, parent, scoring};
use crate::{
    ExecError, JobResult, JobStatus, Score, ScoreError, ScorePhase, Trial, TrialLimits, Trials, Tried,
    extract,
};

/// More than this is no result of ours, in bytes for each trial.
const MOST_BYTES: u64 = 1 << 16;
/// A process that was killed as a whole is followed by another one, so often.
const MOST_RESTARTS: usize = 2;

/// The first line of a result.
#[derive(Deserialize)]
struct Known {
    metric_error: Option<String>,
    class_name: Option<String>,
    higher_is_better: Option<bool>,
}

/// Every other line of a result.
#[derive(Deserialize)]
struct Line {
    #[serde(flatten)]
    score: WrittenScore,
    again: Option<String>,
    shared: Option<String>,
    printed: String,
}

impl Runtime {
    /// Tries the submissions in `folder` on the class that `metric` defines, one after the other. Each gets a fresh
    /// instance and tables of its own; one that never returns or ends the process costs only itself.
    ///
    /// # Errors
    /// [`ExecError`] when nothing could be run at all. What the metric raises is in the result.
    pub async fn try_on(
        &self,
        metric: &Path,
        folder: &Path,
        trials: &[Trial],
        limits: TrialLimits,
    ) -> Result<Trials, ExecError> {
        self.try_by(&mut Way::Cold, metric, folder, trials, limits).await
    }

    pub(super) async fn try_by(
        &self,
        way: &mut Way<'_>,
        metric: &Path,
        folder: &Path,
        trials: &[Trial],
        limits: TrialLimits,
    ) -> Result<Trials, ExecError> {
        let (metric, folder) = (absolute(metric)?, absolute(folder)?);
        let mut all = self.try_once(way, &metric, &folder, trials, limits).await?;
        for _ in 0..MOST_RESTARTS {
            if was_let_run(all.status) || all.tried.len() >= trials.len() {
                break;
            }
            all.tried.push(killed(all.status));
            let rest = trials.get(all.tried.len()..).unwrap_or_default();
            let more = self.try_once(way, &metric, &folder, rest, limits).await?;
            (all.status, all.usage) = (more.status, more.usage);
            all.tried.extend(more.tried);
        }
        Ok(all)
    }

    async fn try_once(
        &self,
        way: &mut Way<'_>,
        metric: &Path,
        folder: &Path,
        trials: &[Trial],
        limits: TrialLimits,
    ) -> Result<Trials, ExecError> {
        let place = way.place(self)?;
        let (result, plan) = (place.path().join("result.jsonl"), place.path().join("plan.json"));
        let text = plan_of(folder, trials, limits, self.limits.wall.as_secs_f64());
        std::fs::write(&plan, text).map_err(ExecError::io(&plan))?;
        let names = [(folder, "."), (&parent(metric), "."), (place.path(), "<tmp>")];
        let scrubber = self.scrubber_of(&names.map(|(path, name)| (path.to_path_buf(), name)));
        let helper = self.python.helper("run_trials.py");
        let argv = vec![helper, result.clone(), plan, metric.to_path_buf()];
        let readable = [metric.to_path_buf(), folder.to_path_buf()];
        let ended = way.run(self, place.path(), argv, &readable).await?;
        Ok(read(&result, &ended, trials.len(), &scrubber))
    }
}

fn plan_of(folder: &Path, trials: &[Trial], limits: TrialLimits, wall: f64) -> String {
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let trials: Vec<_> = trials
        .iter()
        .map(|trial| {
            json!({
                "submission": path(&trial.submission),
                "answers": path(&trial.answers),
                "closely": trial.closely,
            })
        })
        .collect();
    // Some of the time is for the end of the last trial.
    let each = limits.each.as_secs_f64().min(wall / 4.0);
    let budget = limits.all.as_secs_f64().min(wall - each);
    json!({ "trials": trials, "seconds": each, "budget": budget }).to_string()
}

/// Whether a process came to its own end.
fn was_let_run(status: JobStatus) -> bool {
    matches!(status, JobStatus::Ok | JobStatus::Exit { .. })
}

fn killed(status: JobStatus) -> Tried {
    let error = ScoreError {
        kind: "Killed".to_owned(),
        message: status.to_string(),
        phase: ScorePhase::Evaluate,
        traceback: String::new(),
    };
    let score = Score {
        valid: false,
        score: None,
        error: Some(error),
        python_type: None,
        validator_returned: None,
        seconds: 0.0,
    };
    Tried { score, again: None, shared: None, printed: String::new() }
}

/// The result in the file at `path`, as far as it was written.
fn read(path: &Path, ended: &JobResult, trials: usize, scrubber: &Scrubber) -> Trials {
    let text = text_of(path, trials).unwrap_or_default();
    let mut lines = text.lines();
    let known = lines.next().and_then(|line| serde_json::from_str::<Known>(line).ok());
    let mut all = Trials {
        status: ended.status,
        usage: ended.usage,
        metric_error: None,
        class_name: None,
        higher_is_better: None,
        tried: Vec::new(),
    };
    let Some(known) = known else {
        if was_let_run(ended.status) {
            all.metric_error = Some(scoring::premature_end(ended, scrubber));
        }
        return all;
    };
    all.metric_error = known.metric_error.map(|text| scrubber.scrub(&text));
    (all.class_name, all.higher_is_better) = (known.class_name, known.higher_is_better);
    if all.metric_error.is_none() {
        let written = lines.take(trials).map_while(|line| serde_json::from_str::<Line>(line).ok());
        all.tried = written.map(|line| tried(line, scrubber)).collect();
    }
    all
}

fn text_of(path: &Path, trials: usize) -> Option<String> {
    let most = MOST_BYTES.saturating_mul(trials as u64 + 1);
    let (file, _) = extract::open_regular(path.parent()?, Path::new(path.file_name()?), most).ok()?;
    let mut text = String::new();
    file.take(most).read_to_string(&mut text).ok()?;
    Some(text)
}

fn tried(line: Line, scrubber: &Scrubber) -> Tried {
    let number = |text: String| text.parse().ok().filter(|number: &f64| number.is_finite());
    Tried {
        score: scoring::score_of(line.score, scrubber),
        again: line.again.map(number),
        shared: line.shared.map(number),
        printed: scrubber.scrub(&line.printed),
    }
}
