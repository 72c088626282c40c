//! Measuring a model as a reviewer, on the bank of the repository.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::endpoint::Endpoint;
use crate::model;
use crate::program::{Place, run};

fn bank() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/reviews")
}

fn bench(place: &Place, url: &str, more: &[&str]) -> Command {
    let mut command = place.smith();
    command
        .args(["review-bench", "--model", &format!("openai-compatible:{}", model::NAME), "--base-url", url])
        .arg("--bank")
        .arg(bank())
        .args(more);
    command
}

#[test]
fn a_model_that_approves_of_everything_has_no_recall_and_no_false_alarm() {
    let (place, endpoint) = (Place::new(), Endpoint::of_model(Duration::ZERO));
    let recording = place.path("bench.jsonl");
    let record = ["--json", "--passes", "2", "--record", recording.to_str().unwrap()];
    let report = run(&mut bench(&place, &endpoint.url(), &record)).expect(0).json();
    assert_eq!(report["cases"].as_array().unwrap().len(), 11);
    assert_eq!(report["caught"], json!({"count": 0, "of": 8}));
    assert_eq!(report["alarmed"], json!({"count": 0, "of": 3}));
    let all = &report["all"];
    assert_eq!(
        (&all["recall"], &all["precision"], &all["agreement"]),
        (&json!(0.0), &json!(null), &json!(1.0))
    );
    // What it quotes of another task stands in none of these.
    assert!(all["refused"].as_u64().unwrap() > 0, "{all}");
    assert_eq!(report["spent"]["model_calls"], json!(endpoint.answered().values().sum::<u32>()));
    assert_eq!(report["spent"]["model_calls"], json!(22));

    let mut replay = place.smith();
    replay.args(["review-bench", "--json", "--model", &format!("replay:{}", recording.display()), "--bank"]);
    let again = run(replay.arg(bank())).expect(0).json();
    assert_eq!((&again["cases"], &again["criteria"]), (&report["cases"], &report["criteria"]));
}

#[test]
fn the_table_has_a_row_for_each_criterion() {
    let (place, endpoint) = (Place::new(), Endpoint::of_model(Duration::ZERO));
    let ended = run(&mut bench(&place, &endpoint.url(), &["--passes", "1"])).expect(0);
    for part in
        ["alignment", "data_use", "leakage", "all", "defective tasks caught: 0 of 8", "11 tasks reviewed"]
    {
        assert!(ended.stdout.contains(part), "{part:?} is not in {}", ended.stdout);
    }
}

#[test]
fn a_bank_without_cases_and_no_passes_are_mistakes() {
    let place = Place::new();
    let url = "http://127.0.0.1:9/v1";
    run(&mut bench(&place, url, &["--passes", "0"])).expect(2).says(&["--passes", "at least 1"]);
    let mut command = place.smith();
    command.args(["review-bench", "--model", "openai-compatible:m", "--base-url", url, "--bank", "."]);
    run(&mut command).expect(2).says(&["no case", "expected.toml"]);
}
