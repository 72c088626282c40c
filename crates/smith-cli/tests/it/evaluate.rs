//! `smith evaluate`: models, built-in agents and programs over tasks.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::ponds;
use crate::program::{Ended, Place, run};

fn evaluate(place: &Place, out: &str, arguments: &[&str]) -> Ended {
    let tasks = ponds::tasks(&place.path("ponds"));
    let mut command = place.smith();
    command
        .args(["evaluate", "--json", "--out"])
        .arg(place.path(out))
        .arg("--tasks")
        .arg(tasks)
        .args(arguments);
    run(&mut command)
}

/// The score of a model on a task.
fn score(report: &Value, model: &str, task: &str) -> Option<f64> {
    let rows = report["scores"].as_array().unwrap();
    let of = |row: &&Value| row["model"] == model && row["task"] == task;
    rows.iter().find(of).unwrap_or_else(|| panic!("{model} on {task}: {report:#}"))["score"].as_f64()
}

#[test]
fn agents_without_a_model_are_rated_and_drawn() {
    let place = Place::new();
    let plots = place.path("plots");
    let models =
        ["--model", "builtin:sample", "--model", "builtin:linear", "--model", "builtin:ladder", "--plots"];
    let report =
        evaluate(&place, "out", &[&models[..], &[plots.to_str().unwrap()]].concat()).expect(0).json();
    assert_eq!(report["cells"]["scored"], json!(6), "{report:#}");
    assert!(score(&report, "builtin:sample", "frogs") < score(&report, "builtin:linear", "frogs"));
    // Of an error less is better.
    assert!(score(&report, "builtin:sample", "count") > score(&report, "builtin:ladder", "count"));
    let ratings =
        report["ratings"]["overall"]["ratings"].as_array().or(report["ratings"]["ratings"].as_array());
    let last = ratings.unwrap().last().unwrap();
    assert_eq!(last["model"], "builtin:sample", "{report:#}");

    let tables = place.path("out/tables");
    for name in ["scores", "steps", "trajectories", "unfinished"] {
        assert!(tables.join(format!("{name}.parquet")).is_file(), "{name}");
    }
    let elo = run(place.smith().args(["elo", "--json"]).arg(tables.join("scores.parquet"))).expect(0).json();
    assert_eq!(elo["ratings"], report["ratings"]["ratings"], "{elo:#}");
    for name in ["elo.svg", "elo.vl.json", "curves.svg", "curves.vl.json"] {
        assert!(plots.join(name).is_file(), "{name}");
    }
    // The ladder hands in four times, and each is a step with its score.
    let trajectory = trajectory(&place.path("out"), "ladder", "frogs");
    let steps = trajectory["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 4, "{trajectory:#}");
    assert!(
        steps[3]["observation"]["results"][0]["content"].as_str().unwrap().starts_with("status: SUCCESS")
    );
}

/// The trajectory of the model in whose name this word is.
fn trajectory(out: &Path, model: &str, task: &str) -> Value {
    let folders = std::fs::read_dir(out.join("trajectories")).unwrap().flatten();
    let folder =
        folders.map(|entry| entry.path()).find(|path| path.to_string_lossy().contains(model)).unwrap();
    serde_json::from_str(&std::fs::read_to_string(folder.join(task).join("1.json")).unwrap()).unwrap()
}

#[test]
fn what_was_finished_is_not_played_again_and_models_may_be_added() {
    let place = Place::new();
    evaluate(&place, "out", &["--model", "builtin:sample"]).expect(0);
    let journal = || {
        let cells = std::fs::read_dir(place.path("out/cells")).unwrap().flatten();
        let sample = cells.map(|cell| cell.path()).find(|path| path.to_string_lossy().contains("sample"));
        std::fs::read_to_string(sample.unwrap().join("frogs/1/journal.jsonl")).unwrap()
    };
    let before = journal();
    let more = evaluate(&place, "out", &["--resume", "--model", "builtin:linear"]).expect(0);
    let report = more.json();
    assert_eq!((report["cells"]["planned"].clone(), report["cells"]["scored"].clone()), (json!(4), json!(4)));
    assert!(!more.stderr.contains("builtin:sample"), "{}", more.stderr);
    assert_eq!(journal(), before);
    let again = evaluate(&place, "out", &["--model", "builtin:sample"]).expect(2);
    again.says(&["--resume"]);
    evaluate(&place, "out", &["--resume", "--max-steps", "3"]).expect(2).says(&["max_steps (was 15, now 3)"]);
}

#[test]
fn a_model_that_is_killed_midway_is_not_paid_twice() {
    let (place, endpoint) = (Place::new(), ponds::endpoint(Duration::from_millis(400)));
    let tasks = ponds::tasks(&place.path("ponds"));
    let out = place.path("out");
    let command = || {
        let mut command = place.smith();
        command.args(["evaluate", "--json", "--concurrency", "1", "--model"]).arg(ponds::model());
        command.arg("--base-url").arg(endpoint.url()).arg("--tasks").arg(&tasks).arg("--out").arg(&out);
        command
    };
    let mut process = command().stdout(std::process::Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    // Within the second task.
    while endpoint.answered().len() < 5 {
        assert!(begun.elapsed() < Duration::from_secs(300) && process.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(100));
    process.kill().unwrap();
    process.wait().unwrap();
    let report = run(command().arg("--resume")).expect(0).json();
    assert_eq!(score(&report, &ponds::model(), "frogs"), Some(1.0));
    assert_eq!(score(&report, &ponds::model(), "count"), Some(0.0));
    // Two tasks of three calls; one may have been cut short before its answer was written down.
    let asked: u32 = endpoint.answered().values().sum();
    assert!((6..=7).contains(&asked), "{asked}");
    assert_eq!(report["model_calls"], json!(6), "{report:#}");

    let trajectory = trajectory(&out, "scripted", "frogs");
    let sources: Vec<&str> =
        trajectory["steps"].as_array().unwrap().iter().map(|step| step["source"].as_str().unwrap()).collect();
    assert_eq!(sources, ["system", "user", "agent", "agent", "agent"], "{trajectory:#}");
    assert_eq!(trajectory["steps"][3]["tool_calls"][0]["arguments"]["code"], json!(ponds::RULE));
    assert_eq!(trajectory["extra"]["score"], json!(1.0));
}

/// Acts by the interface alone, as any program could.
const PROGRAM: &str = "#!/usr/bin/env python3
import json, os, sys, urllib.request

def step(action, arguments):
    url = f\"{os.environ['SMITH_URL']}/v1/sessions/{os.environ['SMITH_SESSION']}/step\"
    body = json.dumps({'action': action, 'arguments': arguments}).encode()
    request = urllib.request.Request(url, body, {
        'Content-Type': 'application/json', 'Authorization': 'Bearer ' + os.environ['SMITH_TOKEN']})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)

print(os.environ['SMITH_TASK'], os.environ['SMITH_MAX_STEPS'])
step('request_info', {'info_type': 'overview'})
step('execute_code', {'code': RULE})
";

#[test]
fn a_program_plays_over_http() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let path = place.path("player.py");
    std::fs::write(&path, PROGRAM.replace("RULE", &json!(ponds::RULE).to_string())).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let lazy = place.path("models.toml");
    let text = format!(
        "[[model]]\nname = \"player\"\nprogram = [{:?}]\n\n[[model]]\nname = \"idle\"\nprogram = [\"true\"]\n\n\
         [[model]]\nname = \"broken\"\nprogram = [\"false\"]\n",
        path.to_str().unwrap()
    );
    std::fs::write(&lazy, text).unwrap();
    let ended = evaluate(&place, "out", &["--models", lazy.to_str().unwrap(), "--max-steps", "4"]).expect(3);
    let report = ended.json();
    assert_eq!(score(&report, "player", "frogs"), Some(1.0), "{report:#}");
    assert_eq!(score(&report, "idle", "frogs"), None, "to do nothing is a program's own doing");
    // One that ends in error before it acts says nothing of its skill.
    assert_eq!(
        (report["cells"]["faults"].clone(), report["cells"]["unscored"].clone()),
        (json!(2), json!(2))
    );
    assert!(
        report["unfinished"].as_array().unwrap().iter().all(|cell| cell["model"] == "broken"),
        "{report:#}"
    );
    let log = std::fs::read_to_string(place.path("out/cells/player/frogs/1/program.log")).unwrap();
    assert_eq!(log, "frogs 4\n");
    assert_eq!(trajectory(&place.path("out"), "player", "frogs")["steps"].as_array().unwrap().len(), 2);
}
