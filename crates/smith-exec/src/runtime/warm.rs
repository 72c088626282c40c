//! Scoring by a worker: everything that is the same for every submission is done once.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::space::Space;
use super::{PrepareHow, Runtime, parent, scoring};
use crate::{ExecError, Job, Scoring, Worker};

impl Runtime {
    /// A worker for [`score_in`](Self::score_in), if the sandbox has workers: it sees the metric, the answers
    /// and `desk`, which it may write. It reads the answers now, and nothing of the metric.
    pub(crate) async fn scoring_worker(
        &self,
        metric: &Path,
        answers: &Path,
        desk: &Path,
    ) -> Result<Option<Box<dyn Worker>>, ExecError> {
        let setup = json!({
            "modules": self.python.preloaded(),
            "tables": answers.to_str().into_iter().collect::<Vec<_>>(),
            "programs": [self.python.helper("run_score.py")],
        });
        let mut argv = self.python_and(self.python.helper("worker.py"));
        argv.push(OsString::from(setup.to_string()));
        let job = Job {
            argv,
            cwd: desk.to_path_buf(),
            env: Space::environment_in(desk, &self.python, None, &PrepareHow::default()),
            limits: self.limits,
            readable: self.readable([metric.to_path_buf(), answers.to_path_buf()]),
            writable: vec![desk.to_path_buf()],
            replicas: Vec::new(),
        };
        self.sandbox.worker(job).await
    }

    /// Like [`score`](Self::score) with one submission, by a worker that was made for this task. `place` is an
    /// empty directory of the worker's desk; the submission is moved into it.
    pub(crate) async fn score_in(
        &self,
        worker: &mut dyn Worker,
        (metric, answers): (&Path, &Path),
        place: &Path,
        submission: &Path,
    ) -> Result<Scoring, ExecError> {
        let result = place.join("result.json");
        let argv: [PathBuf; 5] = [
            self.python.helper("run_score.py"),
            result.clone(),
            metric.into(),
            answers.into(),
            submission.into(),
        ];
        let ended = worker.run(&argv, place, self.limits).await?;
        self.note(&ended.confinement);
        // As in a process of its own, where the working directory is the temporary one.
        let folders = [submission, answers, metric].map(|path| (parent(path), "."));
        let names = folders.into_iter().chain([(place.to_path_buf(), "<tmp>")]);
        let scrubber = self.scrubber_of(&names.collect::<Vec<_>>());
        Ok(scoring::read(&result, &ended, 1, &scrubber))
    }
}
