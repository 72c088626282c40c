//! All sessions of a server: opened, found, closed, and remembered for a while after their end.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use super::creation::Creation;
use super::dialect::Dialect;
use super::options::ServerOptions;
use super::refusal::Refusal;
use super::session::{End, ServedSession};
use super::tasks::ServedTask;
use crate::{Environment, EnvironmentConfig, ExecError, GraderPool, Runtime};

/// Ended sessions that are remembered, so that clients are told what became of them.
const REMEMBERED: usize = 4096;

/// How long the end of the last sessions may take when the server ends.
const END_GRACE: Duration = Duration::from_secs(20);

/// Longest wait that a client is advised to take before it tries again.
const LONGEST_ADVICE: Duration = Duration::from_secs(60);

pub(super) struct Sessions {
    runtime: Runtime,
    /// Where sessions get the graders that they need for themselves.
    pool: Arc<GraderPool>,
    options: ServerOptions,
    directory: PathBuf,
    /// Sessions so far; the name of the next one's directory. Its id would tell programs what only clients know.
    opened: AtomicU64,
    /// One for each session that there may be. It comes back when everything of a session is gone.
    slots: Arc<Semaphore>,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    open: HashMap<String, Arc<ServedSession>>,
    /// Ended, the earliest first.
    ended: VecDeque<(String, End)>,
    shutting_down: bool,
}

impl Sessions {
    pub(super) fn new(
        runtime: Runtime,
        pool: Arc<GraderPool>,
        options: ServerOptions,
        directory: PathBuf,
    ) -> Self {
        let slots = Arc::new(Semaphore::new(options.max_sessions));
        Self { runtime, pool, options, directory, opened: AtomicU64::new(0), slots, book: Mutex::default() }
    }

    /// Opens a session on `task`. It is opened to its end even if the client hangs up; as nobody knows its id then,
    /// it expires.
    ///
    /// # Errors
    /// When the wish does not fit, there is no room, or the machine fails.
    pub(super) async fn open(
        self: &Arc<Self>,
        task: Arc<ServedTask>,
        wish: &Creation,
    ) -> Result<(Arc<ServedSession>, EnvironmentConfig), Refusal> {
        let directory = self.directory.join(self.opened.fetch_add(1, Ordering::Relaxed).to_string());
        let mut config = wish.config(&task, directory.clone(), &self.options)?;
        config.pool = Some(self.pool.clone());
        let how = (config, wish.dialect());
        if self.book().shutting_down {
            return Err(Refusal::shutting_down());
        }
        let slot = self.slots.clone().try_acquire_owned().map_err(|_| self.full())?;
        let sessions = self.clone();
        let opening = tokio::spawn(async move { sessions.begin(task, directory, how, slot).await });
        opening.await.map_err(|error| Refusal::fault("opening a session", &error))?
    }

    async fn begin(
        &self,
        task: Arc<ServedTask>,
        directory: PathBuf,
        (config, dialect): (EnvironmentConfig, Dialect),
        slot: OwnedSemaphorePermit,
    ) -> Result<(Arc<ServedSession>, EnvironmentConfig), Refusal> {
        let id = new_id()?;
        let environment = match Environment::open(self.runtime.clone(), config.clone()).await {
            Ok(environment) => environment,
            Err(error) => {
                // What was copied before it failed.
                let _gone =
                    tokio::task::spawn_blocking(move || super::removal::remove_tree(&directory)).await;
                return Err(unopened(error));
            }
        };
        let how = (&config, dialect, self.options.session_bytes);
        let session = Arc::new(ServedSession::new(id.clone(), task, directory, environment, how, slot));
        let refused = {
            let mut book = self.book();
            if !book.shutting_down {
                book.open.insert(id, session.clone());
            }
            book.shutting_down
        };
        if refused {
            session.end(End::ShutDown).await;
            return Err(Refusal::shutting_down());
        }
        Ok((session, config))
    }

    /// The session with this id.
    ///
    /// # Errors
    /// When it has ended, or there is none.
    pub(super) fn find(&self, id: &str) -> Result<Arc<ServedSession>, Refusal> {
        let book = self.book();
        if let Some(session) = book.open.get(id) {
            return Ok(session.clone());
        }
        let ended = book.ended.iter().find(|(ended, _)| ended == id);
        Err(ended.map_or_else(Refusal::no_session, |(_, end)| Refusal::ended(*end)))
    }

    /// Ends the session with this id and waits until nothing is left of it.
    ///
    /// # Errors
    /// When it has ended already, or there is none.
    pub(super) async fn close(&self, id: &str) -> Result<Arc<ServedSession>, Refusal> {
        let session = self.find(id)?;
        if !self.forget(&session, End::Closed) {
            return Err(Refusal::ended(End::Closed));
        }
        session.end(End::Closed).await;
        Ok(session)
    }

    /// Ends the sessions in which nothing was done for too long.
    pub(super) async fn expire(&self) {
        let open: Vec<_> = self.book().open.values().cloned().collect();
        for session in open {
            if let Some(end) = session.expire(self.options.idle_timeout)
                && self.forget(&session, end)
            {
                session.end(end).await;
                tracing::info!(state = ?end, "a session was closed");
            }
        }
    }

    /// Ends all sessions and lets nobody open another one; waits until nothing is left of them.
    pub(super) async fn shut_down(&self) {
        let open: Vec<_> = {
            let mut book = self.book();
            book.shutting_down = true;
            book.open.values().cloned().collect()
        };
        let mut ending = JoinSet::new();
        for session in open {
            if self.forget(&session, End::ShutDown) {
                ending.spawn(async move { session.end(End::ShutDown).await });
            }
        }
        let all = u32::try_from(self.options.max_sessions).unwrap_or(u32::MAX);
        let ended = async {
            ending.join_all().await;
            // Also those that are just being opened or closed.
            let _all = self.slots.acquire_many(all).await;
        };
        if tokio::time::timeout(END_GRACE, ended).await.is_err() {
            tracing::warn!("not all sessions came to their end in time");
        }
    }

    /// Takes a session out of the open ones; false when somebody else has done so.
    fn forget(&self, session: &ServedSession, end: End) -> bool {
        let mut book = self.book();
        let Some((id, _)) = book.open.remove_entry(&session.id) else { return false };
        if book.ended.len() >= REMEMBERED {
            book.ended.pop_front();
        }
        book.ended.push_back((id, end));
        true
    }

    fn full(&self) -> Refusal {
        let timeout = self.options.idle_timeout;
        let next = self.book().open.values().filter_map(|session| session.expires_in(timeout)).min();
        let wait = next.unwrap_or(LONGEST_ADVICE).min(LONGEST_ADVICE);
        Refusal::full(self.options.max_sessions, wait.as_secs().max(1))
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // Nothing is written by halves.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a session was not opened: the task cannot give what was asked for, or the machine failed.
fn unopened(error: ExecError) -> Refusal {
    match error {
        ExecError::Mistake(message) => Refusal::bad_request(message),
        other => Refusal::fault("opening a session", &other),
    }
}

/// A session's id.
fn new_id() -> Result<String, Refusal> {
    super::options::drawn().map_err(|error| Refusal::fault("drawing an id", &error))
}
