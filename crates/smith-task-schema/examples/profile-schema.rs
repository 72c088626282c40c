//! Prints the JSON Schema of a dataset's profile:
//! `cargo run -p smith-task-schema --features json-schema --example profile-schema > docs/profile.schema.json`.

use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    std::io::stdout().write_all(smith_task_schema::profile::json_schema()?.as_bytes())?;
    Ok(())
}
