//! The same names where no sandbox can be: programs above need no knowledge of the platform.

use std::convert::Infallible;
use std::path::Path;
use std::process::ExitCode;

use async_trait::async_trait;

pub use self::options::ContainerOptions;
use crate::{ExecError, Guards, Job, JobResult, PythonEnv, Sandbox, Tier, TierReport};

#[path = "../container/options.rs"]
mod options;

/// Nothing to do: nobody starts this program to be a launcher.
#[must_use]
pub fn enter_if_asked() -> Option<ExitCode> {
    None
}

/// Cgroups for jobs, of which there are none on this system.
#[derive(Debug, Clone)]
pub struct Cgroups(Infallible);

/// Why there are no cgroups for jobs.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NotDelegated {
    /// What is in the way.
    pub problem: String,
    /// What usually helps.
    pub remedy: String,
}

impl Cgroups {
    /// Says that there are none.
    ///
    /// # Errors
    /// Always.
    pub fn take_over() -> Result<Self, NotDelegated> {
        let problem = format!("{} has no cgroups", std::env::consts::OS);
        Err(NotDelegated { problem, remedy: String::new() })
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
    pub async fn survey(_cgroups: Option<&Cgroups>) -> Result<Vec<TierReport>, ExecError> {
        Ok(Vec::new())
    }

    /// Like [`Jail::survey`].
    ///
    /// # Errors
    /// None here.
    pub async fn survey_with(
        _launcher: &Path,
        _cgroups: Option<&Cgroups>,
    ) -> Result<Vec<TierReport>, ExecError> {
        Self::survey(None).await
    }

    /// Like [`Jail::strongest`].
    ///
    /// # Errors
    /// As [`Jail::strongest`].
    pub async fn best_effort(
        _tiers: &[Tier],
        python: &PythonEnv,
        cgroups: Option<&Cgroups>,
    ) -> Result<Self, ExecError> {
        Self::strongest(python, cgroups).await
    }

    /// Like [`Jail::strongest`].
    ///
    /// # Errors
    /// As [`Jail::strongest`].
    pub async fn strongest_of(
        _tiers: &[Tier],
        python: &PythonEnv,
        cgroups: Option<&Cgroups>,
    ) -> Result<Self, ExecError> {
        Self::strongest(python, cgroups).await
    }

    /// The strongest sandbox: there is none.
    ///
    /// # Errors
    /// [`ExecError::NoSandbox`] always.
    pub async fn strongest(_python: &PythonEnv, _cgroups: Option<&Cgroups>) -> Result<Self, ExecError> {
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

/// A sandbox in a container. The program that is the first process of containers is one of Linux.
#[derive(Debug, Clone)]
pub struct Container(Infallible);

impl Container {
    /// Says that there is none.
    ///
    /// # Errors
    /// None here.
    pub async fn probe(_options: &ContainerOptions) -> Result<TierReport, ExecError> {
        Ok(TierReport {
            tier: Tier::Container,
            holds: false,
            guards: Guards::default(),
            problem: format!("smith starts no containers on {}", std::env::consts::OS),
            remedy: "run smith on Linux".to_owned(),
        })
    }

    /// A sandbox of containers: there is none.
    ///
    /// # Errors
    /// [`ExecError::NoSandbox`] always.
    pub async fn holding(options: &ContainerOptions, _python: &PythonEnv) -> Result<Self, ExecError> {
        Err(ExecError::NoSandbox { problems: format!("container: {}", Self::probe(options).await?.problem) })
    }
}

#[async_trait]
impl Sandbox for Container {
    async fn run(&self, _job: Job) -> Result<JobResult, ExecError> {
        match self.0 {}
    }
}
