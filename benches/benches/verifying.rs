//! What verification costs: a whole `verify` of a table of 10,000 rows, each rule of it, and how the audits of data grow
//! with the rows of tables and with the number of texts. Every measurement is a process of its own.
//!
//! ```text
//! cargo bench -p smith-benches --bench verifying            # all of it, up to 1,000,000 rows
//! cargo bench -p smith-benches --bench verifying -- verify  # or rules, tables, texts
//! ```
//!
//! A task's rules share what they find out, so that what several need falls on the one that asks first; rules take
//! their turns in the order of the catalogue here, one at a time.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]
#![expect(clippy::disallowed_methods, reason = "each measurement is this program, started anew")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use smith_benches::{Spread, family_seconds, process_peak};
use smith_core::assert::{Catalogue, Selection, Subject};
use smith_core::exec::{Jail, PrepareHow, Runtime};
use smith_core::schema::TaskLayout;
use smith_exec::testing;

/// Rounds of a measurement whose median is shown.
const ROUNDS: usize = 5;
/// Rules that are shown.
const SHOWN: usize = 16;
const ROWS: usize = 10_000;
const TABLES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
const TEXTS: [usize; 3] = [1_000, 10_000, 100_000];

/// What something took.
#[derive(Clone, Serialize, Deserialize)]
struct Cost {
    what: String,
    wall: f64,
    processor: f64,
    megabytes: f64,
}

fn main() -> ExitCode {
    if let Some(code) = smith_core::exec::enter_if_asked() {
        return code;
    }
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [first, what, rows] = arguments.as_slice()
        && first == "--measure"
    {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let costs = runtime.block_on(measure(what, rows.parse().unwrap()));
        println!("{}", serde_json::to_string(&costs).unwrap());
        return ExitCode::SUCCESS;
    }
    let is_wanted = |part: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == part);
    for (part, rows) in [("verify", &[ROWS][..]), ("rules", &[ROWS]), ("tables", &TABLES), ("texts", &TEXTS)]
    {
        if is_wanted(part) {
            show(part, rows);
        }
    }
    ExitCode::SUCCESS
}

/// Measures one part at several sizes and prints its table.
fn show(part: &str, sizes: &[usize]) {
    println!("\n{part}: median (least) of {ROUNDS} rounds, or the only one where one takes long");
    println!("{:>9}  {:<34} {:>16} {:>16} {:>8}", "rows", "", "wall s", "processor s", "peak MB");
    for &rows in sizes {
        let rounds = if rows > 100_000 { 1 } else { ROUNDS };
        let all: Vec<Vec<Cost>> = (0..rounds).map(|_| measured(part, rows)).collect();
        let mut lines: Vec<(String, [Spread; 3])> = Vec::new();
        for (at, cost) in all.first().unwrap().iter().enumerate() {
            let of = |figure: fn(&Cost) -> f64| {
                Spread::of(all.iter().filter_map(|costs| costs.get(at).map(figure)).collect()).unwrap()
            };
            lines.push((cost.what.clone(), [of(|c| c.wall), of(|c| c.processor), of(|c| c.megabytes)]));
        }
        lines.sort_by(|a, b| b.1[1].median.total_cmp(&a.1[1].median));
        for (what, [wall, processor, memory]) in lines.into_iter().take(SHOWN) {
            println!(
                "{rows:>9}  {what:<34} {:>8.2} ({:>5.2}) {:>8.2} ({:>5.2}) {:>8.0}",
                wall.median, wall.least, processor.median, processor.least, memory.median
            );
        }
    }
}

/// What this program says of one part when it is started for that alone.
fn measured(part: &str, rows: usize) -> Vec<Cost> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--measure", part, &rows.to_string()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn measure(part: &str, rows: usize) -> Vec<Cost> {
    let task = tempfile::tempdir().unwrap();
    match part {
        "texts" => {
            texts(task.path(), rows);
            audits(task.path(), &["Q102", "Q", "L"]).await
        }
        "tables" => {
            table(task.path(), rows);
            split_table(task.path());
            audits(task.path(), &["Q", "L"]).await
        }
        _ => {
            let runtime = sealed().await;
            table(task.path(), rows);
            prepare(task.path(), &runtime).await;
            if part == "verify" {
                whole(task.path(), runtime).await
            } else {
                rules(task.path(), runtime).await
            }
        }
    }
}

