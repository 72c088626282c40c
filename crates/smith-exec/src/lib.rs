//! Runs model-written Python: locked environment, sandbox trait, grading, interactive environment.

mod child;
pub mod environment;
mod error;
mod python;
mod runtime;
mod sandbox;
mod score;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod testing;

pub use child::ChildProcess;
// Adjusted together with `environment/`.
// pub use environment::{Action, Environment, EnvironmentConfig, History, Observation};
pub use error::ExecError;
pub use python::{ProvisionProgress, PythonEnv, PythonOptions, Silent};
pub use runtime::{PrepareHow, Runtime};
pub use sandbox::{Captured, Job, JobResult, JobStatus, JobUsage, Limits, Sandbox};
pub use score::{Score, ScoreError, ScorePhase, Scoring};
