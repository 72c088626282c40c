//! The side of whoever runs a server and other people's programs against it: a session is opened for a program, and what
//! came of it is taken out when the program has ended.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use smith_task_schema::SolveReport;

use super::creation::Creation;
use super::refusal::Refusal;
use super::routes::App;
use super::session::{Done, Work};
use crate::ExecError;
use crate::environment::solve_report;

/// How often it is tried whether the last step of a session has ended.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Opens and closes sessions of a [`Server`](super::Server) from within the process. Clones are handles of the same server.
#[derive(Clone)]
pub struct Host {
    pub(super) app: Arc<App>,
}

impl Host {
    /// Opens a session on the task with this id (see [`Server::tasks`](super::Server::tasks)) and gives the session's id, which
    /// is all that a client needs besides the server's address and token.
    ///
    /// # Errors
    /// [`ExecError::Mistake`] when there is no such task or it cannot be given so, faults when the session cannot be opened.
    pub async fn open(
        &self,
        task: &str,
        max_steps: Option<u32>,
        seed: Option<u64>,
    ) -> Result<String, ExecError> {
        let mut wish = json!({ "task": task });
        if let (Some(steps), Value::Object(wish)) = (max_steps, &mut wish) {
            wish.insert("max_steps".to_owned(), json!(steps));
        }
        if let (Some(seed), Value::Object(wish)) = (seed, &mut wish) {
            wish.insert("seed".to_owned(), json!(seed));
        }
        let wish: Creation = serde_json::from_value(wish)
            .map_err(|error| ExecError::Mistake(format!("a session on {task:?}: {error}")))?;
        let served = self.app.tasks.iter().find(|served| served.id == task).cloned();
        let served = served.ok_or_else(|| not_open(task, &Refusal::no_task(task)))?;
        let opened = self.app.sessions.open(served, &wish).await;
        opened.map(|(session, _)| session.id.clone()).map_err(|refusal| not_open(task, &refusal))
    }

    /// Ends a session and says what came of it. A step that is still running is waited for, `patience` at most.
    ///
    /// # Errors
    /// A fault when the session was lost or expired, or its last step does not end.
    pub async fn finish(
        &self,
        session: &str,
        patience: Duration,
        note: String,
    ) -> Result<SolveReport, ExecError> {
        let ended = tokio::time::timeout(patience, self.end(session, note)).await;
        let report = ended.unwrap_or_else(|_| {
            Err(ExecError::NotRun { message: format!("the last step did not end within {patience:?}") })
        });
        // Whatever is wrong with it, nothing of it stays.
        let _gone = self.app.sessions.close(session).await;
        report
    }

    async fn end(&self, id: &str, note: String) -> Result<SolveReport, ExecError> {
        let lost = |refusal: Refusal| ExecError::NotRun {
            message: format!("the session is gone: {}", refusal.message()),
        };
        let session = self.app.sessions.find(id).map_err(lost)?;
        let answer = loop {
            match session.begin(Work::Finish) {
                Ok(answer) => break answer,
                Err(refusal) if refusal == Refusal::busy() => tokio::time::sleep(LOOK_EVERY).await,
                Err(refusal) => return Err(lost(refusal)),
            }
        };
        let done =
            answer.await.map_err(|_| ExecError::NotRun { message: "the session was lost".into() })??;
        let Done::Finish(end) = done else {
            return Err(ExecError::NotRun { message: "the session did not finish".into() });
        };
        let records = session.history().map_err(lost)?;
        Ok(solve_report(&records, &end, note))
    }
}

fn not_open(task: &str, refusal: &Refusal) -> ExecError {
    let message = format!("no session on {task:?} could be opened: {}", refusal.message());
    if refusal.is_fault() { ExecError::NotRun { message } } else { ExecError::Mistake(message) }
}
