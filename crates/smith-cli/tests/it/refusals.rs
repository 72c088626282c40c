//! Mistakes of the caller: exit code 2, one line that says what to do, and nothing made or lost.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

use crate::datasets;
use crate::program::{Place, run};
use crate::tree;

const MODEL: &[&str] = &["--model", "openai-compatible:m", "--base-url", "http://127.0.0.1:9/v1"];

/// Arguments after `run-pipeline`, in a home with the dataset `tea` and the folder `thesis`; and what the line
/// of error says.
type Refusal = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

const REFUSALS: &[Refusal] = &[
    (&["nowhere"], MODEL, &["nowhere"]),
    (&[], MODEL, &["no dataset", "--datasets"]),
    (&["tea", "--record", "new.jsonl"], &[], &["--record", "without a model"]),
    (&["tea", "--base-url", "http://127.0.0.1:9/v1"], &[], &["--base-url", "without a model", "--model"]),
    (&[], &[], &["no bundled dataset", "cargo xtask run-pipeline"]),
    (&["--datasets", "thesis"], MODEL, &["thesis", "no folder"]),
    (&["tea"], &["--model", "gpt:4"], &["gpt:4", "openai:NAME", "openai-compatible:NAME", "replay:FILE"]),
    (&["tea"], &["--model", "openai:gpt-4o"], &["OPENAI_API_KEY", ".env"]),
    (&["tea"], &["--model", "anthropic:claude"], &["ANTHROPIC_API_KEY", ".env"]),
    (&["tea"], &["--model", "gemini:pro"], &["GEMINI_API_KEY", ".env"]),
    (&["tea"], &["--model", "openai-compatible:m"], &["--base-url", "http://"]),
    (&["tea"], &["--model", "openai-compatible:m", "--base-url", "127.0.0.1:9"], &["127.0.0.1:9", "http://"]),
    (&["tea"], &["--model", "replay:none.jsonl"], &["none.jsonl", "cannot be read"]),
    (&["tea"], &["--model", "replay:thesis/chapter.txt"], &["chapter.txt", "line 1"]),
    (&["tea", "--budget-usd", "1"], MODEL, &["\"m\"", "price file"]),
    (&["tea", "--budget-usd=-1"], MODEL, &["--budget-usd -1"]),
    (&["tea", "--budget-per-dataset", "1"], MODEL, &["\"m\"", "price file"]),
    (&["tea", "--budget-per-candidate", "1"], MODEL, &["\"m\"", "price file"]),
    (&["tea", "--budget-per-candidate=-1"], MODEL, &["--budget-per-candidate -1"]),
    (&["tea", "--effort", "huge"], MODEL, &["--effort", "huge"]),
    (&["tea"], &["--assist"], &["--assist", "--model"]),
    (&["tea", "--in-flight", "0"], MODEL, &["--in-flight"]),
    (&["tea", "--prices", "none.toml"], MODEL, &["--prices none.toml"]),
    (&["tea", "--candidates", "0"], MODEL, &["--candidates", "at least 1"]),
    (&["tea", "--concurrency", "0"], MODEL, &["--concurrency", "at least 1"]),
    (&["tea", "--review-passes", "0"], MODEL, &["--review-passes", "at least 1"]),
    (&["tea", "--record", "thesis/chapter.txt"], MODEL, &["--record thesis/chapter.txt", "already"]),
    (&["tea", "--resume"], MODEL, &["no run to resume", "--out"]),
    (&["tea", "--resume", "--out", "nowhere"], MODEL, &["no run to resume", "nowhere"]),
    (&["tea", "--env", "images"], MODEL, &["images", "base, image, audio", "lock FILE"]),
    (&["tea", "--env", "lock", "none.lock"], MODEL, &["none.lock", "cannot be read"]),
    (
        &["--env", "lock", "thesis/chapter.txt", "tea"],
        MODEL,
        &["chapter.txt, line 1", "not pinned", "uv pip compile"],
    ),
    (&["tea", "--out", "thesis"], MODEL, &["thesis", "not empty", "chapter.txt", "another --out"]),
    (&["tea", "--out", "thesis/chapter.txt"], MODEL, &["chapter.txt", "another --out"]),
    (&["tea", "--out", "thesis/chapter.txt/run"], MODEL, &["chapter.txt/run", "another --out"]),
];

fn home() -> Place {
    let place = Place::new();
    datasets::tea(&place.path("home/tea"));
    std::fs::create_dir(place.path("home/thesis")).unwrap();
    std::fs::write(place.path("home/thesis/chapter.txt"), "Years of work.\n").unwrap();
    place
}

#[test]
fn the_main_job_refuses_and_leaves_everything_as_it_was() {
    let place = home();
    let before = tree::read(&place.path("home"));
    for (arguments, model, parts) in REFUSALS {
        let ended = run(place.smith().arg("run-pipeline").args(*arguments).args(*model)).expect(2);
        ended.says(parts);
        assert_eq!(ended.stdout, "", "{arguments:?}");
        tree::assert_same(&before, &tree::read(&place.path("home")));
        assert!(!place.path("home/runs").exists(), "{arguments:?} {model:?} left a run");
    }
}

#[test]
fn a_path_that_no_file_of_the_run_can_hold_is_refused() {
    let place = home();
    let odd = Path::new(OsStr::from_bytes(b"te\xff")).to_path_buf();
    std::fs::rename(place.path("home/tea"), place.path("home").join(&odd)).unwrap();
    let pipeline = || {
        let mut command = place.smith();
        command.arg("run-pipeline").args(MODEL);
        command
    };
    run(pipeline().arg(&odd)).expect(2).says(&["dataset's path", "not UTF-8", "rename"]);
    run(pipeline().arg("thesis").arg("--out").arg(&odd)).expect(2).says(&["--out", "not UTF-8"]);
}

#[test]
fn other_commands_refuse_what_is_not_theirs() {
    let place = home();
    let refused = |arguments: &[&str], parts: &[&str]| {
        let ended = run(place.smith().args(arguments)).expect(2);
        ended.says(parts);
        assert_eq!(ended.stdout, "", "{arguments:?}");
    };
    refused(&["verify", "nowhere"], &["nowhere"]);
    refused(&["verify", "thesis", "--json"], &["thesis is not a task", "prepare.py"]);
    refused(&["grade", "thesis", "submission.csv"], &["thesis is not a task"]);
    refused(&["profile", "nowhere"], &["nowhere", "check the path"]);
}

#[test]
fn what_the_command_line_does_not_know_is_a_mistake_too() {
    let place = home();
    let unknown: [&dyn Fn(&mut Command) -> &mut Command; 3] =
        [&|c| c.arg("evolve"), &|c| c.args(["verify", "--fast"]), &|c| {
            c.args(["run-pipeline", "--candidates", "x"])
        }];
    for arguments in unknown {
        let ended = run(arguments(&mut place.smith())).expect(2);
        assert!(ended.stderr.contains("error:") && ended.stdout.is_empty(), "{ended:?}");
    }
    assert!(run(place.smith().arg("--help")).expect(0).stdout.contains("run-pipeline"));
}
