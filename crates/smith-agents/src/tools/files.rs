//! `write_file` and `edit_file`.

use async_trait::async_trait;
use serde_json::{Value, json};
use smith_llm::ToolSpec;

use crate::tool::{Effect, Tool, ToolError, io_fault, text};
use crate::workspace::Workspace;

/// Largest file that is edited, in bytes.
const MAX_EDITED: u64 = 16 << 20;

/// Writes a whole file.
pub struct WriteFile {
    workspace: Workspace,
}

impl WriteFile {
    /// The tool for one work directory.
    #[must_use]
    pub fn new(workspace: Workspace) -> Self {
        Self { workspace }
    }
}

#[async_trait]
impl Tool for WriteFile {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "write_file".to_owned(),
            description: "Writes a text file in the work directory, replacing it if it exists. Missing directories are made.".to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "path": {"type": "string", "description": "File, relative to the work directory; not in raw/."},
                    "content": {"type": "string", "description": "The whole text."}
                },
                "required": ["path", "content"],
                "additionalProperties": false
            }),
        }
    }

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    async fn call(&self, arguments: &Value) -> Result<String, ToolError> {
        let name = text(arguments, "path");
        let content = text(arguments, "content");
        let path = self.workspace.resolve_for_writing(name)?;
        if path.exists() && !path.is_file() {
            return Err(ToolError::reply(format!("\"{name}\" is not a regular file.")));
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| refused(name, &error, parent))?;
        }
        std::fs::write(&path, content).map_err(|error| refused(name, &error, &path))?;
        Ok(format!("Wrote {name} ({} lines, {} bytes).", content.lines().count(), content.len()))
    }
}

/// A name that the file system does not take is the model's to change; a full disk is not.
fn refused(name: &str, error: &std::io::Error, path: &std::path::Path) -> ToolError {
    use std::io::ErrorKind::{
        AlreadyExists, InvalidFilename, InvalidInput, IsADirectory, NotADirectory, PermissionDenied,
    };
    match error.kind() {
        AlreadyExists | InvalidFilename | InvalidInput | IsADirectory | NotADirectory | PermissionDenied => {
            ToolError::reply(format!("\"{name}\" cannot be written: {error}."))
        }
        _ => io_fault(path, error),
    }
}

/// Replaces one passage of a file.
pub struct EditFile {
    workspace: Workspace,
}

impl EditFile {
    /// The tool for one work directory.
    #[must_use]
    pub fn new(workspace: Workspace) -> Self {
        Self { workspace }
    }
}

#[async_trait]
impl Tool for EditFile {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "edit_file".to_owned(),
            description: "Replaces one passage of a text file in the work directory. The old text must occur exactly once; give enough lines around it.".to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "path": {"type": "string", "description": "File, relative to the work directory; not in raw/."},
                    "old": {"type": "string", "minLength": 1, "description": "The text to replace, exactly as it stands in the file."},
                    "new": {"type": "string", "description": "The text to put there."}
                },
                "required": ["path", "old", "new"],
                "additionalProperties": false
            }),
        }
    }

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    async fn call(&self, arguments: &Value) -> Result<String, ToolError> {
        let name = text(arguments, "path");
        let path = self.workspace.resolve_for_writing(name)?;
        if path.metadata().is_ok_and(|meta| !meta.is_file() || meta.len() > MAX_EDITED) {
            return Err(ToolError::reply(format!("\"{name}\" is not a text file of at most 16 MiB.")));
        }
        let content = std::fs::read_to_string(&path)
            .map_err(|error| ToolError::reply(format!("\"{name}\" cannot be read as text: {error}.")))?;
        let old = text(arguments, "old");
        match content.matches(old).count() {
            1 => {}
            0 => {
                return Err(ToolError::reply(format!(
                    "The old text does not occur in {name}. Read the file and copy the passage exactly, spaces included."
                )));
            }
            n => {
                return Err(ToolError::reply(format!(
                    "The old text occurs {n} times in {name}. Give more lines around the passage so that it is unique."
                )));
            }
        }
        let line = content.split(old).next().map_or(1, |before| before.matches('\n').count() + 1);
        std::fs::write(&path, content.replacen(old, text(arguments, "new"), 1))
            .map_err(|error| refused(name, &error, &path))?;
        Ok(format!("Edited {name} at line {line}."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_are_written_and_edited_in_place() {
        let dir = tempfile::tempdir().unwrap();
        let ws = Workspace::new(dir.path().to_path_buf());
        let write = WriteFile::new(ws.clone());
        let edit = EditFile::new(ws);
        let said = write.call(&json!({"path": "sub/a.py", "content": "x = 1\ny = 1\n"})).await.unwrap();
        assert_eq!(said, "Wrote sub/a.py (2 lines, 12 bytes).");
        let said = edit.call(&json!({"path": "sub/a.py", "old": "y = 1", "new": "y = 2"})).await.unwrap();
        assert_eq!(said, "Edited sub/a.py at line 2.");
        assert_eq!(std::fs::read_to_string(dir.path().join("sub/a.py")).unwrap(), "x = 1\ny = 2\n");
    }

    #[tokio::test]
    async fn what_cannot_be_done_is_said_to_the_model() {
        let dir = tempfile::tempdir().unwrap();
        let ws = Workspace::new(dir.path().to_path_buf());
        std::fs::write(dir.path().join("a.py"), "x\nx\n").unwrap();
        let (write, edit) = (WriteFile::new(ws.clone()), EditFile::new(ws));
        for (arguments, part) in [
            (json!({"path": "a.py", "old": "x", "new": ""}), "occurs 2 times"),
            (json!({"path": "a.py", "old": "z", "new": ""}), "does not occur"),
            (json!({"path": "b.py", "old": "z", "new": ""}), "cannot be read"),
            (json!({"path": "../b.py", "old": "z", "new": ""}), "out of your work directory"),
        ] {
            let error = edit.call(&arguments).await.unwrap_err();
            assert!(matches!(&error, ToolError::Reply(text) if text.contains(part)), "{error}");
        }
        // A file stands where a directory would be needed.
        let error = write.call(&json!({"path": "a.py/b", "content": ""})).await.unwrap_err();
        assert!(matches!(error, ToolError::Reply(_)), "{error}");
    }
}
