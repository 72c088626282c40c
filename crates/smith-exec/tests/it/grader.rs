//! Streams of submissions, with a worker and without: results are the same.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use smith_exec::{
    ExecError, Grade, Grader, GraderPool, Guarantee, Jail, Job, JobResult, Launch, Limits, Runtime, Sandbox,
    Tier, Worker, testing,
};
use smith_task_schema::{LayoutKind, TaskLayout};
use tempfile::TempDir;

use crate::jail::{jail, tiers};

const METRIC: &str = "\
from sklearn.metrics import f1_score
from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError


class F1Metrics(CompetitionMetrics):
    def __init__(self, value: str = 'label', higher_is_better: bool = True):
        super().__init__(higher_is_better)
        self.value = value

    def evaluate(self, y_true, y_pred):
        both = y_true.merge(y_pred, on='id')
        return float(f1_score(both['label_x'], both['label_y'], average='macro'))

    def validate_submission(self, submission, ground_truth):
        if set(submission['id']) != set(ground_truth['id']):
            raise InvalidSubmissionError('the ids differ')
        print('noise')
";

const ROWS: usize = 10_000;

fn table(path: &Path, label: impl Fn(usize) -> usize) {
    let rows: String = (0..ROWS).map(|id| format!("{id},{}\n", label(id) % 3)).collect();
    std::fs::write(path, format!("id,label\n{rows}")).unwrap();
}

/// Everything but the time.
fn timeless(mut grade: Grade) -> Grade {
    if let Grade::Scored(scoring) = &mut grade {
        for score in &mut scoring.scores {
            score.seconds = 0.0;
        }
    }
    grade
}

/// A task in a folder: a metric and answers of few rows.
struct Task {
    folder: TempDir,
}

