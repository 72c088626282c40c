//! Playing one cell.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use smith_llm::Budget;
use smith_task_schema::{
    BudgetLevel, CandidateId, Event, RecordError, Recorder, Solve, Stage, StageContext, StageError,
    TaskLayout, ValidateInput,
};

use super::cells::CellId;
use super::dir::EvaluationDir;
use super::schedule::{CellObserver, SolverSource, entry};
use crate::error::{PipelineError, at};
use crate::fold::CandidateFold;
use crate::journal::Journal;

/// How playing ended, for those who wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Solved,
    Faulted,
    OverBudget,
}

/// A cell with all that it takes.
pub(super) struct Cell {
    id: CellId,
    dir: PathBuf,
    task: PathBuf,
    solver: Arc<dyn Solve>,
    account: Budget,
    observer: Arc<dyn CellObserver>,
}

impl Cell {
    pub(super) fn new(
        dir: &EvaluationDir,
        id: &CellId,
        account: &Budget,
        source: &dyn SolverSource,
        observer: Arc<dyn CellObserver>,
    ) -> Option<Self> {
        let config = dir.config();
        let task = config.tasks.iter().find(|task| task.id == id.task)?.path.clone();
        let solver = source.solver(entry(config, &id.model)?, id.run, account)?;
        let (id, dir, account) = (id.clone(), id.dir(dir.path()), account.clone());
        Some(Self { id, dir, task, solver, account, observer })
    }

    /// # Errors
    /// What concerns every cell alike: mistakes, the spent budget of the whole, a journal that cannot be written.
    pub(super) async fn play(self) -> Result<(CellId, Ended), PipelineError> {
        let (journal, lines) = Journal::open(&self.dir.join("journal.jsonl"))?;
        let fold = Arc::new(CandidateFold::of(&lines));
        let recorder: Arc<dyn Recorder> =
            Arc::new(Watched { id: self.id.clone(), journal, observer: self.observer.clone() });
        let workdir = self.dir.join("work");
        afresh(&workdir)?;
        let named = CandidateId { dataset: self.id.task.clone(), index: self.id.run };
        let cx = StageContext::new(named, Stage::Validate, workdir.clone(), recorder.clone(), fold);
        recorder.record(Event::StageStarted { stage: cx.stage, round: cx.round, attempt: cx.attempt })?;
        let played = self.solve(&cx).await;
        let (event, ended) = self.outcome(played)?;
        recorder.record(event)?;
        remove(&workdir)?;
        Ok((self.id, ended))
    }

    async fn solve(&self, cx: &StageContext) -> Result<Event, StageError> {
        let task = TaskLayout::detect(&self.task).map_err(|error| StageError::Mistake(error.to_string()))?;
        let input = ValidateInput { name: self.id.task.clone(), task };
        Ok(Event::Solved { report: self.solver.solve(cx, input).await? })
    }

    fn outcome(&self, played: Result<Event, StageError>) -> Result<(Event, Ended), PipelineError> {
        match played {
            Ok(event) => Ok((event, Ended::Solved)),
            Err(StageError::BudgetReached(reason)) if self.account.refused_at() == Some(0) => {
                let reason = format!("over the budget of {}: {reason}", self.id.model);
                Ok((Event::BudgetSpent { level: BudgetLevel::Model, reason }, Ended::OverBudget))
            }
            Err(StageError::Fault { message, .. }) => Ok((Event::Faulted { message }, Ended::Faulted)),
            Err(StageError::Mistake(what)) => Err(PipelineError::Mistake(format!("{}: {what}", self.id))),
            Err(error) => Err(error.into()),
        }
    }
}

/// A cell that was cut short begins on an empty directory.
fn afresh(workdir: &Path) -> Result<(), PipelineError> {
    remove(workdir)?;
    std::fs::create_dir_all(workdir).map_err(at(workdir))
}

fn remove(workdir: &Path) -> Result<(), PipelineError> {
    match std::fs::remove_dir_all(workdir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(at(workdir)(error)),
        _ => Ok(()),
    }
}

/// A journal whose events are shown after they are safe.
struct Watched {
    id: CellId,
    journal: Journal,
    observer: Arc<dyn CellObserver>,
}

impl Recorder for Watched {
    fn record(&self, event: Event) -> Result<(), RecordError> {
        self.journal.record(event.clone())?;
        self.observer.seen(&self.id, &event, false);
        Ok(())
    }
}
