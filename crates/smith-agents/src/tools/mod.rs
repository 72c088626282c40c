//! The tools of the generating agents, all confined to one work directory.

mod files;
mod list;
mod read;
mod run;

pub use files::{EditFile, WriteFile};
pub use list::ListDirectory;
pub use read::ReadFile;
pub use run::{RunPython, RunShell};

use std::time::Duration;

use smith_exec::{Limits, Runtime};

use crate::outputs::Outputs;
use crate::tool::Tool;
use crate::workspace::Workspace;

/// Limits of one program that an agent runs: ten minutes, 8 GiB, and as much text of each stream as is kept in a file. A
/// prompt bears less: what the model is shown of a stream is half of [`MAX_OUTPUT`](crate::MAX_OUTPUT).
#[must_use]
pub fn default_limits() -> Limits {
    Limits {
        wall: Duration::from_secs(600),
        memory_bytes: 8 << 30,
        output_bytes: 64 << 20,
        kept_bytes: 1 << 20,
        file_bytes: 16 << 30,
        disk_bytes: 64 << 30,
        ..Limits::default()
    }
}

/// Everything that Brainstormer, Designer and Refactor work with.
#[must_use]
pub fn standard(workspace: &Workspace, runtime: &Runtime, limits: Limits) -> Vec<Box<dyn Tool>> {
    standard_keeping(workspace, runtime, limits, &Outputs::new(workspace.clone()))
}

/// As [`standard`], with long outputs of programs kept in `outputs`.
pub(crate) fn standard_keeping(
    workspace: &Workspace,
    runtime: &Runtime,
    limits: Limits,
    outputs: &Outputs,
) -> Vec<Box<dyn Tool>> {
    vec![
        Box::new(ListDirectory::new(workspace.clone())),
        Box::new(ReadFile::new(workspace.clone())),
        Box::new(WriteFile::new(workspace.clone())),
        Box::new(EditFile::new(workspace.clone())),
        Box::new(RunShell::new(workspace.clone(), runtime.clone(), limits).keeping(outputs.clone())),
        Box::new(RunPython::new(workspace.clone(), runtime.clone(), limits).keeping(outputs.clone())),
    ]
}

/// Names of the tools whose results are the output of programs and may differ in detail between machines.
pub const PROGRAM_TOOLS: [&str; 4] = ["run_shell", "run_python", "validate_code", "execute_code"];
