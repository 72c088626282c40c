//! One session that is served: an environment, and who may use it when.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::task::JoinHandle;

use super::refusal::Refusal;
use super::removal::remove_tree;
use super::tasks::ServedTask;
use crate::environment::HistoryRecord;
use crate::{Action, Environment, ExecError, Observation};

/// What a step costs of the session's bytes besides its body: its record in the history.
const RECORD_BYTES: u64 = 512;

/// A session, opened and not yet forgotten. A step runs in a task of its own: a client that hangs up does not
/// stop it, and finds what it led to in the session's state.
#[derive(Debug)]
pub(super) struct ServedSession {
    pub(super) id: String,
    task: Arc<ServedTask>,
    /// Holds everything that the session has on disk.
    directory: PathBuf,
    opened: Instant,
    inner: Mutex<Inner>,
    /// Its place among the sessions of the server.
    _slot: OwnedSemaphorePermit,
}

#[derive(Debug)]
struct Inner {
    phase: Phase,
    account: Account,
}

/// What the session is doing. Whoever takes a step takes the environment with it.
enum Phase {
    Idle { environment: Box<Environment>, since: Instant },
    Running { step: JoinHandle<()> },
    Ended(End),
}

impl std::fmt::Debug for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Phase {
    fn name(&self) -> &'static str {
        match self {
            Self::Idle { .. } => "idle",
            Self::Running { .. } => "running",
            Self::Ended(end) => end.name(),
        }
    }
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Closed,
    Expired,
    ShutDown,
    /// A step did not come to its end: a defect of this program.
    Lost,
}

impl End {
    fn name(self) -> &'static str {
        match self {
            Self::Closed | Self::ShutDown => "closed",
            Self::Expired => "expired",
            Self::Lost => "lost",
        }
    }
}

/// What is known of a session while a step has its environment.
#[derive(Debug, Clone)]
struct Account {
    steps_used: u32,
    steps_left: Option<u32>,
    best_raw_score: Option<f64>,
    last_observation: Option<Observation>,
    /// Bytes that its requests may still carry.
    bytes_left: u64,
    bytes: u64,
}

/// What clients are told of a session.
#[derive(Debug, Clone, Serialize)]
pub(super) struct State {
    session: String,
    task: String,
    state: &'static str,
    steps_used: u32,
    steps_left: Option<u32>,
    best_raw_score: Option<f64>,
    idle_seconds: f64,
    age_seconds: f64,
    last_observation: Option<Observation>,
}

/// How a step ended; nothing when the session ended first.
pub(super) type StepEnd = oneshot::Receiver<Result<Observation, ExecError>>;

impl ServedSession {
    pub(super) fn new(
        id: String,
        task: Arc<ServedTask>,
        directory: PathBuf,
        environment: Environment,
        (max_steps, bytes): (Option<u32>, u64),
        slot: OwnedSemaphorePermit,
    ) -> Self {
        let now = Instant::now();
        let account = Account {
            steps_used: 0,
            steps_left: max_steps,
            best_raw_score: None,
            last_observation: None,
            bytes_left: bytes,
            bytes,
        };
        let phase = Phase::Idle { environment: Box::new(environment), since: now };
        let inner = Mutex::new(Inner { phase, account });
        Self { id, task, directory, opened: now, inner, _slot: slot }
    }

    /// Begins a step whose request carried so many bytes.
    ///
    /// # Errors
    /// When another step is running, the session has ended, or its bytes are spent.
    pub(super) fn step(self: &Arc<Self>, action: Action, bytes: u64) -> Result<StepEnd, Refusal> {
        let mut inner = self.inner();
        match &inner.phase {
            Phase::Idle { .. } => {}
            Phase::Running { .. } => return Err(Refusal::busy()),
            Phase::Ended(end) => return Err(Refusal::ended(*end)),
        }
        let account = &mut inner.account;
        let Some(left) = account.bytes_left.checked_sub(bytes + RECORD_BYTES) else {
            return Err(Refusal::session_too_large(account.bytes));
        };
        account.bytes_left = left;
        // Should nothing follow, the step is lost with its environment.
        let Phase::Idle { environment, .. } = std::mem::replace(&mut inner.phase, Phase::Ended(End::Lost))
        else {
            return Err(Refusal::busy());
        };
        let (answer, end) = oneshot::channel();
        // It cannot come to its end before the lock is released.
        inner.phase = Phase::Running { step: tokio::spawn(take(self.clone(), *environment, action, answer)) };
        Ok(end)
    }

