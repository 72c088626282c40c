//! The tables of an evaluation on disk, and the trajectories beside them.

use std::path::{Path, PathBuf};

use serde_json::Value;
use smith_data::written::{Cells, write_parquet};

use super::cells::{CellId, ReadCell, cells};
use super::dir::EvaluationDir;
use super::results::{EvaluationResults, ScoreRow, StepRow, Unfinished};
use super::trajectory::{Turn, TurnUsage, Turns, document};
use crate::error::{PipelineError, at};

/// Bytes of text that one file of trajectories holds, about.
const PART_BYTES: usize = 256 << 20;

/// Writes `tables/*.parquet` and `trajectories/…/*.json` and gives the paths of the tables. Blocks.
///
/// # Errors
/// A journal that cannot be read, a file that cannot be written.
pub fn write_tables(dir: &EvaluationDir, results: &EvaluationResults) -> Result<Vec<PathBuf>, PipelineError> {
    let folder = dir.path().join("tables");
    std::fs::create_dir_all(&folder).map_err(at(&folder))?;
    let mut written = Vec::new();
    for (name, columns) in [
        ("scores", scores(&results.scores)),
        ("steps", steps(&results.steps)),
        ("unfinished", unfinished(&results.unfinished)),
    ] {
        let path = folder.join(format!("{name}.parquet"));
        write_parquet(&path, &columns)?;
        written.push(path);
    }
    Trajectories { dir, folder: &folder, rows: Vec::new(), bytes: 0 }.write(&mut written)?;
    Ok(written)
}

type Columns = Vec<(&'static str, Cells)>;

fn text<T>(rows: &[T], cell: impl Fn(&T) -> Option<&str>) -> Cells {
    Cells::Text(rows.iter().map(|row| cell(row).map(str::to_owned)).collect())
}

fn number<T>(rows: &[T], cell: impl Fn(&T) -> Option<f64>) -> Cells {
    Cells::Number(rows.iter().map(cell).collect())
}

fn whole<T>(rows: &[T], cell: impl Fn(&T) -> Option<u64>) -> Cells {
    Cells::Whole(rows.iter().map(|row| cell(row).and_then(|value| i64::try_from(value).ok())).collect())
}

fn truth<T>(rows: &[T], cell: impl Fn(&T) -> bool) -> Cells {
    Cells::Truth(rows.iter().map(|row| Some(cell(row))).collect())
}

fn scores(rows: &[ScoreRow]) -> Columns {
    vec![
        ("task", text(rows, |row| Some(&row.task))),
        ("model", text(rows, |row| Some(&row.model))),
        ("run", whole(rows, |row| Some(row.run.into()))),
        ("score", number(rows, |row| row.score)),
        ("higher_is_better", truth(rows, |row| row.higher_is_better)),
        ("category", text(rows, |row| row.category.as_deref())),
        ("score_step", whole(rows, |row| row.score_step.map(u64::from))),
        ("steps", whole(rows, |row| Some(row.steps.into()))),
        ("submissions", whole(rows, |row| Some(row.submissions.into()))),
        ("model_calls", whole(rows, |row| Some(row.model_calls.into()))),
        ("input_tokens", whole(rows, |row| Some(row.input_tokens))),
        ("cached_tokens", whole(rows, |row| Some(row.cached_tokens))),
        ("output_tokens", whole(rows, |row| Some(row.output_tokens))),
        ("cost_usd", number(rows, |row| Some(row.cost_usd))),
        ("unpriced_calls", whole(rows, |row| Some(row.unpriced_calls.into()))),
        ("seconds", number(rows, |row| Some(row.seconds))),
        ("note", text(rows, |row| Some(&row.note))),
    ]
}

fn steps(rows: &[StepRow]) -> Columns {
    vec![
        ("task", text(rows, |row| Some(&row.task))),
        ("model", text(rows, |row| Some(&row.model))),
        ("run", whole(rows, |row| Some(row.run.into()))),
        ("step", whole(rows, |row| Some(row.step.into()))),
        ("environment_step", whole(rows, |row| Some(row.environment_step.into()))),
        ("action", text(rows, |row| row.action.as_deref())),
        ("outcome", text(rows, |row| row.outcome.as_deref())),
        ("score", number(rows, |row| row.score)),
        ("higher_is_better", truth(rows, |row| row.higher_is_better)),
        ("category", text(rows, |row| row.category.as_deref())),
        ("at_seconds", number(rows, |row| row.at_seconds)),
    ]
}

fn unfinished(rows: &[Unfinished]) -> Columns {
    vec![
        ("task", text(rows, |row| Some(&row.task))),
        ("model", text(rows, |row| Some(&row.model))),
        ("run", whole(rows, |row| Some(row.run.into()))),
        ("kind", text(rows, |row| Some(row.kind))),
        ("message", text(rows, |row| Some(&row.message))),
    ]
}

/// One message of a trajectory.
struct MessageRow {
    id: CellId,
    step: usize,
    source: &'static str,
    message: String,
    calls: Option<String>,
    observation: Option<String>,
    usage: Option<TurnUsage>,
}

/// Trajectories are written a part at a time: together they may be larger than the memory.
struct Trajectories<'d> {
    dir: &'d EvaluationDir,
    folder: &'d Path,
    rows: Vec<MessageRow>,
    bytes: usize,
}

