//! How many submissions one grader scores in a second, in every tier that this machine gives: 10,000 rows, macro F1 of
//! scikit-learn. `cargo bench -p smith-exec --features testing --bench grading_stream`
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use smith_exec::{Grader, Jail, Policy, Runtime, testing};

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

const ROWS: usize = 10_000;
const GRADINGS: u32 = 100;
const LAUNCHER: &str = env!("CARGO_BIN_EXE_smith-jail");

fn table(path: &Path, label: impl Fn(usize) -> usize) {
    let rows: String = (0..ROWS).map(|id| format!("{id},{}\n", label(id) % 3)).collect();
    std::fs::write(path, format!("id,label\n{rows}")).unwrap();
}

/// Processor seconds of this process, and of everything below it with what that has collected.
fn family_seconds() -> (f64, f64) {
    let mut processes: HashMap<u32, (u32, f64)> = HashMap::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        let Some((_, fields)) = stat.rsplit_once(')') else { continue };
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let counted = if pid == std::process::id() { 11..13 } else { 11..15 };
        let ticks: f64 = fields[counted].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum();
        processes.insert(pid, (fields[1].parse().unwrap(), ticks / 100.0));
    }
    let own = std::process::id();
    let is_ours = |mut pid: u32| {
        while pid != own {
            match processes.get(&pid) {
                Some((parent, _)) if *parent != 0 => pid = *parent,
                _ => return false,
            }
        }
        true
    };
    let below = processes.iter().filter(|(pid, _)| **pid != own && is_ours(**pid));
    (processes[&own].1, below.map(|(_, (_, seconds))| seconds).sum())
}

async fn measure(runtime: Runtime, tier: &str) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| -> PathBuf { folder.path().join(name) };
    std::fs::write(at("metric.py"), METRIC).unwrap();
    table(&at("answers.csv"), |id| id * id);
    table(&at("submission.csv"), |id| id * id + usize::from(id % 7 == 0));
    let mut grader = Grader::new(runtime, &at("metric.py"), &at("answers.csv")).unwrap();
    let began = Instant::now();
    let first = grader.grade(&at("submission.csv")).await.unwrap();
    println!(
        "{tier}: first {:.2} s, {:?}, warm: {}",
        began.elapsed().as_secs_f64(),
        first.score(),
        grader.is_warm()
    );
    if !grader.is_warm() {
        return;
    }
    let (began, before) = (Instant::now(), family_seconds());
    for _ in 0..GRADINGS {
        assert_eq!(grader.grade(&at("submission.csv")).await.unwrap().score(), first.score());
    }
    let (wall, after) = (began.elapsed().as_secs_f64(), family_seconds());
    let each = |seconds: f64| seconds * 1000.0 / f64::from(GRADINGS);
    let (supervisor, worker) = (each(after.0 - before.0), each(after.1 - before.1));
    println!(
        "{tier}: {:.1} ms of wall time a grading; processor time: supervisor {supervisor:.1} ms, worker {worker:.1} ms, \
         so {:.1} gradings per second of one core; workers lost: {}",
        each(wall),
        1000.0 / (supervisor + worker),
        grader.workers_lost()
    );
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let python = testing::runtime().await.python().clone();
    let reports = Jail::survey_with(Path::new(LAUNCHER)).await.unwrap();
    for report in reports.into_iter().filter(|report| report.holds) {
        let jail = Jail::with_launcher(PathBuf::from(LAUNCHER), report.tier, Policy::Strict);
        let runtime = Runtime::new(python.clone(), Arc::new(jail));
        let place = tempfile::tempdir().unwrap();
        // Another user cannot reach a Python in somebody's home.
        if let Err(error) = runtime.run_code(place.path(), "", runtime.limits()).await {
            println!("{:?}: {error}", report.tier);
            continue;
        }
        measure(runtime, &format!("{:?}", report.tier)).await;
    }
}
