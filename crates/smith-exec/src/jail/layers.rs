//! Replicas without copying: an overlay file system shows the source, and takes the changes.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::plan::Layer;
use crate::{ExecError, Job, JobResult, JobStatus, Replica, Tier};

/// Where the changes go below the place of a replica, and what the kernel needs beside it.
pub(super) const UPPER: &str = "upper";
pub(super) const WORK: &str = "work";

/// The step of a launch that lays a replica over its source.
pub(super) const STEP: &str = "lay a replica over";

/// Set once it has failed: it is the machine that cannot do it, then.
static CANNOT: AtomicBool = AtomicBool::new(false);

/// Owner's rights without which a directory's content cannot be changed.
const FULL: u32 = 0o700;

/// Whether the replicas of a job need not be copied. Only a file system of the job's own can be laid over another
/// one, and only an owner can change through it what is there: the kernel copies a file when it is changed, and
/// the copy belongs to the same user. Links are left out of replicas, which takes a copy.
pub(super) async fn can_be_laid(tier: Tier, job: &Job) -> bool {
    if tier != Tier::Namespaces || CANNOT.load(Ordering::Relaxed) {
        return false;
    }
    let sources: Vec<_> = job.replicas.iter().map(|replica| replica.source.clone()).collect();
    let looked = tokio::task::spawn_blocking(move || sources.iter().all(|source| is_plain(source)));
    looked.await.unwrap_or(false)
}

/// Whether there are only files and directories below `root`, all of our own and none locked.
fn is_plain(root: &Path) -> bool {
    let user = rustix::process::geteuid().as_raw();
    let mut left = vec![root.to_path_buf()];
    while let Some(path) = left.pop() {
        let Ok(data) = fs::symlink_metadata(&path) else { return false };
        if data.uid() != user || !(data.is_dir() || data.is_file()) {
            return false;
        }
        if data.is_dir() {
            let Ok(entries) = fs::read_dir(&path) else { return false };
            if data.mode() & FULL != FULL {
                return false;
            }
            left.extend(entries.flatten().map(|entry| entry.path()));
        }
    }
    true
}

/// How a replica is laid over its source.
pub(super) fn layer(replica: &Replica) -> Layer {
    Layer { source: replica.source.clone().into(), at: replica.at.clone().into() }
}

/// Makes the directories that the layers of a job need.
pub(super) fn make_room(replicas: &[Replica]) -> Result<(), ExecError> {
    for replica in replicas {
        for name in [UPPER, WORK] {
            let place = replica.at.join(name);
            fs::create_dir(&place).map_err(ExecError::io(place))?;
        }
    }
    Ok(())
}

/// Opens what the kernel locks in the place that it needs, so that everything can be removed.
pub(super) fn clear(replicas: &[Replica]) {
    for replica in replicas {
        // Not there when the launch came to nothing.
        let _not_made = fs::set_permissions(replica.at.join(WORK).join("work"), Permissions::from_mode(FULL));
    }
}

/// Whether a job was not run because its replicas could not be laid; it will not be tried again then.
pub(super) fn failed(result: &JobResult) -> bool {
    let failed = result.status == JobStatus::SandboxError && result.stderr.text.starts_with(STEP);
    if failed {
        tracing::info!(why = result.stderr.text, "replicas are copied on this machine");
        CANNOT.store(true, Ordering::Relaxed);
    }
    failed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_locked_directories_take_a_copy() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        fs::write(inner.join("a.csv"), "a\n").unwrap();
        assert!(is_plain(folder.path()));
        fs::set_permissions(&inner, Permissions::from_mode(0o500)).unwrap();
        assert!(!is_plain(folder.path()));
        fs::set_permissions(&inner, Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::symlink("a.csv", inner.join("b.csv")).unwrap();
        assert!(!is_plain(folder.path()));
        assert!(!is_plain(&folder.path().join("missing")));
    }
}
