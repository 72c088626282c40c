//! A sandbox that holds: namespaces and a root of the job's own where the machine gives them, else
//! Landlock, and always a filter of system calls, limits, and a watch over all processes together.
//!
//! A job is run by a launcher, which is the calling program started anew, see [`enter_if_asked`]. The
//! launcher confines itself and waits; what is in force is then read back from `/proc`, and only when it
//! satisfies the [`Policy`] may the job begin.

mod attest;
mod boxed;
mod cgroup;
mod delegation;
mod disk;
mod filter;
mod idmapped;
mod launched;
mod launcher;
mod layers;
mod own_user;
mod ownership;
mod passing;
mod plan;
mod planning;
mod probe;
mod root;
mod run;
mod seal;
mod user;
mod watch;
mod watches;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;

use async_trait::async_trait;

pub(crate) use self::attest::Seen;
pub(crate) use self::boxed::{HIDDEN, NO_MEMORY, PERMISSION, READY, SIGNALLED, frame};
use self::cgroup::{Holds, JobCgroup};
pub use self::delegation::{Cgroups, NotDelegated};
pub(crate) use self::launched::kill;
pub(crate) use self::launcher::{ASKED, BOXED};
pub(crate) use self::ownership::hand_over;
pub(crate) use self::planning::{require, require_paths};
pub(crate) use self::probe::judge;
pub(crate) use self::seal::{SYSTEM, SYSTEM_FILES};
pub(crate) use self::user::free as free_user;
pub(crate) use self::watches::Watches;
use crate::{ExecError, Job, JobResult, Limits, Policy, Sandbox, Tier, Worker, proc_stat};

/// The program that serves as launcher, once it has said that it can.
static SELF: OnceLock<PathBuf> = OnceLock::new();

/// To be called first in `main` of every program that uses [`Jail`], before any thread is started. When the
/// program was started to be a launcher, it plays that part and the caller must end with the exit code that
/// is returned. Otherwise nothing happens and nothing is returned.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// fn main() -> ExitCode {
///     if let Some(code) = smith_exec::enter_if_asked() {
///         return code;
///     }
///     // What the program is for.
///     ExitCode::SUCCESS
/// }
/// ```
#[must_use]
pub fn enter_if_asked() -> Option<ExitCode> {
    if let Some(code) = launcher::play(std::env::args_os()) {
        return Some(ExitCode::from(code));
    }
    if let Ok(program) = std::env::current_exe() {
        let _known = SELF.set(program);
    }
    None
}

pub(crate) fn own_launcher() -> Result<PathBuf, ExecError> {
    SELF.get().cloned().ok_or_else(|| {
        ExecError::Mistake(
            "this program cannot launch sandboxes: it must call smith_exec::enter_if_asked() first in main"
                .to_owned(),
        )
    })
}

/// A sandbox of one tier.
#[derive(Debug, Clone)]
pub struct Jail {
    launcher: PathBuf,
    tier: Tier,
    policy: Policy,
    cgroups: Option<Cgroups>,
}

impl Jail {
    /// A sandbox of this tier, with the calling program as launcher.
    ///
    /// # Errors
    /// A mistake when the program did not call [`enter_if_asked`].
    pub fn new(tier: Tier, policy: Policy) -> Result<Self, ExecError> {
        Ok(Self::with_launcher(own_launcher()?, tier, policy))
    }

    /// A sandbox with another program as launcher; that one calls [`enter_if_asked`].
    #[must_use]
    pub fn with_launcher(launcher: PathBuf, tier: Tier, policy: Policy) -> Self {
        Self { launcher, tier, policy, cgroups: None }
    }

    /// The same sandbox, with a cgroup for each job where there are any.
    #[must_use]
    pub fn within(self, cgroups: Option<Cgroups>) -> Self {
        Self { cgroups, ..self }
    }

    /// How jobs are confined.
    #[must_use]
    pub fn tier(&self) -> Tier {
        self.tier
    }

    /// A cgroup with these limits; nothing where none can be had.
    fn cgroup(&self, limits: &Limits, holds: Holds) -> Result<Option<JobCgroup>, ExecError> {
        let made = self.cgroups.as_ref().map(|cgroups| JobCgroup::make(cgroups, limits, holds));
        made.transpose().map_err(ExecError::io("a cgroup for a job"))
    }
}

#[async_trait]
impl Sandbox for Jail {
    async fn run(&self, job: Job) -> Result<JobResult, ExecError> {
        run::run(self, job).await
    }

    async fn worker(&self, job: Job) -> Result<Option<Box<dyn Worker>>, ExecError> {
        // What a script leaves behind is ended inside of process namespaces only.
        if self.tier != Tier::Namespaces {
            return Ok(None);
        }
        Ok(Some(Box::new(worker::JailedWorker::start(self, &job).await?)))
    }
}