    /// What clients are told.
    pub(super) fn state(&self) -> State {
        let inner = self.inner();
        let idle = match &inner.phase {
            Phase::Idle { since, .. } => since.elapsed(),
            Phase::Running { .. } | Phase::Ended(_) => Duration::ZERO,
        };
        State {
            session: self.id.clone(),
            task: self.task.id.clone(),
            state: inner.phase.name(),
            steps_used: inner.account.steps_used,
            steps_left: inner.account.steps_left,
            best_raw_score: inner.account.best_raw_score,
            idle_seconds: idle.as_secs_f64(),
            age_seconds: self.opened.elapsed().as_secs_f64(),
            last_observation: inner.account.last_observation.clone(),
        }
    }

    /// Everything that was done.
    ///
    /// # Errors
    /// When a step is running, or the session has ended.
    pub(super) fn history(&self) -> Result<Vec<HistoryRecord>, Refusal> {
        match &self.inner().phase {
            Phase::Idle { environment, .. } => Ok(environment.history().records().to_vec()),
            Phase::Running { .. } => Err(Refusal::busy()),
            Phase::Ended(end) => Err(Refusal::ended(*end)),
        }
    }

    /// Why the session ended, if it has.
    pub(super) fn ended(&self) -> Option<End> {
        match &self.inner().phase {
            Phase::Ended(end) => Some(*end),
            _ => None,
        }
    }

    /// How long until the session is closed for idleness; nothing while a step is running.
    pub(super) fn expires_in(&self, timeout: Duration) -> Option<Duration> {
        match &self.inner().phase {
            Phase::Idle { since, .. } => Some(timeout.saturating_sub(since.elapsed())),
            _ => None,
        }
    }

    /// Ends the session if it has been idle for so long. No step can begin then.
    pub(super) fn expire(&self, timeout: Duration) -> Option<End> {
        let mut inner = self.inner();
        match &inner.phase {
            Phase::Idle { since, .. } if since.elapsed() >= timeout => {
                inner.phase = Phase::Ended(End::Expired);
                Some(End::Expired)
            }
            Phase::Ended(end) => Some(*end),
            _ => None,
        }
    }

    /// Ends the session: a running step is stopped with its program, and everything on disk is removed. Whoever
    /// ended the session before determines how it ended.
    pub(super) async fn end(&self, end: End) {
        let phase = {
            let mut inner = self.inner();
            let already = if let Phase::Ended(already) = &inner.phase { Some(*already) } else { None };
            std::mem::replace(&mut inner.phase, Phase::Ended(already.unwrap_or(end)))
        };
        if let Phase::Running { step } = phase {
            step.abort();
            // Until its program is killed and nothing writes any more.
            let _stopped = step.await;
        }
        let directory = self.directory.clone();
        match tokio::task::spawn_blocking(move || remove_tree(&directory)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(%error, directory = %self.directory.display(), "a session's files stay");
            }
            Err(error) => tracing::error!(%error, "a session's files may stay"),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing is written by halves.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a step to its end and gives the environment back.
async fn take(
    session: Arc<ServedSession>,
    mut environment: Environment,
    action: Action,
    answer: oneshot::Sender<Result<Observation, ExecError>>,
) {
    // Made here, when the step has begun, and not where the lock is held.
    let _unless_finished = LostUnlessFinished(&session);
    let result = environment.step(action).await;
    {
        let mut inner = session.inner();
        if matches!(inner.phase, Phase::Running { .. }) {
            if let Ok(observation) = &result {
                inner.account.take_over(observation);
            }
            inner.phase = Phase::Idle { environment: Box::new(environment), since: Instant::now() };
        }
    }
    // Nobody listens when the client has hung up.
    let _unheard = answer.send(result);
}

/// A step that is dropped before its end takes the environment with it.
struct LostUnlessFinished<'a>(&'a ServedSession);

impl Drop for LostUnlessFinished<'_> {
    fn drop(&mut self) {
        let mut inner = self.0.inner();
        if matches!(inner.phase, Phase::Running { .. }) {
            inner.phase = Phase::Ended(End::Lost);
        }
    }
}

impl Account {
    fn take_over(&mut self, observation: &Observation) {
        self.steps_used = observation.steps_used;
        self.steps_left = observation.steps_left;
        self.best_raw_score = observation.best_raw_score;
        self.last_observation = Some(observation.clone());
    }
}
