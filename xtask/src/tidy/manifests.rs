//! What every crate owes: the workspace's lints, and crate documentation that shows the crate in use.

use super::{TextFile, Violation};

/// A manifest must take over the workspace's lints.
pub(super) fn check_lints(manifest: &TextFile) -> Option<Violation> {
    let inherited = toml::from_str::<toml::Table>(&manifest.text)
        .ok()
        .and_then(|table| table.get("lints")?.get("workspace")?.as_bool())
        .unwrap_or(false);
    (!inherited).then(|| Violation {
        path: manifest.path.clone(),
        line: None,
        problem: "the workspace's lints are not switched on".to_owned(),
        remedy: "add `[lints]` with `workspace = true`",
    })
}

/// The first file of a library must carry `//!` documentation with an example that is compiled.
pub(super) fn check_crate_docs(root: &TextFile) -> Option<Violation> {
    let docs: Vec<&str> = root.text.lines().filter_map(|line| line.strip_prefix("//!")).collect();
    (!has_compiled_example(&docs)).then(|| Violation {
        path: root.path.clone(),
        line: Some(1),
        problem: "the crate's documentation has no compiled example".to_owned(),
        remedy: "add a fenced Rust example to the `//!` lines that uses this crate alone",
    })
}

/// Whether one of the fenced blocks is Rust that rustdoc builds.
fn has_compiled_example(docs: &[&str]) -> bool {
    let fences = docs.iter().filter_map(|line| line.trim().strip_prefix("```"));
    // Every second fence closes a block.
    fences.step_by(2).any(|tags| tags.split(',').all(|tag| matches!(tag.trim(), "" | "rust" | "no_run")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> TextFile {
        TextFile { path: "x".into(), text: text.into() }
    }

    #[test]
    fn lints_must_be_those_of_the_workspace() {
        assert_eq!(check_lints(&file("[lints]\nworkspace = true\n")), None);
        assert_eq!(check_lints(&file("lints.workspace = true\n")), None);
        for text in
            ["", "[lints]\nworkspace = false\n", "[lints.rust]\nunsafe_code = \"deny\"\n", "not [ toml"]
        {
            assert!(check_lints(&file(text)).is_some(), "{text:?}");
        }
    }

    #[test]
    fn crate_docs_need_an_example_that_is_compiled() {
        let with = ["//! A.\n//!\n//! ```\n//! f();\n//! ```\n", "//! ```rust,no_run\n//! ```\n"];
        for text in with {
            assert_eq!(check_crate_docs(&file(text)), None, "{text:?}");
        }
        let without = [
            "",
            "//! Only words.\n",
            "//! ```text\n//! a drawing\n//! ```\n",
            "//! ```ignore\n//! f();\n//! ```\n",
            "//! Words.\n\n/// ```\n/// f();\n/// ```\npub fn f() {}\n",
        ];
        for text in without {
            assert!(check_crate_docs(&file(text)).is_some(), "{text:?}");
        }
    }
}
