//! `list_directory`: a tree with sizes, folded where a folder holds many files.

use std::path::Path;

use async_trait::async_trait;
use serde_json::{Value, json};
use smith_llm::ToolSpec;

use crate::tool::{Effect, Tool, ToolError, integer, io_fault, text};
use crate::workspace::Workspace;

/// Entries shown of one folder before the rest is counted.
const SHOWN: usize = 20;

/// Lists a directory tree.
pub struct ListDirectory {
    workspace: Workspace,
}

impl ListDirectory {
    /// The tool for one work directory.
    #[must_use]
    pub fn new(workspace: Workspace) -> Self {
        Self { workspace }
    }
}

#[async_trait]
impl Tool for ListDirectory {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "list_directory".to_owned(),
            description: "Lists a directory of the work directory as a tree with file sizes. Folders with many files are folded.".to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "path": {"type": "string", "description": "Directory, relative to the work directory; \".\" for all of it."},
                    "depth": {"type": "integer", "minimum": 1, "maximum": 10, "description": "Levels to show; 3 when left out."}
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
        let path = self.workspace.resolve(text(arguments, "path"))?;
        if !path.is_dir() {
            return Err(ToolError::reply(format!("\"{}\" is not a directory.", text(arguments, "path"))));
        }
        let mut out = String::new();
        tree(&path, 0, integer(arguments, "depth").unwrap_or(3), &mut out)?;
        Ok(if out.is_empty() { "(empty)\n".to_owned() } else { out })
    }
}

/// Directories first, then files, each in order of name, so that the same tree always reads the same.
fn tree(dir: &Path, level: usize, depth: u64, out: &mut String) -> Result<(), ToolError> {
    let mut dirs = Vec::new();
    let mut files = Vec::new();
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => {
            out.push_str(&format!("{}(cannot be listed: {error})\n", "  ".repeat(level)));
            return Ok(());
        }
    };
    for entry in entries {
        let entry = entry.map_err(|e| io_fault(dir, &e))?;
        let meta = entry.path().symlink_metadata().map_err(|e| io_fault(&entry.path(), &e))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if meta.is_dir() {
            dirs.push(name);
        } else {
            files.push((name, meta.len()));
        }
    }
    dirs.sort();
    files.sort();
    let indent = "  ".repeat(level);
    for name in dirs.iter().take(SHOWN) {
        out.push_str(&format!("{indent}{name}/\n"));
        if depth > 1 {
            tree(&dir.join(name), level + 1, depth - 1, out)?;
        }
    }
    if dirs.len() > SHOWN {
        out.push_str(&format!("{indent}… and {} more directories\n", dirs.len() - SHOWN));
    }
    for (name, bytes) in files.iter().take(SHOWN) {
        out.push_str(&format!("{indent}{name} ({bytes} bytes)\n"));
    }
    if files.len() > SHOWN {
        let bytes: u64 = files.iter().skip(SHOWN).map(|(_, bytes)| bytes).sum();
        out.push_str(&format!("{indent}… and {} more files ({bytes} bytes)\n", files.len() - SHOWN));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn many_files_are_folded_and_order_is_stable() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("images")).unwrap();
        for i in 0..25 {
            std::fs::write(dir.path().join(format!("images/{i:02}.png")), "x").unwrap();
        }
        std::fs::write(dir.path().join("a.csv"), "x,y\n").unwrap();
        let tool = ListDirectory::new(Workspace::new(dir.path().to_path_buf()));
        let out = tool.call(&json!({"path": "."})).await.unwrap();
        assert!(out.starts_with("images/\n  00.png (1 bytes)\n"), "{out}");
        assert!(out.contains("… and 5 more files (5 bytes)") && out.ends_with("a.csv (4 bytes)\n"), "{out}");
        let shallow = tool.call(&json!({"path": ".", "depth": 1})).await.unwrap();
        assert_eq!(shallow, "images/\na.csv (4 bytes)\n");
        assert!(tool.call(&json!({"path": "a.csv"})).await.is_err());
    }
}
