//! A stand-in for Python that does what the scripts of the ferries do, in no time.

use std::collections::BTreeSet;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use async_trait::async_trait;
use serde_json::{Value, json};
use smith_exec::{Captured, Confinement, ExecError, Job, JobResult, JobStatus, JobUsage, Sandbox};

/// Runs the jobs of the fixture's scripts. A script with a line `raise ValueError("…")` fails with it.
#[derive(Default)]
pub(crate) struct FakePython {
    /// How the next runs of `prepare` end instead of being run.
    pub(crate) machine: Mutex<Vec<JobStatus>>,
}

#[async_trait]
impl Sandbox for FakePython {
    async fn run(&self, job: Job) -> Result<JobResult, ExecError> {
        let job = job.with_copies().await?;
        let arguments: Vec<PathBuf> = job.argv[1..].iter().map(PathBuf::from).collect();
        let program = arguments[0].file_name().unwrap().to_str().unwrap();
        let failed = match program {
            "run_prepare.py" => {
                if let Some(status) = self.machine.lock().unwrap().pop() {
                    return Ok(ended(status, String::new()));
                }
                let [_, script, raw, public, private] = &arguments[..] else { panic!("{arguments:?}") };
                raised(script).or_else(|| prepare(script, raw, public, private))
            }
            "run_score.py" => {
                let [_, result, _, answers, submissions @ ..] = &arguments[..] else {
                    panic!("{arguments:?}")
                };
                score(result, answers, submissions)
            }
            "run_trials.py" => {
                let [_, result, plan, _] = &arguments[..] else { panic!("{arguments:?}") };
                try_all(result, plan)
            }
            "prepare.py" => {
                let out = job.cwd.join("out");
                std::fs::create_dir_all(&out).unwrap();
                raised(&arguments[0]).or_else(|| prepare(&arguments[0], &job.cwd.join("raw"), &out, &out))
            }
            "test.py" => raised(&arguments[0]),
            other => panic!("the ferries have no {other}"),
        };
        Ok(match failed {
            Some(message) => ended(
                JobStatus::Exit { code: 1 },
                format!("Traceback (most recent call last):\nValueError: {message}\n"),
            ),
            None => ended(JobStatus::Ok, String::new()),
        })
    }
}

fn ended(status: JobStatus, stderr: String) -> JobResult {
    let stderr = Captured { total_bytes: stderr.len() as u64, text: stderr, cut: false };
    JobResult {
        status,
        stdout: Captured::default(),
        stderr,
        usage: JobUsage::default(),
        confinement: Confinement::default(),
    }
}

fn raised(script: &Path) -> Option<String> {
    let text = std::fs::read_to_string(script).unwrap();
    let (_, rest) = text.split_once("raise ValueError(\"")?;
    Some(rest.split('"').next().unwrap().to_owned())
}

/// Every fourth crossing is a test row.
fn prepare(script: &Path, raw: &Path, public: &Path, private: &Path) -> Option<String> {
    let text = std::fs::read_to_string(raw.join("ferries.csv")).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let (mut train, mut test) = (format!("{header}\n"), format!("{}\n", without_last(header)));
    let (mut answers, mut sample) = ("crossing,late\n".to_owned(), "crossing,late\n".to_owned());
    for (number, row) in rows.lines().enumerate() {
        if number % 4 != 3 {
            train += &format!("{row}\n");
            continue;
        }
        let (id, late) = (row.split(',').next().unwrap(), row.rsplit(',').next().unwrap());
        test += &format!("{}\n", without_last(row));
        answers += &format!("{id},{late}\n");
        sample += &format!("{id},no\n");
    }
    for (dir, name, text) in [
        (public, "train.csv", train),
        (public, "test.csv", test),
        (public, "sample_submission.csv", sample),
        (private, "test_answer.csv", answers),
    ] {
        std::fs::write(dir.join(name), text).unwrap();
    }
    mischief(script, raw, public, private);
    None
}

