//! The rules of the repository that no compiler knows. Each submodule checks one kind of thing and touches no
//! file itself; this one gathers what they look at and prints what they find.

mod edges;
mod files;
mod manifests;
mod rust_lines;
mod sources;

use std::fmt;
use std::fs;
use std::path::Path;

use self::sources::Owner;
use crate::failure::Failure;
use crate::workspace::{self, Metadata, Package};

/// One breach of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    /// Relative to the workspace's root.
    path: String,
    /// Counted from 1; nothing when the file as a whole is meant.
    line: Option<usize>,
    problem: String,
    remedy: &'static str,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: ", self.path)?,
            None => write!(f, "{}: ", self.path)?,
        }
        write!(f, "{}\n    {}", self.problem, self.remedy)
    }
}

/// A text file of the repository.
#[derive(Debug)]
struct TextFile {
    /// Relative to the workspace's root.
    path: String,
    text: String,
}

/// Checks everything and prints every violation.
///
/// # Errors
///
/// Refuses when there is a violation; a fault when a file, cargo or git cannot be read.
pub(crate) fn run() -> Result<(), Failure> {
    let metadata = workspace::metadata()?;
    let tracked = workspace::tracked_files()?;
    let mut violations = crate_violations(&metadata)?;
    violations.extend(file_violations(&metadata, &tracked)?);
    violations.sort();
    for violation in &violations {
        println!("{violation}");
    }
    match violations.len() {
        0 => {
            println!("tidy: {} crates and {} files in order", metadata.packages.len(), tracked.len());
            Ok(())
        }
        count => Err(Failure::Refused(format!("tidy: {count} violations"))),
    }
}

fn crate_violations(metadata: &Metadata) -> Result<Vec<Violation>, Failure> {
    let mut violations = Vec::new();
    for package in &metadata.packages {
        let manifest = read(&package.manifest_path)?;
        violations.extend(edges::check(package, &metadata.packages, &manifest));
        violations.extend(manifests::check_lints(&manifest));
        if let Some(root) = package.library_root() {
            violations.extend(manifests::check_crate_docs(&read(root)?));
        }
    }
    Ok(violations)
}

fn file_violations(metadata: &Metadata, tracked: &[String]) -> Result<Vec<Violation>, Failure> {
    let mut sizes = Vec::new();
    let mut violations = Vec::new();
    for path in tracked {
        let absolute = workspace::root().join(path);
        // A tracked file may have been deleted and not committed yet; a link is checked where it leads.
        let Ok(facts) = fs::symlink_metadata(&absolute) else { continue };
        if !facts.is_file() {
            continue;
        }
        sizes.push((path.as_str(), facts.len()));
        if path.ends_with(".rs") {
            violations.extend(sources::check_rust(
                &read(&absolute)?,
                owner(&metadata.packages, &absolute).as_ref(),
            ));
        } else if path.ends_with(".py") {
            violations.extend(sources::check_python(&read(&absolute)?));
        }
    }
    violations.extend(files::check_sizes(&sizes));
    violations.extend(files::check_required(&sizes));
    Ok(violations)
}

/// The crate whose folder holds the file.
fn owner<'a>(packages: &'a [Package], file: &Path) -> Option<Owner<'a>> {
    let package = packages.iter().find(|package| file.starts_with(package.folder()))?;
    Some(Owner { name: &package.name, folder: workspace::relative(package.folder()) })
}

fn read(path: &Path) -> Result<TextFile, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::io("read", path, &error))?;
    Ok(TextFile { path: workspace::relative(path), text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_shows_file_line_problem_and_remedy() {
        let mut violation = Violation {
            path: "a/b.rs".into(),
            line: Some(7),
            problem: "too long".into(),
            remedy: "split it",
        };
        assert_eq!(violation.to_string(), "a/b.rs:7: too long\n    split it");
        violation.line = None;
        assert_eq!(violation.to_string(), "a/b.rs: too long\n    split it");
    }

    #[test]
    fn a_file_belongs_to_the_crate_around_it() {
        let packages = workspace::metadata().unwrap().packages;
        let found = owner(&packages, &workspace::root().join("xtask/src/main.rs"));
        assert_eq!(found, Some(Owner { name: "xtask", folder: "xtask".into() }));
        assert_eq!(owner(&packages, &workspace::root().join("README.md")), None);
    }
}
