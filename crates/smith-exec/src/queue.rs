//! A sandbox in which only so many programs run at once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{ExecError, Job, JobResult, Limits, Sandbox, Worker};

/// Lets programs into another sandbox in the order in which they came, at most so many at once. A worker takes
/// its turn for each script and while it begins, not in between.
pub(crate) struct Queue {
    sandbox: Arc<dyn Sandbox>,
    /// Tokio's semaphore is fair.
    turns: Arc<Semaphore>,
}

impl Queue {
    pub(crate) fn new(sandbox: Arc<dyn Sandbox>, programs: usize) -> Self {
        Self { sandbox, turns: Arc::new(Semaphore::new(programs.clamp(1, Semaphore::MAX_PERMITS))) }
    }
}

#[async_trait]
impl Sandbox for Queue {
    async fn run(&self, job: Job) -> Result<JobResult, ExecError> {
        let _turn = turn(&self.turns).await?;
        self.sandbox.run(job).await
    }

    async fn worker(&self, job: Job) -> Result<Option<Box<dyn Worker>>, ExecError> {
        let _turn = turn(&self.turns).await?;
        let turns = self.turns.clone();
        let queued = |worker| Box::new(QueuedWorker { worker, turns }) as Box<dyn Worker>;
        Ok(self.sandbox.worker(job).await?.map(queued))
    }
}

struct QueuedWorker {
    worker: Box<dyn Worker>,
    turns: Arc<Semaphore>,
}

#[async_trait]
impl Worker for QueuedWorker {
    async fn run(&mut self, argv: &[PathBuf], cwd: &Path, limits: Limits) -> Result<JobResult, ExecError> {
        let _turn = turn(&self.turns).await?;
        self.worker.run(argv, cwd, limits).await
    }
}

/// Waits for a turn, after those who wait already.
pub(crate) async fn turn(turns: &Semaphore) -> Result<SemaphorePermit<'_>, ExecError> {
    // Nobody closes a queue; should that change, nothing runs any more.
    turns.acquire().await.map_err(|error| ExecError::NotRun { message: error.to_string() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::task::JoinSet;

    use super::*;
    use crate::{Captured, Confinement, JobStatus, JobUsage};

    /// Counts the programs that are within it, and takes a moment for each.
    #[derive(Default)]
    struct Counting {
        within: AtomicUsize,
        most: AtomicUsize,
        order: std::sync::Mutex<Vec<String>>,
    }

    #[async_trait]
    impl Sandbox for Counting {
        async fn run(&self, job: Job) -> Result<JobResult, ExecError> {
            let within = self.within.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(within, Ordering::SeqCst);
            self.order.lock().unwrap().push(job.argv[0].to_string_lossy().into_owned());
            tokio::time::sleep(Duration::from_millis(5)).await;
            self.within.fetch_sub(1, Ordering::SeqCst);
            let (stdout, stderr) = (Captured::default(), Captured::default());
            Ok(JobResult {
                status: JobStatus::Ok,
                stdout,
                stderr,
                usage: JobUsage::default(),
                confinement: Confinement::default(),
            })
        }
    }

    fn job(name: &str) -> Job {
        Job {
            argv: vec![name.into()],
            cwd: "/".into(),
            env: BTreeMap::new(),
            limits: Limits::default(),
            readable: Vec::new(),
            writable: Vec::new(),
            replicas: Vec::new(),
        }
    }

    #[tokio::test]
    async fn so_many_and_no_more_run_at_once_in_the_order_in_which_they_came() {
        let counting = Arc::new(Counting::default());
        let queue = Arc::new(Queue::new(counting.clone(), 3));
        let mut jobs = JoinSet::new();
        for number in 10..40 {
            let queue = queue.clone();
            jobs.spawn(async move { queue.run(job(&number.to_string())).await.unwrap() });
        }
        jobs.join_all().await;
        assert_eq!(counting.most.load(Ordering::SeqCst), 3);
        assert!(counting.order.lock().unwrap().is_sorted());
    }

    #[tokio::test]
    async fn a_turn_that_is_given_up_goes_to_the_next() {
        let queue = Queue::new(Arc::new(Counting::default()), 1);
        tokio::select! {
            biased;
            _ = queue.run(job("dropped")) => panic!("it takes longer"),
            () = tokio::task::yield_now() => {}
        }
        assert!(queue.run(job("next")).await.unwrap().status.is_ok());
    }
}
