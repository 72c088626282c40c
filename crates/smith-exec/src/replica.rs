//! Directories that a job may change for itself alone.

use std::path::PathBuf;

use crate::copying::{copy_tree, empty};
use crate::{ExecError, Job};

/// A directory that a job sees somewhere else and may change there. What it changes is thrown away with the
/// directory where it sees it; the source stays as it is. Scripts are known to delete the data that they have read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    /// What is seen.
    pub source: PathBuf,
    /// Where it is seen: an empty directory, which the sandbox may fill with whatever it needs.
    pub at: PathBuf,
}

impl Job {
    /// Turns replicas into copies, which the job may write: for sandboxes that cannot show a directory elsewhere.
    ///
    /// # Errors
    /// [`ExecError::Io`] when one cannot be copied.
    pub async fn with_copies(mut self) -> Result<Self, ExecError> {
        for Replica { source, at } in std::mem::take(&mut self.replicas) {
            self.writable.push(at.clone());
            copy(source, at).await?;
        }
        Ok(self)
    }
}

async fn copy(source: PathBuf, at: PathBuf) -> Result<(), ExecError> {
    let place = at.clone();
    let copied = tokio::task::spawn_blocking(move || {
        // What an attempt in another way may have left there.
        empty(&at).map_err(ExecError::io(&at))?;
        std::fs::remove_dir(&at).map_err(ExecError::io(&at))?;
        copy_tree(&source, &at)
    });
    copied.await.map_err(|join| ExecError::io(place)(join.into()))?
}
