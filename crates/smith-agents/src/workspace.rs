//! The work directory as the agents see it: relative paths, and nothing outside.

use std::path::{Component, Path, PathBuf};

use crate::tool::ToolError;

/// Name of the folder that holds the dataset; agents read it and leave it alone.
pub(crate) const RAW: &str = "raw";

/// Resolves the paths that a model writes, inside one directory only.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// A view of `root`, which exists.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The directory itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The place that `path` names. It need not exist.
    ///
    /// # Errors
    /// A reply for the model when the path is absolute, climbs out by `..`, or leads out by a link.
    pub fn resolve(&self, path: &str) -> Result<PathBuf, ToolError> {
        let mut inside = PathBuf::new();
        for component in Path::new(path.trim()).components() {
            match component {
                Component::CurDir => {}
                Component::Normal(part) => inside.push(part),
                Component::ParentDir if inside.pop() => {}
                Component::ParentDir => return Err(self.outside(path)),
                Component::RootDir | Component::Prefix(_) => {
                    return Err(ToolError::reply(format!(
                        "\"{path}\" is an absolute path. Paths are relative to your work directory: write \"raw/…\" or \"prepare.py\"."
                    )));
                }
            }
        }
        let full = self.root.join(&inside);
        if self.leads_out(&full) {
            return Err(self.outside(path));
        }
        Ok(full)
    }

    /// As [`Workspace::resolve`], for writing: the dataset is not to be changed.
    ///
    /// # Errors
    /// Also a reply when the path lies in `raw/` or is the work directory itself.
    pub fn resolve_for_writing(&self, path: &str) -> Result<PathBuf, ToolError> {
        let full = self.resolve(path)?;
        if full == self.root {
            return Err(ToolError::reply(
                "The path names your work directory; give the path of a file in it.",
            ));
        }
        if full.starts_with(self.root.join(RAW)) {
            return Err(ToolError::reply(format!(
                "\"{path}\" lies in raw/, which holds the dataset as it came and must not be changed. Write elsewhere."
            )));
        }
        Ok(full)
    }

    /// Links may lead anywhere, so the nearest existing ancestor is looked at as the kernel sees it.
    fn leads_out(&self, full: &Path) -> bool {
        let Ok(root) = self.root.canonicalize() else { return true };
        let mut probe = full;
        loop {
            match probe.canonicalize() {
                Ok(real) => return !real.starts_with(&root),
                // A dangling link would be created through: treat it as leading out.
                Err(_) if probe.is_symlink() => return true,
                Err(_) => match probe.parent() {
                    Some(parent) => probe = parent,
                    None => return true,
                },
            }
        }
    }

    fn outside(&self, path: &str) -> ToolError {
        ToolError::reply(format!(
            "\"{path}\" leads out of your work directory. All files that you need are in it; paths are relative to it."
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> (tempfile::TempDir, Workspace) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("raw/deep")).unwrap();
        std::fs::write(dir.path().join("raw/a.csv"), "x\n1\n").unwrap();
        let workspace = Workspace::new(dir.path().to_path_buf());
        (dir, workspace)
    }

    #[test]
    fn paths_inside_resolve_however_they_are_written() {
        let (dir, ws) = workspace();
        for path in ["raw/a.csv", "./raw/a.csv", "raw/deep/../a.csv", " raw//a.csv "] {
            assert_eq!(ws.resolve(path).unwrap(), dir.path().join("raw/a.csv"), "{path}");
        }
        assert_eq!(ws.resolve(".").unwrap(), dir.path());
        assert_eq!(ws.resolve("new/file.txt").unwrap(), dir.path().join("new/file.txt"));
    }

    #[test]
    fn paths_outside_are_answered_not_followed() {
        let (dir, ws) = workspace();
        let secret = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(secret.path(), dir.path().join("door")).unwrap();
        std::os::unix::fs::symlink(secret.path().join("later"), dir.path().join("dangling")).unwrap();
        for path in ["/etc/passwd", "../x", "raw/../../x", "door/x", "door", "dangling"] {
            assert!(matches!(ws.resolve(path), Err(ToolError::Reply(_))), "{path}");
        }
    }

    #[test]
    fn the_dataset_cannot_be_written() {
        let (_dir, ws) = workspace();
        for path in ["raw/a.csv", "raw/new.csv", "./raw", "."] {
            assert!(ws.resolve_for_writing(path).is_err(), "{path}");
        }
        assert!(ws.resolve_for_writing("rawish.csv").is_ok());
    }
}
