//! One job, supervised from its launch to its end.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Stdio;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};

use super::attest::attest;
use super::disk::DiskWatch;
use super::guard::Guards;
use super::launcher::{ASKED, Part};
use super::plan::{self, Ceilings, GO, Plan, Word};
use super::watch::{Seen, Until, Watch};
use super::{Jail, Policy, Tier, user};
use crate::child::Capture;
use crate::{Captured, ExecError, Job, JobResult, JobStatus, JobUsage, Limits, proc_stat};

/// Time for a launcher to seal itself; it takes some milliseconds.
const SEAL_GRACE: Duration = Duration::from_secs(20);

/// How long output may keep coming after everything was killed.
const DRAIN_GRACE: Duration = Duration::from_secs(2);

/// How long the launcher may take to end its family before the supervisor does it.
const END_GRACE: Duration = Duration::from_secs(5);

pub(super) async fn run(jail: &Jail, job: &Job) -> Result<(JobResult, Guards), ExecError> {
    require(job)?;
    let plan = plan(jail, job);
    let started = Instant::now();
    if let Some(user) = plan.user {
        if !rustix::process::geteuid().is_root() {
            return Ok((not_run("change the user: this needs root".to_owned()), Guards::default()));
        }
        hand_over(&job.writable, user)?;
    }
    let mut output = Output { out: Capture::new(&job.limits), err: Capture::new(&job.limits) };
    let launched = Launched::start(jail, &plan, Stdio::piped()).await?;
    let Supervised { ended, guards, cpu_seconds, peak_bytes } =
        supervise(jail, job, &plan, launched, &mut output).await?;
    let (stdout, stderr) = (output.out.finish(), output.err.finish());
    let wall_seconds = started.elapsed().as_secs_f64();
    let usage = JobUsage { wall_seconds, cpu_seconds, peak_memory_bytes: peak_bytes };
    let status = match ended {
        Ended::Itself { code, signal, .. } => crate::child::status_of_end(code, signal, &stderr.text),
        Ended::Killed(status) => status,
        Ended::NotRun(why) => return Ok((not_run(why), guards)),
        Ended::Lost => JobStatus::InfraError,
    };
    Ok((JobResult { status, stdout, stderr, usage }, guards))
}

struct Output {
    out: Capture,
    err: Capture,
}

struct Supervised {
    ended: Ended,
    guards: Guards,
    cpu_seconds: Option<f64>,
    peak_bytes: Option<u64>,
}

/// Waits for the seal, lets the job begin, and watches it until it has ended. Nothing of it is left then.
async fn supervise(
    jail: &Jail,
    job: &Job,
    plan: &Plan,
    mut launched: Launched,
    output: &mut Output,
) -> Result<Supervised, ExecError> {
    let (stdout, stderr) = (launched.child.stdout.take(), launched.child.stderr.take());
    let (out, err) = (&mut output.out, &mut output.err);
    let mut drain = pin!(async { tokio::try_join!(out.drain(stdout, &|_| ()), err.drain(stderr, &|_| ())) });
    let guards = match launched.sealed(plan).await.and_then(|guards| satisfies(jail.policy, guards)) {
        Ok(guards) => guards,
        Err(why) => {
            launched.kill().await;
            return Ok(Supervised::not_run(why));
        }
    };
    let mut watches = Watches::start(job.limits, job.writable.clone(), launched.ancestor).await;
    launched.go().await.map_err(launch_failed(jail))?;
    let mut draining = true;
    let mut wall = pin!(tokio::time::sleep(job.limits.wall));
    let ended = loop {
        tokio::select! {
            drained = &mut drain, if draining => {
                draining = false;
                if drained.is_err() {
                    break Ended::Killed(JobStatus::OutputLimit);
                }
            }
            word = launched.words.next_line() => break Ended::of(word.ok().flatten()),
            () = &mut wall => break Ended::Killed(JobStatus::TimeoutWall),
            exceeded = watches.exceeded() => break exceeded.map_or(Ended::Lost, Ended::Killed),
        }
    };
    launched.kill().await;
    // A pipe that somebody still holds open ends the wait, not the job.
    let overflowed = draining && matches!(tokio::time::timeout(DRAIN_GRACE, &mut drain).await, Ok(Err(_)));
    let ended = if overflowed { Ended::Killed(JobStatus::OutputLimit) } else { ended };
    let seen = watches.end().await;
    let cpu_seconds = match ended {
        Ended::Itself { cpu_seconds: Some(seconds), .. } => seconds.max(seen.cpu_seconds),
        _ => seen.cpu_seconds,
    };
    let (cpu_seconds, peak_bytes) = (Some(cpu_seconds), Some(seen.peak_bytes));
    Ok(Supervised { ended, guards, cpu_seconds, peak_bytes })
}

impl Supervised {
    fn not_run(why: String) -> Self {
        Self { ended: Ended::NotRun(why), guards: Guards::default(), cpu_seconds: None, peak_bytes: None }
    }
}

