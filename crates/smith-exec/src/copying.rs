//! Copies of directories.

use std::fs;
use std::path::Path;

use crate::ExecError;

/// Copies the regular files and directories of `from` into the new directory `to`. Links are left out:
/// they could lead out of it.
///
/// # Errors
/// [`ExecError::Io`] at the first file or directory that cannot be read or made.
pub(crate) fn copy_tree(from: &Path, to: &Path) -> Result<(), ExecError> {
    let mut todo = vec![(from.to_path_buf(), to.to_path_buf())];
    while let Some((from, to)) = todo.pop() {
        make_dir(&to)?;
        for entry in fs::read_dir(&from).map_err(ExecError::io(&from))? {
            let entry = entry.map_err(ExecError::io(&from))?;
            let (path, target) = (entry.path(), to.join(entry.file_name()));
            let kind = entry.file_type().map_err(ExecError::io(&path))?;
            if kind.is_dir() {
                todo.push((path, target));
            } else if kind.is_file() {
                fs::copy(&path, target).map_err(ExecError::io(path))?;
            }
        }
    }
    Ok(())
}

/// Makes one directory.
///
/// # Errors
/// [`ExecError::Io`].
pub(crate) fn make_dir(path: &Path) -> Result<(), ExecError> {
    fs::create_dir(path).map_err(ExecError::io(path))
}
