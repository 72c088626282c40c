//! One job in a container, from the making of it to its removal.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};

use super::attest::attest;
use super::engine::{self, Engine};
use super::gate::{self, READY, User};
use super::inspect::{Inspected, State};
use super::keeper::Keeper;
use super::{Container, Image, end};
use crate::child::Capture;
use crate::jail::{Watches, free_user, hand_over, kill, not_run, require, require_paths, satisfies};
use crate::proc_stat::Process;
use crate::{ExecError, Guards, Job, JobResult, JobStatus, JobUsage};

/// Time for a container to start; it takes some tenths of a second.
const START_GRACE: Duration = Duration::from_secs(60);

/// How long output may keep coming after everything was killed.
const DRAIN_GRACE: Duration = Duration::from_secs(2);

/// How often an engine is asked for the end of a container that its client reports.
const ASKED_FOR_END: u32 = 50;

pub(super) async fn run(container: &Container, job: &Job) -> Result<(JobResult, Guards), ExecError> {
    match container.image {
        Image::Empty(_) => require(job)?,
        // The programs are those of the image.
        Image::Given(_) => require_paths(job)?,
    }
    let user = user(&container.engine, job)?;
    let name = engine::new_name();
    let create = gate::create(&container.engine, &container.image, job, &name, user)?;
    // First the one that removes the container, then the container.
    let keeper = Keeper::start(&container.engine, &name)
        .map_err(|source| ExecError::Spawn { program: "/bin/sh".to_owned(), source })?;
    let ran = match container.engine.ask(create).await {
        Ok(_) => Boxed { container, job, name: &name }.run().await,
        Err(why) => Ran::not(format!("make the container: {why}")),
    };
    if !keeper.remove().await {
        // It may be gone already; if not, the next start of a supervisor removes it.
        tracing::debug!(name, "the engine did not remove the container");
    }
    Ok(ran.finish())
}

/// Who a job is. Root outside becomes somebody whom nothing belongs to, and gives away what the job may write.
fn user(engine: &Engine, job: &Job) -> Result<User, ExecError> {
    let (own, group) = (rustix::process::geteuid(), rustix::process::getegid());
    if engine.rootless {
        // Root inside is the supervisor's own user outside.
        return Ok(User { user: 0, group: 0 });
    }
    if !own.is_root() {
        return Ok(User { user: own.as_raw(), group: group.as_raw() });
    }
    let user = free_user();
    hand_over(&job.writable, user)?;
    Ok(User { user, group: user })
}

/// A job whose container has been made.
struct Boxed<'a> {
    container: &'a Container,
    job: &'a Job,
    name: &'a str,
}

/// What came of it.
struct Ran {
    ended: Ended,
    guards: Guards,
    out: Capture,
    err: Capture,
    usage: JobUsage,
}

enum Ended {
    Itself(State),
    Killed(JobStatus),
    /// Nothing was run, and why.
    NotRun(String),
    /// The engine lost it.
    Lost,
}