/// What badly behaved scripts leave: see the comment lines that tests add to them.
fn mischief(script: &Path, raw: &Path, public: &Path, private: &Path) {
    let text = std::fs::read_to_string(script).unwrap();
    if let Some((_, rest)) = text.split_once("# links description.txt to ") {
        let target = rest.lines().next().unwrap();
        symlink(target, public.join("description.txt")).unwrap();
    }
    if text.contains("# puts a file in the place of raw") {
        std::fs::remove_dir_all(raw).unwrap();
        std::fs::write(raw, "gone").unwrap();
    }
    if let Some((_, rest)) = text.split_once("# moves the answers to ") {
        let elsewhere = Path::new(rest.lines().next().unwrap());
        std::fs::create_dir_all(elsewhere).unwrap();
        std::fs::copy(private.join("test_answer.csv"), elsewhere.join("test_answer.csv")).unwrap();
        std::fs::remove_dir_all(private).unwrap();
        symlink(elsewhere, private).unwrap();
    }
    if text.contains("# locks the training data") {
        std::fs::set_permissions(public.join("train.csv"), PermissionsExt::from_mode(0o0)).unwrap();
    }
}

fn without_last(row: &str) -> &str {
    row.rsplit_once(',').unwrap().0
}

fn score(result: &Path, answers: &Path, submissions: &[PathBuf]) -> Option<String> {
    let (mut truth, mut scores) = (table(answers), Vec::new());
    let mut given = submissions.iter();
    while let Some(path) = given.next() {
        if path == Path::new("--answers") {
            truth = table(given.next().unwrap());
        } else {
            scores.push(score_of(&truth, path));
        }
    }
    let text = json!({
        "metric_error": null, "class_name": "LateFerriesMetrics", "higher_is_better": true, "scores": scores
    });
    std::fs::write(result, text.to_string()).unwrap();
    None
}

fn try_all(result: &Path, plan: &Path) -> Option<String> {
    let plan: Value = serde_json::from_str(&std::fs::read_to_string(plan).unwrap()).unwrap();
    let mut lines =
        json!({"metric_error": null, "class_name": "LateFerriesMetrics", "higher_is_better": true})
            .to_string();
    for trial in plan["trials"].as_array().unwrap() {
        let path = |name: &str| PathBuf::from(trial[name].as_str().unwrap());
        let mut tried = score_of(&table(&path("answers")), &path("submission"));
        let again = if trial["closely"] == true { tried["score"].clone() } else { Value::Null };
        (tried["again"], tried["shared"], tried["printed"]) = (again.clone(), again, "".into());
        lines += &format!("\n{tried}");
    }
    std::fs::write(result, lines).unwrap();
    None
}

fn score_of(truth: &Table, submission: &Path) -> Value {
    let given = table(submission);
    let message = match &given {
        _ if given.missing_column => "a column is missing",
        _ if ids(&given).len() != given.rows.len() => "a crossing occurs more than once",
        _ if ids(&given) != ids(truth) => "the crossings are not those of the test data",
        _ if given.rows.iter().any(|(_, late)| late.is_empty()) => "a prediction is empty",
        _ => {
            let hits = truth.rows.iter().filter(|row| given.rows.contains(row)).count();
            let score = hits as f64 / truth.rows.len() as f64;
            return json!({"valid": true, "score": score.to_string(), "error": null, "python_type": "float",
                          "validator_returned": null, "seconds": 0.0});
        }
    };
    let error =
        json!({"kind": "InvalidSubmissionError", "message": message, "phase": "validate", "traceback": ""});
    json!({"valid": false, "score": null, "error": error, "python_type": null,
           "validator_returned": null, "seconds": 0.0})
}

/// Crossing and prediction, row by row.
struct Table {
    rows: Vec<(String, String)>,
    missing_column: bool,
}

fn table(path: &Path) -> Table {
    let text = std::fs::read_to_string(path).unwrap().replace(['"', '\u{feff}'], "");
    let mut lines = text.lines().filter(|line| !line.is_empty());
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name| header.iter().position(|column| *column == name);
    let (Some(id), Some(late)) = (column("crossing"), column("late")) else {
        return Table { rows: Vec::new(), missing_column: true };
    };
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        (cells[id].to_owned(), cells[late].to_owned())
    };
    Table { rows: lines.map(row).collect(), missing_column: false }
}

fn ids(table: &Table) -> BTreeSet<&str> {
    table.rows.iter().map(|(id, _)| id.as_str()).collect()
}
