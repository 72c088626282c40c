//! What a tool is: a name, a schema and one function.

use std::path::PathBuf;

use async_trait::async_trait;
use serde_json::Value;
use smith_llm::ToolSpec;

/// Whether a call changes anything. After a crash, calls that only read need not be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Looks, and leaves everything as it was.
    Reads,
    /// May change the work directory or the environment's state.
    Changes,
}

/// Why a tool call gave no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ToolError {
    /// Goes back to the model as an error that it can act on; the conversation goes on.
    #[error("{0}")]
    Reply(String),
    /// The infrastructure failed; the stage stops.
    #[error("{0}")]
    Fault(String),
}

impl ToolError {
    /// An error for the model.
    pub fn reply(text: impl Into<String>) -> Self {
        Self::Reply(text.into())
    }
}

/// Something that an agent can do.
#[async_trait]
pub trait Tool: Send + Sync {
    /// Name, description and JSON schema of the arguments.
    fn spec(&self) -> ToolSpec;

    /// Whether a call may change anything.
    fn effect(&self) -> Effect;

    /// Carries out one call. The arguments have been checked against the schema.
    ///
    /// # Errors
    /// [`ToolError::Reply`] when the model should try something else, [`ToolError::Fault`] when the
    /// machine is at fault.
    async fn call(&self, arguments: &Value) -> Result<String, ToolError>;
}

/// A string argument; empty when it is absent. The schema has made sure that it is a string.
pub(crate) fn text<'a>(arguments: &'a Value, name: &str) -> &'a str {
    arguments.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// An integer argument, if present.
pub(crate) fn integer(arguments: &Value, name: &str) -> Option<u64> {
    arguments.get(name).and_then(Value::as_u64)
}

/// A fault with the path it concerns.
pub(crate) fn io_fault(path: &std::path::Path, error: &std::io::Error) -> ToolError {
    let name = path.file_name().map_or_else(PathBuf::new, PathBuf::from);
    ToolError::Fault(format!("{}: {error}", name.display()))
}
