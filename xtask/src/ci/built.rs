//! The workspace as its tests are built, and the programs that lie there.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::{process, workspace};

/// What all tests are made of. `cargo run --package` would choose other features of the dependencies and compile most of
/// them, and every crate of the workspace, once more.
const BUILD: &str = "build --workspace --all-features --lib --bins --tests --examples";

/// Builds what is out of date.
pub(super) fn build() -> Result<(), Failure> {
    process::check(process::cargo().args(BUILD.split(' ')))
}

/// Where a program of the workspace lies, which is built before where it is out of date.
pub(super) fn program(name: &str) -> Result<PathBuf, Failure> {
    build()?;
    let folder = workspace::metadata()?.target_directory.join("debug");
    Ok(folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}
