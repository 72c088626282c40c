use std::path::Path;

use serde_json::Value;
use smith_task_schema::profile::{DatasetProfile, json_schema};

#[test]
fn the_schema_in_docs_is_that_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/profile.schema.json");
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == json_schema().unwrap(),
        "docs/profile.schema.json is out of date; write it anew with\n  cargo run -p smith-task-schema --features \
         json-schema --example profile-schema > docs/profile.schema.json"
    );
}

#[test]
fn every_field_is_described() {
    let schema: Value = serde_json::from_str(&json_schema().unwrap()).unwrap();
    let types = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    let mut fields = 0;
    for (name, field) in types.filter_map(|kind| kind["properties"].as_object()).flatten() {
        assert!(field["description"].is_string(), "{name} has no description");
        fields += 1;
    }
    assert!(fields > 100, "{fields}");
}

#[test]
fn a_profile_of_an_earlier_writer_is_read() {
    let profile: DatasetProfile =
        serde_json::from_str(r#"{"schema_version": 2, "name": "x", "of_tomorrow": 1}"#).unwrap();
    assert_eq!((profile.name.as_str(), profile.files), ("x", 0));
}
