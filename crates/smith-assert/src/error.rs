//! What can go wrong while a task is being checked. A defect of the task is never an error but a finding.

use std::path::{Path, PathBuf};

use smith_exec::ExecError;

/// Why checking could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AssertError {
    /// A script could not be run at all.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// A file of the task or of the scratch directory could not be read or written.
    #[error("{}: {source}; check that it is readable, and that the scratch directory has space", .path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A rule did not come to its end: an error in its own code.
    #[error("a rule broke down: {0}; please report it")]
    Broken(String),
    /// No fault: the rule has nothing to stand on (no runtime, no `raw/`, an earlier rule failed).
    /// [`Catalogue::check`](crate::Catalogue::check) notes it in [`Outcome::skipped`](crate::Outcome::skipped)
    /// and goes on; it never returns this.
    #[error("not run: {0}")]
    NotRun(String),
}

impl AssertError {
    /// Names the path at which an input or output error happened: `map_err(AssertError::io(path))`.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { path: path.to_path_buf(), source }
    }

    /// The rule cannot be run, because of `why`.
    pub(crate) fn not_run(why: impl Into<String>) -> Self {
        Self::NotRun(why.into())
    }
}
