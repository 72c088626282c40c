//! One module a verb.

pub(crate) mod agreement;
pub(crate) mod corpus;
pub(crate) mod curves;
pub(crate) mod doctor;
pub(crate) mod elo;
pub(crate) mod env;
pub(crate) mod evaluate;
pub(crate) mod explain;
pub(crate) mod grade;
pub(crate) mod profile;
pub(crate) mod quality;
pub(crate) mod record_conformance;
pub(crate) mod review_bench;
pub(crate) mod rules;
pub(crate) mod run_pipeline;
pub(crate) mod verify;

use serde::Serialize;
use smith_core::exec::Runtime;
use smith_core::{Machine, MachineOptions, SmithError};

use crate::provisioning::ProvisionBar;

/// A runtime for one command.
async fn runtime(machine: &MachineOptions) -> Result<Runtime, SmithError> {
    let machine = Machine::provision(machine, &ProvisionBar::default()).await?;
    Ok(machine.runtime(&format!("smith-{}", std::process::id())))
}

/// The one JSON document that a command prints.
fn print_json(value: &impl Serialize) -> Result<(), SmithError> {
    let text = serde_json::to_string_pretty(value).map_err(|error| SmithError::Fault(error.to_string()))?;
    say(text + "\n")
}

/// Prints a result on stdout. Whoever reads it may stop before its end, as `head` does; that is no failure.
fn say(text: impl std::fmt::Display) -> Result<(), SmithError> {
    use std::io::{ErrorKind, Write};
    let mut out = std::io::stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(SmithError::Fault(format!("stdout cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}
