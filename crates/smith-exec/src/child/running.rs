//! One started program: its limits, its end, and the end of everything that it started.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::fs::Access;
use rustix::process::{Pid, Signal};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

use super::sweep;
use crate::{ExecError, Job, proc_stat};

/// Name of the variable that marks a job's processes.
pub(super) const MARK: &str = "SMITH_MARK";

/// How long a killed program may take to die. Longer means that it hangs in the kernel.
const DEATH_GRACE: Duration = Duration::from_secs(5);

/// A shell program that waits for a line and then becomes the program that its arguments name. The
/// limits are set while it waits, so that they hold from the program's first instruction. Without a
/// line, because we are gone, nothing is run. The variables are those that shells add of themselves.
const GATE: &str = r#"read -r smith_gate && unset PWD OLDPWD SHLVL && exec "$@" </dev/null"#;

/// A started program. Dropping it kills the program and everything that it started.
pub(super) struct Running {
    child: Child,
    /// Process id of the program, which is also its process group.
    leader: Option<Pid>,
    mark: String,
    finished: bool,
}

impl Running {
    /// Starts `job` within its limits, in a process group of its own.
    pub(super) async fn start(job: &Job, mark: &str) -> Result<Self, ExecError> {
        let program = program(job)?;
        require_directory(&job.cwd)?;
        let failed = |source| ExecError::Spawn { program: program.display().to_string(), source };
        let child = gated(job, mark).spawn().map_err(failed)?;
        let leader = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let mut running = Self { child, leader, mark: mark.to_owned(), finished: false };
        if let Some(leader) = leader {
            limits::set(leader, &job.limits)?;
        }
        if let Some(mut gate) = running.child.stdin.take() {
            gate.write_all(b"\n").await.map_err(failed)?;
        }
        Ok(running)
    }

    /// Both output streams; once.
    pub(super) fn take_streams(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// Waits for the end of the program itself. Where the system allows it the program is left
    /// unreaped, so that its id still belongs to it while the rest of its group is killed.
    pub(super) async fn exited(&mut self) {
        if exit_watch::exited(self.leader).await.is_none() {
            // Tokio keeps the status for the next wait; an error here comes again there.
            let _status = self.child.wait().await;
        }
    }

    /// Kills everything, reaps the program and returns its exit status (none when it does not die)
    /// and the processor time that it used.
    pub(super) async fn finish(mut self) -> (Option<ExitStatus>, Option<f64>) {
        self.kill_everything();
        let died = tokio::time::timeout(DEATH_GRACE, self.exited()).await.is_ok();
        // Ended and unreaped, so that its number is still its own.
        let cpu_seconds = self
            .leader
            .and_then(|leader| proc_stat::cpu_seconds(leader.as_raw_nonzero().get().cast_unsigned()));
        let status = if died { self.child.wait().await.ok() } else { None };
        self.finished = true;
        (status, cpu_seconds)
    }

    fn kill_everything(&self) {
        if let Some(leader) = self.leader {
            // Fails only when nobody is left in the group.
            let _gone = rustix::process::kill_process_group(leader, Signal::KILL);
        }
        sweep::sweep(&self.mark);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.finished {
            self.kill_everything();
        }
    }
}

/// The program of a job. Whether it can be executed is asked here, because the shell that becomes it
/// would tell by an exit code only.
fn program(job: &Job) -> Result<&Path, ExecError> {
    let Some(program) = job.argv.first().map(Path::new) else {
        return Err(ExecError::Mistake("a job needs a program to run: its argv is empty".into()));
    };
    if !program.is_absolute() {
        let text = format!("a job's program must be an absolute path, not {}", program.display());
        return Err(ExecError::Mistake(text));
    }
    rustix::fs::access(program, Access::EXEC_OK).map_err(|source| ExecError::Spawn {
        program: program.display().to_string(),
        source: source.into(),
    })?;
    Ok(program)
}

/// A missing working directory would be reported as a missing shell.
fn require_directory(cwd: &Path) -> Result<(), ExecError> {
    if cwd.is_dir() {
        return Ok(());
    }
    Err(ExecError::Io { path: cwd.to_path_buf(), source: std::io::ErrorKind::NotADirectory.into() })
}

/// The command that waits at the gate before it becomes the job's program.
#[expect(clippy::disallowed_methods, reason = "the one place where this crate starts programs")]
fn gated(job: &Job, mark: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", GATE, "sh"])
        .args(&job.argv)
        .current_dir(&job.cwd)
        .env_clear()
        .envs(&job.env)
        .env(MARK, mark)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    command
}

#[cfg(target_os = "linux")]
mod limits {
    use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

    use crate::{ExecError, Limits};

    /// Bounds memory, file size and core dumps of `leader` and of what it will start.
    pub(super) fn set(leader: Pid, limits: &Limits) -> Result<(), ExecError> {
        // RLIMIT_DATA counts private writable memory. RLIMIT_AS would count address space, which
        // numerical libraries reserve far beyond what they use.
        set_one(leader, "memory", Resource::Data, limits.memory_bytes)?;
        set_one(leader, "file size", Resource::Fsize, limits.file_bytes)?;
        set_one(leader, "core dumps", Resource::Core, 0)
    }

    fn set_one(leader: Pid, what: &'static str, resource: Resource, wanted: u64) -> Result<(), ExecError> {
        // A lower limit that is already in force cannot be raised and does not need to be.
        let value = getrlimit(resource).maximum.map_or(wanted, |maximum| maximum.min(wanted));
        let limit = Rlimit { current: Some(value), maximum: Some(value) };
        match prlimit(Some(leader), resource, limit) {
            // It has already ended.
            Ok(_) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(source) => Err(ExecError::Limit { what, source: source.into() }),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod limits {
    use rustix::process::Pid;

    use crate::{ExecError, Limits};

    /// Other systems cannot limit a process from outside.
    pub(super) fn set(_leader: Pid, _limits: &Limits) -> Result<(), ExecError> {
        Ok(())
    }
}

#[cfg(target_os = "linux")]
mod exit_watch {
    use rustix::process::{Pid, PidfdFlags, pidfd_open};
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    /// Waits for the end of `leader` without reaping it; none when this kernel cannot tell.
    #[expect(
        deprecated,
        reason = "an OwnedFd keeps its descriptor, which is all that the unsafe successor asks for"
    )]
    pub(super) async fn exited(leader: Option<Pid>) -> Option<()> {
        let descriptor = pidfd_open(leader?, PidfdFlags::empty()).ok()?;
        let watched = AsyncFd::with_interest(descriptor, Interest::READABLE).ok()?;
        watched.readable().await.ok().map(|_ready| ())
    }
}

#[cfg(not(target_os = "linux"))]
mod exit_watch {
    use rustix::process::Pid;

    pub(super) async fn exited(_leader: Option<Pid>) -> Option<()> {
        None
    }
}
