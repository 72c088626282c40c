//! Which crate may use which: the floors of the house, and the crates that keep a large library to themselves.

use std::collections::BTreeSet;

use super::{TextFile, Violation};
use crate::workspace::{Dependency, Package};

/// Every crate of the workspace with the crates it may depend on, floor by floor from the ground.
const ALLOWED: &[(&str, &[&str])] = &[
    ("smith-task-schema", &[]),
    ("smith-prompts", &[]),
    ("smith-stats", &[]),
    ("smith-llm", &[]),
    ("smith-testkit", &["smith-llm", "smith-task-schema"]),
    ("smith-data", &["smith-task-schema"]),
    ("smith-exec", &["smith-task-schema"]),
    ("smith-assert", &["smith-exec", "smith-data", "smith-task-schema"]),
    ("smith-agents", &["smith-llm", "smith-exec", "smith-data", "smith-prompts", "smith-task-schema"]),
    ("smith-review", &["smith-agents", "smith-llm", "smith-prompts", "smith-task-schema"]),
    ("smith-builtin", &["smith-data", "smith-exec", "smith-task-schema"]),
    (
        "smith-pipeline",
        &[
            "smith-agents",
            "smith-review",
            "smith-builtin",
            "smith-assert",
            "smith-exec",
            "smith-data",
            "smith-llm",
            "smith-stats",
            "smith-prompts",
            "smith-task-schema",
        ],
    ),
    (
        "smith-core",
        &[
            "smith-pipeline",
            "smith-agents",
            "smith-review",
            "smith-builtin",
            "smith-assert",
            "smith-exec",
            "smith-data",
            "smith-llm",
            "smith-stats",
            "smith-prompts",
            "smith-task-schema",
        ],
    ),
    ("smith-cli", &["smith-core"]),
    ("smith-benches", &["smith-core", "smith-exec", "smith-data"]),
    ("xtask", &[]),
];

/// What the tests of any crate may use: the test kit, and the vocabulary that all crates share.
const FOR_TESTS: &[&str] = &["smith-testkit", "smith-task-schema"];

/// A library, with those whose name continues with a hyphen (`arrow-array`), and its only user.
const KEPT: &[(&str, &str)] = &[
    ("arrow", "smith-data"),
    ("parquet", "smith-data"),
    ("reqwest", "smith-llm"),
    ("axum", "smith-exec"),
    ("hyper", "smith-exec"),
];

const FLOORS: &str =
    "move the code down a floor, or change docs/architecture.md and the table in xtask/src/tidy/edges.rs";
const KEEP: &str = "ask the owning crate for what is needed, in types of its own";

/// Checks every dependency of `package`, one crate of `workspace`.
pub(super) fn check(package: &Package, workspace: &[Package], manifest: &TextFile) -> Vec<Violation> {
    let Some(allowed) = allowed_for(&package.name) else {
        return vec![Violation {
            path: manifest.path.clone(),
            line: line_that_names(&manifest.text, "name"),
            problem: format!("crate {} has no floor", package.name),
            remedy: "give it one in docs/architecture.md and in the table in xtask/src/tidy/edges.rs",
        }];
    };
    // A crate may name itself, to switch on a feature of its own in its tests.
    let is_other = |name: &str| name != package.name && workspace.iter().any(|other| other.name == name);
    let mut violations = Vec::new();
    for dependency in &package.dependencies {
        let line = line_that_names(&manifest.text, &dependency.name);
        let mut report = |problem, remedy| {
            violations.push(Violation { path: manifest.path.clone(), line, problem, remedy });
        };
        if is_other(&dependency.name) && !may_use(allowed, dependency) {
            report(format!("{} must not depend on {}", package.name, dependency.name), FLOORS);
        }
        if let Some(owner) = keeper(&dependency.name).filter(|owner| *owner != package.name) {
            report(format!("{} belongs to {owner} alone, not to {}", dependency.name, package.name), KEEP);
        }
    }
    violations
}

fn allowed_for(name: &str) -> Option<&'static [&'static str]> {
    ALLOWED.iter().find(|(of, _)| *of == name).map(|(_, allowed)| *allowed)
}

