//! Where a helper of ours runs: in a process of its own, or by a worker.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::space::Space;
use super::{PrepareHow, Runtime};
use crate::copying::{clear, open_to};
use crate::{ExecError, Job, JobResult, JobStatus, Worker};

/// One of two ways to run a helper, which give the same results.
pub(super) enum Way<'w> {
    /// A process of its own, which imports everything anew.
    Cold,
    /// A worker, and the only directory that it may write.
    Warm(&'w mut dyn Worker, &'w Path),
}

impl Way<'_> {
    /// An empty directory that is home and temporary directory of one run. Nothing of earlier runs is beside it.
    pub(super) fn place(&self, runtime: &Runtime) -> Result<TempDir, ExecError> {
        match self {
            Self::Cold => runtime.scratch.directory("smith-"),
            Self::Warm(_, desk) => {
                clear(desk).map_err(ExecError::io(desk))?;
                // Only those who may enter the desk come by; the sandbox may have made the metric another user.
                open_to(0o777, tempfile::tempdir_in(desk).map_err(ExecError::io(desk))?)
            }
        }
    }

    /// Runs a helper with these arguments in `place`. It may read `readable`, which a worker was granted before.
    pub(super) async fn run(
        &mut self,
        runtime: &Runtime,
        place: &Path,
        argv: Vec<PathBuf>,
        readable: &[PathBuf],
    ) -> Result<JobResult, ExecError> {
        let worker = match self {
            Self::Warm(worker, _) => worker,
            Self::Cold => {
                let job = Job {
                    argv: [runtime.python.interpreter().into()]
                        .into_iter()
                        .chain(argv.into_iter().map(OsString::from))
                        .collect(),
                    cwd: place.to_path_buf(),
                    env: Space::environment_in(place, &runtime.python, None, &PrepareHow::default()),
                    limits: runtime.limits,
                    readable: runtime.readable(readable.iter().cloned()),
                    writable: vec![place.to_path_buf()],
                    replicas: Vec::new(),
                };
                return runtime.run_job(job).await;
            }
        };
        let ended = worker.run(&argv, place, runtime.limits).await?;
        if matches!(ended.status, JobStatus::SandboxError | JobStatus::InfraError) {
            return Err(ExecError::NotRun { message: format!("a worker: {}", ended.status) });
        }
        runtime.note(&ended.confinement);
        Ok(ended)
    }
}
