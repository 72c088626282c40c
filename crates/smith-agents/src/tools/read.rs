//! `read_file`: text by range; tables, images and other data as a preview rather than bytes.

use async_trait::async_trait;
use serde_json::{Value, json};
use smith_data::PreviewOptions;
use smith_llm::ToolSpec;

use crate::tool::{Effect, Tool, ToolError, integer, text};
use crate::toolbox::MAX_OUTPUT;
use crate::workspace::Workspace;

/// Reads a file.
pub struct ReadFile {
    workspace: Workspace,
}

impl ReadFile {
    /// The tool for one work directory.
    #[must_use]
    pub fn new(workspace: Workspace) -> Self {
        Self { workspace }
    }
}

#[async_trait]
impl Tool for ReadFile {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "read_file".to_owned(),
            description: "Reads a file of the work directory. Text comes with line numbers, by range; a CSV, Parquet or image file comes as a preview (columns, types, size, first rows).".to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "path": {"type": "string", "description": "File, relative to the work directory."},
                    "first_line": {"type": "integer", "minimum": 1, "description": "First line to show, from 1."},
                    "lines": {"type": "integer", "minimum": 1, "maximum": 2000, "description": "How many lines; 200 when left out."}
                },
                "required": ["path"],
                "additionalProperties": false
            }),
        }
    }

    fn effect(&self) -> Effect {
        Effect::Reads
    }

    async fn call(&self, arguments: &Value) -> Result<String, ToolError> {
        let name = text(arguments, "path");
        let path = self.workspace.resolve(name)?;
        if !path.exists() {
            return Err(ToolError::reply(format!("There is no file \"{name}\".")));
        }
        if !path.is_file() {
            return Err(ToolError::reply(format!(
                "\"{name}\" is not a file; use list_directory for directories."
            )));
        }
        let mut options = PreviewOptions::default();
        options.first_line = integer(arguments, "first_line").unwrap_or(1);
        options.lines = integer(arguments, "lines").unwrap_or(200);
        // Room for the note that says how to read on.
        options.max_bytes = MAX_OUTPUT - 500;
        let preview = tokio::task::spawn_blocking(move || smith_data::preview(&path, &options))
            .await
            .map_err(|error| ToolError::Fault(error.to_string()))?;
        preview.map(|preview| preview.text).map_err(|error| {
            let cause =
                std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
            ToolError::reply(format!("\"{name}\" cannot be read{cause}"))
        })
    }
}
