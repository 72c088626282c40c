//! `run_shell` and `run_python`: programs in the work directory, under limits.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use smith_exec::{ExecError, JobResult, Limits, Runtime};
use smith_llm::ToolSpec;

use crate::outputs::Outputs;
use crate::tool::{Effect, Tool, ToolError, integer, text};
use crate::toolbox::{MAX_OUTPUT, WHOLE, cut_middle};
use crate::workspace::Workspace;

/// Runs a shell command.
pub struct RunShell {
    workspace: Workspace,
    runtime: Runtime,
    limits: Limits,
    outputs: Outputs,
}

impl RunShell {
    /// The tool for one work directory; a call may ask for less time than `limits` gives, never for more.
    #[must_use]
    pub fn new(workspace: Workspace, runtime: Runtime, limits: Limits) -> Self {
        let outputs = Outputs::new(workspace.clone());
        Self { workspace, runtime, limits, outputs }
    }

    /// With long outputs kept beside those of other tools.
    pub(super) fn keeping(mut self, outputs: Outputs) -> Self {
        self.outputs = outputs;
        self
    }
}

#[async_trait]
impl Tool for RunShell {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "run_shell".to_owned(),
            description:
                "Runs a shell command in the work directory and gives its exit status, stdout and stderr."
                    .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "command": {"type": "string", "minLength": 1},
                    "timeout_seconds": {"type": "integer", "minimum": 1, "description": "Wall time; the longest allowed when left out."}
                },
                "required": ["command"],
                "additionalProperties": false
            }),
        }
    }

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    async fn call(&self, arguments: &Value) -> Result<String, ToolError> {
        let limits = shortened(self.limits, arguments);
        let result = self.runtime.run_shell(self.workspace.root(), text(arguments, "command"), limits).await;
        render(result, &self.outputs)
    }
}

/// Runs Python code or a Python file.
pub struct RunPython {
    workspace: Workspace,
    runtime: Runtime,
    limits: Limits,
    outputs: Outputs,
}

impl RunPython {
    /// The tool for one work directory; a call may ask for less time than `limits` gives, never for more.
    #[must_use]
    pub fn new(workspace: Workspace, runtime: Runtime, limits: Limits) -> Self {
        let outputs = Outputs::new(workspace.clone());
        Self { workspace, runtime, limits, outputs }
    }

    /// With long outputs kept beside those of other tools.
    pub(super) fn keeping(mut self, outputs: Outputs) -> Self {
        self.outputs = outputs;
        self
    }
}

#[async_trait]
impl Tool for RunPython {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "run_python".to_owned(),
            description: "Runs Python in the work directory, either code given here or a file, and gives its exit status, stdout and stderr. Each call is a new process.".to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "code": {"type": "string", "description": "Python source to run."},
                    "file": {"type": "string", "description": "Instead of code: a Python file, relative to the work directory."},
                    "timeout_seconds": {"type": "integer", "minimum": 1, "description": "Wall time; the longest allowed when left out."}
                },
                "additionalProperties": false
            }),
        }
    }

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    async fn call(&self, arguments: &Value) -> Result<String, ToolError> {
        let limits = shortened(self.limits, arguments);
        let root = self.workspace.root();
        match (text(arguments, "code"), text(arguments, "file")) {
            ("", "") => Err(ToolError::reply("Give either \"code\" or \"file\".")),
            (code, "") => render(self.runtime.run_code(root, code, limits).await, &self.outputs),
            ("", file) => {
                let path = self.workspace.resolve(file)?;
                if !path.is_file() {
                    return Err(ToolError::reply(format!("There is no file \"{file}\".")));
                }
                render(self.runtime.run_file(root, &path, &[], limits).await, &self.outputs)
            }
            _ => Err(ToolError::reply("Give \"code\" or \"file\", not both.")),
        }
    }
}

fn shortened(limits: Limits, arguments: &Value) -> Limits {
    let asked = integer(arguments, "timeout_seconds").map_or(limits.wall, Duration::from_secs);
    Limits { wall: limits.wall.min(asked), ..limits }
}

/// Bytes of each stream that the model is shown.
const SHOWN: usize = MAX_OUTPUT / 2;

/// Bytes of a stream from which it is kept whole. What lies between is run again more cheaply than read in pieces, and
/// recordings hold such results as they are.
const KEPT_FROM: usize = 32 << 10;

/// Exit status first, so that a model sees it even when the output is cut. A failed program is a
/// result, not an error of the tool. Of a stream that is too long the middle is left out; a very long one is kept whole.
fn render(result: Result<JobResult, ExecError>, outputs: &Outputs) -> Result<String, ToolError> {
    let result = result.map_err(|error| ToolError::Fault(error.to_string()))?;
    let streams = [("stdout", &result.stdout.text), ("stderr", &result.stderr.text)];
    let mut shown = told(&result, streams.map(|(name, text)| (name, cut_middle(text, SHOWN))));
    if streams.iter().any(|(_, text)| text.len() > KEPT_FROM)
        && let Some(path) = outputs.keep(&told(&result, streams.map(|(name, text)| (name, text.clone()))))
    {
        shown.push_str(&format!("{WHOLE}{path}: read_file shows any part of it.\n"));
    }
    Ok(shown)
}

fn told(result: &JobResult, streams: [(&str, String); 2]) -> String {
    let mut out = format!("status: {}\n", result.status);
    for (name, text) in streams {
        if !text.trim().is_empty() {
            out.push_str(&format!("{name}:\n{}\n", text.trim_end()));
        }
    }
    out
}
