//! Which cell is played when, and when no more are.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use smith_llm::{Budget, MicroUsd};
use smith_task_schema::{Event, Solve};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};

use super::cells::{CellId, CellState, ReadCell, cells};
use super::config::{EvaluationConfig, ModelEntry};
use super::dir::EvaluationDir;
use super::play::{Cell, Ended};
use crate::error::PipelineError;

/// So many faults of a model in a row, and it is left alone by this process.
const FAULTS_IN_A_ROW: u32 = 3;

/// How an evaluation is carried out; none of it changes a score.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EvaluationOptions {
    /// Cells that are played side by side.
    pub concurrency: usize,
    /// What may be spent over all processes; absent means without limit.
    pub budget: Option<MicroUsd>,
}

impl Default for EvaluationOptions {
    fn default() -> Self {
        Self { concurrency: 2, budget: None }
    }
}

/// Who plays for a model.
pub trait SolverSource: Send + Sync {
    /// An agent of `model` for one run; nothing when it cannot play, which leaves the cell open. Its calls are to be charged to `account`, see
    /// [`Connection::charged_to`](smith_llm::Connection::charged_to).
    fn solver(&self, model: &ModelEntry, run: u32, account: &Budget) -> Option<Arc<dyn Solve>>;
}

/// Sees what happens in the cells, after it was written down. Must be quick.
pub trait CellObserver: Send + Sync {
    /// One event of a cell; `earlier` for the outcome of one that another process has played.
    fn seen(&self, cell: &CellId, event: &Event, earlier: bool);
}

/// Plays every cell that has not come to its end.
///
/// A fault, or the spent budget of a model, leaves cells open and the others go on; a model with three faults in a row is left
/// alone. A mistake of the caller, or the spent budget of the whole, ends the evaluation in order. What was finished stays.
///
/// # Errors
/// The first mistake, or the spent budget, or a journal that cannot be read or written.
pub async fn evaluate(
    dir: &EvaluationDir,
    source: impl SolverSource + 'static,
    options: EvaluationOptions,
    observer: Arc<dyn CellObserver>,
) -> Result<(), PipelineError> {
    let accounts = Accounts::open(dir, options.budget)?;
    let places = Arc::new(Semaphore::new(options.concurrency.max(1)));
    let source: Box<dyn SolverSource> = Box::new(source);
    let mut work = Work::default();
    for id in cells(dir.config()) {
        let read = ReadCell::of(dir.path(), &id)?;
        if let CellState::Solved(report) = read.state {
            observer.seen(&id, &Event::Solved { report }, true);
            continue;
        }
        // The semaphore is never closed.
        let Ok(place) = places.clone().acquire_owned().await else { break };
        work.harvest().await?;
        if work.is_over() {
            break;
        }
        if work.is_left_alone(&id.model) {
            continue;
        }
        let Some(cell) = Cell::new(dir, &id, &accounts.of(&id.model), source.as_ref(), observer.clone())
        else {
            continue;
        };
        work.playing.spawn(async move {
            let _place = place;
            cell.play().await
        });
    }
    work.finish().await
}

/// An account for the whole, and in it one for each model.
struct Accounts {
    models: HashMap<String, Budget>,
}

impl Accounts {
    /// With what earlier processes have spent.
    fn open(dir: &EvaluationDir, limit: Option<MicroUsd>) -> Result<Self, PipelineError> {
        let spent = spent_before(dir)?;
        let whole = Budget::new(limit, spent.values().copied().sum());
        let open = |model: &ModelEntry| {
            let before = spent.get(&model.name).copied().unwrap_or_default();
            (model.name.clone(), whole.child(model.budget(), before))
        };
        Ok(Self { models: dir.config().models.iter().map(open).collect() })
    }

    fn of(&self, model: &str) -> Budget {
        self.models.get(model).cloned().unwrap_or_default()
    }
}

fn spent_before(dir: &EvaluationDir) -> Result<HashMap<String, MicroUsd>, PipelineError> {
    let mut spent: HashMap<String, MicroUsd> = HashMap::new();
    if !dir.is_resumed() {
        return Ok(spent);
    }
    for id in cells(dir.config()) {
        let cost = MicroUsd(ReadCell::of(dir.path(), &id)?.fold().cost_micro_usd);
        let of = spent.entry(id.model).or_default();
        *of = *of + cost;
    }
    Ok(spent)
}

type Played = Result<(CellId, Ended), PipelineError>;

/// The cells that are being played, and what those that ended mean for the rest.
#[derive(Default)]
struct Work {
    playing: JoinSet<Played>,
    faults: HashMap<String, u32>,
    /// The money is spent.
    over: Option<PipelineError>,
}

impl Work {
    fn is_over(&self) -> bool {
        self.over.is_some()
    }

    fn is_left_alone(&self, model: &str) -> bool {
        self.faults.get(model).is_some_and(|faults| *faults >= FAULTS_IN_A_ROW)
    }

    /// Takes in what has ended by now.
    async fn harvest(&mut self) -> Result<(), PipelineError> {
        while let Some(ended) = self.playing.try_join_next() {
            self.take(ended).await?;
        }
        Ok(())
    }

    async fn take(&mut self, ended: Result<Played, JoinError>) -> Result<(), PipelineError> {
        let played = ended.unwrap_or_else(|error| {
            Err(PipelineError::Io { path: PathBuf::from("worker"), source: std::io::Error::other(error) })
        });
        match played {
            Ok((id, Ended::Solved)) => {
                self.faults.remove(&id.model);
            }
            Ok((id, Ended::Faulted)) => *self.faults.entry(id.model).or_default() += 1,
            Ok((id, Ended::OverBudget)) => {
                self.faults.insert(id.model, FAULTS_IN_A_ROW);
            }
            // The others come to their own end, so that no answer that is paid for is lost on its way.
            Err(error) if error.is_budget() => self.over = Some(error),
            Err(error) => {
                self.playing.shutdown().await;
                return Err(error);
            }
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<(), PipelineError> {
        while let Some(ended) = self.playing.join_next().await {
            self.take(ended).await?;
        }
        self.over.map_or(Ok(()), Err)
    }
}

/// The entry of a model.
pub(super) fn entry<'c>(config: &'c EvaluationConfig, model: &str) -> Option<&'c ModelEntry> {
    config.models.iter().find(|entry| entry.name == model)
}
