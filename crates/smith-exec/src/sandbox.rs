//! The one question that running untrusted code asks: what happened when this job was run?

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{Confinement, ExecError, Replica};

/// Runs one program within limits. Dropping the future kills whatever was started.
#[async_trait]
pub trait Sandbox: Send + Sync {
    /// Runs `job` to its end.
    ///
    /// # Errors
    /// Only when the program could not be run as asked. How it ended is in the result.
    async fn run(&self, job: Job) -> Result<JobResult, ExecError>;

    /// Starts `job`, whose program is [a worker](Worker) and whose grants hold for everything that the worker will
    /// run. Nothing when this sandbox has no workers: then each script is a job of its own.
    ///
    /// # Errors
    /// When a worker could not be started.
    async fn worker(&self, job: Job) -> Result<Option<Box<dyn Worker>>, ExecError> {
        drop(job);
        Ok(None)
    }
}

/// A Python that has imported what takes long, inside of a sandbox, and runs one script after the other in
/// processes of their own. Dropping it ends it.
#[async_trait]
pub trait Worker: Send {
    /// Runs a script, given by an absolute path and its arguments, in the directory `cwd`. All of the paths must
    /// be within the grants that the worker was started with. `limits` may be narrower than the worker's own.
    ///
    /// # Errors
    /// When the worker is lost; it is useless afterwards, and the script may have run in part.
    async fn run(&mut self, argv: &[PathBuf], cwd: &Path, limits: Limits) -> Result<JobResult, ExecError>;
}

/// One program with everything that it may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Program (an absolute path) and its arguments.
    pub argv: Vec<OsString>,
    /// Working directory.
    pub cwd: PathBuf,
    /// The whole environment: nothing is inherited.
    pub env: BTreeMap<String, String>,
    /// What it may spend.
    pub limits: Limits,
    /// Files and directories that it may read, beyond the system's own.
    pub readable: Vec<PathBuf>,
    /// Directories that it may write.
    pub writable: Vec<PathBuf>,
    /// Directories that it may change for itself alone.
    pub replicas: Vec<Replica>,
}

/// What one job may spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Wall time until everything is killed.
    pub wall: Duration,
    /// Private memory of each process, in bytes.
    pub memory_bytes: u64,
    /// Bytes that one stream may carry before the program is killed.
    pub output_bytes: u64,
    /// Bytes of each stream that are kept, half from its start and half from its end.
    pub kept_bytes: usize,
    /// Largest file that may be written, in bytes.
    pub file_bytes: u64,
    /// Processor time, of all processes together; only a confining sandbox counts it.
    pub cpu: Duration,
    /// Processes and threads at once; only a confining sandbox counts them.
    pub processes: u32,
    /// Bytes by which the writable directories may grow; only a confining sandbox counts them.
    pub disk_bytes: u64,
}

impl Default for Limits {
    /// Ten minutes (of processor time an hour), 8 GiB of memory, 16 MiB of output of which 32 KiB are kept, files
    /// of 8 GiB, 16 GiB on disk, 256 processes.
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(600),
            memory_bytes: 8 << 30,
            output_bytes: 16 << 20,
            kept_bytes: 32 << 10,
            file_bytes: 8 << 30,
            cpu: Duration::from_secs(3600),
            processes: 256,
            disk_bytes: 16 << 30,
        }
    }
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum JobStatus {
    /// Exit code 0.
    Ok,
    /// Another exit code.
    Exit {
        /// The code, 1 to 255.
        code: i32,
    },
    /// Ended by a signal that the sandbox did not send.
    Signal {
        /// Its number.
        signal: i32,
    },
    /// Killed at the limit of wall time.
    TimeoutWall,
    /// Killed at a limit of processor time.
    TimeoutCpu,
    /// Ended for want of memory.
    Oom,
    /// Killed because a stream carried too much.
    OutputLimit,
    /// Ended because a file, or all that was written, grew beyond the limit.
    DiskLimit,
    /// Killed because there were too many processes.
    ProcessLimit,
    /// The sandbox could not give what was asked; the program was not run.
    SandboxError,
    /// The machine failed, not the program.
    InfraError,
}

impl JobStatus {
    /// True for exit code 0.
    #[must_use]
    pub fn is_ok(self) -> bool {
        self == Self::Ok
    }
}

impl fmt::Display for JobStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => f.write_str("exit code 0"),
            Self::Exit { code } => write!(f, "exit code {code}"),
            Self::Signal { signal } => write!(f, "ended by signal {signal}"),
            Self::TimeoutWall => f.write_str("killed at the wall time limit"),
            Self::TimeoutCpu => f.write_str("killed at the processor time limit"),
            Self::Oom => f.write_str("out of memory"),
            Self::OutputLimit => f.write_str("killed at the output limit"),
            Self::DiskLimit => f.write_str("ended at the limit of what it may write"),
            Self::ProcessLimit => f.write_str("killed at the limit of processes"),
            Self::SandboxError => f.write_str("not run: the sandbox failed"),
            Self::InfraError => f.write_str("not run: the machine failed"),
        }
    }
}

/// What was kept of one output stream.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captured {
    /// Text, invalid UTF-8 replaced; when cut, a line in the middle says how many bytes are missing.
    pub text: String,
    /// Bytes that the program wrote, kept or not.
    pub total_bytes: u64,
    /// Whether the middle is missing.
    pub cut: bool,
}

/// What a job spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct JobUsage {
    /// Wall time in seconds.
    pub wall_seconds: f64,
    /// Processor time in seconds, of the program and the children that it waited for; where the system tells. With a
    /// cgroup of all of its processes.
    pub cpu_seconds: Option<f64>,
    /// Largest resident memory in bytes, where the sandbox measures it. With a cgroup also that of files which the
    /// kernel kept in memory for it.
    pub peak_memory_bytes: Option<u64>,
    /// Bytes that it printed, kept or not.
    pub output_bytes: u64,
    /// Bytes on disk by which its writable directories had grown at most, where the sandbox measures it.
    pub disk_bytes: Option<u64>,
}

/// What happened to a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobResult {
    /// How it ended.
    pub status: JobStatus,
    /// Standard output.
    pub stdout: Captured,
    /// Standard error.
    pub stderr: Captured,
    /// What it spent.
    pub usage: JobUsage,
    /// What confined it.
    pub confinement: Confinement,
}

impl JobResult {
    /// Nothing of the job ran, so that the reason is all that there is on its streams.
    pub(crate) fn not_run(why: String, confinement: Confinement) -> Self {
        Self {
            status: JobStatus::SandboxError,
            stdout: Captured::default(),
            stderr: Captured { total_bytes: why.len() as u64, text: why, cut: false },
            usage: JobUsage::default(),
            confinement,
        }
    }
}