/// Tests may reach further than the library: to everything below, and to what is there for all tests.
fn may_use(allowed: &[&'static str], dependency: &Dependency) -> bool {
    let name = dependency.name.as_str();
    let in_tests = || FOR_TESTS.contains(&name) || below(allowed).contains(name);
    allowed.contains(&name) || (dependency.is_dev() && in_tests())
}

/// The allowed crates, those that they may use, and so on down to the ground.
fn below(allowed: &[&'static str]) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    let mut open = allowed.to_vec();
    while let Some(name) = open.pop() {
        if found.insert(name) {
            open.extend(allowed_for(name).unwrap_or_default());
        }
    }
    found
}

/// The crate that keeps this library to itself.
fn keeper(library: &str) -> Option<&'static str> {
    let is_part_of = |family: &str| library == family || library.starts_with(&format!("{family}-"));
    KEPT.iter().find(|(family, _)| is_part_of(family)).map(|(_, owner)| *owner)
}

/// The first line of a manifest that begins with this key.
fn line_that_names(manifest: &str, key: &str) -> Option<usize> {
    let begins = |line: &str| {
        line.trim_start().strip_prefix(key).is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
    };
    manifest.lines().position(begins).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Package {
        let dependencies: Vec<_> = dependencies
            .iter()
            .map(|(name, kind)| serde_json::json!({ "name": name, "kind": kind }))
            .collect();
        let package = serde_json::json!({
            "name": name, "version": "0.1.0", "manifest_path": "/w/Cargo.toml",
            "dependencies": dependencies, "targets": [], "publish": null,
        });
        serde_json::from_value(package).unwrap()
    }

    fn problems(name: &str, dependencies: &[(&str, Option<&str>)]) -> Vec<String> {
        let workspace: Vec<Package> = ALLOWED.iter().map(|(name, _)| package(name, &[])).collect();
        let manifest = TextFile { path: "Cargo.toml".into(), text: String::new() };
        let found = check(&package(name, dependencies), &workspace, &manifest);
        found.into_iter().map(|violation| violation.problem).collect()
    }

    #[test]
    fn edges_point_down() {
        let table: &[(&str, &str, Option<&str>, bool)] = &[
            ("smith-agents", "smith-llm", None, true),
            ("smith-llm", "smith-agents", None, false),
            ("smith-assert", "smith-llm", None, false),
            ("smith-data", "smith-exec", None, false),
            ("smith-cli", "smith-core", None, true),
            ("smith-cli", "smith-pipeline", None, false),
            ("smith-review", "smith-exec", None, false),
            ("smith-review", "smith-exec", Some("dev"), true),
            ("smith-assert", "smith-llm", Some("dev"), false),
            ("smith-llm", "smith-testkit", Some("dev"), true),
            ("smith-llm", "smith-testkit", None, false),
            ("smith-llm", "smith-testkit", Some("build"), false),
            ("smith-prompts", "smith-task-schema", None, false),
            ("smith-prompts", "smith-task-schema", Some("dev"), true),
            ("smith-exec", "smith-exec", Some("dev"), true),
            ("smith-llm", "serde", None, true),
        ];
        for (from, to, kind, accepted) in table {
            let found = problems(from, &[(to, *kind)]);
            let expected = if *accepted { vec![] } else { vec![format!("{from} must not depend on {to}")] };
            assert_eq!(found, expected, "{from} -> {to} ({kind:?})");
        }
    }

    #[test]
    fn a_kept_library_is_refused_elsewhere_with_all_its_family() {
        for (library, owner) in
            [("arrow", "smith-data"), ("arrow-array", "smith-data"), ("reqwest", "smith-llm")]
        {
            assert!(problems(owner, &[(library, None)]).is_empty());
            let expected = format!("{library} belongs to {owner} alone, not to smith-pipeline");
            assert_eq!(problems("smith-pipeline", &[(library, Some("dev"))]), [expected]);
        }
        assert!(problems("smith-pipeline", &[("arrowhead", None)]).is_empty());
    }

    #[test]
    fn a_crate_outside_the_table_is_refused() {
        assert_eq!(problems("smith-new", &[]), ["crate smith-new has no floor"]);
    }

    #[test]
    fn the_line_is_that_of_the_key_and_not_of_a_longer_name() {
        let manifest = "[dependencies]\nsmith-llm-extra = \"1\"\nsmith-llm.workspace = true\n";
        assert_eq!(line_that_names(manifest, "smith-llm"), Some(3));
        assert_eq!(line_that_names(manifest, "smith-data"), None);
    }
}
