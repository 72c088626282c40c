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

/// Removes a tree if it is there, also when an agent has taken its own rights away.
pub(crate) fn remove(path: &Path) -> Result<(), PipelineError> {
    use std::io::ErrorKind::{NotFound, PermissionDenied};
    let removed = match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() == PermissionDenied => {
            give_back_rights(path).and_then(|()| std::fs::remove_dir_all(path))
        }
        other => other,
    };
    match removed {
        Err(error) if error.kind() != NotFound => Err(at(path)(error)),
        _ => Ok(()),
    }
}

/// Lets the owner list and change every directory below `root`.
fn give_back_rights(root: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut todo = vec![root.to_path_buf()];
    while let Some(dir) = todo.pop() {
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o700))?;
        for entry in std::fs::read_dir(&dir)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                todo.push(entry.path());
            }
        }
    }
    Ok(())
}
