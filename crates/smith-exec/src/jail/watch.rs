//! Limits that the kernel keeps for each process alone, kept here for a whole job.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::{Limits, proc_stat};

/// How often is looked.
pub(super) const EVERY: Duration = Duration::from_millis(25);

/// The directories of a job are measured when this many times the time of the last measurement has passed.
const REST: u32 = 20;

/// What was exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exceeded {
    Memory,
    Cpu,
    Processes,
    Disk,
}

/// Measures one job again and again.
#[derive(Debug)]
pub(super) struct Watch {
    limits: Limits,
    /// Everything below this process belongs to the job.
    ancestor: u32,
    directories: Vec<PathBuf>,
    /// Bytes in the directories before the job began.
    before: u64,
    measured: Instant,
    measuring: Duration,
    /// Largest memory seen, in bytes.
    pub(super) peak_bytes: u64,
    /// Largest processor time seen, in seconds.
    pub(super) cpu_seconds: f64,
}

impl Watch {
    pub(super) fn new(limits: Limits, ancestor: u32, directories: Vec<PathBuf>) -> Self {
        let began = Instant::now();
        let before = directories.iter().map(|path| size_of(path)).sum();
        Self {
            limits,
            ancestor,
            directories,
            before,
            measured: Instant::now(),
            measuring: began.elapsed(),
            peak_bytes: 0,
            cpu_seconds: 0.0,
        }
    }

    /// Looks once.
    pub(super) fn look(&mut self) -> Option<Exceeded> {
        let family = proc_stat::descendants_at_a_glance(self.ancestor);
        if family.len() > self.limits.processes as usize {
            return Some(Exceeded::Processes);
        }
        let seconds: f64 = family.iter().filter_map(|pid| proc_stat::cpu_seconds(&pid.to_string())).sum();
        self.cpu_seconds = self.cpu_seconds.max(seconds);
        if seconds > self.limits.cpu.as_secs_f64() {
            return Some(Exceeded::Cpu);
        }
        if self.memory(&family) > self.limits.memory_bytes {
            return Some(Exceeded::Memory);
        }
        (self.measured.elapsed() > self.measuring * REST && self.grown() > self.limits.disk_bytes)
            .then_some(Exceeded::Disk)
    }

    /// The cheap upper bound counts pages of forked processes several times, so that it only counts when it
    /// is below the limit.
    fn memory(&mut self, family: &[u32]) -> u64 {
        let mut bytes: u64 = family.iter().map(|pid| proc_stat::resident_bytes(*pid)).sum();
        if bytes > self.limits.memory_bytes {
            bytes = family.iter().map(|pid| proc_stat::proportional_bytes(*pid)).sum();
        }
        self.peak_bytes = self.peak_bytes.max(bytes);
        bytes
    }

    fn grown(&mut self) -> u64 {
        let began = Instant::now();
        let now: u64 = self.directories.iter().map(|path| size_of(path)).sum();
        self.measuring = began.elapsed();
        self.measured = Instant::now();
        now.saturating_sub(self.before)
    }
}

/// Bytes on disk below a path; a job may change it meanwhile. Without recursion: a job can nest directories
/// deeper than a stack.
fn size_of(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let (mut bytes, mut left) = (0, vec![path.to_path_buf()]);
    while let Some(directory) = left.pop() {
        let Ok(entries) = std::fs::read_dir(&directory) else { continue };
        for entry in entries.flatten() {
            let Ok(data) = entry.metadata() else { continue };
            bytes += data.blocks() * 512;
            if data.is_dir() {
                left.push(entry.path());
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_measured_to_their_depths() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b/c");
        std::fs::create_dir_all(&deep).unwrap();
        let empty = size_of(folder.path());
        std::fs::write(deep.join("file"), vec![1; 1 << 20]).unwrap();
        assert!(size_of(folder.path()) - empty >= 1 << 20);
        assert_eq!(size_of(&folder.path().join("nothing")), 0);
    }
}
