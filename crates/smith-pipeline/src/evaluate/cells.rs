//! One cell: a model on a task, for one run. Its journal says what became of it.

use std::path::{Path, PathBuf};

use serde::Serialize;
use smith_task_schema::{Event, SolveReport, ids};
use time::OffsetDateTime;

use super::config::EvaluationConfig;
use crate::error::PipelineError;
use crate::fold::CandidateFold;
use crate::journal::{self, Line};

/// Which cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct CellId {
    /// The task's name in the evaluation.
    pub task: String,
    /// The model's.
    pub model: String,
    /// From 1.
    pub run: u32,
}

impl std::fmt::Display for CellId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} on {}, run {}", self.model, self.task, self.run)
    }
}

/// What became of a cell.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum CellState {
    /// Nothing yet, or it was cut short.
    Open,
    /// The agent came to its end.
    Solved(SolveReport),
    /// The infrastructure failed, for this reason.
    Faulted(String),
    /// There was no money for it, for this reason.
    OverBudget(String),
}

/// All cells, task by task.
pub(super) fn cells(config: &EvaluationConfig) -> impl Iterator<Item = CellId> + '_ {
    config.tasks.iter().flat_map(move |task| {
        (1..=config.runs).flat_map(move |run| {
            let of = move |name: &str| CellId { task: task.id.clone(), model: name.to_owned(), run };
            config.models.iter().map(move |model| of(&model.name))
        })
    })
}

impl CellId {
    /// Its parts as folders below `root`.
    pub(super) fn below(&self, root: &Path) -> PathBuf {
        root.join(folder(&self.model)).join(&self.task).join(self.run.to_string())
    }

    /// Its directory in an evaluation.
    pub(super) fn dir(&self, evaluation: &Path) -> PathBuf {
        self.below(&evaluation.join("cells"))
    }
}

/// Names that are no folders get one that is no other's.
fn folder(name: &str) -> String {
    let slug = ids::slug(name);
    if slug == name {
        return slug;
    }
    let digest = blake3::hash(name.as_bytes()).to_hex();
    format!("{slug}-{}", digest.chars().take(8).collect::<String>())
}

/// A cell as its journal has it.
pub(super) struct ReadCell {
    pub(super) lines: Vec<Line>,
    pub(super) state: CellState,
}

impl ReadCell {
    pub(super) fn of(evaluation: &Path, id: &CellId) -> Result<Self, PipelineError> {
        let lines = journal::read(&id.dir(evaluation).join("journal.jsonl"))?;
        Ok(Self { state: state(&lines), lines })
    }

    /// Tokens, calls and money.
    pub(super) fn fold(&self) -> CandidateFold {
        CandidateFold::of(&self.lines)
    }

    /// Wall time of the process that came to the end.
    pub(super) fn seconds(&self) -> f64 {
        let started = |line: &&Line| matches!(line.event, Event::StageStarted { .. });
        let at = |line: Option<&Line>| line.map(|line| line.at);
        let begin: Option<OffsetDateTime> = at(self.lines.iter().rfind(started));
        match (begin, at(self.lines.last())) {
            (Some(begin), Some(end)) => (end - begin).as_seconds_f64(),
            _ => 0.0,
        }
    }
}

fn state(lines: &[Line]) -> CellState {
    let solved = lines.iter().rev().find_map(|line| match &line.event {
        Event::Solved { report } => Some(report.clone()),
        _ => None,
    });
    if let Some(report) = solved {
        return CellState::Solved(report);
    }
    match lines.last().map(|line| &line.event) {
        Some(Event::Faulted { message }) => CellState::Faulted(message.clone()),
        Some(Event::BudgetSpent { reason, .. }) => CellState::OverBudget(reason.clone()),
        _ => CellState::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_has_a_folder_of_its_own() {
        let names = ["tea", "Tea", "openai:tea", "openai/tea", "../tea", "grün"];
        let folders: std::collections::BTreeSet<String> = names.iter().map(|name| folder(name)).collect();
        assert_eq!((folders.len(), folder("tea").as_str()), (names.len(), "tea"));
        assert!(folders.iter().all(|folder| !folder.contains(['/', '.', ':'])), "{folders:?}");
    }
}
