//! What a client may ask of a session, and what becomes of it. A field that a session's
//! [`EnvironmentConfig`] gets is offered to clients here, in [`Creation`] and [`Creation::config`], and
//! described in `openapi.json`; nothing else has to know.

use std::path::PathBuf;
use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Number;

use super::dialect::Dialect;
use super::options::ServerOptions;
use super::refusal::Refusal;
use super::reply;
use super::tasks::ServedTask;
use crate::environment::FeedbackMode;
use crate::{EnvironmentConfig, Limits};

/// Longest time that a session can be given where the server sets no maximum.
const LONGEST: Duration = Duration::from_secs(u32::MAX as u64);

/// Body of `POST /v1/sessions`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Creation {
    /// Id of a task.
    pub(super) task: String,
    #[serde(default, deserialize_with = "whole")]
    max_steps: Option<u32>,
    #[serde(default)]
    max_seconds: Option<f64>,
    #[serde(default)]
    feedback: Option<FeedbackMode>,
    #[serde(default, deserialize_with = "whole")]
    seed: Option<u64>,
    #[serde(default)]
    dialect: Option<Dialect>,
    #[serde(default, deserialize_with = "reply::object")]
    script_limits: Option<ScriptLimits>,
}

/// What one script may spend, as it is written in JSON. As a wish, what is left out is the server's maximum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ScriptLimits {
    wall_seconds: Option<f64>,
    cpu_seconds: Option<f64>,
    #[serde(deserialize_with = "whole")]
    memory_bytes: Option<u64>,
    #[serde(deserialize_with = "whole")]
    disk_bytes: Option<u64>,
    #[serde(deserialize_with = "whole")]
    file_bytes: Option<u64>,
    #[serde(deserialize_with = "whole")]
    output_bytes: Option<u64>,
    #[serde(deserialize_with = "whole")]
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
        config.max_time = match (self.max_seconds, options.max_time) {
            (None, most) => most,
            (wanted, most) => Some(seconds("max_seconds", wanted, most.unwrap_or(LONGEST))?),
        };
        config.feedback = self.feedback(options.feedback)?;
        config.seed = self.seed;
        config.limits = self.script_limits.unwrap_or_default().within(options.limits)?;
        config.grader = Some(task.grader.clone());
        config.higher_is_better = Some(task.higher_is_better);
        Ok(config)
    }

    /// How the answers to the session's steps are written.
    pub(super) fn dialect(&self) -> Dialect {
        self.dialect.unwrap_or_default()
    }

    /// What the agent is told about its submissions: what is asked for, if that is no more than what is imposed.
    fn feedback(&self, imposed: Option<FeedbackMode>) -> Result<FeedbackMode, Refusal> {
        let most = imposed.unwrap_or_default();
        match self.feedback {
            Some(wanted) if !wanted.shows_no_more_than(most) => Err(Refusal::bad_request(format!(
                "feedback is {wanted}; this server shows no more than {most}"
            ))),
            wanted => Ok(wanted.unwrap_or(most)),
        }
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

/// A whole number, which JSON may also write as `3.0`, or nothing.
fn whole<'de, D: Deserializer<'de>, T: TryFrom<u64>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let Some(number) = Option::<Number>::deserialize(deserializer)? else { return Ok(None) };
    // Up to here every whole number has a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let float = number.as_f64().filter(|float| float.fract() == 0.0 && (0.0..=EXACT).contains(float));
    let value = number.as_u64().or_else(|| float.map(|float| float as u64));
    let fitting = value.and_then(|value| T::try_from(value).ok());
    fitting.map(Some).ok_or_else(|| D::Error::custom(format!("{number} is no whole number that fits here")))
}

fn seconds(name: &str, wanted: Option<f64>, most: Duration) -> Result<Duration, Refusal> {
    let Some(wanted) = wanted else { return Ok(most) };
    let wanted = within(name, wanted, most.as_secs_f64(), 0.001)?;
    Duration::try_from_secs_f64(wanted).map_err(|error| Refusal::bad_request(format!("{name}: {error}")))
}

fn within<T: Copy + PartialOrd + std::fmt::Display>(
    name: &str,
    wanted: T,
    most: T,
    least: T,
) -> Result<T, Refusal> {
    if wanted >= least && wanted <= most {
        return Ok(wanted);
    }
    Err(Refusal::bad_request(format!("{name} is {wanted}; this server gives {least} to {most}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_numbers_have_several_spellings() {
        let steps = |value: serde_json::Value| {
            serde_json::from_value::<Creation>(json!({"task": "x", "max_steps": value}))
                .map(|wish| wish.max_steps)
        };
        for (value, read) in [
            (json!(3), Some(3)),
            (json!(3.0), Some(3)),
            (json!(4e9), Some(4_000_000_000)),
            (json!(null), None),
        ] {
            assert_eq!(steps(value.clone()).unwrap(), read, "{value}");
        }
        for value in [
            json!(3.5),
            json!(-1),
            json!(-1.0),
            json!(4_294_967_296_u64),
            json!(1e300),
            json!("3"),
            json!([]),
        ] {
            assert!(steps(value.clone()).is_err(), "{value}");
        }
    }
}
