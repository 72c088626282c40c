//! What is watched while a job runs.

use std::path::PathBuf;
use std::sync::mpsc::Sender;

use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};

use super::disk::{DiskWatch, Grown};
use super::watch::{Seen, Until, Watch};
use crate::{JobStatus, Limits};

/// The watches over a job, each on a thread of its own: one that takes long must hold up neither the other nor
/// the clock.
pub(crate) struct Watches {
    /// They go on while these are there.
    running: [Sender<()>; 2],
    processes: JoinHandle<Seen>,
    disk: JoinHandle<Grown>,
    seen: Option<Seen>,
    grown: Option<Grown>,
}

/// What the watches saw, all in all.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sights {
    /// The status of a job that had written too much when it ended.
    pub(crate) exceeded: Option<JobStatus>,
    /// Largest memory in bytes.
    pub(crate) peak_bytes: u64,
    /// Largest processor time in seconds.
    pub(crate) cpu_seconds: f64,
    /// Bytes on disk by which its directories had grown at most.
    pub(crate) disk_bytes: u64,
}

impl Watches {
    /// Returns when the job may begin.
    pub(crate) async fn start(limits: Limits, directories: Vec<PathBuf>, ancestor: u32) -> Self {
        let ((first, until), (second, until_too)) = (Until::pair(), Until::pair());
        let processes = spawn_blocking(move || Watch::new(limits, ancestor).keep(&until));
        let (measured, is_measured) = oneshot::channel();
        let disk = spawn_blocking(move || {
            let watch = DiskWatch::new(directories, ancestor, limits.disk_bytes);
            let _supervisor_is_gone = measured.send(());
            watch.keep(&until_too)
        });
        // Without an answer the watch is lost, which is noticed at once.
        let _measured = is_measured.await;
        Self { running: [first, second], processes, disk, seen: None, grown: None }
    }

    /// Waits until a limit is exceeded; nothing when a watch is lost.
    pub(crate) async fn exceeded(&mut self) -> Option<JobStatus> {
        tokio::select! {
            seen = &mut self.processes => {
                self.seen = Some(seen.unwrap_or_default());
                self.seen?.exceeded
            }
            grown = &mut self.disk => {
                self.grown = Some(grown.unwrap_or_default());
                self.grown?.exceeded
            }
        }
    }

    /// What was seen.
    pub(crate) async fn end(self) -> Sights {
        drop(self.running);
        let seen = match self.seen {
            Some(seen) => seen,
            None => self.processes.await.unwrap_or_default(),
        };
        let grown = match self.grown {
            Some(grown) => grown,
            None => self.disk.await.unwrap_or_default(),
        };
        Sights {
            exceeded: grown.exceeded,
            peak_bytes: seen.peak_bytes,
            cpu_seconds: seen.cpu_seconds,
            disk_bytes: grown.bytes,
        }
    }
}
