//! The same names where no sandbox can be: programs above need no knowledge of the platform.

use std::convert::Infallible;
use std::path::Path;
use std::process::ExitCode;

use async_trait::async_trait;
use serde::Serialize;

use crate::{ExecError, Guarantee, Guards, Job, JobResult, PythonEnv, Sandbox, Tier};

/// Nothing to do: nobody starts this program to be a launcher.
#[must_use]
pub fn enter_if_asked() -> Option<ExitCode> {
    None
}

/// What one tier gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TierReport {
    /// Which.
    pub tier: Tier,
    /// Whether jobs run in it with every guarantee, as far as the attempts show.
    pub holds: bool,
    /// What was read back.
    pub guards: Guards,
    /// The step that failed, or what an attempt achieved; empty when all is well.
    pub problem: String,
    /// What can be done about it; empty when nothing is known.
    pub remedy: String,
}

impl TierReport {
    /// Guarantees that do not hold.
    #[must_use]
    pub fn missing(&self) -> Vec<Guarantee> {
        self.guards.missing()
    }
}

/// A sandbox, of which there is none on this system.
#[derive(Debug, Clone)]
pub struct Jail(Infallible);

impl Jail {
    /// How jobs are confined.
    #[must_use]
    pub fn tier(&self) -> Tier {
        match self.0 {}
    }

    /// Tries every tier: there is none.
    ///
    /// # Errors
    /// None here.
    pub async fn survey() -> Result<Vec<TierReport>, ExecError> {
        Ok(Vec::new())
    }

    /// Like [`Jail::survey`].
    ///
    /// # Errors
    /// None here.
    pub async fn survey_with(_launcher: &Path) -> Result<Vec<TierReport>, ExecError> {
        Self::survey().await
    }

    /// The strongest sandbox: there is none.
    ///
    /// # Errors
    /// [`ExecError::NoSandbox`] always.
    pub async fn strongest(_python: &PythonEnv) -> Result<Self, ExecError> {
        Err(ExecError::NoSandbox {
            problems: format!("{} has none that smith can use", std::env::consts::OS),
        })
    }
}

#[async_trait]
impl Sandbox for Jail {
    async fn run(&self, _job: Job) -> Result<JobResult, ExecError> {
        match self.0 {}
    }
}
