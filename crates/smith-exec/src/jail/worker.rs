//! Workers: one sealed launch, many scripts.

use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Stdio;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::net::unix::pipe::Receiver;

use super::cgroup::{Holds, JobCgroup};
use super::launched::{self, Launched};
use super::watches::{Sights, Watches};
use super::{Jail, ownership, passing, planning, proc_stat};
use crate::child::Capture;
use crate::{Confinement, ExecError, Job, JobResult, JobStatus, JobUsage, Launch, Limits, Worker};

/// Time for the imports of a worker.
const IMPORT_GRACE: Duration = Duration::from_secs(120);

/// A larger process is forked slower than a small one is started anew, and crowds out the scripts.
const MOST_RESIDENT: u64 = 600 << 20;

/// Time for a worker to clear up after a script that was killed.
const CLEAR_GRACE: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct Hello {
    threads: u32,
}

#[derive(Deserialize)]
struct Ended {
    status: i32,
}

/// A worker in a jail.
pub(super) struct JailedWorker {
    launched: Launched,
    /// Where its words come from, and requests go.
    words: Lines<BufReader<UnixStream>>,
    /// Number of the worker itself; everything below it belongs to a script.
    pid: u32,
    writable: Vec<PathBuf>,
    confinement: Confinement,
    lost: bool,
}

impl JailedWorker {
    pub(super) async fn start(jail: &Jail, job: &Job) -> Result<Self, ExecError> {
        planning::require(job)?;
        let mut plan = planning::plan(jail, job);
        // The worker's own process is none of a script's.
        plan.ceilings.processes += 1;
        if let Some(user) = plan.heir() {
            ownership::hand_over(&job.writable, user)?;
        }
        let failed = launched::launch_failed(jail);
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().map_err(&failed)?;
        ours.set_nonblocking(true).map_err(&failed)?;
        let stdout = Stdio::from(OwnedFd::from(theirs));
        let cgroup = jail.cgroup(&job.limits, Holds::Worker)?;
        let mut launched = Launched::start(jail, &plan, stdout, cgroup).await?;
        // Nobody reads it, and a full pipe would stop the worker.
        if let Some(mut said) = launched.child.stderr.take() {
            tokio::spawn(async move { tokio::io::copy(&mut said, &mut tokio::io::sink()).await });
        }
        let sealed = launched.sealed(&plan).await;
        let guards = sealed.and_then(|guards| jail.policy.admit(guards)).map_err(not_run)?;
        let confinement = Confinement { tier: jail.tier, launch: Launch::Warm, guards };
        launched.go().await.map_err(&failed)?;
        let words = BufReader::new(UnixStream::from_std(ours).map_err(&failed)?).lines();
        let writable = job.writable.clone();
        let mut worker = Self { launched, words, pid: 0, writable, confinement, lost: false };
        worker.greet().await?;
        Ok(worker)
    }

    /// Waits until everything is imported. A process with several threads cannot be forked safely.
    async fn greet(&mut self) -> Result<(), ExecError> {
        let line = tokio::time::timeout(IMPORT_GRACE, self.words.next_line()).await;
        let Ok(Ok(Some(line))) = line else { return Err(not_run("the worker ended while it began".into())) };
        let hello: Hello = serde_json::from_str(&line).map_err(|error| not_run(error.to_string()))?;
        if hello.threads != 1 {
            return Err(not_run(format!("the worker has {} threads and cannot be forked", hello.threads)));
        }
        // Below the first process of the namespaces (or the reaper) there is nothing but the worker yet.
        let below = proc_stat::descendants(self.launched.ancestor);
        self.pid = *below.first().ok_or_else(|| not_run("the worker is gone".into()))?;
        let resident =
            proc_stat::Process::read(self.pid).map_or(0, |process| proc_stat::resident_bytes(&process));
        if resident > MOST_RESIDENT {
            return Err(not_run(format!(
                "the worker has {} MB, too much to be forked again and again",
                resident >> 20
            )));
        }
        Ok(())
    }

    /// Sends a request with the descriptors of the script's output.
    async fn ask(&mut self, argv: &[PathBuf], cwd: &Path, output: [OwnedFd; 2]) -> std::io::Result<()> {
        let text = |path: &Path| path.to_str().map(str::to_owned).ok_or(Errno::ILSEQ);
        let argv = argv.iter().map(|path| text(path)).collect::<Result<Vec<_>, _>>()?;
        let mut line = serde_json::to_vec(&json!({"argv": argv, "cwd": text(cwd)?}))?;
        line.push(b'\n');
        passing::send(self.words.get_ref().get_ref(), &line, &output.each_ref().map(AsFd::as_fd)).await
    }

