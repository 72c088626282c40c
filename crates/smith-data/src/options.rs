//! How far a profile goes.

use std::path::PathBuf;
use std::sync::Arc;

use crate::observe::ProfileObserver;
use crate::source::UnpackLimits;

/// How far a profile goes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ProfileOptions {
    /// Name of the dataset instead of [`crate::dataset_name`].
    pub name: Option<String>,
    /// Threads that work side by side; 0 for one on each core. The profile does not depend on it.
    pub threads: usize,
    /// Rows of a table that are read; a longer table is flagged as read in part.
    pub max_table_rows: u64,
    /// Files that are opened to look inside, media not counted. The digest reads all of them all the same.
    pub max_files_opened: usize,
    /// Images that are decoded to find those that look alike, spread evenly over all; fewer when they are large. The
    /// headers of all images are read all the same.
    pub max_images_compared: usize,
    /// Bytes that are unpacked from archives in all, on the disk of `unpack_in`. Never more than that disk has free
    /// less one gigabyte.
    pub max_unpacked_bytes: u64,
    /// Files that are unpacked from archives in all.
    pub max_archive_members: u64,
    /// Bytes that are unpacked for each byte of an archive, once there are more than a hundred million of them.
    pub max_unpacked_ratio: u64,
    /// Archives within archives that are opened: 1 opens those that lie in the folder.
    pub max_archive_depth: usize,
    /// Where archives are unpacked to, in a directory that is removed afterwards; by default where the system keeps
    /// temporary files.
    pub unpack_in: Option<PathBuf>,
    /// Told how far the profile has come.
    pub observer: Option<Arc<dyn ProfileObserver>>,
}

impl Default for ProfileOptions {
    /// Every row of a table, five thousand files, ten thousand images. Of archives twenty gigabytes, a million files,
    /// two hundred times their size, three deep.
    fn default() -> Self {
        let limits = UnpackLimits::default();
        Self {
            name: None,
            threads: 0,
            max_table_rows: u64::MAX,
            max_files_opened: 5_000,
            max_images_compared: 10_000,
            max_unpacked_bytes: limits.max_bytes,
            max_archive_members: limits.max_members,
            max_unpacked_ratio: limits.max_ratio,
            max_archive_depth: limits.max_depth,
            unpack_in: limits.directory,
            observer: None,
        }
    }
}

impl ProfileOptions {
    pub(crate) fn unpack_limits(&self) -> UnpackLimits {
        UnpackLimits {
            max_bytes: self.max_unpacked_bytes,
            max_members: self.max_archive_members,
            max_ratio: self.max_unpacked_ratio,
            max_depth: self.max_archive_depth,
            directory: self.unpack_in.clone(),
        }
    }

    pub(crate) fn phase(&self, name: &str) {
        if let Some(observer) = &self.observer {
            observer.phase(name);
        }
    }

    pub(crate) fn total(&self, bytes: u64) {
        if let Some(observer) = &self.observer {
            observer.total(bytes);
        }
    }

    pub(crate) fn read(&self, bytes: u64) {
        if let Some(observer) = &self.observer {
            observer.read(bytes);
        }
    }
}