impl Boxed<'_> {
    async fn run(&self) -> Ran {
        let mut started = match self.start().await {
            Ok(started) => started,
            Err(why) => return Ran::not(why),
        };
        let (inspected, guards) = match self.attested().await {
            Ok(attested) => attested,
            Err(why) => return Ran::not(why),
        };
        self.watched(&mut started, inspected.state.pid, guards).await
    }

    /// Starts the container and waits until its gate speaks.
    async fn start(&self) -> Result<Started, String> {
        let mut command = self.container.engine.command();
        command
            .args(["start", "--attach", "--interactive", self.name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut client = command.spawn().map_err(|error| format!("start the engine's client: {error}"))?;
        let (stdin, stdout, stderr) = (client.stdin.take(), client.stdout.take(), client.stderr.take());
        let (Some(gate), Some(mut stdout), Some(mut stderr)) = (stdin, stdout, stderr) else {
            return Err("the engine's client has no streams".to_owned());
        };
        match tokio::time::timeout(START_GRACE, first_line(&mut stdout)).await {
            Ok(line) if line == READY => Ok(Started { client, gate: Some(gate), stdout, stderr }),
            Ok(_) => Err(format!("start the container: {}", said(&mut stderr).await)),
            Err(_) => Err(format!("the container did not start within {} s", START_GRACE.as_secs())),
        }
    }

    async fn inspect(&self) -> Result<Inspected, String> {
        Inspected::parse(&self.container.engine.ask(["inspect", "--type=container", self.name]).await?)
    }

    /// What is in force; an error when that does not do.
    async fn attested(&self) -> Result<(Inspected, Guards), String> {
        let inspected = self.inspect().await.map_err(|why| format!("inspect the container: {why}"))?;
        let granted = gate::binds(&self.container.image, self.job);
        let guards = attest(&inspected, &granted, &self.job.limits)?;
        let guards = satisfies(self.container.policy, guards)?;
        Ok((inspected, guards))
    }

    /// Lets the job begin and watches it until it has ended.
    async fn watched(&self, started: &mut Started, ancestor: u32, guards: Guards) -> Ran {
        let limits = &self.job.limits;
        let (mut out, mut err) = (Capture::new(limits), Capture::new(limits));
        let first = Process::read(ancestor).map(|process| process.started);
        let mut watches = Watches::start(*limits, directories(&self.job.writable, ancestor), ancestor).await;
        let began = Instant::now();
        let (mut ended, mut draining) = (Ended::Lost, true);
        if started.open_gate().await.is_ok() {
            let Started { client, stdout, stderr, .. } = started;
            let none: crate::child::Watch<'_> = &|_| ();
            let mut drain = pin!(async {
                tokio::try_join!(out.drain(Some(stdout), none), err.drain(Some(stderr), none))
            });
            let mut wall = pin!(tokio::time::sleep(limits.wall));
            ended = loop {
                tokio::select! {
                    drained = &mut drain, if draining => {
                        draining = false;
                        if drained.is_err() {
                            break Ended::Killed(JobStatus::OutputLimit);
                        }
                    }
                    _ = client.wait() => break self.end().await,
                    () = &mut wall => break Ended::Killed(JobStatus::TimeoutWall),
                    exceeded = watches.exceeded() => break exceeded.map_or(Ended::Lost, Ended::Killed),
                }
            };
            // Quicker than the engine, where this user may do it.
            if Process::read(ancestor).map(|process| process.started) == first {
                kill(ancestor);
            }
            // A pipe that somebody still holds open ends the wait, not the job.
            let overflowed =
                draining && matches!(tokio::time::timeout(DRAIN_GRACE, &mut drain).await, Ok(Err(_)));
            if overflowed {
                ended = Ended::Killed(JobStatus::OutputLimit);
            }
        }
        let seen = watches.end().await;
        let usage = JobUsage {
            wall_seconds: began.elapsed().as_secs_f64(),
            cpu_seconds: Some(seen.cpu_seconds),
            peak_memory_bytes: Some(seen.peak_bytes),
        };
        Ran { ended, guards, out, err, usage }
    }

    /// How the container ended, now that its client has.
    async fn end(&self) -> Ended {
        for _ in 0..ASKED_FOR_END {
            match self.inspect().await {
                Ok(inspected) if !inspected.state.running => return Ended::Itself(inspected.state),
                Ok(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                Err(_) => break,
            }
        }
        Ended::Lost
    }
}

/// A container whose gate waits.
struct Started {
    client: Child,
    gate: Option<ChildStdin>,
    stdout: ChildStdout,
    stderr: ChildStderr,
}

impl Started {
    async fn open_gate(&mut self) -> std::io::Result<()> {
        match self.gate.take() {
            Some(mut gate) => gate.write_all(b"go\n").await,
            None => Ok(()),
        }
    }
}

/// What a job may fill: what it was granted, and the places of its own container. What was granted below those is
/// within them.
fn directories(writable: &[PathBuf], ancestor: u32) -> Vec<PathBuf> {
    const OWN: [&str; 2] = ["/tmp", "/dev"];
    let inside = |path: &&PathBuf| OWN.iter().any(|own| path.starts_with(own));
    let own = OWN.map(|own| Path::new("/proc").join(ancestor.to_string()).join("root").join(&own[1..]));
    writable.iter().filter(|path| !inside(path)).cloned().chain(own).collect()
}

/// Byte by byte: what follows the line is the job's.
async fn first_line(stdout: &mut ChildStdout) -> String {
    let mut line = Vec::new();
    while let Ok(byte) = stdout.read_u8().await {
        if byte == b'\n' || line.len() > READY.len() {
            break;
        }
        line.push(byte);
    }
    String::from_utf8_lossy(&line).into_owned()
}

/// The last words of a client that failed.
async fn said(stderr: &mut ChildStderr) -> String {
    let mut text = Vec::new();
    let _said = tokio::time::timeout(DRAIN_GRACE, stderr.take(16 << 10).read_to_end(&mut text)).await;
    String::from_utf8_lossy(&text).trim().to_owned()
}

impl Ran {
    fn not(why: String) -> Self {
        let none = || Capture::new(&crate::Limits::default());
        Self {
            ended: Ended::NotRun(why),
            guards: Guards::default(),
            out: none(),
            err: none(),
            usage: JobUsage::default(),
        }
    }

    fn finish(self) -> (JobResult, Guards) {
        let (stdout, stderr) = (self.out.finish(), self.err.finish());
        let status = match self.ended {
            Ended::NotRun(why) => return (not_run(why), self.guards),
            Ended::Itself(state) => end::status_of(&state, &stderr.text),
            Ended::Killed(status) => status,
            Ended::Lost => JobStatus::InfraError,
        };
        (JobResult { status, stdout, stderr, usage: self.usage }, self.guards)
    }
}
