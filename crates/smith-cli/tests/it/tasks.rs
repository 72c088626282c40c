//! `verify` and `grade` on the packages that a run made.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::program::{Ended, Place, run};
use crate::reference::reference;
use crate::tree;

/// Parts of the packages' names.
const TASKS: [&str; 2] = ["caffeine", "grade-of"];

fn verify(place: &Place, task: &Path) -> Ended {
    run(place.smith().arg("verify").arg(task).arg("--json"))
}

/// A copy of a package that a test may change.
fn copy(place: &Place, task: &str) -> PathBuf {
    let copy = place.path(task);
    for (path, bytes) in tree::read(&reference().task(task)) {
        let path = copy.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    copy
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from:?} is not in {}", path.display());
    std::fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn packages_are_accepted_until_their_metric_is_broken() {
    for (name, direction) in TASKS.into_iter().zip([["= False", "= True"], ["= True", "= False"]]) {
        let place = Place::new();
        let task = copy(&place, name);
        let report = verify(&place, &task).expect(0).json();
        assert_eq!(report["verdict"], json!("accepted"), "{report:#}");
        assert!(!report["findings"].as_array().unwrap().iter().any(|finding| is_error(&finding)));
        assert_eq!(report["task"], json!(task));
        assert!(report["seconds"].as_f64().unwrap() > 0.0);

        edit(&task.join("metric.py"), direction[0], direction[1]);
        let report = verify(&place, &task).expect(1).json();
        assert_eq!(report["verdict"], json!("rejected"), "{report:#}");
        let errors: Vec<_> = report["findings"].as_array().unwrap().iter().filter(is_error).collect();
        assert!(errors.iter().any(|finding| finding["rule"] == "S106"), "{report:#}");
    }
}

/// Whether it is an error; also that it has every field that scripts rely on.
fn is_error(finding: &&Value) -> bool {
    for field in ["rule", "severity", "layer", "path", "message", "evidence"] {
        assert!(finding[field].is_string(), "{field} of {finding:#}");
    }
    finding["severity"] == "error"
}

#[test]
fn without_running_anything_only_the_sources_are_judged() {
    let place = Place::new();
    let task = copy(&place, TASKS[0]);
    edit(&task.join("prepare.py"), "public: Path", "shown: Path");
    let ended = run(place.smith().arg("verify").arg(&task).args(["--no-exec", "--json", "--ignore", "L110"]));
    let report = ended.expect(1).json();
    assert_eq!(report["findings"][0]["rule"], json!("P102"), "{report:#}");
    assert!(report["skipped"].as_array().unwrap().len() > 5, "{report:#}");
}

#[test]
fn submissions_are_scored_refused_or_missed() {
    let place = Place::new();
    let submission = place.path("submission.csv");
    let grade = |task: &Path| run(place.smith().arg("grade").arg(task).arg(&submission).arg("--json"));
    for (name, best, higher) in [(TASKS[0], 0.0, false), (TASKS[1], 1.0, true)] {
        let task = reference().task(name);
        let _none = std::fs::remove_file(&submission);
        grade(&task).expect(2).says(&["there is no submission at", "submission.csv"]);

        let answers = std::fs::read_to_string(task.join("data/private/test_answer.csv")).unwrap();
        std::fs::write(&submission, &answers).unwrap();
        let good = grade(&task).expect(0).json();
        assert_eq!((&good["valid"], &good["score"]), (&json!(true), &json!(best)), "{good:#}");
        assert_eq!((&good["higher_is_better"], &good["message"]), (&json!(higher), &json!("")));
        assert!(good["seconds"].as_f64().unwrap() > 0.0);

        let (short, _) = answers.trim_end().rsplit_once('\n').unwrap();
        std::fs::write(&submission, short).unwrap();
        let bad = grade(&task).expect(1).json();
        assert_eq!((&bad["valid"], &bad["score"]), (&json!(false), &Value::Null), "{bad:#}");
        assert!(
            bad["message"].as_str().unwrap().contains("the ids are not those of the sample submission"),
            "{bad:#}"
        );
    }
}

#[test]
fn a_signal_ends_the_program_and_leaves_nothing_behind() {
    let place = Place::new();
    let task = copy(&place, TASKS[0]);
    let metric = task.join("metric.py");
    let text = std::fs::read_to_string(&metric).unwrap();
    // Long enough to be met in the middle, whatever the machine does besides.
    std::fs::write(&metric, text.replace("import pandas", "import time\ntime.sleep(600)\nimport pandas"))
        .unwrap();
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let temporary = place.path(format!("temporary-{signal:?}"));
        std::fs::create_dir(&temporary).unwrap();
        let mut verify = place.smith();
        verify.arg("verify").arg(&task).env("TMPDIR", &temporary).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = verify.spawn().unwrap();
        let is_empty = || std::fs::read_dir(&temporary).unwrap().next().is_none();
        until(|| !is_empty());
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(3), "{signal:?}");
        assert!(is_empty(), "{signal:?} leaves {:?}", std::fs::read_dir(&temporary).unwrap().next());
    }
}

fn until(mut holds: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !holds() {
        assert!(began.elapsed().as_secs() < 120, "it takes too long");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn an_edit_voids_the_certificate() {
    let place = Place::new();
    let task = copy(&place, TASKS[0]);
    edit(&task.join("task.json"), "\"accepted\"", "\"rejected\"");
    let report =
        run(place.smith().arg("verify").arg(&task).args(["--json", "--select", "L"])).expect(1).json();
    assert_eq!(report["findings"][0]["rule"], "L110", "{report:#}");
    let shown = run(place.smith().arg("explain").arg(&task)).expect(0).stdout;
    assert!(shown.contains("certificate: VOID"), "{shown}");
}
