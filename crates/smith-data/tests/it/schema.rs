//! Profiles keep to the JSON Schema that is published.

use std::path::Path;

use serde_json::Value;
use smith_data::{DatasetProfile, ProfileOptions, profile};

use crate::{built, csv, folder, png};

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/profile.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn complaints(value: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn check(profile: &DatasetProfile) {
    assert_eq!(complaints(&serde_json::to_value(profile).unwrap()), Vec::<String>::new(), "{}", profile.name);
}

#[test]
fn real_profiles_keep_to_the_schema() {
    let penguins = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/penguins/raw");
    check(&profile(&penguins, &ProfileOptions::default()).unwrap());
    let root = folder(&[
        ("a.csv", &csv(30)),
        ("b.json", b"[{\"a\": {\"b\": [1, 2]}}]"),
        ("images/1.png", &png(2, 2)),
        ("broken.parquet", b"PAR1"),
        ("README.md", b"# Trees\nlicense: MIT\n"),
        ("notes.txt", b"Some words.\nAnd more.\n"),
    ]);
    check(&profile(root.path(), &ProfileOptions::default()).unwrap());
}

#[test]
fn built_profiles_keep_to_the_schema() {
    built::all().iter().for_each(check);
}

#[test]
fn the_schema_refuses_what_is_no_profile() {
    let mut value = serde_json::to_value(built::clinic()).unwrap();
    value["tables"][0]["rows"] = "many".into();
    value["tables"][1]["columns"][0]["kind"] = "riddle".into();
    assert_eq!(complaints(&value).len(), 2);
}
