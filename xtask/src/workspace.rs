//! What cargo and git know of the workspace.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::failure::Failure;
use crate::process;

/// The part of `cargo metadata` that the chores read.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    /// The workspace's own crates, and only those.
    pub(crate) packages: Vec<Package>,
    pub(crate) target_directory: PathBuf,
}

/// One crate of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
    /// Registries that the crate may go to; none at all for `publish = false`.
    publish: Option<Vec<String>>,
}

impl Package {
    pub(crate) fn is_published(&self) -> bool {
        self.publish.as_ref().is_none_or(|registries| !registries.is_empty())
    }

    /// The crate's folder.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }

    /// The file that a library crate begins with.
    pub(crate) fn library_root(&self) -> Option<&Path> {
        let library = self.targets.iter().find(|target| target.kind.iter().any(|kind| kind == "lib"))?;
        Some(&library.src_path)
    }
}

/// One entry of a crate's dependency tables.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    /// The name in the registry, also when the crate renames it.
    pub(crate) name: String,
    /// `dev` or `build`; nothing for an ordinary dependency.
    kind: Option<String>,
}

impl Dependency {
    pub(crate) fn is_dev(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

/// A library, program or test of a crate.
#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    kind: Vec<String>,
    src_path: PathBuf,
}

/// The workspace's root folder: this crate lies directly in it.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

pub(crate) fn metadata() -> Result<Metadata, Failure> {
    let json = process::output(process::cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    serde_json::from_str(&json)
        .map_err(|error| Failure::Fault(format!("cannot read cargo's metadata: {error}")))
}

/// Every file that git tracks or would track, relative to the root; new files count before they are added.
pub(crate) fn tracked_files() -> Result<Vec<String>, Failure> {
    let listing = process::output(process::program("git").args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    Ok(listing.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

/// The path relative to the root, with forward slashes, as reports show it.
pub(crate) fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_crate_is_read_from_cargo_as_unpublished_without_a_library() {
        let metadata = metadata().unwrap();
        let own = metadata.packages.iter().find(|package| package.name == "xtask").unwrap();
        assert!(!own.is_published());
        assert_eq!(own.library_root(), None);
        assert_eq!(relative(&own.manifest_path), "xtask/Cargo.toml");
    }

    #[test]
    fn this_file_is_among_the_tracked_ones_and_build_output_is_not() {
        let files = tracked_files().unwrap();
        assert!(files.iter().any(|path| path == "xtask/src/workspace.rs"));
        assert!(files.iter().all(|path| !path.starts_with("target/")));
    }
}
