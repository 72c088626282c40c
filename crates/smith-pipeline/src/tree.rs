//! Copying, reading and removing directory trees that agents and their scripts have worked in.

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

/// Removes whatever is at `path`, a tree, a file or a link, also when an agent has taken its own rights away.
pub(crate) fn remove(path: &Path) -> Result<(), PipelineError> {
    use std::io::ErrorKind::{NotFound, PermissionDenied};
    let is_dir = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    let removed = if is_dir { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    let removed = match removed {
        Err(error) if is_dir && error.kind() == PermissionDenied => {
            take_over(path)?;
            std::fs::remove_dir_all(path)
        }
        other => other,
    };
    match removed {
        Err(error) if error.kind() != NotFound => Err(at(path)(error)),
        _ => Ok(()),
    }
}

/// Makes sure that a directory is at `path` and no link to one or anything else; what it holds stays.
pub(crate) fn ensure_dir(path: &Path) -> Result<(), PipelineError> {
    if std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) {
        return Ok(());
    }
    remove(path)?;
    std::fs::create_dir_all(path).map_err(at(path))
}

/// Lets the owner list and change every directory and file below `root`: what scripts and agents leave
/// must be readable for the checks, whatever rights they gave it. Nothing at `root` is nothing to do.
pub(crate) fn take_over(root: &Path) -> Result<(), PipelineError> {
    use std::os::unix::fs::PermissionsExt;
    let allow = |path: &Path, mode: u32| {
        let mut permissions = std::fs::metadata(path)?.permissions();
        if permissions.mode() & mode != mode {
            permissions.set_mode(permissions.mode() | mode);
            std::fs::set_permissions(path, permissions)?;
        }
        Ok(())
    };
    let mut todo = if root.is_dir() { vec![root.to_path_buf()] } else { Vec::new() };
    while let Some(dir) = todo.pop() {
        allow(&dir, 0o700).map_err(at(&dir))?;
        for entry in std::fs::read_dir(&dir).map_err(at(&dir))? {
            let entry = entry.map_err(at(&dir))?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(at(&dir))?);
            if kind.is_dir() {
                todo.push(path);
            } else if kind.is_file() {
                allow(&path, 0o600).map_err(at(&path))?;
            }
        }
    }
    Ok(())
}

/// Reads everything at or below `path`; links are left out, as copies leave them out.
///
/// # Errors
/// The first directory that cannot be listed, or file that cannot be read.
pub(crate) fn read_through(path: &Path) -> Result<(), PipelineError> {
    if !path.is_dir() {
        let file = std::fs::File::open(path);
        return file
            .and_then(|mut file| std::io::copy(&mut file, &mut std::io::sink()))
            .map(drop)
            .map_err(at(path));
    }
    for entry in std::fs::read_dir(path).map_err(at(path))? {
        let entry = entry.map_err(at(path))?;
        let kind = entry.file_type().map_err(at(&entry.path()))?;
        if kind.is_dir() || kind.is_file() {
            read_through(&entry.path())?;
        }
    }
    Ok(())
}
