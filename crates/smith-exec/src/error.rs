//! What can go wrong outside the program that is run.

use std::path::PathBuf;

/// Why a program could not be run at all. A program that ran and failed is no error: see
/// [`JobStatus`](crate::JobStatus).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecError {
    /// No usable Python was found. The text names every candidate and why it was refused.
    #[error("no usable Python (3.10 to 3.14, 64 bit) was found:\n{0}")]
    NoPython(String),
    /// Building the Python environment failed.
    #[error("the Python environment could not be built while {step}: {message}")]
    Provision {
        /// What was being done.
        step: String,
        /// The last lines of the installer, or what to do.
        message: String,
    },
    /// Packages could not be fetched.
    #[error(
        "the Python packages could not be fetched ({what}): a network, or a wheel directory named by \
         PIP_FIND_LINKS, is needed once; afterwards the environment is kept in {}",
        .cache.display()
    )]
    Offline {
        /// What could not be fetched, in the installer's words.
        what: String,
        /// Where environments are kept.
        cache: PathBuf,
    },
    /// No way to confine programs holds on this machine.
    #[error("no sandbox holds on this machine: {problems}")]
    NoSandbox {
        /// What is wrong with each.
        problems: String,
    },
    /// The sandbox or the machine failed, and the program was not run or not to its end.
    #[error("the program was not run: {message}")]
    NotRun {
        /// The step that failed.
        message: String,
    },
    /// A file or directory could not be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A program could not be started.
    #[error("{program} could not be started: {source}")]
    Spawn {
        /// The program.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A limit could not be set, so the program was killed instead of being run without it.
    #[error("the limit on {what} could not be set: {source}")]
    Limit {
        /// Which limit.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The task itself is at fault: a part of it is missing, or its metric cannot be used.
    #[error("the task cannot be used: {message}")]
    Task {
        /// What is wrong with it.
        message: String,
    },
    /// What the caller asked for cannot be done; the text says why and what to do.
    #[error("{0}")]
    Mistake(String),
}

impl ExecError {
    /// True when the caller has to change what it asked for; false for a fault of the machine.
    #[must_use]
    pub fn is_mistake(&self) -> bool {
        matches!(self, Self::Mistake(_) | Self::NoPython(_) | Self::NoSandbox { .. })
    }

    /// Names the path at which an input or output error happened: `map_err(ExecError::io(path))`.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { path: path.into(), source }
    }
}
