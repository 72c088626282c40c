//! Files that another user may write are handed over to it.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::ExecError;

/// Makes another user the owner of what it may write. What a job nested too deep for a path stays with the
/// user whom it had then: the next one need not have it.
pub(crate) fn hand_over(directories: &[PathBuf], user: u32) -> Result<(), ExecError> {
    let mut left = directories.to_vec();
    while let Some(path) = left.pop() {
        match own(&path, user) {
            Ok(inner) => left.extend(inner),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidFilename => {}
            Err(error) => return Err(ExecError::io(path)(error)),
        }
    }
    Ok(())
}

/// Makes `user` the owner of one path; returns what is in it.
fn own(path: &Path, user: u32) -> std::io::Result<Vec<PathBuf>> {
    let data = std::fs::symlink_metadata(path)?;
    if data.uid() != user {
        std::os::unix::fs::lchown(path, Some(user), Some(user))?;
    }
    if !data.is_dir() {
        return Ok(Vec::new());
    }
    Ok(std::fs::read_dir(path)?.flatten().map(|entry| entry.path()).collect())
}