/// The strongest sandbox that this machine gives.
async fn sealed() -> Runtime {
    let python = testing::runtime().await.python().clone();
    let jail = Jail::strongest(&python, None).await.unwrap();
    Runtime::new(python, Arc::new(jail))
}

/// Costs of something that was awaited.
async fn cost<T>(what: &str, work: impl Future<Output = T>) -> (Cost, T) {
    let (started, before) = (Instant::now(), family_seconds());
    let made = work.await;
    let wall = started.elapsed().as_secs_f64();
    let megabytes = process_peak(std::process::id()).unwrap_or(0.0);
    (Cost { what: what.to_owned(), wall, processor: family_seconds() - before, megabytes }, made)
}

async fn whole(task: &Path, runtime: Runtime) -> Vec<Cost> {
    let (cost, report) = cost("verify", smith_core::verify(task, Some(runtime))).await;
    let report = report.unwrap();
    assert!(report.calibration.is_some(), "{:?}", report.skipped);
    vec![cost]
}

/// Every rule, one after the other.
async fn rules(task: &Path, runtime: Runtime) -> Vec<Cost> {
    let scratch = tempfile::tempdir().unwrap();
    let layout = TaskLayout::detect(task).unwrap();
    let subject = Subject::new(layout, Some(runtime), scratch.path().to_path_buf());
    let mut costs = Vec::new();
    for rule in Catalogue::post_refactor().rules() {
        let what = format!("{} {}", rule.info().code, rule.info().name);
        costs.push(cost(&what, rule.check(&subject)).await.0);
    }
    costs
}

/// The rules of some families together, without running anything, and what they need.
async fn audits(task: &Path, families: &[&str]) -> Vec<Cost> {
    let mut costs = Vec::new();
    for family in families {
        let scratch = tempfile::tempdir().unwrap();
        let subject = Subject::new(TaskLayout::detect(task).unwrap(), None, scratch.path().to_path_buf());
        let mut selection = Selection::default();
        selection.select = vec![(*family).to_owned()];
        let catalogue = Catalogue::post_refactor().only(&selection).unwrap();
        let (cost, outcome) = cost(&format!("rules {family}*"), catalogue.check(&subject)).await;
        outcome.unwrap();
        costs.push(cost);
    }
    costs
}

/// Numbers that are the same everywhere.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len() as u64) as usize]
    }
}

const HEADER: &str =
    "loan,age,income,debt,years,job,city,note,date,score,rate,term,home,newsletter,outcome\n";
const JOBS: [&str; 6] = ["clerk", "nurse", "teacher", "driver", "engineer", "cook"];
const HOMES: [&str; 3] = ["rent", "own", "mortgage"];
const WORDS: [&str; 16] = [
    "late", "payment", "car", "house", "boat", "school", "repair", "holiday", "wedding", "medical", "roof",
    "kitchen", "old", "new", "small", "quick",
];

