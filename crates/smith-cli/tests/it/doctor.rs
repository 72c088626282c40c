//! What the machine gives, and what happens without a sandbox.

use serde_json::Value;

use crate::program::{Place, run};

const GUARANTEES: [&str; 10] =
    ["reads", "writes", "network", "processes", "leftovers", "pids", "memory", "cpu", "disk", "output"];

#[test]
fn every_guarantee_of_the_chosen_tier_is_named_with_what_holds_it() {
    let report = run(Place::new().smith().args(["doctor", "--json"])).expect(0).json();
    let tier = report["tier"].as_str().unwrap();
    let chosen = report["tiers"].as_array().unwrap().iter().find(|tried| tried["tier"] == tier).unwrap();
    assert_eq!((&chosen["holds"], &chosen["guards"]), (&Value::Bool(true), &report["guards"]));
    for guarantee in GUARANTEES {
        assert!(report["guards"][guarantee].as_str().is_some_and(|by| !by.is_empty()), "{guarantee}");
    }
    assert_eq!(report["problems"], serde_json::json!([]));
    // Either every job has a cgroup and is said to, or the reason is given with what to do.
    let cgroups = &report["cgroups"];
    let delegated = cgroups["delegated"].as_bool().unwrap();
    assert_eq!(report["guards"]["memory"].as_str().unwrap().starts_with("cgroup+"), delegated);
    for reason in ["problem", "remedy"] {
        assert_eq!(cgroups[reason].as_str().unwrap().is_empty(), delegated, "{cgroups}");
    }
    assert!(report["python"]["version"].as_str().unwrap().starts_with("3."));
    assert_eq!(report["python"]["env"], "base");
    let names: Vec<&str> = report["python"]["profiles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["base", "image", "audio", "video", "boosting", "torch"]);
    assert!(report["free_bytes"].as_u64().unwrap() > 0);
}

#[test]
fn people_get_a_table_of_all_tiers() {
    let text = run(Place::new().smith().arg("doctor")).expect(0).stdout;
    for part in GUARANTEES.iter().chain(&[
        "namespaces",
        "user",
        "landlock",
        "sandbox: ",
        "python: ",
        "environment base",
        "profiles in the cache: ",
        "disk: ",
    ]) {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}
