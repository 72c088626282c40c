//! Copies of directories, emptying them, and who may enter them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;

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
                copy_file(&path, &target).map_err(ExecError::io(path))?;
            }
        }
    }
    Ok(())
}

/// Copies a file with its time, which a program may look at.
fn copy_file(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::copy(from, to)?;
    let time = from.metadata()?.modified()?;
    // Where the time cannot be set the copy is as good without.
    let _ = fs::File::open(to).and_then(|file| file.set_modified(time));
    Ok(())
}

/// Makes one directory.
///
/// # Errors
/// [`ExecError::Io`].
pub(crate) fn make_dir(path: &Path) -> Result<(), ExecError> {
    fs::create_dir(path).map_err(ExecError::io(path))
}

/// Removes everything in a directory; of a link the link alone.
///
/// # Errors
/// Any error of listing or removing.
pub(crate) fn empty(directory: &Path) -> std::io::Result<()> {
    fs::read_dir(directory)?.try_for_each(|entry| {
        let path = entry?.path();
        if path.symlink_metadata()?.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
    })
}

/// Empties a desk, whatever rights a metric gave it.
pub(crate) fn clear(desk: &Path) -> std::io::Result<()> {
    fs::set_permissions(desk, fs::Permissions::from_mode(0o700))?;
    empty(desk)
}

/// Gives a directory this mode. Not when it is made: there the umask takes rights away.
pub(crate) fn open_to(mode: u32, made: TempDir) -> Result<TempDir, ExecError> {
    fs::set_permissions(made.path(), fs::Permissions::from_mode(mode)).map_err(ExecError::io(made.path()))?;
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_directories_and_links_are_removed_and_nothing_behind_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("full/deep")).unwrap();
        std::fs::create_dir_all(at("desk/full/deep")).unwrap();
        std::fs::write(at("desk/file"), "").unwrap();
        std::os::unix::fs::symlink(at("full"), at("desk/link")).unwrap();
        empty(&at("desk")).unwrap();
        assert!(at("full/deep").is_dir());
        assert_eq!(std::fs::read_dir(at("desk")).unwrap().count(), 0);
        assert!(empty(&at("missing")).is_err());
    }
}