impl Trajectories<'_> {
    fn write(mut self, written: &mut Vec<PathBuf>) -> Result<(), PipelineError> {
        for id in cells(self.dir.config()) {
            let cell = ReadCell::of(self.dir.path(), &id)?;
            if let Some(document) = document(&id, &cell) {
                keep(&id.below(&self.dir.path().join("trajectories")), &document)?;
            }
            self.take(&id, Turns::of(&cell).turns);
            if self.bytes > PART_BYTES {
                written.push(self.part(written.len())?);
            }
        }
        // Without a row too, so that readers find the columns.
        let first = !written.iter().any(|path| path.to_string_lossy().contains("trajectories"));
        if first || !self.rows.is_empty() {
            written.push(self.part(written.len())?);
        }
        Ok(())
    }

    fn take(&mut self, id: &CellId, turns: Vec<Turn>) {
        let mut step = 0;
        for mut turn in turns {
            for (source, message) in std::mem::take(&mut turn.before) {
                step += 1;
                self.push(MessageRow {
                    id: id.clone(),
                    step,
                    source,
                    message,
                    calls: None,
                    observation: None,
                    usage: None,
                });
            }
            step += 1;
            let calls: Vec<Value> = turn
                .calls
                .iter()
                .map(|call| serde_json::json!({ "id": call.id, "name": call.name, "arguments": call.arguments }))
                .collect();
            let answers: Vec<&str> = turn.calls.iter().filter_map(|call| call.answer.as_deref()).collect();
            self.push(MessageRow {
                id: id.clone(),
                step,
                source: "agent",
                message: std::mem::take(&mut turn.message),
                calls: (!calls.is_empty()).then(|| Value::Array(calls).to_string()),
                observation: (!answers.is_empty()).then(|| answers.join("\n")),
                usage: turn.usage,
            });
        }
    }

    fn push(&mut self, row: MessageRow) {
        let of = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        self.bytes += row.message.len() + of(&row.calls) + of(&row.observation);
        self.rows.push(row);
    }

    /// Writes what is held and lets go of it.
    fn part(&mut self, tables: usize) -> Result<PathBuf, PipelineError> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        // Three tables stand before the trajectories.
        let name = match tables.saturating_sub(3) {
            0 => "trajectories.parquet".to_owned(),
            more => format!("trajectories-{}.parquet", more + 1),
        };
        let path = self.folder.join(name);
        write_parquet(&path, &messages(&rows))?;
        Ok(path)
    }
}

fn messages(rows: &[MessageRow]) -> Columns {
    let usage = |row: &MessageRow| row.usage;
    vec![
        ("task", text(rows, |row| Some(&row.id.task))),
        ("model", text(rows, |row| Some(&row.id.model))),
        ("run", whole(rows, |row| Some(row.id.run.into()))),
        ("step", whole(rows, |row| Some(row.step as u64))),
        ("source", text(rows, |row| Some(row.source))),
        ("message", text(rows, |row| Some(&row.message))),
        ("tool_calls", text(rows, |row| row.calls.as_deref())),
        ("observation", text(rows, |row| row.observation.as_deref())),
        ("input_tokens", whole(rows, |row| usage(row).map(|usage| usage.input_tokens))),
        ("cached_tokens", whole(rows, |row| usage(row).map(|usage| usage.cached_tokens))),
        ("output_tokens", whole(rows, |row| usage(row).map(|usage| usage.output_tokens))),
        ("cost_usd", number(rows, |row| usage(row).and_then(|usage| usage.cost_usd))),
        ("seconds", number(rows, |row| usage(row).map(|usage| usage.seconds))),
    ]
}

/// `…/<run>` becomes the file `…/<run>.json`.
fn keep(place: &Path, document: &Value) -> Result<(), PipelineError> {
    let path = place.with_extension("json");
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(at(folder))?;
    }
    std::fs::write(&path, document.to_string()).map_err(at(&path))
}
