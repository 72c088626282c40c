//! The generate–verify–execute pipeline: stages in order, defects routed back, every event journalled,
//! every run resumable.
//!
//! The pipeline knows the stages only as traits. It decides *when* something is done, never *how*: it
//! gives each attempt a directory of its own, runs the assertions between the stages, routes defects to
//! the stage that can mend them within bounded rounds, and writes the packages. What happened lies in
//! journals; progress bars, tables, cost and resumption are folds over them.
//!
//! The journal is useful alone:
//!
//! ```
//! use smith_pipeline::journal::{self, Journal};
//! use smith_task_schema::{Event, Recorder};
//!
//! let dir = tempfile::tempdir()?;
//! let path = dir.path().join("journal.jsonl");
//! let (journal, earlier) = Journal::open(&path)?;
//! assert!(earlier.is_empty());
//! journal.record(Event::Faulted { message: "the endpoint is down".to_owned() })?;
//! drop(journal);
//! let lines = journal::read(&path)?;
//! assert_eq!(lines[0].seq, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod accounts;
mod attempts;
mod candidate;
mod corpus;
mod dataset;
mod defects;
mod error;
pub mod evaluate;
mod explain;
mod fold;
pub mod journal;
mod observe;
mod options;
mod package;
mod performance;
mod run;
mod run_dir;
mod stages;
mod staging;
mod summary;
mod tree;

pub use corpus::corpus_rows;
pub use error::PipelineError;
pub use explain::{ExplainedStep, Explanation, explain};
pub use fold::CandidateFold;
pub use observe::{Observer, Seen, Unobserved};
pub use options::{BudgetLimits, RunOptions};
pub use run::run;
pub use run_dir::{DatasetEntry, RunConfig, RunDir};
pub use stages::{StageSource, Stages};
pub use summary::{CandidateRow, Outcome, PerTask, ProposingRow, RunSummary, Spent, TaskRow, summarize};
