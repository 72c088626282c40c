//! Evaluation: models × tasks × runs, each of which is a *cell* with a directory, a journal and one outcome.
//!
//! Whoever plays is a [`Solve`](smith_task_schema::Solve); this module decides when, keeps account of what was paid, and writes
//! down what came of it. A cell that came to its end is never played again; of one that was cut short, answers of a model are
//! taken from its journal and not paid twice. Faults of the infrastructure leave a cell open and are told apart: no score
//! stands for them.
//!
//! ```text
//! <out>/evaluation.toml                            models, tasks and settings, without secrets
//! <out>/cells/<model>/<task>/<run>/journal.jsonl   everything that happened
//! <out>/tables/{scores,steps,trajectories,unfinished}.parquet
//! <out>/trajectories/<model>/<task>/<run>.json     in the Agent Trajectory Interchange Format (ATIF)
//! ```

mod cells;
mod config;
mod dir;
mod figures;
mod play;
mod program;
mod results;
mod schedule;
mod tables;
mod tasks;
mod trajectory;

pub use cells::{CellId, CellState};
pub use config::{EvaluationConfig, ModelEntry, PlayedTask, read_models};
pub use dir::EvaluationDir;
pub use figures::{curves, standings};
pub use program::ProgramAgent;
pub use results::{CellCounts, EvaluationResults, ScoreRow, StepRow, Unfinished, results};
pub use schedule::{CellObserver, EvaluationOptions, SolverSource, evaluate};
pub use tables::write_tables;
pub use tasks::find_tasks;
pub use trajectory::trajectory;