/// A strict policy wants every guarantee.
pub(crate) fn satisfies(policy: Policy, guards: Guards) -> Result<Guards, String> {
    match guards.missing().first() {
        Some(missing) if policy == Policy::Strict => {
            Err(format!("the guarantee `{}` does not hold on this machine", missing.as_str()))
        }
        _ => Ok(guards),
    }
}

/// The watches over a job, each on a thread of its own: one that takes long must hold up neither the other nor
/// the clock.
pub(crate) struct Watches {
    /// They go on while these are there.
    running: [Sender<()>; 2],
    processes: JoinHandle<Seen>,
    disk: JoinHandle<Option<JobStatus>>,
    seen: Option<Seen>,
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
        Self { running: [first, second], processes, disk, seen: None }
    }

    /// Waits until a limit is exceeded; nothing when a watch is lost.
    pub(crate) async fn exceeded(&mut self) -> Option<JobStatus> {
        tokio::select! {
            seen = &mut self.processes => {
                self.seen = Some(seen.unwrap_or_default());
                self.seen?.exceeded
            }
            full = &mut self.disk => full.ok().flatten(),
        }
    }

    /// What was seen.
    pub(crate) async fn end(self) -> Seen {
        drop(self.running);
        match self.seen {
            Some(seen) => seen,
            None => self.processes.await.unwrap_or_default(),
        }
    }
}

enum Ended {
    /// As the first process of the job ended, with the processor time of all.
    Itself {
        code: Option<i32>,
        signal: Option<i32>,
        cpu_seconds: Option<f64>,
    },
    Killed(JobStatus),
    /// Nothing was run, and why.
    NotRun(String),
    /// The launcher is gone without a word.
    Lost,
}

impl Ended {
    fn of(line: Option<String>) -> Self {
        match line.and_then(|line| serde_json::from_str(&line).ok()) {
            Some(Word::Ended { code, signal, cpu_seconds }) => Self::Itself { code, signal, cpu_seconds },
            Some(Word::Failed { step, error }) => Self::NotRun(format!("{step}: {error}")),
            _ => Self::Lost,
        }
    }
}

/// A launcher that is on its way.
pub(super) struct Launched {
    pub(super) child: Child,
    control: OwnedWriteHalf,
    pub(super) words: tokio::io::Lines<BufReader<OwnedReadHalf>>,
    /// Everything below this process belongs to the job.
    pub(super) ancestor: u32,
}

impl Launched {
    pub(super) async fn start(jail: &Jail, plan: &Plan, stdout: Stdio) -> Result<Self, ExecError> {
        let failed = launch_failed(jail);
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().map_err(&failed)?;
        ours.set_nonblocking(true).map_err(&failed)?;
        let part = if plan.namespaces { Part::Outer } else { Part::Reaper };
        let mut launcher = launcher(&jail.launcher, part, theirs.into());
        launcher.args(plan.user.map(|user| user.to_string())).stdout(stdout);
        let child = launcher.spawn().map_err(&failed)?;
        let (words, mut control) = UnixStream::from_std(ours).map_err(&failed)?.into_split();
        let frame = plan::encode(plan).map_err(&failed)?;
        control.write_all(&frame).await.map_err(&failed)?;
        let ancestor = child.id().unwrap_or_default();
        let words = BufReader::new(words).lines();
        Ok(Self { child, control, words, ancestor })
    }

    /// Lets the job begin.
    pub(super) async fn go(&mut self) -> std::io::Result<()> {
        self.control.write_all(&[GO]).await
    }

    /// Waits for the seal and reads back what is in force.
    pub(super) async fn sealed(&mut self, plan: &Plan) -> Result<Guards, String> {
        let (mut init, mut sealed) = (None, None);
        loop {
            // Two processes speak, in any order. Inside of namespaces a process does not know its number outside.
            match (init, sealed) {
                (None, Some((pid, abi))) if !plan.namespaces => return Ok(attest(pid, plan, abi)),
                (Some(pid), Some((_, abi))) => return Ok(attest(pid, plan, abi)),
                _ => {}
            }
            match self.word().await? {
                Word::Init { pid } => {
                    init = Some(pid);
                    self.ancestor = pid;
                }
                Word::Sealed { pid, landlock_abi } => sealed = Some((pid, landlock_abi)),
                Word::Failed { step, error } => return Err(format!("{step}: {error}")),
                Word::Ended { .. } => return Err("the launcher ended out of turn".to_owned()),
            }
        }
    }

    async fn word(&mut self) -> Result<Word, String> {
        match tokio::time::timeout(SEAL_GRACE, self.words.next_line()).await {
            Ok(Ok(Some(line))) => serde_json::from_str(&line).map_err(|error| error.to_string()),
            Ok(_) => Err("the launcher ended without a word".to_owned()),
            Err(_) => Err("the launcher did not seal itself in time".to_owned()),
        }
    }

