//! A recorded run can be played again without its endpoint, and only on the same data.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::datasets;
use crate::program::{Place, run};
use crate::reference::reference;
use crate::tree::{self, Tree};

fn replay(place: &Place, dataset: &Path, out: &Path) -> Command {
    let mut command = place.smith();
    let spec = format!("replay:{}", reference().recording().display());
    command.arg("run-pipeline").arg(dataset).args(["--model", &spec, "--json", "--out"]).arg(out);
    command
}

#[test]
fn a_replay_makes_the_same_packages_for_nothing() {
    let reference = reference();
    let place = Place::new();
    let summary = run(&mut replay(&place, &reference.dataset(), &place.path("run"))).expect(0).json();
    for field in ["candidates", "verified", "model_calls"] {
        assert_eq!(summary[field], reference.json[field], "{field}");
    }
    assert_eq!((&summary["cost_usd"], &summary["unpriced_calls"]), (&json!(0.0), &json!(0)));
    let packages = tree::read(&place.path("run/tasks"));
    tree::assert_same(&without_model(&reference.packages), &without_model(&packages));
}

/// Everything but the name of the model in the manifests, which is that of the recording, and the seal over it.
fn without_model(packages: &Tree) -> Tree {
    let mut packages = packages.clone();
    for (path, bytes) in &mut packages {
        if path.ends_with("task.json") {
            let mut manifest: Value = serde_json::from_slice(bytes).unwrap();
            manifest["provenance"]["model"].take();
            manifest["seal"].take();
            *bytes = serde_json::to_vec(&manifest).unwrap();
        }
    }
    packages
}

#[test]
fn on_other_data_a_replay_fails_and_says_what_differs() {
    let place = Place::new();
    let dataset = place.path("tea");
    datasets::tea(&dataset);
    let file = dataset.join("tea.csv");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("coast", "shore")).unwrap();
    let ended = run(&mut replay(&place, &dataset, &place.path("run"))).expect(3);
    for part in ["does not hold", "recording.jsonl", "coast", "shore", "--record"] {
        assert!(ended.stderr.contains(part), "{part:?} is not in {}", ended.stderr);
    }
    assert_eq!(ended.json()["model_calls"], json!(0));
    assert!(tree::read(&place.path("run/tasks")).is_empty());
}