    /// How many processes the kernel killed for want of memory.
    fn killed_for_memory(&self) -> u64 {
        self.launched.cgroup.as_ref().map_or(0, JobCgroup::killed_for_memory)
    }

    fn kill_script(&self) {
        proc_stat::descendants(self.pid).into_iter().for_each(launched::kill);
    }

    async fn attend(&mut self, limits: Limits, output: &mut [Capture; 2], pipes: [Receiver; 2]) -> Attended {
        let [out, err] = output;
        let [stdout, stderr] = pipes;
        let mut drain = pin!(async {
            tokio::try_join!(out.drain(Some(stdout), &|_| ()), err.drain(Some(stderr), &|_| ()))
        });
        let mut watches = Watches::start(limits, self.writable.clone(), self.pid).await;
        let mut wall = pin!(tokio::time::sleep(limits.wall));
        let mut draining = true;
        let mut killed = None;
        let mut ended = loop {
            let exceeded = tokio::select! {
                drained = &mut drain, if draining => {
                    draining = false;
                    drained.is_err().then_some(JobStatus::OutputLimit)
                }
                word = self.words.next_line() => break word.ok().flatten(),
                () = &mut wall => Some(JobStatus::TimeoutWall),
                exceeded = watches.exceeded() => Some(exceeded.unwrap_or(JobStatus::InfraError)),
            };
            if exceeded.is_some() {
                killed = exceeded;
                break None;
            }
        };
        if killed.is_some() {
            self.kill_script();
            let word = tokio::time::timeout(CLEAR_GRACE, self.words.next_line()).await;
            ended = word.ok().and_then(Result::ok).flatten();
        }
        if draining {
            let _drained = tokio::time::timeout(CLEAR_GRACE, &mut drain).await;
        }
        let ended = ended.and_then(|line| serde_json::from_str::<Ended>(&line).ok());
        Attended { ended: ended.map(|ended| ended.status), killed, seen: watches.end().await }
    }
}

struct Attended {
    /// Wait status of the script; nothing when the worker is lost.
    ended: Option<i32>,
    killed: Option<JobStatus>,
    seen: Sights,
}

#[async_trait]
impl Worker for JailedWorker {
    async fn run(&mut self, argv: &[PathBuf], cwd: &Path, limits: Limits) -> Result<JobResult, ExecError> {
        if self.lost {
            return Err(not_run("the worker was lost".into()));
        }
        // Until this run has come to its end; a caller may drop it halfway.
        self.lost = true;
        let started = Instant::now();
        let killed_before = self.killed_for_memory();
        let failed = |error: std::io::Error| not_run(format!("the worker: {error}"));
        let (stdout, to_stdout) = pipe()?;
        let (stderr, to_stderr) = pipe()?;
        self.ask(argv, cwd, [to_stdout, to_stderr]).await.map_err(failed)?;
        let pipes = [receiver(stdout)?, receiver(stderr)?];
        let mut output = [Capture::new(&limits), Capture::new(&limits)];
        let Attended { ended, killed, seen } = self.attend(limits, &mut output, pipes).await;
        let [stdout, stderr] = output.map(Capture::finish);
        let Some(status) = ended else { return Err(not_run("the worker was lost".into())) };
        self.lost = false;
        let out_of_memory = (self.killed_for_memory() > killed_before).then_some(JobStatus::Oom);
        let status = killed.or(out_of_memory).or(seen.exceeded).unwrap_or_else(|| {
            let (code, signal) = ((status & 0x7f == 0).then_some((status >> 8) & 0xff), Some(status & 0x7f));
            crate::child::status_of_end(code, signal, &stderr.text)
        });
        let usage = JobUsage {
            wall_seconds: started.elapsed().as_secs_f64(),
            cpu_seconds: Some(seen.cpu_seconds),
            peak_memory_bytes: Some(seen.peak_bytes),
            output_bytes: stdout.total_bytes + stderr.total_bytes,
            disk_bytes: Some(seen.disk_bytes),
        };
        Ok(JobResult { status, stdout, stderr, usage, confinement: self.confinement.clone() })
    }
}

fn pipe() -> Result<(OwnedFd, OwnedFd), ExecError> {
    let failed = |error: std::io::Error| not_run(format!("a pipe: {error}"));
    let (end, other) = pipe_with(PipeFlags::CLOEXEC).map_err(|error| failed(error.into()))?;
    launched::open_to_all(other.as_fd()).map_err(failed)?;
    Ok((end, other))
}

fn receiver(end: OwnedFd) -> Result<Receiver, ExecError> {
    Receiver::from_owned_fd(end).map_err(|error| not_run(format!("a pipe: {error}")))
}

fn not_run(message: String) -> ExecError {
    ExecError::NotRun { message }
}