/// A dataset of loans, 15 columns of all kinds, and the scripts of a task on it.
fn table(task: &Path, rows: usize) {
    let mut numbers = Numbers(7);
    let mut text = HEADER.to_owned();
    for row in 0..rows {
        let (score, rate, share) = (450 + numbers.below(300), 2.0 + 13.0 * numbers.share(), numbers.share());
        let income = 8_000.0 * (1.0 + 9.0 * numbers.share() * numbers.share());
        let (job, home) = (numbers.one_of(&JOBS), numbers.one_of(&HOMES));
        let good = (score as f64 - 600.0) / 80.0 + (income / 20_000.0).ln() - 2.0 * share + numbers.share();
        let outcome = if good > 0.3 {
            "good"
        } else if good > -1.2 {
            "fair"
        } else {
            "bad"
        };
        let years = if numbers.below(30) == 0 { String::new() } else { numbers.below(20).to_string() };
        let note: Vec<&str> = (0..3 + numbers.below(8)).map(|_| numbers.one_of(&WORDS)).collect();
        writeln!(
            text,
            "{},{},{income:.2},{:.2},{years},{job},city {},{},20{:02}-{:02}-{:02},{score},{rate:.2},{},{home},{},{outcome}",
            row as u64 * 7_919 % 10_000_019,
            18 + numbers.below(60),
            income * share,
            numbers.below(60),
            note.join(" "),
            15 + numbers.below(6),
            1 + numbers.below(12),
            1 + numbers.below(28),
            12 * (1 + numbers.below(5)),
            numbers.below(2),
        )
        .unwrap();
    }
    std::fs::create_dir_all(task.join("data/raw")).unwrap();
    std::fs::write(task.join("data/raw/loans.csv"), text).unwrap();
    for (name, text) in
        [("prepare.py", PREPARE), ("metric.py", METRIC), ("test.py", TEST), ("description.txt", DESCRIPTION)]
    {
        std::fs::write(task.join(name), text).unwrap();
    }
}

/// What `prepare.py` makes of the dataset.
async fn prepare(task: &Path, runtime: &Runtime) {
    let [raw, public, private] = ["raw", "public", "private"].map(|part| task.join("data").join(part));
    for part in [&public, &private] {
        std::fs::create_dir_all(part).unwrap();
    }
    let how = PrepareHow::default();
    let ended = runtime.prepare(&task.join("prepare.py"), &raw, &public, &private, &how).await.unwrap();
    assert!(ended.status.is_ok(), "{}", ended.stderr.text);
    std::fs::write(public.join("description.txt"), DESCRIPTION).unwrap();
}

/// Much the same without Python: a fifth of the rows are test examples.
fn split_table(task: &Path) {
    let text = std::fs::read_to_string(task.join("data/raw/loans.csv")).unwrap();
    let mut numbers = Numbers(11);
    let header = HEADER.trim().trim_start_matches("loan,");
    let (features, _) = header.rsplit_once(',').unwrap();
    let mut sides = [format!("id,{header}\n"), format!("id,{features}\n")];
    let (mut answers, mut sample) = ("id,outcome\n".to_owned(), "id,outcome\n".to_owned());
    for (id, line) in text.lines().skip(1).enumerate() {
        let (_, line) = line.split_once(',').unwrap();
        let (features, outcome) = line.rsplit_once(',').unwrap();
        if numbers.below(5) == 0 {
            writeln!(sides[1], "{id},{features}").unwrap();
            writeln!(answers, "{id},{outcome}").unwrap();
            writeln!(sample, "{id},fair").unwrap();
        } else {
            writeln!(sides[0], "{id},{line}").unwrap();
        }
    }
    write_parts(task, &sides, &answers, &sample);
}

fn write_parts(task: &Path, [train, test]: &[String; 2], answers: &str, sample: &str) {
    let (public, private) = (task.join("data/public"), task.join("data/private"));
    std::fs::create_dir_all(&public).unwrap();
    std::fs::create_dir_all(&private).unwrap();
    for (name, text) in [
        ("train.csv", train.as_str()),
        ("test.csv", test),
        ("sample_submission.csv", sample),
        ("description.txt", DESCRIPTION),
    ] {
        std::fs::write(public.join(name), text).unwrap();
    }
    std::fs::write(private.join("test_answer.csv"), answers).unwrap();
}

