//! Graders for many sessions on many tasks.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use smith_task_schema::TaskLayout;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::queue::turn;
use crate::{ExecError, Grade, Grader, Grading, Runtime, Scoring};

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
    /// What submissions are held against; without one only their form is judged.
    task: Option<TaskLayout>,
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

    /// The pool's service for a task.
    #[must_use]
    pub fn for_task(self: &Arc<Self>, task: &TaskLayout) -> Arc<dyn Grading> {
        let (metric, answers) = (task.metric.clone(), task.test_answer());
        self.serve(TaskFiles { metric, answers, task: Some(task.clone()) })
    }

    /// The pool's service for this metric and these answers, which leaves columns and ids to the metric.
    #[must_use]
    pub fn for_answers(self: &Arc<Self>, metric: &Path, answers: &Path) -> Arc<dyn Grading> {
        self.serve(TaskFiles { metric: metric.to_path_buf(), answers: answers.to_path_buf(), task: None })
    }

    fn serve(self: &Arc<Self>, task: TaskFiles) -> Arc<dyn Grading> {
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
        match &task.task {
            Some(layout) => Grader::for_task(self.runtime.clone(), layout),
            None => Grader::new(self.runtime.clone(), &task.metric, &task.answers),
        }
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
impl Grading for Pooled {
    async fn grade(&self, submission: &Path) -> Result<Grade, ExecError> {
        let (mut grader, _place) = self.borrow().await?;
        let graded = grader.grade(submission).await;
        self.pool.put_back(self.task.clone(), grader);
        graded
    }

    async fn score(&self, submission: &Path) -> Result<Scoring, ExecError> {
        let (mut grader, _place) = self.borrow().await?;
        let scored = grader.score(submission).await;
        self.pool.put_back(self.task.clone(), grader);
        scored
    }
}

impl Pooled {
    /// A grader and its place in the room. When the caller gives up, the grader is dropped halfway and with it its
    /// worker.
    async fn borrow(&self) -> Result<(Grader, SemaphorePermit<'_>), ExecError> {
        let place = turn(&self.pool.room).await?;
        Ok((self.pool.take(&self.task)?, place))
    }
}
