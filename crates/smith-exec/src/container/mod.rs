//! A sandbox in a container of Docker or Podman, for machines that give no other.
//!
//! Each job gets a container of its own with nothing in it but what it was granted, at the paths that it has
//! outside: the system's own directories are bound into an empty image, so that no registry is asked for
//! anything. The container's first process is the launcher of the other tiers, which adds their filter of system
//! calls, their limits and, where the kernel has it, Landlock. It waits; what is in force is then read back from
//! the engine and from `/proc`, and only when it satisfies the [`Policy`] may the job begin.
//!
//! Whoever may talk to the daemon of Docker is as good as root on its machine; no socket of an engine is ever
//! within reach of a job.

mod attest;
mod cgroup;
mod end;
mod engine;
mod gate;
mod inspect;
mod keeper;
mod mounts;
mod options;
mod probe;
mod run;

use std::path::PathBuf;

use async_trait::async_trait;

use self::engine::{Engine, Refusal};
pub use self::options::ContainerOptions;
use crate::jail::own_launcher;
use crate::{ExecError, Job, JobResult, Policy, Sandbox};

/// A sandbox that runs each job in a container.
#[derive(Debug, Clone)]
pub struct Container {
    engine: Engine,
    image: Image,
    /// As it is called on this machine, without links.
    launcher: PathBuf,
    policy: Policy,
}

/// What a container is made from.
#[derive(Debug, Clone)]
enum Image {
    /// Nothing: the system of this machine is bound into it.
    Empty(String),
    /// An image of the caller's, with a system of its own.
    Given(String),
}

impl Image {
    fn name(&self) -> &str {
        match self {
            Self::Empty(name) | Self::Given(name) => name,
        }
    }
}

impl Container {
    /// Finds the engine, sees to it that the image is there, and removes containers of supervisors that are gone.
    ///
    /// # Errors
    /// [`ExecError::NoSandbox`] when no engine answers or the image is missing; it says what can be done. A mistake
    /// when there is no launcher.
    pub async fn open(options: &ContainerOptions, policy: Policy) -> Result<Self, ExecError> {
        Self::find(options, policy).await?.map_err(|refusal| ExecError::NoSandbox {
            problems: format!("container: {}; {}", refusal.problem, refusal.remedy),
        })
    }

    async fn find(options: &ContainerOptions, policy: Policy) -> Result<Result<Self, Refusal>, ExecError> {
        let launcher = options.launcher.clone().map_or_else(own_launcher, Ok)?;
        let launcher = std::fs::canonicalize(&launcher).map_err(ExecError::io(launcher))?;
        Ok(Self::with(options, launcher, policy).await)
    }

    async fn with(options: &ContainerOptions, launcher: PathBuf, policy: Policy) -> Result<Self, Refusal> {
        let engine = Engine::find(options).await?;
        let image = match &options.image {
            Some(name) => Image::Given(engine.require_image(name).await?),
            None => Image::Empty(engine.empty_image().await?),
        };
        engine.sweep().await;
        Ok(Self { engine, image, launcher, policy })
    }
}

#[async_trait]
impl Sandbox for Container {
    async fn run(&self, job: Job) -> Result<JobResult, ExecError> {
        // A container has no way to show a directory elsewhere and take its changes.
        run::run(self, &job.with_copies().await?).await
    }
}
