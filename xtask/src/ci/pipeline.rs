//! The main job end to end, as a user without a key runs it: a bundled dataset in, verified tasks out, once by the
//! built-in designer and once by a recorded run of a model.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::built;
use crate::failure::Failure;
use crate::{process, smith, workspace};

/// Fewer verified tasks than this mean that a dataset or a template has stopped working.
const FEWEST_VERIFIED: usize = 2;

/// The part of `run-pipeline --json` that is checked.
#[derive(Debug, Deserialize)]
struct Summary {
    verified: usize,
    tasks: Vec<Task>,
}

#[derive(Debug, Deserialize)]
struct Task {
    path: PathBuf,
    verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Accepted,
    Rejected,
}

/// The recorded run and its dataset, below the repository.
const RECORDED: [&str; 2] = ["fixtures/datasets/penguins", "fixtures/recordings/penguins.jsonl"];

/// Runs the pipeline in both ways.
pub(super) fn run() -> Result<(), Failure> {
    let smith = built::program("smith")?;
    let target = workspace::metadata()?.target_directory;
    let folder = |author: &str| target.join(format!("pipeline-{author}-{}", std::process::id()));
    run_into(&smith, &folder("builtin"), &[])?;
    let [dataset, recording] = RECORDED.map(|path| workspace::root().join(path));
    let mut model = OsString::from("replay:");
    model.push(recording);
    run_into(&smith, &folder("replay"), &[dataset.into(), "--model".into(), model])
}

/// Runs the pipeline into a new folder, verifies each task again and removes the folder; a failure leaves it.
fn run_into(smith: &Path, folder: &Path, more: &[OsString]) -> Result<(), Failure> {
    println!("into {}", folder.display());
    let mut arguments: Vec<OsString> =
        vec!["run-pipeline".into(), "--json".into(), "--out".into(), folder.into()];
    arguments.extend_from_slice(more);
    let json = process::output(&mut command(smith, &arguments))?;
    println!("{json}");
    for task in accepted_tasks(&json).map_err(Failure::Refused)? {
        process::check(&mut command(smith, &["verify".into(), task.into()]))?;
    }
    fs::remove_dir_all(folder).map_err(|error| Failure::io("remove", folder, &error))
}

fn command(smith: &Path, arguments: &[OsString]) -> Command {
    smith::with_fixtures(process::program(smith), arguments)
}

/// The paths of the accepted tasks, when there are enough and as many as the summary counts.
fn accepted_tasks(json: &str) -> Result<Vec<PathBuf>, String> {
    let summary: Summary = serde_json::from_str(json)
        .map_err(|error| format!("`run-pipeline --json` did not print its one document: {error}"))?;
    let accepted: Vec<PathBuf> = summary
        .tasks
        .into_iter()
        .filter(|task| task.verdict == Verdict::Accepted)
        .map(|task| task.path)
        .collect();
    if accepted.len() != summary.verified {
        return Err(format!("`verified` is {}, but {} tasks are accepted", summary.verified, accepted.len()));
    }
    if accepted.len() < FEWEST_VERIFIED {
        return Err(format!("{} verified tasks, fewer than {FEWEST_VERIFIED}", accepted.len()));
    }
    Ok(accepted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(verified: usize, verdicts: &[&str]) -> String {
        let tasks: Vec<_> = verdicts
            .iter()
            .enumerate()
            .map(|(index, verdict)| {
                serde_json::json!({ "id": index, "path": format!("t/{index}"), "dataset": "d", "verdict": verdict })
            })
            .collect();
        serde_json::json!({ "run": "r", "verified": verified, "tasks": tasks }).to_string()
    }

    #[test]
    fn accepted_tasks_are_returned_and_rejected_ones_left_out() {
        let json = summary(2, &["accepted", "rejected", "accepted"]);
        assert_eq!(accepted_tasks(&json).unwrap(), [Path::new("t/0"), Path::new("t/2")]);
    }

    #[test]
    fn a_poor_or_contradictory_summary_is_refused() {
        let table = [
            (summary(1, &["accepted"]), "1 verified tasks, fewer than 2"),
            (summary(3, &["accepted", "accepted"]), "`verified` is 3, but 2 tasks are accepted"),
            (format!("done\n{}", summary(2, &["accepted", "accepted"])), "did not print its one document"),
            (format!("{}\n{{}}", summary(2, &["accepted", "accepted"])), "did not print its one document"),
            (String::new(), "did not print its one document"),
        ];
        for (json, message) in table {
            let error = accepted_tasks(&json).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }
}