impl Task {
    fn new(metric: &str) -> Self {
        let task = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::write(task.at("metric.py"), metric).unwrap();
        std::fs::write(task.at("answers.csv"), "id,label\n1,1\n2,0\n3,1\n").unwrap();
        std::fs::write(task.at("good.csv"), "id,label\n1,1\n2,1\n3,1\n").unwrap();
        task
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn grader(&self, runtime: &Runtime) -> Grader {
        Grader::new(runtime.clone(), &self.at("metric.py"), &self.at("answers.csv")).unwrap()
    }
}

/// A runtime whose sandbox has workers, where this machine gives one.
pub(crate) async fn with_workers() -> Option<Runtime> {
    let python = testing::runtime().await.python().clone();
    let tier = tiers().await.into_iter().find(|tier| *tier == Tier::Namespaces)?;
    Some(Runtime::new(python, Arc::new(jail(tier))))
}

/// A metric around the given lines of `evaluate`.
fn metric(evaluate: &str) -> String {
    let body: String = evaluate.lines().map(|line| format!("        {line}\n")).collect();
    format!(
        "import os, sys, tempfile\nfrom pathlib import Path\nimport pandas as pd\n\
         from mledojo.metrics.base import CompetitionMetrics\n\nclass M(CompetitionMetrics):\n\
         \x20   def validate_submission(self, submission, ground_truth):\n        ground_truth['label'] = 5\n\n\
         \x20   def evaluate(self, y_true, y_pred):\n{body}"
    )
}

#[tokio::test]
async fn a_worker_scores_as_a_process_of_its_own_does() {
    let python = testing::runtime().await.python().clone();
    let tier = tiers().await[0];
    let [runtime, spawning] = [(); 2].map(|()| Runtime::new(python.clone(), Arc::new(jail(tier))));
    let task = Task::new(METRIC);
    table(&task.at("answers.csv"), |id| id * id);
    table(&task.at("good.csv"), |id| id * id + usize::from(id % 7 == 0));
    table(&task.at("other.csv"), |id| id);
    std::fs::write(task.at("short.csv"), "id,label\n1,1\n").unwrap();
    std::fs::write(task.at("broken.csv"), "\0\"").unwrap();
    let (mut warm, mut cold) = (task.grader(&runtime), task.grader(&spawning).without_worker());
    for name in ["good.csv", "other.csv", "short.csv", "broken.csv", "good.csv"] {
        let (grade, expected) =
            (warm.grade(&task.at(name)).await.unwrap(), cold.grade(&task.at(name)).await.unwrap());
        assert_eq!(grade.score().is_some(), matches!(name, "good.csv" | "other.csv"), "{}", grade.message());
        assert_eq!(timeless(grade), timeless(expected), "{name}");
    }
    assert_eq!((warm.workers_lost(), cold.is_warm()), (0, false));
    let (confined, spawned) = (runtime.confinement().unwrap(), spawning.confinement().unwrap());
    assert_eq!(confined.launch == Launch::Warm, tier == Tier::Namespaces, "{confined:?}");
    // A worker is held by what holds other jobs.
    for guarantee in Guarantee::ALL {
        assert_eq!(confined.guards.get(guarantee), spawned.guards.get(guarantee));
    }
}

/// What a metric may find out about where and as what it runs, and whether anything of an earlier submission is
/// there.
#[tokio::test]
async fn a_metric_sees_the_same_in_a_worker() {
    let Some(runtime) = with_workers().await else { return };
    let left = "places = [Path(p) for p in ('/tmp', '/dev/shm', '.', tempfile.gettempdir(), Path.home())]\n\
                found = sorted(str(p) for place in places for p in place.glob('left*'))\n\
                for place in places: (place / 'left').mkdir(exist_ok=True); (place / 'left.csv').write_text('x')";
    for (name, metric) in [
        (
            "places",
            metric("raise ValueError(os.getcwd(), tempfile.gettempdir(), __file__, sys.argv, sys.path[0])"),
        ),
        ("leftovers", metric(&format!("{left}\nraise ValueError(found)"))),
        ("tables", metric("y_pred['label'] = 9\nreturn float((y_true['label'] == 1).sum())")),
        (
            "options",
            format!(
                "import pandas\npandas.set_option('future.infer_string', True)\n{}",
                metric("return float(len(str(y_true.dtypes)))")
            ),
        ),
        ("warnings", format!("import warnings\nwarnings.simplefilter('error')\n{}", metric("return 1.0"))),
        ("modules", metric("raise ValueError(sys.modules['__main__'].__file__, __name__)")),
        ("exit", metric("sys.exit(3)")),
        ("end", metric("os._exit(3)")),
    ] {
        let task = Task::new(&metric);
        let (mut warm, mut cold) = (task.grader(&runtime), task.grader(&runtime).without_worker());
        let expected = timeless(cold.grade(&task.at("good.csv")).await.unwrap());
        for round in 0..3 {
            let grade = timeless(warm.grade(&task.at("good.csv")).await.unwrap());
            assert_eq!(grade, expected, "{name}, grading {round}");
            assert!(warm.is_warm(), "{name}");
        }
    }
}

#[tokio::test]
async fn a_metric_that_scores_otherwise_in_a_worker_gets_none() {
    let Some(runtime) = with_workers().await else { return };
    // A process of its own is the child of the first one there, a script of a worker is not.
    let task = Task::new(&metric("return float(os.getppid() == 1)"));
    let mut grader = task.grader(&runtime);
    for _ in 0..2 {
        assert_eq!(grader.grade(&task.at("good.csv")).await.unwrap().score(), Some(1.0));
        assert!(!grader.is_warm());
    }
    assert_eq!(grader.workers_lost(), 0);
}

/// A sandbox whose workers are lost as soon as they are asked for something.
struct Fragile(Jail);

struct Dying;

#[async_trait]
impl Sandbox for Fragile {
    async fn run(&self, job: Job) -> Result<JobResult, ExecError> {
        self.0.run(job).await
    }

