//! What a client may ask of a session, and what becomes of it. A field that a session's
//! [`EnvironmentConfig`] gets is offered to clients here, in [`Creation`] and [`Creation::config`], and
//! described in `openapi.json`; nothing else has to know.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::options::ServerOptions;
use super::refusal::Refusal;
use super::tasks::ServedTask;
use crate::{EnvironmentConfig, Limits};

/// Body of `POST /v1/sessions`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Creation {
    /// Id of a task.
    pub(super) task: String,
    #[serde(default)]
    max_steps: Option<u32>,
    #[serde(default)]
    script_limits: Option<ScriptLimits>,
}

/// What one script may spend, as it is written in JSON. As a wish, what is left out is the server's maximum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ScriptLimits {
    wall_seconds: Option<f64>,
    cpu_seconds: Option<f64>,
    memory_bytes: Option<u64>,
    disk_bytes: Option<u64>,
    file_bytes: Option<u64>,
    output_bytes: Option<u64>,
    processes: Option<u32>,
}

impl Creation {
    /// The session's configuration, with its directory at `workdir`.
    ///
    /// # Errors
    /// When more is asked than the server gives, or less than anything can do with.
    pub(super) fn config(
        &self,
        task: &ServedTask,
        workdir: PathBuf,
        options: &ServerOptions,
    ) -> Result<EnvironmentConfig, Refusal> {
        let mut config = EnvironmentConfig::new(task.name.clone(), task.layout.clone(), workdir);
        config.max_steps = match (self.max_steps, options.max_steps) {
            (Some(wanted), most) => Some(within("max_steps", wanted, most.unwrap_or(u32::MAX), 1)?),
            (None, most) => most,
        };
        config.limits = self.script_limits.unwrap_or_default().within(options.limits)?;
        config.grader = Some(task.grader.clone());
        config.higher_is_better = Some(task.higher_is_better);
        Ok(config)
    }
}

impl ScriptLimits {
    /// How a client is told these limits.
    pub(super) fn of(limits: &Limits) -> Self {
        Self {
            wall_seconds: Some(limits.wall.as_secs_f64()),
            cpu_seconds: Some(limits.cpu.as_secs_f64()),
            memory_bytes: Some(limits.memory_bytes),
            disk_bytes: Some(limits.disk_bytes),
            file_bytes: Some(limits.file_bytes),
            output_bytes: Some(limits.output_bytes),
            processes: Some(limits.processes),
        }
    }

    fn within(self, most: Limits) -> Result<Limits, Refusal> {
        fn bytes(name: &str, wanted: Option<u64>, most: u64) -> Result<u64, Refusal> {
            wanted.map_or(Ok(most), |wanted| within(name, wanted, most, 1))
        }
        let processes = match self.processes {
            Some(wanted) => within("script_limits.processes", wanted, most.processes, 1)?,
            None => most.processes,
        };
        Ok(Limits {
            wall: seconds("script_limits.wall_seconds", self.wall_seconds, most.wall)?,
            cpu: seconds("script_limits.cpu_seconds", self.cpu_seconds, most.cpu)?,
            memory_bytes: bytes("script_limits.memory_bytes", self.memory_bytes, most.memory_bytes)?,
            disk_bytes: bytes("script_limits.disk_bytes", self.disk_bytes, most.disk_bytes)?,
            file_bytes: bytes("script_limits.file_bytes", self.file_bytes, most.file_bytes)?,
            output_bytes: bytes("script_limits.output_bytes", self.output_bytes, most.output_bytes)?,
            processes,
            kept_bytes: most.kept_bytes,
        })
    }
}

fn seconds(name: &str, wanted: Option<f64>, most: Duration) -> Result<Duration, Refusal> {
    let Some(wanted) = wanted else { return Ok(most) };
    let wanted = within(name, wanted, most.as_secs_f64(), 0.001)?;
    Duration::try_from_secs_f64(wanted).map_err(|error| Refusal::bad_request(format!("{name}: {error}")))
}

fn within<T: PartialOrd + std::fmt::Display>(name: &str, wanted: T, most: T, least: T) -> Result<T, Refusal> {
    if wanted >= least && wanted <= most {
        return Ok(wanted);
    }
    Err(Refusal::bad_request(format!("{name} is {wanted}; this server gives {least} to {most}")))
}
