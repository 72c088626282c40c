//! What grading a submission costs: in a cold process, as MLE-Dojo runs code (a child process for each script, without
//! isolation), and by a warm worker in the strongest sandbox that this machine gives. All ways take turns in one run.
//!
//! `cargo bench -p smith-benches --bench grading`
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use smith_benches::{Spread, family_seconds};
use smith_exec::{ChildProcess, Grader, Jail, Limits, Runtime, testing};

/// Rounds in which every way has one turn.
const ROUNDS: usize = 9;

/// Gradings of the stream, one after the other.
const STREAM: u32 = 200;

const METRIC: &str = "\
from sklearn.metrics import f1_score
from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError


class F1Metrics(CompetitionMetrics):
    def evaluate(self, y_true, y_pred):
        both = y_true.merge(y_pred, on='id')
        return float(f1_score(both['label_x'], both['label_y'], average='macro'))

    def validate_submission(self, submission, ground_truth):
        if set(submission['id']) != set(ground_truth['id']):
            raise InvalidSubmissionError('the ids differ')
";

/// The same as a script of its own, which is what a child process for each script amounts to.
const SCRIPT: &str = "\
import pandas as pd
from metric import F1Metrics
submission, answers = pd.read_csv('submission.csv'), pd.read_csv('answers.csv')
metric = F1Metrics()
metric.validate_submission(submission, answers)
print(repr(metric.evaluate(answers, submission)))
";

/// A task with so many rows.
struct Task {
    folder: tempfile::TempDir,
}

impl Task {
    fn new(rows: usize) -> Self {
        let task = Self { folder: tempfile::tempdir().unwrap() };
        let table = |label: &dyn Fn(usize) -> usize| {
            let rows: String = (0..rows).map(|id| format!("{id},{}\n", label(id) % 3)).collect();
            format!("id,label\n{rows}")
        };
        std::fs::write(task.at("metric.py"), METRIC).unwrap();
        std::fs::write(task.at("script.py"), SCRIPT).unwrap();
        std::fs::write(task.at("answers.csv"), table(&|id| id * id)).unwrap();
        std::fs::write(task.at("submission.csv"), table(&|id| id * id + usize::from(id % 7 == 0))).unwrap();
        task
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn grader(&self, runtime: &Runtime) -> Grader {
        Grader::new(runtime.clone(), &self.at("metric.py"), &self.at("answers.csv")).unwrap()
    }

    async fn grade(&self, grader: &mut Grader) -> f64 {
        grader.grade(&self.at("submission.csv")).await.unwrap().score().unwrap()
    }

    /// A child process for the script, with all of the machine in its reach.
    async fn child(&self, runtime: &Runtime) -> f64 {
        let script = Path::new("script.py");
        let ended = runtime.run_file(self.folder.path(), script, &[], Limits::default()).await.unwrap();
        ended.stdout.text.trim().parse().unwrap()
    }
}

/// Seconds on the clock and of the processors.
#[derive(Default)]
struct Costs {
    wall: Vec<f64>,
    processor: Vec<f64>,
}

impl Costs {
    async fn add(&mut self, work: impl Future<Output = f64>) -> f64 {
        let (began, before) = (Instant::now(), family_seconds());
        let score = work.await;
        self.wall.push(began.elapsed().as_secs_f64());
        self.processor.push(family_seconds() - before);
        score
    }

    /// Prints the line of one way, and gives its median.
    fn print(self, way: &str) -> f64 {
        let (wall, processor) = (Spread::of(self.wall).unwrap(), Spread::of(self.processor).unwrap());
        println!(
            "  {way:<44} {:>7.1} ms ({:.1} to {:.1}) · {:.0} ms of the processors",
            wall.median * 1e3,
            wall.least * 1e3,
            wall.most * 1e3,
            processor.median * 1e3
        );
        wall.median
    }
}

/// All ways in turn.
async fn compare(rows: usize, sealed: &Runtime, open: &Runtime) {
    let task = Task::new(rows);
    let (mut warm, mut cold) = (task.grader(sealed), task.grader(sealed).without_worker());
    let expected = task.grade(&mut warm).await;
    assert!(warm.is_warm(), "this machine gives no worker");
    let [mut of_warm, mut of_cold, mut of_child] = [(); 3].map(|()| Costs::default());
    for _ in 0..ROUNDS {
        assert_eq!(of_cold.add(task.grade(&mut cold)).await.to_bits(), expected.to_bits());
        assert_eq!(of_child.add(task.child(open)).await.to_bits(), expected.to_bits());
        assert_eq!(of_warm.add(task.grade(&mut warm)).await.to_bits(), expected.to_bits());
    }
    println!("{rows} rows, macro F1 of scikit-learn, {ROUNDS} rounds, the same score to the last bit:");
    let cold = of_cold.print("cold process, every guard");
    let child = of_child.print("a child process for each script, no guard");
    let warm = of_warm.print("warm worker, every guard");
    println!("  cold / warm {:.1} · child / warm {:.1}", cold / warm, child / warm);
    assert_eq!(task.grader(sealed).workers_lost(), 0);
}

/// Submissions one after the other, as from a participant who tries a lot.
async fn stream(rows: usize, sealed: &Runtime) {
    let task = Task::new(rows);
    let mut grader = task.grader(sealed);
    let expected = task.grade(&mut grader).await;
    let (began, before) = (Instant::now(), family_seconds());
    for _ in 0..STREAM {
        assert_eq!(task.grade(&mut grader).await.to_bits(), expected.to_bits());
    }
    let (wall, processor) = (began.elapsed().as_secs_f64(), family_seconds() - before);
    println!(
        "{STREAM} submissions of {rows} rows in a stream: {:.1} a second, {:.1} a second of one processor",
        f64::from(STREAM) / wall,
        f64::from(STREAM) / processor
    );
}

fn main() -> ExitCode {
    if let Some(code) = smith_exec::enter_if_asked() {
        return code;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let python = testing::runtime().await.python().clone();
        let jail = Jail::strongest(&python, None).await.unwrap();
        println!(
            "tier {}, {} processors",
            jail.tier().as_str(),
            std::thread::available_parallelism().unwrap()
        );
        let sealed = Runtime::new(python.clone(), Arc::new(jail));
        let open = Runtime::new(python, Arc::new(ChildProcess::new("smith-bench".to_owned())));
        compare(1_000, &sealed, &open).await;
        compare(10_000, &sealed, &open).await;
        stream(10_000, &sealed).await;
    });
    ExitCode::SUCCESS
}