    async fn worker(&self, _job: Job) -> Result<Option<Box<dyn Worker>>, ExecError> {
        Ok(Some(Box::new(Dying)))
    }
}

#[async_trait]
impl Worker for Dying {
    async fn run(&mut self, _argv: &[PathBuf], _cwd: &Path, _limits: Limits) -> Result<JobResult, ExecError> {
        Err(ExecError::NotRun { message: "lost".to_owned() })
    }
}

#[tokio::test]
async fn lost_workers_are_counted_and_cost_no_submission() {
    let python = testing::runtime().await.python().clone();
    let runtime = Runtime::new(python, Arc::new(Fragile(jail(tiers().await[0]))));
    let task = Task::new(&metric("return 0.5"));
    let mut grader = task.grader(&runtime);
    for lost in [1, 2, 3, 3] {
        assert_eq!(grader.grade(&task.at("good.csv")).await.unwrap().score(), Some(0.5));
        assert_eq!((grader.workers_lost(), grader.is_warm()), (lost, false));
    }
}

#[tokio::test]
async fn a_worker_that_is_killed_is_replaced() {
    let Some(runtime) = with_workers().await else { return };
    let task = Task::new(&metric("return 0.5"));
    let mut grader = task.grader(&runtime);
    for lost in 0..3 {
        // The one that ran last time was killed; the next grading begins another.
        for _ in 0..2 {
            assert_eq!(grader.grade(&task.at("good.csv")).await.unwrap().score(), Some(0.5));
            assert_eq!((grader.workers_lost(), grader.is_warm()), (lost, true));
        }
        kill_worker(&task.folder);
    }
}

#[tokio::test]
async fn a_metric_can_neither_change_nor_end_its_worker() {
    let Some(runtime) = with_workers().await else { return };
    // In a process of its own the parent is the first process of the namespaces, which is out of reach as well.
    let attempts = "refused = 0\n\
                    try: os.kill(os.getppid(), 9); refused += os.getppid() == 1\n\
                    except PermissionError: refused += 1\n\
                    for name in ('mem', 'environ', 'root/etc/passwd'):\n\
                    \x20   try: open(f'/proc/{os.getppid()}/{name}', 'rb')\n\
                    \x20   except PermissionError: refused += 1\n\
                    return float(refused)";
    let task = Task::new(&metric(attempts));
    let mut grader = task.grader(&runtime);
    for _ in 0..3 {
        let grade = grader.grade(&task.at("good.csv")).await.unwrap();
        assert_eq!(grade.score(), Some(4.0), "{}", grade.message());
        assert_eq!((grader.workers_lost(), grader.is_warm()), (0, true));
    }
}

/// Kills the worker of the task in this folder.
fn kill_worker(folder: &TempDir) {
    let path = folder.path().to_str().unwrap().to_owned();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let found = processes.filter(|process| {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line);
        line.contains("worker.py") && line.contains(&path)
    });
    for process in found {
        let pid = process.file_name().to_str().unwrap().parse().unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }
}

#[tokio::test]
async fn a_task_says_what_its_submissions_must_hold() {
    let runtime = testing::runtime().await;
    let folder = tempfile::tempdir().unwrap();
    let layout = TaskLayout::at(LayoutKind::Package, folder.path());
    std::fs::create_dir_all(&layout.public).unwrap();
    std::fs::create_dir_all(&layout.private).unwrap();
    std::fs::write(&layout.metric, metric("return 0.5")).unwrap();
    std::fs::write(layout.test_answer(), "id,label\n1,1\n2,0\n").unwrap();
    std::fs::write(layout.sample_submission(), "id,label\n1,0\n2,0\n").unwrap();
    let mut grader = Grader::for_task(runtime, &layout).unwrap();
    for (submission, valid, message) in [
        ("id,label\n2,1\n1,0\n", true, ""),
        ("\u{feff}id,label\n2,1\n1,0\n", true, ""),
        ("id,label\n1,1\n", false, "the ids are not those of the sample submission"),
        ("id,label\n1,1\n2,x\n", false, "no number"),
    ] {
        let path = folder.path().join("s.csv");
        std::fs::write(&path, submission).unwrap();
        let grade = grader.grade(&path).await.unwrap();
        assert_eq!(grade.score(), valid.then_some(0.5), "{submission:?}");
        assert!(grade.message().contains(message), "{}", grade.message());
        assert_eq!(grade.higher_is_better(), valid.then_some(true));
    }
}

