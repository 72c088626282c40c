//! Many scorings of one task's metric that import its libraries once.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;
use tokio::sync::Mutex;

use super::space::Space;
use super::way::Way;
use super::{PrepareHow, Runtime, absolute};
use crate::copying::open_to;
use crate::{ExecError, Job, Scoring, Trial, TrialLimits, Trials, Worker};

/// Libraries that take long to import and do nothing else.
const LONG: [&str; 4] = ["numpy", "pandas", "scipy", "sklearn"];
/// What every metric needs; the second one comes with the first.
const NEEDED: [&str; 2] = ["pandas", "metric_calls"];
/// More names than this are no honest metric's, and each is an argument's part.
const MOST_WANTED: usize = 64;

/// Tries and scores submissions on one metric, as [`Runtime::try_on`] and [`Runtime::score_against`] do.
///
/// A worker keeps Python and the metric's libraries ready; each script is forked from it, and finds nothing of the one
/// before. Where the sandbox has no workers, and after one was lost, each script is a process of its own: results are
/// the same, only later.
///
/// The metric's file must not change while a scorer lives. What it is given lies in its folder.
pub struct Scorer {
    runtime: Runtime,
    metric: PathBuf,
    folder: PathBuf,
    wanted: Vec<String>,
    warmth: Mutex<Warmth>,
}

/// Whether there is a worker.
enum Warmth {
    Untried,
    Warm(Box<dyn Worker>, TempDir),
    Cold,
}

impl fmt::Debug for Scorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scorer")
            .field("metric", &self.metric)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl Runtime {
    /// A scorer for `metric` and whatever lies below `folder`, then or later. `imports` are names that the metric
    /// imports, with their modules (`sklearn.metrics.f1_score`); those of well-known libraries are imported ahead, others are not looked at.
    /// Nothing is started yet.
    ///
    /// # Errors
    /// [`ExecError::Io`] when a path cannot be made absolute.
    pub fn scorer(
        &self,
        metric: &Path,
        folder: &Path,
        imports: impl IntoIterator<Item = String>,
    ) -> Result<Scorer, ExecError> {
        let mut wanted: Vec<String> = imports.into_iter().filter(|name| takes_long(name)).collect();
        wanted.sort();
        wanted.dedup();
        wanted.truncate(MOST_WANTED);
        Ok(Scorer {
            runtime: self.clone(),
            metric: absolute(metric)?,
            folder: absolute(folder)?,
            wanted,
            warmth: Mutex::new(Warmth::Untried),
        })
    }
}

impl Scorer {
    /// Starts the worker, if there can be one. The first scoring does it otherwise.
    pub async fn warm_up(&self) {
        let mut warmth = self.warmth.lock().await;
        self.begin(&mut warmth).await;
    }

    /// [`Runtime::try_on`] with this metric and the submissions in `folder`, which lies in this scorer's folder.
    ///
    /// # Errors
    /// [`ExecError`] when nothing could be run at all. What the metric raises is in the result.
    pub async fn try_on(
        &self,
        folder: &Path,
        trials: &[Trial],
        limits: TrialLimits,
    ) -> Result<Trials, ExecError> {
        let mut warmth = self.warmth.lock().await;
        self.begin(&mut warmth).await;
        // Taken out, so that a worker which fails, or whose run is given up, is not used again.
        if let Warmth::Warm(mut worker, desk) = std::mem::replace(&mut *warmth, Warmth::Cold) {
            let way = &mut Way::Warm(worker.as_mut(), desk.path());
            match self.runtime.try_by(way, &self.metric, folder, trials, limits).await {
                Ok(all) => {
                    *warmth = Warmth::Warm(worker, desk);
                    return Ok(all);
                }
                Err(error) => lost(&error),
            }
        }
        drop(warmth);
        self.runtime.try_on(&self.metric, folder, trials, limits).await
    }

    /// [`Runtime::score_against`] with this metric and files in this scorer's folder.
    ///
    /// # Errors
    /// [`ExecError`] when it could not be run at all. What the metric raises is in the result.
    pub async fn score_against(&self, compared: &[(PathBuf, Vec<PathBuf>)]) -> Result<Scoring, ExecError> {
        let mut warmth = self.warmth.lock().await;
        self.begin(&mut warmth).await;
        if let Warmth::Warm(mut worker, desk) = std::mem::replace(&mut *warmth, Warmth::Cold) {
            let way = &mut Way::Warm(worker.as_mut(), desk.path());
            match self.runtime.score_by(way, &self.metric, compared).await {
                Ok(scoring) => {
                    *warmth = Warmth::Warm(worker, desk);
                    return Ok(scoring);
                }
                Err(error) => lost(&error),
            }
        }
        drop(warmth);
        self.runtime.score_against(&self.metric, compared).await
    }

    async fn begin(&self, warmth: &mut Warmth) {
        if !matches!(warmth, Warmth::Untried) {
            return;
        }
        *warmth = match self.start().await {
            Ok(Some((worker, desk))) => Warmth::Warm(worker, desk),
            Ok(None) => Warmth::Cold,
            Err(error) => {
                lost(&error);
                Warmth::Cold
            }
        };
    }

    async fn start(&self) -> Result<Option<(Box<dyn Worker>, TempDir)>, ExecError> {
        let runtime = &self.runtime;
        let desk = open_to(0o700, runtime.scratch.directory("smith-desk-")?)?;
        let programs = ["run_score.py", "run_trials.py"].map(|name| runtime.python.helper(name));
        let setup = json!({ "modules": NEEDED, "wanted": self.wanted, "tables": [], "programs": programs });
        let mut argv = runtime.python_and(runtime.python.helper("worker.py"));
        argv.push(OsString::from(setup.to_string()));
        let job = Job {
            argv,
            cwd: desk.path().to_path_buf(),
            env: Space::environment_in(desk.path(), &runtime.python, None, &PrepareHow::default()),
            limits: runtime.limits,
            readable: runtime.readable([self.metric.clone(), self.folder.clone()]),
            writable: vec![desk.path().to_path_buf()],
            replicas: Vec::new(),
        };
        Ok(runtime.sandbox.worker(job).await?.map(|worker| (worker, desk)))
    }
}

/// Whether a dotted name is one of a library that takes long.
fn takes_long(name: &str) -> bool {
    let is_plain =
        |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !part.is_empty();
    LONG.contains(&name.split('.').next().unwrap_or("")) && name.len() < 200 && name.split('.').all(is_plain)
}

fn lost(error: &ExecError) {
    tracing::warn!(%error, "a metric is scored without a worker");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_well_known_libraries_are_imported_ahead() {
        for name in ["numpy", "sklearn.metrics.f1_score", "scipy.stats"] {
            assert!(takes_long(name), "{name}");
        }
        for name in [
            "",
            "numpyro",
            "evil",
            "evil.numpy",
            ".numpy",
            "numpy.",
            "numpy..x",
            "numpy.x;y",
            "sklearn.metrics.*",
        ] {
            assert!(!takes_long(name), "{name}");
        }
        assert!(!takes_long(&format!("numpy.{}", "x".repeat(300))));
    }
}
