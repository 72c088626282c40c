//! Copying directory trees.

use std::path::Path;

use crate::error::{PipelineError, at};

/// Copies all regular files below `from` into `to`, leaving out the top-level entries named in `without`.
/// Links and special files are not copied: nothing outside the tree can come in through them.
pub(crate) fn copy(from: &Path, to: &Path, without: &[&str]) -> Result<(), PipelineError> {
    std::fs::create_dir_all(to).map_err(at(to))?;
    for entry in std::fs::read_dir(from).map_err(at(from))? {
        let entry = entry.map_err(at(from))?;
        let name = entry.file_name();
        if without.iter().any(|left_out| name == *left_out) {
            continue;
        }
        let (source, target) = (entry.path(), to.join(&name));
        let kind = entry.file_type().map_err(at(&source))?;
        if kind.is_dir() {
            copy(&source, &target, &[])?;
        } else if kind.is_file() {
            copy_file(&source, &target)?;
        }
    }
    Ok(())
}

/// Copies a file; the copy can be written by its owner even when the original could not, so that
/// work directories can be removed and scripts can do as they like with their copy.
fn copy_file(source: &Path, target: &Path) -> Result<(), PipelineError> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::copy(source, target).map_err(at(source))?;
    let mut permissions = std::fs::metadata(target).map_err(at(target))?.permissions();
    permissions.set_mode(permissions.mode() | 0o600);
    std::fs::set_permissions(target, permissions).map_err(at(target))
}

/// Copies a dataset, which may be one file or a folder, into the folder `to`.
pub(crate) fn copy_dataset(dataset: &Path, to: &Path) -> Result<(), PipelineError> {
    if dataset.is_dir() {
        return copy(dataset, to, &[]);
    }
    std::fs::create_dir_all(to).map_err(at(to))?;
    match dataset.file_name() {
        Some(name) => copy_file(dataset, &to.join(name)),
        None => Err(PipelineError::Mistake(format!("{} is not a dataset", dataset.display()))),
    }
}

/// Removes a tree if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), PipelineError> {
    match std::fs::remove_dir_all(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(at(path)(error)),
    }
}