#[tokio::test]
async fn a_pool_serves_several_tasks_with_few_graders() {
    const ROOM: usize = 2;
    let runtime = Runtime::new(testing::runtime().await.python().clone(), Arc::new(jail(tiers().await[0])));
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("metric.py"), METRIC).unwrap();
    let pool = GraderPool::new(runtime, ROOM);
    let mut gradings = tokio::task::JoinSet::new();
    for task in 0..3 {
        let answers = at(&format!("answers-{task}.csv"));
        table(&answers, |id| id * (task + 1));
        let grader = pool.for_answers(&at("metric.py"), &answers);
        for submitted in 0..3 {
            let (grader, submission) = (grader.clone(), at(&format!("answers-{submitted}.csv")));
            // Begins when this task waits for the first time; all tables are there then.
            gradings.spawn(async move { (task, submitted, grader.grade(&submission).await.unwrap()) });
        }
    }
    while let Some(graded) = gradings.join_next().await {
        let (task, submitted, grade) = graded.unwrap();
        let score = grade.score().unwrap();
        assert_eq!(score == 1.0, task == submitted, "task {task}, answers of {submitted}: {score}");
    }
    assert_eq!(pool.end_idle(Duration::from_secs(3600)), 0);
    assert!((1..=ROOM).contains(&pool.end_idle(Duration::ZERO)));
    assert_eq!(pool.end_idle(Duration::ZERO), 0);
}

/// Labels that look like numbers to whoever sees only some of them.
#[tokio::test]
async fn labels_are_read_as_the_answers_have_them() {
    let runtime = testing::runtime().await;
    let evaluate = "both = y_true.merge(y_pred, on='id')\n\
                    return float((both['label_x'] == both['label_y']).mean())";
    let source = metric(evaluate).replace("ground_truth['label'] = 5", "pass");
    for (answers, submission, score) in [
        ("1,1\n2,2\n3,10+\n", "1,1\n2,1\n3,1\n", 1.0 / 3.0),
        ("1,007\n2,042\n3,x1\n", "1,007\n2,007\n3,007\n", 1.0 / 3.0),
        ("1,1\n2,2\n3,3\n", "1,1.0\n2,2e0\n3,4\n", 2.0 / 3.0),
    ] {
        let task = Task::new(&source);
        std::fs::write(task.at("answers.csv"), format!("id,label\n{answers}")).unwrap();
        std::fs::write(task.at("good.csv"), format!("id,label\n{submission}")).unwrap();
        let mut grader = task.grader(&runtime);
        for _ in 0..2 {
            let grade = grader.grade(&task.at("good.csv")).await.unwrap();
            assert_eq!(grade.score(), Some(score), "{submission:?}: {}", grade.message());
        }
    }
}

#[tokio::test]
async fn columns_of_the_sample_alone_are_judged_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let layout = TaskLayout::at(LayoutKind::Package, folder.path());
    std::fs::create_dir_all(&layout.public).unwrap();
    std::fs::create_dir_all(&layout.private).unwrap();
    std::fs::write(&layout.metric, metric("return 0.5")).unwrap();
    std::fs::write(layout.test_answer(), "id,label\n1,a\n2,b\n").unwrap();
    std::fs::write(layout.sample_submission(), "id,a,b,note\n1,0.5,0.5,\n2,0.5,0.5,x\n").unwrap();
    let mut grader = Grader::for_task(testing::runtime().await, &layout).unwrap();
    for (rows, message) in [
        ("1,1,0,\n2,0.2,0.8,y\n", None),
        ("1,,0,\n2,0.2,0.8,y\n", Some("read as empty")),
        ("1,inf,0,\n2,0.2,0.8,y\n", Some("infinite")),
        ("1,1e400,0,\n2,0.2,0.8,y\n", Some("beyond the range of numbers")),
    ] {
        let path = folder.path().join("s.csv");
        std::fs::write(&path, format!("id,a,b,note\n{rows}")).unwrap();
        match (grader.grade(&path).await.unwrap(), message) {
            (Grade::Refused(refusal), Some(message)) => {
                assert!(refusal.to_string().contains(message), "{refusal}");
            }
            (grade, message) => {
                assert!(message.is_none() && grade.score() == Some(0.5), "{rows:?}: {grade:?}");
            }
        }
    }
}
