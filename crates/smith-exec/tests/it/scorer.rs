//! Many scorings of one metric, by a worker and without: results are the same.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use smith_exec::{
    ChildProcess, ExecError, Job, JobResult, Launch, Limits, Runtime, Sandbox, Scorer, Scoring, Trial,
    TrialLimits, Trials, Worker, testing,
};
use tempfile::TempDir;

use crate::grader::with_workers;

const METRIC: &str = "\
import os, sys, tempfile
from pathlib import Path
from sklearn.metrics import accuracy_score
from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError

PLACES = [Path(p) for p in ('/tmp', '/dev/shm', '.', '..', tempfile.gettempdir(), Path.home())]


class M(CompetitionMetrics):
    def validate_submission(self, submission, ground_truth):
        if 'label' not in submission.columns:
            raise InvalidSubmissionError(f'no label in {os.getcwd()}')

    def evaluate(self, y_true, y_pred):
        if (y_pred['label'] == 7).all():
            os._exit(3)
        if (y_pred['label'] == 8).all():
            print(sys.argv[0])
            raise KeyError(os.environ['HOME'])
        score = float(accuracy_score(y_true['label'], y_pred['label']))
        return score + 1000.0 * sum(len(list(place.glob('left*'))) for place in PLACES)
";

/// Leaves something in every place that it can write.
const LEAVING: &str = "
        for place in PLACES:
            try:
                (place / f'left{os.getpid()}').write_text('x')
            except OSError:
                pass
        return score";

struct Task(TempDir);

impl Task {
    fn new(metric: &str) -> Self {
        let task = Self(tempfile::tempdir().unwrap());
        std::fs::write(task.metric(), metric).unwrap();
        std::fs::create_dir_all(task.tables().join("0")).unwrap();
        let rows = |label: usize| (0..4).map(|id| format!("{id},{label}\n")).collect::<String>();
        task.write("answers.csv", "id,label\n0,1\n1,1\n2,0\n3,1\n");
        for label in [1, 7, 8] {
            task.write(&format!("{label}.csv"), &format!("id,label\n{}", rows(label)));
        }
        task.write("short.csv", "id,other\n0,1\n");
        task.write("broken.csv", "\0\"");
        task
    }

    fn metric(&self) -> PathBuf {
        self.0.path().join("metric.py")
    }

    fn tables(&self) -> PathBuf {
        self.0.path().join("tables")
    }

    fn folder(&self) -> PathBuf {
        self.tables().join("0")
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder().join(name), text).unwrap();
    }

    fn scorer(&self, runtime: &Runtime) -> Scorer {
        let imports = ["os", "sklearn.metrics.accuracy_score", "sklearn.no_such_module", "evil"];
        runtime.scorer(&self.metric(), &self.tables(), imports.map(str::to_owned)).unwrap()
    }

    fn trials() -> Vec<Trial> {
        let trial = |submission: &str| Trial {
            submission: submission.to_owned(),
            answers: "answers.csv".to_owned(),
            closely: submission == "1.csv",
        };
        ["1.csv", "7.csv", "8.csv", "short.csv", "broken.csv", "answers.csv"].map(trial).to_vec()
    }

    fn pairs(&self) -> Vec<(PathBuf, Vec<PathBuf>)> {
        let at = |name: &str| self.folder().join(name);
        vec![
            (at("answers.csv"), vec![at("1.csv"), at("8.csv")]),
            (at("1.csv"), vec![at("answers.csv"), at("short.csv")]),
        ]
    }
}

/// Everything but times and costs.
fn lasting(mut trials: Trials) -> (Option<String>, Option<String>, Option<bool>, String) {
    trials.tried.iter_mut().for_each(|tried| tried.score.seconds = 0.0);
    (trials.metric_error, trials.class_name, trials.higher_is_better, format!("{:?}", trials.tried))
}

fn lasting_scores(mut scoring: Scoring) -> Scoring {
    scoring.scores.iter_mut().for_each(|score| score.seconds = 0.0);
    scoring
}

async fn agree(task: &Task, scorer: &Scorer, cold: &Runtime, rounds: usize) {
    let (trials, limits) = (Task::trials(), TrialLimits::default());
    for _ in 0..rounds {
        let tried = scorer.try_on(&task.folder(), &trials, limits).await.unwrap();
        let expected = cold.try_on(&task.metric(), &task.folder(), &trials, limits).await.unwrap();
        assert_eq!(expected.tried.len(), trials.len());
        assert_eq!(lasting(tried), lasting(expected));
        let scored = scorer.score_against(&task.pairs()).await.unwrap();
        let expected = cold.score_against(&task.metric(), &task.pairs()).await.unwrap();
        assert_eq!(scored.scores.len(), 4, "{scored:?}");
        assert_eq!(lasting_scores(scored), lasting_scores(expected));
    }
}

#[tokio::test]
async fn a_worker_tries_and_scores_as_processes_of_their_own_do() {
    let Some(runtime) = with_workers().await else { return };
    let task = Task::new(METRIC);
    let scorer = task.scorer(&runtime);
    scorer.warm_up().await;
    agree(&task, &scorer, &runtime, 2).await;
    assert_eq!(runtime.confinement().unwrap().launch, Launch::Warm);
}

#[tokio::test]
async fn nothing_that_a_metric_leaves_is_there_for_the_next_scoring() {
    let Some(runtime) = with_workers().await else { return };
    let leaving = METRIC.trim_end().replace("        return score +", "        score = score +");
    let task = Task::new(&format!("{leaving}{LEAVING}\n"));
    let scorer = task.scorer(&runtime);
    let pair = vec![(task.folder().join("answers.csv"), vec![task.folder().join("1.csv")])];
    for _ in 0..3 {
        let scoring = scorer.score_against(&pair).await.unwrap();
        assert_eq!(scoring.scores[0].score, Some(0.75), "{scoring:?}");
    }
}

#[tokio::test]
async fn a_module_that_is_not_there_is_no_reason_to_do_without_a_worker() {
    let Some(runtime) = with_workers().await else { return };
    let task = Task::new("raise RuntimeError('no metric')\n");
    let scoring = task.scorer(&runtime).score_against(&task.pairs()).await.unwrap();
    assert!(scoring.metric_error.unwrap().contains("no metric"));
    assert_eq!(runtime.confinement().unwrap().launch, Launch::Warm);
}

/// Has a worker that is lost at once.
struct Losing(ChildProcess);

struct Lost;

#[async_trait]
impl Worker for Lost {
    async fn run(&mut self, _: &[PathBuf], _: &Path, _: Limits) -> Result<JobResult, ExecError> {
        Err(ExecError::NotRun { message: "lost".to_owned() })
    }
}

#[async_trait]
impl Sandbox for Losing {
    async fn run(&self, job: Job) -> Result<JobResult, ExecError> {
        self.0.run(job).await
    }

    async fn worker(&self, _: Job) -> Result<Option<Box<dyn Worker>>, ExecError> {
        Ok(Some(Box::new(Lost)))
    }
}

#[tokio::test]
async fn without_a_worker_and_after_one_was_lost_processes_of_their_own_score() {
    let open = testing::runtime().await;
    let losing = Losing(ChildProcess::new("smith-test".to_owned()));
    let losing = Runtime::new(open.python().clone(), Arc::new(losing));
    let task = Task::new(METRIC);
    // Each of these starts Python many times.
    for runtime in [&open, &losing] {
        agree(&task, &task.scorer(runtime), &open, 1).await;
    }
}
