//! Read-only trees: nobody writes into what all runs share, and only the owner can take it away again.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::ExecError;

/// Whom a mode lets write.
const WRITE: u32 = 0o222;
/// Whom a mode of a directory must let do everything, so that what is in it can be removed.
const OWNER: u32 = 0o700;

/// Takes the right to write from everything below `folder`, and leaves `folder` itself as it is: moving a directory
/// may need it.
pub(super) async fn seal_below(folder: &Path) -> Result<(), ExecError> {
    on_a_thread(folder, |folder| {
        for path in below(folder)? {
            change(&path, |mode| mode & !WRITE)?;
        }
        Ok(())
    })
    .await
}

/// Takes the right to write from one file or directory.
pub(super) fn seal(path: &Path) -> Result<(), ExecError> {
    change(path, |mode| mode & !WRITE).map_err(ExecError::io(path))
}

/// Removes a tree, sealed or not.
pub(super) async fn remove(folder: &Path) -> Result<(), ExecError> {
    on_a_thread(folder, |folder| {
        change(folder, |mode| mode | OWNER)?;
        // What lies in a directory is listed after the directory was opened up.
        let mut open = vec![folder.to_path_buf()];
        while let Some(next) = open.pop() {
            for path in directories(&next)? {
                change(&path, |mode| mode | OWNER)?;
                open.push(path);
            }
        }
        std::fs::remove_dir_all(folder)
    })
    .await
}

/// Every file and directory below `folder`. Links are left out: a mode would be set where they lead.
fn below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                open.push(entry.path());
            }
            if !kind.is_symlink() {
                found.push(entry.path());
            }
        }
    }
    Ok(found)
}

fn directories(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

fn change(path: &Path, mode: impl FnOnce(u32) -> u32) -> io::Result<()> {
    let was = std::fs::symlink_metadata(path)?.permissions().mode() & 0o7777;
    let new = mode(was);
    if new == was {
        return Ok(());
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(new))
}

/// Trees hold ten thousand files: too many to touch between two turns of the runtime.
async fn on_a_thread(
    folder: &Path,
    work: impl FnOnce(&Path) -> io::Result<()> + Send + 'static,
) -> Result<(), ExecError> {
    let owned = folder.to_path_buf();
    let done = tokio::task::spawn_blocking(move || work(&owned)).await;
    done.map_err(io::Error::from).and_then(|result| result).map_err(ExecError::io(folder))
}
