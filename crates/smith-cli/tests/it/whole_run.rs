//! The main job, from a dataset to verified packages.

use serde_json::{Value, json};

use crate::journals;
use crate::reference::reference;

#[test]
fn both_proposals_become_verified_tasks_and_the_defect_goes_back() {
    let summary = &reference().json;
    for (field, value) in [("datasets", 1), ("candidates", 2), ("verified", 2), ("rejected", 0)] {
        assert_eq!(summary[field], json!(value), "{field} in {summary:#}");
    }
    assert!(journals::findings(&reference().run()).contains(&"P102".to_owned()));
    // One attempt of each builder, and one more to mend the defect.
    let attempts: Vec<_> =
        summary["rows"].as_array().unwrap().iter().map(|row| row["attempts"].clone()).collect();
    assert_eq!(attempts, [2, 3]);
}

#[test]
fn the_summary_has_the_fields_that_scripts_rely_on() {
    let (reference, summary) = (reference(), &reference().json);
    assert_eq!(summary["run"], json!(reference.run()));
    assert!(summary["seconds"].as_f64().unwrap() > 0.0, "{summary:#}");
    let tasks = summary["tasks"].as_array().unwrap();
    assert_eq!(tasks.len(), 2);
    for task in tasks {
        assert_eq!((&task["dataset"], &task["verdict"]), (&json!("tea"), &json!("accepted")));
        let path = reference.run().join("tasks").join(task["id"].as_str().unwrap());
        assert_eq!(task["path"], json!(path));
        let manifest: Value =
            serde_json::from_slice(&std::fs::read(path.join("task.json")).unwrap()).unwrap();
        assert_eq!(manifest["id"], task["id"]);
    }
}

#[test]
fn calls_and_cost_are_those_that_the_endpoint_counted() {
    let reference = reference();
    assert_eq!(reference.json["model_calls"], json!(reference.answered.values().sum::<u32>()));
    assert_eq!(reference.json["cost_usd"], json!(reference.bill()));
}