    /// Ends the job and the launcher, whatever they do.
    pub(super) async fn kill(&mut self) {
        // The launcher ends its family when the connection closes, and does it better than from here; it must
        // not die before.
        let _closed = self.control.shutdown().await;
        if tokio::time::timeout(END_GRACE, self.child.wait()).await.is_err() {
            proc_stat::descendants(self.ancestor).into_iter().chain([self.ancestor]).for_each(kill);
            let _gone = self.child.start_kill();
        }
    }
}

pub(crate) fn kill(pid: u32) {
    if let Some(pid) = Pid::from_raw(pid.cast_signed()) {
        let _gone = rustix::process::kill_process(pid, Signal::KILL);
    }
}

#[expect(clippy::disallowed_methods, reason = "this crate starts programs here and in `child`")]
fn launcher(program: &Path, part: Part, control: OwnedFd) -> Command {
    let mut command = Command::new(program);
    command
        .args([ASKED, part.as_str()])
        .env_clear()
        .stdin(Stdio::from(control))
        .stderr(Stdio::piped())
        .process_group(0);
    command
}

pub(super) fn launch_failed(jail: &Jail) -> impl Fn(std::io::Error) -> ExecError {
    let program = jail.launcher.display().to_string();
    move |source| ExecError::Spawn { program: program.clone(), source }
}

/// What a launcher would only find out inside is asked here, where it can be told apart.
pub(crate) fn require(job: &Job) -> Result<(), ExecError> {
    let Some(program) = job.argv.first().map(Path::new) else {
        return Err(ExecError::Mistake("a job needs a program to run: its argv is empty".into()));
    };
    if !program.is_absolute() {
        let text = format!("a job's program must be an absolute path, not {}", program.display());
        return Err(ExecError::Mistake(text));
    }
    rustix::fs::access(program, rustix::fs::Access::EXEC_OK).map_err(|source| ExecError::Spawn {
        program: program.display().to_string(),
        source: source.into(),
    })?;
    require_paths(job)
}

/// That everything that a job names besides its program is there.
pub(crate) fn require_paths(job: &Job) -> Result<(), ExecError> {
    for path in job.readable.iter().chain(&job.writable).chain([&job.cwd]) {
        std::fs::metadata(path).map_err(ExecError::io(path))?;
    }
    Ok(())
}

pub(super) fn plan(jail: &Jail, job: &Job) -> Plan {
    let namespaces = jail.tier == Tier::Namespaces;
    let paths = |paths: &[PathBuf]| -> Vec<OsString> {
        paths.iter().map(|path| path.clone().into_os_string()).collect()
    };
    Plan {
        argv: job.argv.clone(),
        cwd: job.cwd.clone().into_os_string(),
        env: job.env.clone(),
        ceilings: ceilings(&job.limits, jail.tier),
        namespaces,
        user: (jail.tier == Tier::User).then(user::free),
        landlock: !namespaces,
        readable: paths(&job.readable),
        writable: paths(&job.writable),
    }
}

fn ceilings(limits: &Limits, tier: Tier) -> Ceilings {
    // The launcher's own two are in the same namespace.
    let processes = u64::from(limits.processes) + 2;
    Ceilings {
        data_bytes: limits.memory_bytes,
        file_bytes: limits.file_bytes,
        // Later than the watch over all processes together, which says what happened.
        cpu_seconds: limits.cpu.as_secs() + 2,
        open_files: 4096,
        // An ordinary user shares the limit with all of its own processes, so that there it only stops what
        // runs away.
        processes: if tier == Tier::Landlock { processes * 16 } else { processes },
        scratch_bytes: limits.disk_bytes.min(1 << 30),
    }
}

/// Makes another user the owner of what it may write. What a job nested too deep for a path stays with the
/// user whom it had then: the next one need not have it.
pub(crate) fn hand_over(directories: &[PathBuf], user: u32) -> Result<(), ExecError> {
    let mut left = directories.to_vec();
    while let Some(path) = left.pop() {
        match own(&path, user) {
            Ok(inner) => left.extend(inner),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidFilename => {}
            Err(error) => return Err(ExecError::io(path)(error)),
        }
    }
    Ok(())
}

/// Makes `user` the owner of one path; returns what is in it.
fn own(path: &Path, user: u32) -> std::io::Result<Vec<PathBuf>> {
    let data = std::fs::symlink_metadata(path)?;
    if data.uid() != user {
        std::os::unix::fs::lchown(path, Some(user), Some(user))?;
    }
    if !data.is_dir() {
        return Ok(Vec::new());
    }
    Ok(std::fs::read_dir(path)?.flatten().map(|entry| entry.path()).collect())
}

/// Nothing of the job ran, so that the reason is all that there is on its streams.
pub(crate) fn not_run(why: String) -> JobResult {
    JobResult {
        status: JobStatus::SandboxError,
        stdout: Captured::default(),
        stderr: Captured { total_bytes: why.len() as u64, text: why, cut: false },
        usage: JobUsage::default(),
    }
}
