//! `run_shell` and `run_python`: programs in the work directory, under limits.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use smith_exec::{ExecError, JobResult, Limits, Runtime};
use smith_llm::ToolSpec;

use crate::tool::{Effect, Tool, ToolError, integer, text};
use crate::workspace::Workspace;

/// Runs a shell command.
pub struct RunShell {
    workspace: Workspace,
    runtime: Runtime,
    limits: Limits,
}

impl RunShell {
    /// The tool for one work directory; a call may ask for less time than `limits` gives, never for more.
    #[must_use]
    pub fn new(workspace: Workspace, runtime: Runtime, limits: Limits) -> Self {
        Self { workspace, runtime, limits }
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
        render(result)
    }
}

/// Runs Python code or a Python file.
pub struct RunPython {
    workspace: Workspace,
    runtime: Runtime,
    limits: Limits,
}

impl RunPython {
    /// The tool for one work directory; a call may ask for less time than `limits` gives, never for more.
    #[must_use]
    pub fn new(workspace: Workspace, runtime: Runtime, limits: Limits) -> Self {
        Self { workspace, runtime, limits }
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
            (code, "") => render(self.runtime.run_code(root, code, limits).await),
            ("", file) => {
                let path = self.workspace.resolve(file)?;
                if !path.is_file() {
                    return Err(ToolError::reply(format!("There is no file \"{file}\".")));
                }
                render(self.runtime.run_file(root, &path, &[], limits).await)
            }
            _ => Err(ToolError::reply("Give \"code\" or \"file\", not both.")),
        }
    }
}

fn shortened(limits: Limits, arguments: &Value) -> Limits {
    let asked = integer(arguments, "timeout_seconds").map_or(limits.wall, Duration::from_secs);
    Limits { wall: limits.wall.min(asked), ..limits }
}

/// Exit status first, so that a model sees it even when the output is cut. A failed program is a
/// result, not an error of the tool.
fn render(result: Result<JobResult, ExecError>) -> Result<String, ToolError> {
    let result = result.map_err(|error| ToolError::Fault(error.to_string()))?;
    let mut out = format!("status: {}\n", result.status);
    for (name, stream) in [("stdout", &result.stdout), ("stderr", &result.stderr)] {
        if !stream.text.trim().is_empty() {
            out.push_str(&format!("{name}:\n{}\n", stream.text.trim_end()));
        }
    }
    Ok(out)
}
