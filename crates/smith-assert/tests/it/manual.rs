//! The page of the rules is what the code says, and every rule on it is tried.

use std::fs;
use std::path::{Path, PathBuf};

use smith_assert::Catalogue;
use smith_assert::manual::manual;

#[test]
fn the_page_of_the_rules_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    // Outside of the repository the page is not there.
    let Ok(page) = fs::read_to_string(&path) else { return };
    assert!(
        page == manual(),
        "docs/rules.md is out of date; write it anew with\n  cargo run -p smith-assert --example rules-manual > \
         docs/rules.md"
    );
}

/// Whoever adds a rule adds a task that breaks it: tests name the code of what has to be found.
#[test]
fn every_rule_is_named_by_a_test() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests: String =
        files(&here.join("tests")).iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    for file in files(&here.join("src")) {
        let source = fs::read_to_string(file).unwrap();
        tests += source.split_once("#[cfg(test)]").map_or("", |(_, tests)| tests);
    }
    let untried: Vec<&str> = Catalogue::all()
        .rules()
        .iter()
        .map(|rule| rule.info().code)
        .filter(|code| !tests.contains(code))
        .collect();
    assert!(untried.is_empty(), "no test names {untried:?}");
}

/// Every source below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found = Vec::new();
    for path in entries {
        match path.extension() {
            _ if path.is_dir() => found.extend(files(&path)),
            Some(extension) if extension == "rs" => found.push(path),
            _ => {}
        }
    }
    found
}
