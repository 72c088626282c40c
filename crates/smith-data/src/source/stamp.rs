//! Tells whether a file is still the one that was listed.

use std::fs::Metadata;
use std::time::SystemTime;

/// Size, time of the last change and identity of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    /// Device and number of the file, where there are such things.
    identity: Option<(u64, u64)>,
    /// True when the file has further names.
    has_other_names: bool,
}

impl Stamp {
    #[cfg(unix)]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;

        Self {
            bytes: metadata.len(),
            modified: metadata.modified().ok(),
            identity: Some((metadata.dev(), metadata.ino())),
            has_other_names: metadata.nlink() > 1,
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().ok();
        Self { bytes: metadata.len(), modified, identity: None, has_other_names: false }
    }

    /// What names of one and the same file have in common; none for a file with one name.
    pub(crate) fn shared_identity(&self) -> Option<(u64, u64)> {
        self.identity.filter(|_| self.has_other_names)
    }

    /// What differs, in words; none when it is the same file as before. Further names do not change a file.
    pub(crate) fn difference(&self, now: &Self) -> Option<String> {
        if self.identity != now.identity {
            return Some(String::from("it was replaced by another file"));
        }
        if self.bytes != now.bytes {
            return Some(format!("its size went from {} to {} bytes", self.bytes, now.bytes));
        }
        (self.modified != now.modified).then(|| String::from("it was written to"))
    }
}
