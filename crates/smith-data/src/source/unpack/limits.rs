//! How much is unpacked at most.

use std::path::{Path, PathBuf};

/// Bytes of a disk that stay free.
const RESERVE_BYTES: u64 = 1 << 30;
/// Below so many bytes no ratio is suspicious.
pub(super) const RATIO_FROM_BYTES: u64 = 100_000_000;

/// Limits on what is unpacked of a dataset's archives.
#[derive(Debug, Clone)]
pub(crate) struct UnpackLimits {
    /// Bytes in all.
    pub(crate) max_bytes: u64,
    /// Files in all.
    pub(crate) max_members: u64,
    /// Bytes for each byte of the outer archive, once there are more than a hundred million.
    pub(crate) max_ratio: u64,
    /// Archives within each other.
    pub(crate) max_depth: usize,
    /// Where to; the system's directory for temporary files otherwise.
    pub(crate) directory: Option<PathBuf>,
}

impl Default for UnpackLimits {
    fn default() -> Self {
        Self {
            max_bytes: 20_000_000_000,
            max_members: 1_000_000,
            max_ratio: 200,
            max_depth: 3,
            directory: None,
        }
    }
}

/// What was used up.
#[derive(Debug, Default)]
pub(super) struct Budget {
    /// The lesser of the limit and what the disk has room for.
    pub(super) max_bytes: u64,
    pub(super) bytes: u64,
    pub(super) members: u64,
    outer_bytes: u64,
    bytes_of_outer: u64,
}

impl Budget {
    /// Begins with another outer archive of a size.
    pub(super) fn begin(&mut self, outer_bytes: u64) {
        (self.outer_bytes, self.bytes_of_outer) = (outer_bytes, 0);
    }

    /// Counts bytes that are about to be written, or that were unpacked to no end.
    pub(super) fn spend(&mut self, bytes: u64, limits: &UnpackLimits) -> Result<(), Exhausted> {
        self.bytes = self.bytes.saturating_add(bytes);
        self.bytes_of_outer = self.bytes_of_outer.saturating_add(bytes);
        if self.bytes > self.max_bytes {
            return Err(Exhausted::Bytes(self.max_bytes));
        }
        let allowed = self.outer_bytes.saturating_mul(limits.max_ratio).max(RATIO_FROM_BYTES);
        if self.bytes_of_outer > allowed {
            return Err(Exhausted::Ratio(limits.max_ratio));
        }
        Ok(())
    }

    /// Counts a further file.
    pub(super) fn enter(&mut self, limits: &UnpackLimits) -> Result<(), Exhausted> {
        if self.members >= limits.max_members {
            return Err(Exhausted::Members(limits.max_members));
        }
        self.members += 1;
        Ok(())
    }
}

/// The limit that was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exhausted {
    Bytes(u64),
    Ratio(u64),
    Members(u64),
}

/// Bytes that may be written to the disk of a directory; none when that cannot be told.
#[cfg(unix)]
pub(super) fn room(directory: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(directory).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize).saturating_sub(RESERVE_BYTES))
}

#[cfg(not(unix))]
pub(super) fn room(_directory: &Path) -> Option<u64> {
    None
}
