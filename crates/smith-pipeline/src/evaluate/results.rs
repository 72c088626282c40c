//! What an evaluation has come to: rows out of the journals of its cells.

use std::path::Path;

use serde::Serialize;
use smith_task_schema::{SolveReport, TaskManifest};

use super::cells::{CellId, CellState, ReadCell, cells};
use super::dir::EvaluationDir;
use crate::error::PipelineError;

/// Actions that only ask, or only put back: they are no steps of a curve.
const NO_STEPS: [&str; 3] = ["request_info", "get_history", "reset"];

/// A cell that came to its end.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScoreRow {
    /// The task.
    pub task: String,
    /// The model.
    pub model: String,
    /// The run, from 1.
    pub run: u32,
    /// Score of the submission that counts; nothing when none was valid, which is the model's doing.
    pub score: Option<f64>,
    /// The direction of the task's metric.
    pub higher_is_better: bool,
    /// Modality of the task, where its manifest names it.
    pub category: Option<String>,
    /// The step that made the submission.
    pub score_step: Option<u32>,
    /// Actions that cost a step.
    pub steps: u32,
    /// Submissions, valid or not.
    pub submissions: u32,
    /// Model calls that were answered.
    pub model_calls: u32,
    /// Tokens sent.
    pub input_tokens: u64,
    /// Of these, read from the provider's cache.
    pub cached_tokens: u64,
    /// Tokens received.
    pub output_tokens: u64,
    /// What was paid, as far as prices are known.
    pub cost_usd: f64,
    /// Calls whose price is not known.
    pub unpriced_calls: u32,
    /// Wall time.
    pub seconds: f64,
    /// The agent's last words.
    pub note: String,
}

/// An action of a cell that came to its end, other than those that only ask.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StepRow {
    /// The task.
    pub task: String,
    /// The model.
    pub model: String,
    /// The run, from 1.
    pub run: u32,
    /// Number of the action, from 1 without gaps.
    pub step: u32,
    /// Its number in the environment, where questions count too.
    pub environment_step: u32,
    /// The action; nothing when the agent took none at all, for which one row stands.
    pub action: Option<String>,
    /// `SUCCESS` or what went wrong.
    pub outcome: Option<String>,
    /// Score of the submission that it made.
    pub score: Option<f64>,
    /// The direction of the task's metric.
    pub higher_is_better: bool,
    /// Modality of the task.
    pub category: Option<String>,
    /// Seconds since the session was opened.
    pub at_seconds: Option<f64>,
}

/// A cell for which no score stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Unfinished {
    /// The task.
    pub task: String,
    /// The model.
    pub model: String,
    /// The run, from 1.
    pub run: u32,
    /// `fault`, `budget`, `unplayable` or `open`.
    pub kind: &'static str,
    /// Why.
    pub message: String,
}

/// How many cells came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CellCounts {
    /// All.
    pub planned: usize,
    /// With a score.
    pub scored: usize,
    /// At their end without a valid submission.
    pub unscored: usize,
    /// Left open by a fault of the infrastructure.
    pub faults: usize,
    /// Left open by a spent budget.
    pub over_budget: usize,
    /// On a task that cannot be opened.
    pub unplayable: usize,
    /// Not played yet, or cut short.
    pub open: usize,
}

/// Everything that tables are made of.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EvaluationResults {
    /// How many cells came to what.
    pub cells: CellCounts,
    /// What was paid for, also in cells that did not come to their end.
    pub cost_usd: f64,
    /// Model calls that were answered, likewise.
    pub model_calls: u32,
    /// Calls whose price is not known.
    pub unpriced_calls: u32,
    /// One row for each cell at its end.
    pub scores: Vec<ScoreRow>,
    /// Their actions; not part of the JSON document.
    #[serde(skip)]
    pub steps: Vec<StepRow>,
    /// The other cells that were begun.
    pub unfinished: Vec<Unfinished>,
}

