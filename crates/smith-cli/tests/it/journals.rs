//! The journals of a run, read as any program could read them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Events that carry a run forward, as they stand in a journal's line.
const PROGRESS: [&str; 4] = ["model_call_finished", "asserted", "reviewed", "validated"];

/// Every journal below `run`.
fn files(run: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![run.to_path_buf()];
    while let Some(dir) = todo.pop() {
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.file_name().is_some_and(|name| name == "journal.jsonl") {
                found.push(path);
            } else if path.is_dir() && path.file_name().is_some_and(|name| name != "attempts") {
                todo.push(path);
            }
        }
    }
    found
}

/// How far a run has come, while a process may be writing: the number of its decisive events.
pub(crate) fn progress(run: &Path) -> usize {
    files(run)
        .iter()
        .filter_map(|path| std::fs::read(path).ok())
        .map(|bytes| {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            PROGRESS
                .iter()
                .map(|kind| text.matches(&format!("\"event\":{{\"type\":\"{kind}\"")).count())
                .sum::<usize>()
        })
        .sum()
}

/// All events of a run that nobody works on, by journal. Fails where a journal is torn or has a gap.
pub(crate) fn events(run: &Path) -> BTreeMap<PathBuf, Vec<Value>> {
    files(run).into_iter().map(|path| (path.clone(), read(&path))).collect()
}

fn read(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.ends_with('\n'), "{} is torn", path.display());
    (1..)
        .zip(text.lines())
        .map(|(number, line)| {
            let line: Value =
                serde_json::from_str(line).unwrap_or_else(|e| panic!("{}:{number}: {e}", path.display()));
            assert_eq!(line["seq"], number, "{}", path.display());
            line["event"].clone()
        })
        .collect()
}

/// Keys of answered model calls that stand in a journal more than once.
pub(crate) fn paid_twice(run: &Path) -> Vec<String> {
    let mut twice = Vec::new();
    for (path, events) in events(run) {
        let mut seen = std::collections::HashSet::new();
        for event in events.iter().filter(|event| event["type"] == "model_call_finished") {
            let key = event["key"].to_string();
            assert_ne!(key, "null", "{event}");
            if !seen.insert(key.clone()) {
                twice.push(format!("{}: {key}", path.display()));
            }
        }
    }
    twice
}

/// The rules that found something after any attempt of a stage, in the order of the journals.
pub(crate) fn findings(run: &Path) -> Vec<String> {
    events(run)
        .values()
        .flatten()
        .filter(|event| event["type"] == "asserted")
        .flat_map(|event| event["findings"].as_array().unwrap().clone())
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect()
}

/// The mark that every child process of the run carries.
pub(crate) fn mark(run: &Path) -> String {
    let text = std::fs::read_to_string(run.join("run.toml")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("run = ")).unwrap();
    line.trim_matches('"').to_owned()
}
