//! Jobs as child processes: limits, captured output, and nothing left behind.

mod capture;
mod outcome;
mod running;
mod sweep;

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;

pub(crate) use self::capture::Capture;
#[cfg(target_os = "linux")]
pub(crate) use self::outcome::status_of_end;
use self::outcome::{Cause, status_of};
use self::running::Running;
use crate::{Confinement, ExecError, Job, JobResult, JobUsage, Sandbox};

/// How long output may keep coming after everything that belongs to the job was killed. It ends the
/// wait for a pipe held open by a process that could not be found.
const DRAIN_GRACE: Duration = Duration::from_secs(2);

/// Sees every chunk of output as it arrives, from either stream.
pub(crate) type Watch<'a> = &'a (dyn Fn(&[u8]) + Send + Sync);

/// Runs jobs as plain child processes of their own process group.
///
/// It bounds wall time, output, the memory of each process and the size of each file (the last two on
/// Linux), inherits no environment, and kills what a job leaves behind: its process group and, on
/// Linux, every process that still carries the job's mark in its environment. It does **not** hide
/// files or the network: the grants of a [`Job`] are not enforced here.
#[derive(Debug)]
pub struct ChildProcess {
    marker: String,
}

impl ChildProcess {
    /// A sandbox whose children carry `marker` as the start of their `SMITH_MARK` variable.
    #[must_use]
    pub fn new(marker: String) -> Self {
        Self { marker }
    }

    /// Kills every process of this machine whose `SMITH_MARK` is `marker`, or begins with it and a
    /// dot, and returns how many there were. Needs Linux's `/proc`; elsewhere it finds none.
    #[must_use]
    pub fn sweep(marker: &str) -> usize {
        sweep::sweep(marker)
    }
}

#[async_trait]
impl Sandbox for ChildProcess {
    async fn run(&self, job: Job) -> Result<JobResult, ExecError> {
        let job = job.with_copies().await?;
        run_watched(&job, &job_mark(&self.marker), &|_| ()).await
    }
}

/// A mark that no other job has: `<marker>.<our process>.<number>`.
pub(crate) fn job_mark(marker: &str) -> String {
    static JOBS: AtomicU64 = AtomicU64::new(0);
    format!("{marker}.{}.{}", std::process::id(), JOBS.fetch_add(1, Ordering::Relaxed))
}

/// Runs `job` under `mark`, showing its output to `watch` while it comes.
pub(crate) async fn run_watched(job: &Job, mark: &str, watch: Watch<'_>) -> Result<JobResult, ExecError> {
    let started = Instant::now();
    let mut running = Running::start(job, mark).await?;
    let (stdout, stderr) = running.take_streams();
    let (mut out, mut err) = (Capture::new(&job.limits), Capture::new(&job.limits));
    let (cause, exit, cpu_seconds) = {
        let mut drain = pin!(async { tokio::try_join!(out.drain(stdout, watch), err.drain(stderr, watch)) });
        let mut wall = pin!(tokio::time::sleep(job.limits.wall));
        let mut draining = true;
        let cause = loop {
            tokio::select! {
                drained = &mut drain, if draining => {
                    draining = false;
                    if drained.is_err() {
                        break Cause::Output;
                    }
                }
                () = running.exited() => break Cause::Exited,
                () = &mut wall => break Cause::Wall,
            }
        };
        let (exit, cpu_seconds) = running.finish().await;
        if draining && matches!(tokio::time::timeout(DRAIN_GRACE, &mut drain).await, Ok(Err(_))) {
            (Cause::Output, exit, cpu_seconds)
        } else {
            (cause, exit, cpu_seconds)
        }
    };
    let (stdout, stderr) = (out.finish(), err.finish());
    let usage = JobUsage {
        wall_seconds: started.elapsed().as_secs_f64(),
        cpu_seconds,
        output_bytes: stdout.total_bytes + stderr.total_bytes,
        ..JobUsage::default()
    };
    let status = status_of(cause, exit, &stderr.text);
    Ok(JobResult { status, stdout, stderr, usage, confinement: Confinement::default() })
}
