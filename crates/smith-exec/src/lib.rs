//! Runs the code of machine-learning tasks: the scripts that prepare them, the metrics that score
//! them, and the programs of whoever tries to solve them.
//!
//! * [`Sandbox`] runs one [`Job`] within [`Limits`] and says how it ended. [`ChildProcess`] is the
//!   plain implementation; another one can take its place without a change above it.
//! * [`PythonEnv`] finds or builds a Python environment from a lock file that is part of this crate.
//! * [`Runtime`] joins the two: scripts, snippets, shell commands, `prepare.py`, `metric.py`.
//! * [`environment`] lets an agent act on a task step by step; `server` (a feature) offers that over HTTP.
//!
//! No program gets a variable of the caller's environment. When a job ends, its process group and every process
//! that still carries its mark are ended with it; a program that sheds both escapes a plain child process.
//! What a program does wrong is a [`JobStatus`] or a [`ScoreError`]; an [`ExecError`] means that it
//! could not be run.
//!
//! ```
//! use std::collections::BTreeMap;
//! use smith_exec::{ChildProcess, Job, JobStatus, Limits, Sandbox};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), smith_exec::ExecError> {
//! let sandbox = ChildProcess::new("my-program".to_owned());
//! let job = Job {
//!     argv: vec!["/bin/echo".into(), "hello".into()],
//!     cwd: "/".into(),
//!     env: BTreeMap::new(),
//!     limits: Limits::default(),
//!     readable: Vec::new(),
//!     writable: Vec::new(),
//!     replicas: Vec::new(),
//! };
//! let result = sandbox.run(job).await?;
//! assert_eq!(result.status, JobStatus::Ok);
//! assert_eq!(result.stdout.text, "hello\n");
//! # Ok(())
//! # }
//! ```
//!
//! With Python, built into the cache directory on the first call and found there on every later one:
//!
//! ```no_run
//! use std::{path::Path, sync::Arc};
//! use smith_exec::{ChildProcess, PythonEnv, PythonOptions, Runtime, Silent};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), smith_exec::ExecError> {
//! let mut options = PythonOptions::new("cache");
//! options.search_path = std::env::var_os("PATH");
//! let python = PythonEnv::ensure(&options, &Silent).await?;
//! let runtime = Runtime::new(python, Arc::new(ChildProcess::new("my-program".to_owned())));
//! let task = Path::new("task");
//! let scoring = runtime
//!     .score(&task.join("metric.py"), &task.join("test_answer.csv"), &[task.join("submission.csv")])
//!     .await?;
//! println!("{:?}", scoring.scores);
//! # Ok(())
//! # }
//! ```

#[cfg(all(target_os = "linux", feature = "testing"))]
#[doc(hidden)]
pub mod battery;
mod child;
mod confinement;
#[cfg(target_os = "linux")]
mod container;
mod copying;
pub mod environment;
mod error;
mod extract;
pub mod gate;
mod grade;
mod grader;
mod grader_pool;
mod grading;
#[cfg(target_os = "linux")]
mod jail;
#[cfg(not(target_os = "linux"))]
#[path = "jail/elsewhere.rs"]
mod jail;
mod own_program;
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "most of it serves the sandbox"))]
mod proc_stat;
mod python;
mod queue;
mod replica;
mod runtime;
mod sandbox;
mod score;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod testing;
mod trial;

pub use child::ChildProcess;
pub use confinement::{Confinement, Guarantee, Guards, Launch, Policy, Tier, TierReport};
#[cfg(target_os = "linux")]
pub use container::{Container, ContainerOptions};
pub use environment::{Action, Environment, EnvironmentConfig, History, Observation};
pub use error::ExecError;
pub use grade::Grade;
pub use grader::Grader;
pub use grader_pool::GraderPool;
pub use grading::Grading;
pub use jail::{Cgroups, Jail, NotDelegated, enter_if_asked};
#[cfg(not(target_os = "linux"))]
pub use jail::{Container, ContainerOptions};
pub use own_program::{OwnProgram, OwnProgramEnd};
pub use python::{
    EnvProfile, EnvSource, ProfileReport, ProvisionProgress, PythonEnv, PythonOptions, PythonReport, Silent,
};
pub use replica::Replica;
pub use runtime::{PrepareHow, Prepared, Runtime, Scorer};
pub use sandbox::{Captured, Job, JobResult, JobStatus, JobUsage, Limits, Sandbox, Worker};
pub use score::{Score, ScoreError, ScorePhase, Scoring};
pub use trial::{Trial, TrialLimits, Trials, Tried};
