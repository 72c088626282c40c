//! One session that is served: an environment, and who may use it when.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::task::JoinHandle;

use super::dialect::{Dialect, Told};
use super::refusal::Refusal;
use super::removal::remove_tree;
use super::tasks::ServedTask;
use crate::environment::{FinalScore, HistoryRecord};
use crate::{Action, Environment, EnvironmentConfig, ExecError, History, Observation};

/// What a step costs of the session's bytes besides its body: its record in the history.
const RECORD_BYTES: u64 = 512;

/// A session, opened and not yet forgotten. A step runs in a task of its own: a client that hangs up does not
/// stop it, and finds what it led to in the session's state.
#[derive(Debug)]
pub(super) struct ServedSession {
    pub(super) id: String,
    task: Arc<ServedTask>,
    dialect: Dialect,
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

/// What the session is doing. Whoever begins work takes the environment with it.
enum Phase {
    Idle { environment: Box<Environment>, since: Instant },
    Running { work: JoinHandle<()> },
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
    /// Work did not come to its end: a defect of this program.
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

/// What is known of a session while work has its environment.
#[derive(Debug, Clone)]
struct Account {
    steps_used: u32,
    steps_left: Option<u32>,
    best_raw_score: Option<f64>,
    last_observation: Option<Told>,
    final_score: Option<FinalScore>,
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
    last_observation: Option<Told>,
    final_score: Option<FinalScore>,
}

/// What a session is asked to do.
#[derive(Debug)]
pub(super) enum Work {
    /// One action, whose request carried so many bytes.
    Step(Action, u64),
    /// Ending all actions.
    Finish,
}

/// What work led to.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Done {
    Step(Told),
    Finish(FinalScore),
}

/// How work ended; nothing when the session ended first.
pub(super) type WorkEnd = oneshot::Receiver<Result<Done, ExecError>>;

impl ServedSession {
    pub(super) fn new(
        id: String,
        task: Arc<ServedTask>,
        directory: PathBuf,
        environment: Environment,
        (config, dialect, bytes): (&EnvironmentConfig, Dialect, u64),
        slot: OwnedSemaphorePermit,
    ) -> Self {
        let now = Instant::now();
        let account = Account {
            steps_used: 0,
            steps_left: config.max_steps,
            best_raw_score: None,
            last_observation: None,
            final_score: None,
            bytes_left: bytes,
            bytes,
        };
        let phase = Phase::Idle { environment: Box::new(environment), since: now };
        let inner = Mutex::new(Inner { phase, account });
        Self { id, task, dialect, directory, opened: now, inner, _slot: slot }
    }

    /// Begins a step, or the end of all steps.
    ///
    /// # Errors
    /// When either is running, the session has ended, or its bytes are spent.
    pub(super) fn begin(self: &Arc<Self>, work: Work) -> Result<WorkEnd, Refusal> {
        let mut inner = self.inner();
        match &inner.phase {
            Phase::Idle { .. } => {}
            Phase::Running { .. } => return Err(Refusal::busy()),
            Phase::Ended(end) => return Err(Refusal::ended(*end)),
        }
        inner.account.pay(&work)?;
        // Should nothing follow, the work is lost with its environment.
        let Phase::Idle { environment, .. } = std::mem::replace(&mut inner.phase, Phase::Ended(End::Lost))
        else {
            return Err(Refusal::busy());
        };
        let (answer, end) = oneshot::channel();
        // It cannot come to its end before the lock is released.
        inner.phase = Phase::Running { work: tokio::spawn(take(self.clone(), *environment, work, answer)) };
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
            state: match &inner.phase {
                Phase::Idle { .. } if inner.account.final_score.is_some() => "finished",
                phase => phase.name(),
            },
            steps_used: inner.account.steps_used,
            steps_left: inner.account.steps_left,
            best_raw_score: inner.account.best_raw_score,
            idle_seconds: idle.as_secs_f64(),
            age_seconds: self.opened.elapsed().as_secs_f64(),
            last_observation: inner.account.last_observation.clone(),
            final_score: inner.account.final_score.clone(),
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

    /// Ends the session: running work is stopped with its program, and everything on disk is removed. Whoever
    /// ended the session before determines how it ended.
    pub(super) async fn end(&self, end: End) {
        let phase = {
            let mut inner = self.inner();
            let already = if let Phase::Ended(already) = &inner.phase { Some(*already) } else { None };
            std::mem::replace(&mut inner.phase, Phase::Ended(already.unwrap_or(end)))
        };
        if let Phase::Running { work } = phase {
            work.abort();
            // Until its program is killed and nothing writes any more.
            let _stopped = work.await;
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

/// Takes work to its end and gives the environment back.
async fn take(
    session: Arc<ServedSession>,
    mut environment: Environment,
    work: Work,
    answer: oneshot::Sender<Result<Done, ExecError>>,
) {
    // Made here, when the work has begun, and not where the lock is held.
    let _unless_finished = LostUnlessFinished(&session);
    let result = match work {
        Work::Step(action, _) => environment.step(action).await.map(Outcome::Step),
        Work::Finish => environment.finish().await.map(Outcome::Finish),
    };
    let result = {
        let mut inner = session.inner();
        let result =
            result.map(|outcome| inner.account.take_over(outcome, session.dialect, environment.history()));
        if matches!(inner.phase, Phase::Running { .. }) {
            inner.phase = Phase::Idle { environment: Box::new(environment), since: Instant::now() };
        }
        result
    };
    // Nobody listens when the client has hung up.
    let _unheard = answer.send(result);
}

/// Work that is dropped before its end takes the environment with it.
struct LostUnlessFinished<'a>(&'a ServedSession);

impl Drop for LostUnlessFinished<'_> {
    fn drop(&mut self) {
        let mut inner = self.0.inner();
        if matches!(inner.phase, Phase::Running { .. }) {
            inner.phase = Phase::Ended(End::Lost);
        }
    }
}

/// What work led to, before it is told.
enum Outcome {
    Step(Observation),
    Finish(FinalScore),
}

impl Account {
    /// Takes the bytes of a step from what is left.
    fn pay(&mut self, work: &Work) -> Result<(), Refusal> {
        // A session whose bytes are spent can still be finished.
        let Work::Step(_, bytes) = work else { return Ok(()) };
        let left = self.bytes_left.checked_sub(bytes + RECORD_BYTES);
        self.bytes_left = left.ok_or_else(|| Refusal::session_too_large(self.bytes))?;
        Ok(())
    }

    fn take_over(&mut self, outcome: Outcome, dialect: Dialect, history: &History) -> Done {
        match outcome {
            Outcome::Step(observation) => {
                self.steps_used = observation.steps_used;
                self.steps_left = observation.steps_left;
                self.best_raw_score = observation.best_raw_score;
                let told = dialect.tell(observation, history);
                self.last_observation = Some(told.clone());
                Done::Step(told)
            }
            Outcome::Finish(score) => {
                self.final_score = Some(score.clone());
                Done::Finish(score)
            }
        }
    }
}
