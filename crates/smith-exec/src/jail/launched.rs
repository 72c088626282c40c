//! A launcher as its supervisor sees it: started, sealed, told to go, ended.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::fs::Mode;
use rustix::process::{Pid, Signal};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{Child, Command};

use super::Jail;
use super::attest::attest;
use super::cgroup::{JobCgroup, Spent};
use super::launcher::{ASKED, Part};
use super::plan::{self, GO, OWN, Plan, SHARED, Word};
use super::{own_user, passing};
use crate::{ExecError, Guards, proc_stat};

/// Time for a launcher to seal itself; it takes some milliseconds.
const SEAL_GRACE: Duration = Duration::from_secs(20);

/// How long the launcher may take to end its family before the supervisor does it.
const END_GRACE: Duration = Duration::from_secs(5);

/// A launcher that is on its way.
pub(super) struct Launched {
    pub(super) child: Child,
    control: OwnedWriteHalf,
    pub(super) words: tokio::io::Lines<BufReader<OwnedReadHalf>>,
    /// Everything below this process belongs to the job.
    pub(super) ancestor: u32,
    pub(super) cgroup: Option<JobCgroup>,
}

impl Launched {
    /// Without a plan, which comes with [`sealed`](Self::sealed).
    pub(super) async fn start(
        jail: &Jail,
        plan: &Plan,
        stdout: Stdio,
        cgroup: Option<JobCgroup>,
    ) -> Result<Self, ExecError> {
        let failed = launch_failed(jail);
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().map_err(&failed)?;
        ours.set_nonblocking(true).map_err(&failed)?;
        let part = if plan.namespaces { Part::Outer } else { Part::Reaper };
        let mut launcher = launcher(&jail.launcher, part, theirs.into());
        launcher.args(plan.user.map(|user| user.to_string())).stdout(stdout);
        let child = launcher.spawn().map_err(&failed)?;
        let outputs = [child.stdout.as_ref().map(AsFd::as_fd), child.stderr.as_ref().map(AsFd::as_fd)];
        outputs.into_iter().flatten().try_for_each(open_to_all).map_err(&failed)?;
        let (words, control) = UnixStream::from_std(ours).map_err(&failed)?.into_split();
        let ancestor = child.id().unwrap_or_default();
        let words = BufReader::new(words).lines();
        Ok(Self { child, control, words, ancestor, cgroup })
    }

    /// A launcher that does not read it any more has said why, or says nothing at all.
    async fn send_plan(&self, plan: &Plan, mounts: &[OwnedFd]) -> Result<(), String> {
        let frame = plan::encode(plan).map_err(|error| error.to_string())?;
        let mounts: Vec<_> = mounts.iter().map(AsFd::as_fd).collect();
        let _told = passing::send(self.control.as_ref(), &frame, &mounts).await;
        Ok(())
    }

    /// Answers a launcher that waits for a user. Gives what its plan grants, as that user sees it; nothing when the
    /// job has to share the user of its supervisor.
    async fn give_user(&self, plan: &Plan) -> std::io::Result<Vec<OwnedFd>> {
        let given = plan.user.map(|user| own_user::give(self.ancestor, user, plan)).transpose();
        if let Err(error) = &given {
            tracing::debug!(%error, "the job shares the user of its supervisor");
        }
        let given = given.ok().flatten();
        let (answer, program) =
            given.as_ref().map_or((SHARED, None), |gift| (OWN, Some(gift.program.as_fd())));
        passing::send(self.control.as_ref(), &[answer], program.as_slice()).await?;
        Ok(given.map(|gift| gift.mounts).unwrap_or_default())
    }

    /// Lets the job begin.
    pub(super) async fn go(&mut self) -> std::io::Result<()> {
        self.cgroup.iter_mut().for_each(JobCgroup::begin);
        self.control.write_all(&[GO]).await
    }

    /// Hands over the plan, waits for the seal and reads back what is in force. What will start the job is put
    /// into its cgroup first.
    pub(super) async fn sealed(&mut self, plan: &Plan) -> Result<Guards, String> {
        let mut mounts = Vec::new();
        if plan.namespaces {
            if plan.user.is_some() {
                let Word::Apart = self.word().await? else { return Err(out_of_turn()) };
                mounts = self.give_user(plan).await.map_err(|error| format!("give a user: {error}"))?;
            }
            let Word::Init { pid } = self.word().await? else { return Err(out_of_turn()) };
            self.ancestor = pid;
            self.place(pid)?;
        }
        self.send_plan(plan, &mounts).await?;
        let Word::Sealed { pid, landlock_abi } = self.word().await? else { return Err(out_of_turn()) };
        // Inside of namespaces a process does not know its number outside.
        let pid = if plan.namespaces { self.ancestor } else { pid };
        if !plan.namespaces {
            self.place(pid)?;
        }
        let bounds = self.cgroup.as_ref().map(|cgroup| cgroup.bounds(pid)).unwrap_or_default();
        Ok(attest(pid, plan, landlock_abi, bounds))
    }

    fn place(&self, pid: u32) -> Result<(), String> {
        let Some(cgroup) = &self.cgroup else { return Ok(()) };
        cgroup.place(pid).map_err(|error| format!("enter the cgroup: {error}"))
    }

    /// What the job spent, when it was killed and had a cgroup.
    pub(super) async fn spent(&mut self) -> Option<Spent> {
        Some(self.cgroup.take()?.end().await)
    }

    async fn word(&mut self) -> Result<Word, String> {
        match tokio::time::timeout(SEAL_GRACE, self.words.next_line()).await {
            Ok(Ok(Some(line))) => match serde_json::from_str(&line).map_err(|error| error.to_string())? {
                Word::Failed { step, error } => Err(format!("{step}: {error}")),
                word => Ok(word),
            },
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
            self.cgroup.iter().for_each(JobCgroup::kill);
            proc_stat::descendants(self.ancestor).into_iter().chain([self.ancestor]).for_each(kill);
            let _gone = self.child.start_kill();
        }
    }
}

fn out_of_turn() -> String {
    "the launcher spoke out of turn".to_owned()
}

/// Lets a job of another user open its output by name, like `/dev/stdout`. Nobody else has a name for it.
pub(super) fn open_to_all(pipe: BorrowedFd<'_>) -> std::io::Result<()> {
    Ok(rustix::fs::fchmod(pipe, Mode::from_raw_mode(0o666))?)
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
