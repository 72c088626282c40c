//! Why a chore ended early, and the exit code that says so.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

/// The two ways to fail; the exit codes are those of the program smith.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The chore ran and the repository does not pass: exit code 1.
    Refused(String),
    /// A program or file that the chore needs could not be used: exit code 3.
    Fault(String),
}

impl Failure {
    /// A file that could not be read or written.
    pub(crate) fn io(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::Fault(format!("cannot {doing} {}: {error}", path.display()))
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Refused(_) => ExitCode::from(1),
            Self::Fault(_) => ExitCode::from(3),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(message) | Self::Fault(message) => f.write_str(message),
        }
    }
}
