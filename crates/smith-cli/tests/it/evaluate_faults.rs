//! What is not a model's doing is no score: faults, spent budgets, tasks that cannot be opened, mistakes.

use std::time::Duration;

use serde_json::json;

use crate::endpoint::url_of_nobody;
use crate::ponds;
use crate::program::{Place, run};

#[test]
fn a_dead_endpoint_is_told_apart_from_scores() {
    let place = Place::new();
    let mut command = place.smith();
    command.args([
        "evaluate",
        "--json",
        "--runs",
        "2",
        "--concurrency",
        "1",
        "--model",
        "builtin:sample",
        "--model",
    ]);
    command.arg(ponds::model()).arg("--base-url").arg(url_of_nobody());
    command.arg("--tasks").arg(ponds::tasks(&place.path("ponds"))).arg("--out").arg(place.path("out"));
    let report = run(&mut command).expect(3).json();
    let scored = report["scores"].as_array().unwrap();
    assert!(scored.len() == 4 && scored.iter().all(|row| row["model"] == "builtin:sample"), "{report:#}");
    // After three faults in a row the endpoint is left alone.
    assert_eq!((report["cells"]["faults"].clone(), report["cells"]["open"].clone()), (json!(3), json!(1)));
    assert!(
        report["unfinished"][0]["message"].as_str().unwrap().contains("is the endpoint up?"),
        "{report:#}"
    );
    let rated = report["ratings"]["ratings"].as_array().map_or(0, Vec::len);
    assert!(rated <= 1, "a fault lost a battle: {report:#}");
}

#[test]
fn a_spent_budget_stops_in_order_and_a_larger_one_goes_on() {
    let (place, endpoint) = (Place::new(), ponds::endpoint(Duration::ZERO));
    let prices = place.path("prices.toml");
    let price = "[[model]]\nname = \"scripted\"\ninput = 2_000_000\noutput = 8_000_000\n\
                 effective_from = \"2026-01-01\"\nsource = \"made up\"\n";
    std::fs::write(&prices, price).unwrap();
    let command = |budget: &str| {
        let mut command = place.smith();
        command.args(["evaluate", "--json", "--concurrency", "1", "--budget-usd", budget, "--prices"]);
        command.arg(&prices).arg("--model").arg(ponds::model()).arg("--base-url").arg(endpoint.url());
        command.arg("--tasks").arg(ponds::tasks(&place.path("ponds"))).arg("--out").arg(place.path("out"));
        command
    };
    // Enough for the three calls of a task, and not for the reserve that a fourth one needs.
    let stopped = run(&mut command("0.13")).expect(1);
    stopped.says(&["--budget-usd", "--resume"]);
    let before = stopped.json();
    assert!((0.01..=0.13).contains(&before["cost_usd"].as_f64().unwrap()), "{before:#}");
    assert_eq!(before["cells"]["scored"], json!(1), "{before:#}");
    let after = run(command("5").arg("--resume")).expect(0).json();
    assert_eq!(
        (after["cells"]["scored"].clone(), after["model_calls"].clone()),
        (json!(2), json!(6)),
        "{after:#}"
    );
    assert_eq!(endpoint.answered().values().sum::<u32>(), 6, "an answer was paid twice");
}

#[test]
fn a_task_that_cannot_be_opened_is_held_against_nobody() {
    let place = Place::new();
    let tasks = ponds::tasks(&place.path("ponds"));
    std::fs::write(tasks.join("frogs/metric.py"), "import no_such_module\n").unwrap();
    let mut command = place.smith();
    command.args(["evaluate", "--json", "--model", "builtin:sample"]);
    command.arg("--tasks").arg(&tasks).arg("--out").arg(place.path("out"));
    let report = run(&mut command).expect(0).json();
    assert_eq!(
        (report["cells"]["unplayable"].clone(), report["cells"]["scored"].clone()),
        (json!(1), json!(1))
    );
    assert!(report["unfinished"][0]["message"].as_str().unwrap().contains("no_such_module"), "{report:#}");
}

#[test]
fn mistakes_are_said_before_anything_is_played() {
    let place = Place::new();
    let tasks = ponds::tasks(&place.path("ponds"));
    std::fs::write(place.path("models.toml"), "[[model]]\nname = \"x\"\n").unwrap();
    let models = place.path("models.toml");
    let smith = |arguments: &[&str]| {
        let mut command = place.smith();
        command.arg("evaluate").args(arguments).arg("--out").arg(place.path("out"));
        run(&mut command).expect(2)
    };
    let tasks = tasks.to_str().unwrap();
    smith(&["--tasks", tasks]).says(&["no model was given", "builtin:sample"]);
    smith(&["--tasks", tasks, "--model", "builtin:oracle"]).says(&["\"oracle\"", "boosting"]);
    smith(&["--tasks", tasks, "--models", models.to_str().unwrap()])
        .says(&["\"x\" needs either spec or program"]);
    let empty = place.path("tmp");
    smith(&["--tasks", empty.to_str().unwrap(), "--model", "builtin:sample"]).says(&["there is no task"]);
    smith(&["--resume"]).says(&["there is no evaluation"]);
}

#[test]
fn a_reader_that_stops_early_is_no_failure() {
    let place = Place::new();
    let mut command = place.command("sh");
    let program = env!("CARGO_BIN_EXE_smith");
    command.args(["-c", &format!("{program} rules --json | head -1")]);
    let ended = run(&mut command);
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    assert_eq!(ended.stdout.trim(), "[");
}