/// Reads every journal. Blocks.
///
/// # Errors
/// A journal that cannot be read.
pub fn results(dir: &EvaluationDir) -> Result<EvaluationResults, PipelineError> {
    let mut results = EvaluationResults::default();
    let categories: Vec<(String, Option<String>)> =
        dir.config().tasks.iter().map(|task| (task.id.clone(), category(&task.path))).collect();
    for id in cells(dir.config()) {
        let category = categories.iter().find(|(task, _)| *task == id.task).and_then(|(_, of)| of.clone());
        results.take(&id, category, &ReadCell::of(dir.path(), &id)?);
    }
    Ok(results)
}

/// The modality that a task's manifest names; others are without category.
fn category(task: &Path) -> Option<String> {
    let (manifest, _) = TaskManifest::read(task).ok()?;
    Some(manifest.modality.as_str().to_owned())
}

impl EvaluationResults {
    fn take(&mut self, id: &CellId, category: Option<String>, cell: &ReadCell) {
        self.cells.planned += 1;
        let fold = cell.fold();
        self.cost_usd += fold.cost_micro_usd as f64 / 1e6;
        self.model_calls += fold.model_calls;
        self.unpriced_calls += fold.unpriced_calls;
        match &cell.state {
            CellState::Solved(SolveReport { unplayable: Some(why), .. }) => {
                self.cells.unplayable += 1;
                self.unfinished(id, "unplayable", why);
            }
            CellState::Solved(report) => {
                let scored = report.score.is_some();
                self.cells.scored += usize::from(scored);
                self.cells.unscored += usize::from(!scored);
                self.steps.extend(steps(id, &category, report));
                self.scores.push(row(id, category, cell, report));
            }
            CellState::Faulted(why) => {
                self.cells.faults += 1;
                self.unfinished(id, "fault", why);
            }
            CellState::OverBudget(why) => {
                self.cells.over_budget += 1;
                self.unfinished(id, "budget", why);
            }
            CellState::Open => {
                self.cells.open += 1;
                if !cell.lines.is_empty() {
                    self.unfinished(id, "open", "it was cut short");
                }
            }
        }
    }

    fn unfinished(&mut self, id: &CellId, kind: &'static str, message: &str) {
        let CellId { task, model, run } = id.clone();
        self.unfinished.push(Unfinished { task, model, run, kind, message: message.to_owned() });
    }
}

fn row(id: &CellId, category: Option<String>, cell: &ReadCell, report: &SolveReport) -> ScoreRow {
    let fold = cell.fold();
    let submissions = report.actions.iter().filter(|action| action.action == "execute_code").count();
    ScoreRow {
        task: id.task.clone(),
        model: id.model.clone(),
        run: id.run,
        score: report.score,
        higher_is_better: report.higher_is_better,
        category,
        score_step: report.score_step,
        steps: report.actions.last().map_or(0, |action| action.step),
        submissions: u32::try_from(submissions).unwrap_or(u32::MAX),
        model_calls: fold.model_calls,
        input_tokens: fold.usage.input_tokens,
        cached_tokens: fold.usage.cached_tokens,
        output_tokens: fold.usage.output_tokens,
        cost_usd: fold.cost_micro_usd as f64 / 1e6,
        unpriced_calls: fold.unpriced_calls,
        seconds: cell.seconds(),
        note: report.note.chars().take(2000).collect(),
    }
}

fn steps(id: &CellId, category: &Option<String>, report: &SolveReport) -> Vec<StepRow> {
    let empty = |step| StepRow {
        task: id.task.clone(),
        model: id.model.clone(),
        run: id.run,
        step,
        environment_step: 0,
        action: None,
        outcome: None,
        score: None,
        higher_is_better: report.higher_is_better,
        category: category.clone(),
        at_seconds: None,
    };
    let taken = report.actions.iter().filter(|action| !NO_STEPS.contains(&action.action.as_str()));
    let rows: Vec<StepRow> = (1..)
        .zip(taken)
        .map(|(step, action)| StepRow {
            environment_step: action.step,
            action: Some(action.action.clone()),
            outcome: Some(action.outcome.clone()),
            score: action.score,
            at_seconds: Some(action.at_seconds),
            ..empty(step)
        })
        .collect();
    if rows.is_empty() { vec![empty(1)] } else { rows }
}
