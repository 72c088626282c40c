//! One job in a container, from the making of it to its removal.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::pin::pin;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};

use super::attest::{Attested, attest};
use super::engine::{self, Engine};
use super::gate::{self, User};
use super::inspect::{Inspected, State};
use super::keeper::Keeper;
use super::{Container, Image, end};
use crate::child::Capture;
use crate::jail::{self, READY, Watches, free_user, hand_over, kill, require, require_paths};
use crate::proc_stat::Process;
use crate::{Confinement, ExecError, Guards, Job, JobResult, JobStatus, JobUsage, Launch, Tier};

/// Time for a container to start; it takes some tenths of a second.
const START_GRACE: Duration = Duration::from_secs(60);

/// How long output may keep coming after everything was killed.
const DRAIN_GRACE: Duration = Duration::from_secs(2);

/// How often an engine is asked for the end of a container that its client reports.
const ASKED_FOR_END: u32 = 50;

pub(super) async fn run(container: &Container, job: &Job) -> Result<JobResult, ExecError> {
    match container.image {
        Image::Empty(_) => require(job)?,
        // The programs are those of the image.
        Image::Given(_) => require_paths(job)?,
    }
    let user = user(&container.engine, job)?;
    let name = engine::new_name();
    let create = gate::create(container, job, &name, user)?;
    let whole_image = matches!(container.image, Image::Given(_));
    let plan =
        jail::frame(job, gate::processes(&job.limits), whole_image).map_err(ExecError::io("the plan"))?;
    // First the one that removes the container, then the container.
    let keeper = Keeper::start(&container.engine, &name)
        .map_err(|source| ExecError::Spawn { program: "/bin/sh".to_owned(), source })?;
    let ran = match container.engine.ask(create).await {
        Ok(_) => Boxed { container, job, name: &name, plan: &plan }.run().await,
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
    /// What the launcher reads first.
    plan: &'a [u8],
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
        let (ancestor, guards) = match self.attested(started.landlock_abi).await {
            Ok(attested) => attested,
            Err(why) => return Ran::not(why),
        };
        match Places::open(ancestor) {
            Ok(places) => self.watched(&mut started, ancestor, &places, guards).await,
            Err(why) => Ran::not(why),
        }
    }

    /// Starts the container and waits until its launcher has sealed itself.
    async fn start(&self) -> Result<Started, String> {
        let mut command = self.container.engine.command();
        command
            .args(["start", "--attach", "--interactive", self.name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut client = command.spawn().map_err(|error| format!("start the engine's client: {error}"))?;
        let (stdin, stdout, stderr) = (client.stdin.take(), client.stdout.take(), client.stderr.take());
        let (Some(mut control), Some(mut stdout), Some(mut stderr)) = (stdin, stdout, stderr) else {
            return Err("the engine's client has no streams".to_owned());
        };
        let sealed = async {
            // A client that failed is not there to read it, and says why.
            let _not_read = control.write_all(self.plan).await;
            landlock_abi(&first_line(&mut stdout).await)
        };
        match tokio::time::timeout(START_GRACE, sealed).await {
            Ok(Some(landlock_abi)) => Ok(Started { client, control, stdout, stderr, landlock_abi }),
            Ok(None) => Err(format!("start the container: {}", said(&mut stderr).await)),
            Err(_) => Err(format!("the container did not start within {} s", START_GRACE.as_secs())),
        }
    }

    async fn inspect(&self) -> Result<Inspected, String> {
        Inspected::parse(&self.container.engine.ask(["inspect", "--type=container", self.name]).await?)
    }

    /// The first process of the container and what is in force for it; an error when that does not do.
    async fn attested(&self, landlock_abi: u32) -> Result<(u32, Guards), String> {
        let inspected = self.inspect().await.map_err(|why| format!("inspect the container: {why}"))?;
        let granted = gate::binds(&self.container.image, self.job);
        let Attested { guards, surplus } = attest(&inspected, landlock_abi, &granted, &self.job.limits)?;
        let guards = self.container.policy.admit(guards).map_err(|why| format!("{why}{surplus}"))?;
        Ok((inspected.state.pid, guards))
    }

    /// Lets the job begin and watches it until it has ended.
    async fn watched(&self, started: &mut Started, ancestor: u32, places: &Places, guards: Guards) -> Ran {
        let limits = &self.job.limits;
        let (mut out, mut err) = (Capture::new(limits), Capture::new(limits));
        let first = Process::read(ancestor).map(|process| process.started);
        let mut watches = Watches::start(*limits, places.directories(&self.job.writable), ancestor).await;
        let began = Instant::now();
        let (mut ended, mut draining) = (Ended::Lost, true);
        if started.control.write_all(&jail::PERMISSION).await.is_ok() {
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
            output_bytes: 0,
            disk_bytes: Some(seen.disk_bytes),
        };
        let ended = match seen.exceeded {
            Some(status) if matches!(ended, Ended::Itself(_)) => Ended::Killed(status),
            _ => ended,
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

/// A container whose launcher waits.
struct Started {
    client: Child,
    /// Its end is the end of the container.
    control: ChildStdin,
    stdout: ChildStdout,
    stderr: ChildStderr,
    landlock_abi: u32,
}

/// Writable places of a container's own. They are opened before the launcher hides itself, after which only root
/// could find them.
struct Places(Vec<File>);

impl Places {
    const ALL: [&str; 2] = ["/tmp", "/dev"];

    fn open(ancestor: u32) -> Result<Self, String> {
        let opened = Self::ALL.iter().map(|place| File::open(format!("/proc/{ancestor}/root{place}")));
        opened
            .collect::<std::io::Result<_>>()
            .map(Self)
            .map_err(|error| format!("look into the container: {error}"))
    }

    /// What a job may fill: what it was granted, and these. What was granted below them is within them.
    fn directories(&self, writable: &[PathBuf]) -> Vec<PathBuf> {
        let inside = |path: &&PathBuf| Self::ALL.iter().any(|place| path.starts_with(place));
        let own = self.0.iter().map(|place| PathBuf::from(format!("/proc/self/fd/{}", place.as_raw_fd())));
        writable.iter().filter(|path| !inside(path)).cloned().chain(own).collect()
    }
}

/// Reads what the launcher says when it is sealed.
fn landlock_abi(line: &str) -> Option<u32> {
    line.strip_prefix(READY)?.trim().parse().ok()
}

/// Byte by byte: what follows the line is the job's.
async fn first_line(stdout: &mut ChildStdout) -> String {
    let mut line = Vec::new();
    while let Ok(byte) = stdout.read_u8().await {
        if byte == b'\n' || line.len() > 64 {
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

    fn finish(self) -> JobResult {
        let confinement = Confinement { tier: Tier::Container, launch: Launch::Spawn, guards: self.guards };
        let (stdout, stderr) = (self.out.finish(), self.err.finish());
        let status = match self.ended {
            Ended::NotRun(why) => return JobResult::not_run(why, confinement),
            Ended::Itself(state) => end::status_of(&state, &stderr.text),
            Ended::Killed(status) => status,
            Ended::Lost => JobStatus::InfraError,
        };
        let output_bytes = stdout.total_bytes + stderr.total_bytes;
        let usage = JobUsage { output_bytes, ..self.usage };
        JobResult { status, stdout, stderr, usage, confinement }
    }
}
