//! Graders for many sessions on many tasks.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::Semaphore;

use crate::queue::turn;
use crate::{ExecError, Grade, Grader, Runtime, Scoring};

/// Graders of any number of tasks, of which at most so many are there at once: a grader's Python with its
/// libraries takes some 160 MB. Whoever asks first is served first; a task's idle grader is used again, and the
/// one that has been idle longest makes room for another task's.
pub struct GraderPool {
    runtime: Runtime,
    /// One for each grader that may work.
    room: Semaphore,
    /// Those that have nothing to do, the longest idle first.
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    task: TaskFiles,
    grader: Grader,
    since: Instant,
}

/// What tells the graders of two tasks apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TaskFiles {
    metric: PathBuf,
    answers: PathBuf,
}

impl fmt::Debug for GraderPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraderPool").field("idle", &self.idle().len()).finish_non_exhaustive()
    }
}

impl GraderPool {
    /// A pool of at most `size` graders, at least one. Nothing is started yet.
    #[must_use]
    pub fn new(runtime: Runtime, size: usize) -> Arc<Self> {
        Arc::new(Self {
            runtime,
            room: Semaphore::new(size.clamp(1, Semaphore::MAX_PERMITS)),
            idle: Mutex::default(),
        })
    }

    /// The pool's service for the task with this metric and these answers.
    #[must_use]
    pub fn for_task(self: &Arc<Self>, metric: &Path, answers: &Path) -> Arc<dyn Grade> {
        let task = TaskFiles { metric: metric.to_path_buf(), answers: answers.to_path_buf() };
        Arc::new(Pooled { pool: self.clone(), task })
    }

    /// Ends the graders that have had nothing to do for so long; returns how many.
    pub fn end_idle(&self, unused_for: Duration) -> usize {
        let mut idle = self.idle();
        let before = idle.len();
        idle.retain(|one| one.since.elapsed() < unused_for);
        before - idle.len()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        // The list is whole at any moment.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A grader for `task`; whoever asks holds a place in the room.
    fn take(&self, task: &TaskFiles) -> Result<Grader, ExecError> {
        let mut idle = self.idle();
        if let Some(found) = idle.iter().rposition(|one| one.task == *task) {
            return Ok(idle.remove(found).grader);
        }
        // Those at work hold the other places.
        let surplus = idle.len().saturating_sub(self.room.available_permits());
        idle.drain(..surplus);
        drop(idle);
        Grader::new(self.runtime.clone(), &task.metric, &task.answers)
    }

    fn put_back(&self, task: TaskFiles, grader: Grader) {
        self.idle().push(Idle { task, grader, since: Instant::now() });
    }
}

/// A pool's service for one task.
#[derive(Debug)]
struct Pooled {
    pool: Arc<GraderPool>,
    task: TaskFiles,
}

#[async_trait]
impl Grade for Pooled {
    async fn grade(&self, submission: &Path) -> Result<Scoring, ExecError> {
        let _place = turn(&self.pool.room).await?;
        // When the caller gives up, the grader is dropped halfway and with it its worker.
        let mut grader = self.pool.take(&self.task)?;
        let graded = grader.grade(submission).await;
        self.pool.put_back(self.task.clone(), grader);
        graded
    }
}
