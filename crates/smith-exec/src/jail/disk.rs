//! How much a job writes: the kernel limits each file alone.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io::ErrorKind::{InvalidFilename, PermissionDenied};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::watch::{EVERY, Until};
use crate::{JobStatus, proc_stat};

/// The next measurement waits this many times as long as the last one took, but not longer than this.
const REST: u32 = 5;
const LONGEST_REST: Duration = Duration::from_millis(250);

/// Directories may be nested this deep. Deeper ones make each look slower, and no honest program needs them.
const DEEPEST: usize = 100;

/// Every entry of a directory counts as this many bytes at least: it takes an inode.
const LEAST_BYTES: u64 = 4096;

/// Measures the directories of one job again and again.
#[derive(Debug)]
pub(super) struct DiskWatch {
    directories: Vec<PathBuf>,
    /// Everything below this process belongs to the job.
    ancestor: u32,
    /// Bytes by which the directories may grow.
    limit: u64,
    before: Size,
}

/// By how much the directories have grown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Grown {
    pub(super) bytes: u64,
    /// The status of a job that wrote too much.
    pub(super) exceeded: Option<JobStatus>,
}

/// What is in some directories.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Size {
    bytes: u64,
    /// Directories that may not be looked into, or are too deep.
    unseen: u64,
}

impl DiskWatch {
    /// Measures `directories` for the first time.
    pub(super) fn new(directories: Vec<PathBuf>, ancestor: u32, limit: u64) -> Self {
        let before = size_of(&directories, |_| true);
        Self { directories, ancestor, limit, before }
    }

    /// Measures until too much was written, and once more at the end. Takes the calling thread for itself.
    pub(super) fn keep(self, until: &Until) -> Grown {
        let (mut rest, mut most) = (EVERY, 0);
        loop {
            let is_over = until.is_over_within(rest);
            let began = Instant::now();
            let grown = self.grown(|| !is_over && until.is_over());
            most = most.max(grown.bytes);
            if is_over || grown.exceeded.is_some() {
                return Grown { bytes: most, ..grown };
            }
            rest = EVERY.max(began.elapsed() * REST).min(LONGEST_REST.max(EVERY));
        }
    }

    /// By how much the directories have grown, or by how much at least when it is too much or `stops` says so.
    fn grown(&self, stops: impl Fn() -> bool) -> Grown {
        let most = self.before.bytes.saturating_add(self.limit);
        let now = size_of(&self.directories, |size| size.bytes <= most && !stops());
        let bytes = now.bytes.saturating_add(self.nameless_bytes()).saturating_sub(self.before.bytes);
        // Where nobody can look anything may lie.
        let too_much = bytes > self.limit || now.unseen > self.before.unseen;
        Grown { bytes, exceeded: too_much.then_some(JobStatus::DiskLimit) }
    }

    /// Files that have no name any more, each once.
    fn nameless_bytes(&self) -> u64 {
        let mut known = HashSet::new();
        proc_stat::below_lately(self.ancestor)
            .into_iter()
            .flat_map(|process| fs::read_dir(format!("/proc/{}/fd", process.thread)).into_iter().flatten())
            .flatten()
            .filter_map(|descriptor| fs::metadata(descriptor.path()).ok())
            .filter(|data| data.is_file() && data.nlink() == 0 && known.insert((data.dev(), data.ino())))
            .map(|data| on_disk(&data))
            .sum()
    }
}

/// What is below some paths; a job may change it meanwhile. Without recursion: a job can nest directories
/// deeper than a stack. Ends early when `goes_on` says so.
fn size_of(directories: &[PathBuf], goes_on: impl Fn(&Size) -> bool) -> Size {
    let mut size = Size::default();
    let mut left: Vec<(PathBuf, usize)> = directories.iter().map(|root| (root.clone(), 0)).collect();
    while let Some((directory, depth)) = left.pop() {
        if depth > DEEPEST {
            size.unseen += 1;
            continue;
        }
        let entries = match fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(error) => {
                size.unseen += u64::from(matches!(error.kind(), PermissionDenied | InvalidFilename));
                continue;
            }
        };
        for entry in entries.flatten() {
            if !goes_on(&size) {
                return size;
            }
            let Ok(data) = entry.metadata() else { continue };
            size.bytes += on_disk(&data);
            if data.is_dir() {
                left.push((entry.path(), depth + 1));
            }
        }
    }
    size
}

fn on_disk(data: &Metadata) -> u64 {
    (data.blocks() * 512).max(LEAST_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_measured_to_their_depths() {
        let folder = tempfile::tempdir().unwrap();
        let all = [folder.path().to_path_buf()];
        let deep = folder.path().join("a/b/c");
        fs::create_dir_all(&deep).unwrap();
        let empty = size_of(&all, |_| true);
        assert_eq!(empty.unseen, 0);
        fs::write(deep.join("file"), vec![1; 1 << 20]).unwrap();
        fs::write(deep.join("nothing"), "").unwrap();
        assert!(size_of(&all, |_| true).bytes - empty.bytes >= (1 << 20) + LEAST_BYTES);
        assert_eq!(size_of(&[folder.path().join("missing")], |_| true), Size::default());
        assert_eq!(size_of(&all, |_| false), Size::default());
    }

    #[test]
    fn what_cannot_be_looked_into_is_counted() {
        let too_deep = PathBuf::from("/tmp/".repeat(1000));
        assert_eq!(size_of(&[too_deep], |_| true), Size { bytes: 0, unseen: 1 });
    }
}
