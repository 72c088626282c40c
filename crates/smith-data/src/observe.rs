//! Lets a caller watch a profile while it is made.

use std::fmt;

/// Told how far a profile has come, from any thread. Every method does nothing unless it is implemented.
pub trait ProfileObserver: Send + Sync {
    /// All bytes that will be read, known once the files are listed.
    fn total(&self, bytes: u64) {
        let _ = bytes;
    }

    /// So many more bytes of the dataset have been read.
    fn read(&self, bytes: u64) {
        let _ = bytes;
    }

    /// What is done now, in a few words: `listing files`, `reading tables`.
    fn phase(&self, name: &str) {
        let _ = name;
    }
}

impl fmt::Debug for dyn ProfileObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProfileObserver")
    }
}