/// Texts of 8 to 60 words from a large vocabulary, one in fifty of which nearly repeats an earlier one; half of them
/// are test examples.
fn texts(task: &Path, count: usize) {
    let mut numbers = Numbers(23);
    let mut sides = ["id,text,outcome\n".to_owned(), "id,text\n".to_owned()];
    let (mut answers, mut sample) = ("id,outcome\n".to_owned(), "id,outcome\n".to_owned());
    let mut known: Vec<Vec<u64>> = Vec::new();
    for id in 0..count {
        let mut words: Vec<u64> = if known.is_empty() || numbers.below(50) > 0 {
            // Few words are frequent.
            (0..8 + numbers.below(53)).map(|_| (30_000.0 * numbers.share().powi(3)) as u64).collect()
        } else {
            known[numbers.below(known.len() as u64) as usize].clone()
        };
        if let Some(word) = words.first_mut() {
            *word += 1;
        }
        let text: Vec<String> = words.iter().map(|word| format!("w{word}")).collect();
        let (text, outcome) =
            (text.join(" "), if words.iter().sum::<u64>() % 3 == 0 { "good" } else { "fair" });
        if numbers.below(2) == 0 {
            writeln!(sides[0], "{id},{text},{outcome}").unwrap();
        } else {
            writeln!(sides[1], "{id},{text}").unwrap();
            writeln!(answers, "{id},{outcome}").unwrap();
            writeln!(sample, "{id},fair").unwrap();
        }
        known.push(words);
    }
    write_parts(task, &sides, &answers, &sample);
    std::fs::create_dir_all(task.join("data/raw")).unwrap();
    for (name, text) in [("prepare.py", PREPARE), ("metric.py", METRIC), ("description.txt", DESCRIPTION)] {
        std::fs::write(task.join(name), text).unwrap();
    }
}

const PREPARE: &str = "\
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split


def prepare(raw: Path, public: Path, private: Path) -> None:
    df = pd.read_csv(raw / 'loans.csv').drop(columns=['loan'])
    df = df.sample(frac=1, random_state=42).reset_index(drop=True)
    df.insert(0, 'id', np.arange(len(df)))
    train, test = train_test_split(df, test_size=0.2, random_state=42)
    test = test.sort_values('id')
    train.to_csv(public / 'train.csv', index=False)
    test.drop(columns=['outcome']).to_csv(public / 'test.csv', index=False)
    test[['id', 'outcome']].to_csv(private / 'test_answer.csv', index=False)
    test[['id']].assign(outcome='fair').to_csv(public / 'sample_submission.csv', index=False)
";

const METRIC: &str = "\
import pandas as pd
from sklearn.metrics import f1_score

from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError


class LoanMetrics(CompetitionMetrics):
    \"\"\"Macro F1 of the outcomes of loans.\"\"\"

    def __init__(self, value: str = 'outcome', higher_is_better: bool = True):
        super().__init__(higher_is_better)
        self.value = value

    def evaluate(self, y_true: pd.DataFrame, y_pred: pd.DataFrame) -> float:
        merged = y_true.merge(y_pred, on='id', suffixes=('_true', '_pred'))
        return float(f1_score(merged['outcome_true'], merged['outcome_pred'], average='macro'))

    def validate_submission(self, submission, ground_truth):
        if set(submission.columns) != {'id', 'outcome'}:
            raise InvalidSubmissionError('the columns must be id and outcome')
        if len(submission) != len(ground_truth) or set(submission['id']) != set(ground_truth['id']):
            raise InvalidSubmissionError('one row for each id of test.csv is needed')
        if not set(submission['outcome']) <= {'good', 'fair', 'bad'}:
            raise InvalidSubmissionError('outcomes are good, fair or bad')
        return 'Submission is valid.'
";

const TEST: &str = "\
from pathlib import Path

import pandas as pd

from metric import LoanMetrics
from prepare import prepare

here = Path(__file__).resolve().parent
data = here / 'data' if (here / 'data').exists() else here
prepare(data / 'raw', data / 'public', data / 'private')
answers = pd.read_csv(data / 'private' / 'test_answer.csv')
sample = pd.read_csv(data / 'public' / 'sample_submission.csv')
metric = LoanMetrics()
metric.validate_submission(sample, answers)
print(metric.evaluate(answers, sample), metric.evaluate(answers, answers))
";

const DESCRIPTION: &str = "\
# Loans

Predict the column `outcome` (`good`, `fair` or `bad`) of loans from what was known when they were given.

`train.csv` holds loans with their outcome, `test.csv` loans without it, and `sample_submission.csv` a valid submission.

## Evaluation
Macro-averaged F1 score over the three outcomes; higher is better.

## Submission
A CSV file with the header `id,outcome` and one row for each loan of `test.csv`.
";
