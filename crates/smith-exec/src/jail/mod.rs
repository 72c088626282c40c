//! A sandbox that holds: namespaces and a root of the job's own where the machine gives them, else
//! Landlock, and always a filter of system calls, limits, and a watch over all processes together.
//!
//! A job is run by a launcher, which is the calling program started anew, see [`enter_if_asked`]. The
//! launcher confines itself and waits; what is in force is then read back from `/proc`, and only when it
//! satisfies the [`Policy`] may the job begin.

mod attest;
mod boxed;
mod disk;
mod filter;
mod guard;
mod launcher;
mod plan;
mod probe;
mod root;
mod run;
mod seal;
mod user;
mod watch;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub(crate) use self::attest::Seen;
pub(crate) use self::boxed::{HIDDEN, NO_MEMORY, PERMISSION, READY, SIGNALLED, frame};
pub(crate) use self::guard::Held;
pub use self::guard::{Guarantee, Guards};
pub(crate) use self::launcher::{ASKED, BOXED};
pub use self::probe::TierReport;
pub(crate) use self::probe::{judge, runs};
pub(crate) use self::run::{Watches, hand_over, kill, not_run, require, require_paths, satisfies};
pub(crate) use self::seal::{SYSTEM, SYSTEM_FILES};
pub(crate) use self::user::free as free_user;
use crate::{ExecError, Job, JobResult, Sandbox, Worker, proc_stat};

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

/// How a job is confined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Tier {
    /// Namespaces, a root of the job's own, Landlock where the kernel has it, a filter of system calls.
    Namespaces,
    /// For root without the right to make namespaces, as in Docker: another user, Landlock and the filter.
    User,
    /// For an ordinary user without namespaces: Landlock and the filter.
    Landlock,
    /// A container of Docker or Podman, see [`Container`](crate::Container); no [`Jail`] is of this tier.
    Container,
}

impl Tier {
    /// Those of a [`Jail`], from the strongest to the weakest.
    pub const ALL: [Self; 3] = [Self::Namespaces, Self::User, Self::Landlock];

    /// As it is written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Namespaces => "namespaces",
            Self::User => "user",
            Self::Landlock => "landlock",
            Self::Container => "container",
        }
    }
}

/// What to do about a guarantee that does not hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Run nothing.
    #[default]
    Strict,
    /// Run all the same, and leave it out of the result's guards.
    BestEffort,
}

/// A sandbox of one tier.
#[derive(Debug, Clone)]
pub struct Jail {
    launcher: PathBuf,
    tier: Tier,
    policy: Policy,
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
        Self { launcher, tier, policy }
    }

    /// How jobs are confined.
    #[must_use]
    pub fn tier(&self) -> Tier {
        self.tier
    }
}

#[async_trait]
impl Sandbox for Jail {
    async fn run(&self, job: Job) -> Result<JobResult, ExecError> {
        run::run(self, &job).await.map(|(result, _)| result)
    }

    async fn worker(&self, job: Job) -> Result<Option<Box<dyn Worker>>, ExecError> {
        // What a script leaves behind is ended inside of process namespaces only.
        if self.tier != Tier::Namespaces {
            return Ok(None);
        }
        Ok(Some(Box::new(worker::JailedWorker::start(self, &job).await?)))
    }
}

impl Jail {
    /// Like [`Sandbox::run`], and also what confined the job.
    ///
    /// # Errors
    /// As [`Sandbox::run`].
    pub async fn run_guarded(&self, job: &Job) -> Result<(JobResult, Guards), ExecError> {
        run::run(self, job).await
    }
}
