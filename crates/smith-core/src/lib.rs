//! smith: raw datasets in, verified competition-style machine-learning tasks out.
//!
//! This crate is the facade. [`Smith`] runs the whole pipeline; [`verify`] and [`grade`] work on any task
//! directory, whoever made it; every crate below is re-exported as a module, so that a value of any of
//! them has a nameable type here. [`blocking`] mirrors the asynchronous functions for notebooks.
//!
//! ```no_run
//! use smith_core::{Smith, SmithError};
//!
//! # async fn example() -> Result<(), SmithError> {
//! let summary = Smith::builder()
//!     .model("openai-compatible:my-model")
//!     .base_url("http://127.0.0.1:8000/v1")
//!     .out("runs/first")
//!     .candidates(2)
//!     .build()?
//!     .run(&["datasets/penguins".into()])
//!     .await?;
//! println!("{} verified of {}", summary.verified, summary.candidates);
//! # Ok(())
//! # }
//! ```

pub use smith_agents as agents;
pub use smith_assert as assert;
pub use smith_builtin as builtin;
pub use smith_data as data;
pub use smith_exec as exec;
pub use smith_llm as llm;
pub use smith_pipeline as pipeline;
pub use smith_prompts as prompts;
pub use smith_review as review;
pub use smith_stats as stats;
pub use smith_task_schema as schema;

mod assist;
mod author;
pub mod blocking;
mod builder;
mod doctor;
mod error;
mod evaluation;
mod explanation;
mod grading;
mod machine;
mod review_bench;
mod session;
pub mod statistics;
mod verification;

pub use author::Author;
pub use builder::{Smith, SmithBuilder};
pub use doctor::{DoctorReport, doctor};
pub use error::SmithError;
pub use evaluation::{Evaluation, EvaluationReport};
pub use explanation::explain;
pub use grading::{GradeReport, grade};
pub use machine::{Machine, MachineOptions};
pub use review_bench::ReviewBench;
pub use smith_pipeline::{ExplainedStep, Explanation, Observer, Outcome, RunSummary, Spent};
pub use verification::{VerifyReport, verify, verify_until_rejected, verify_with};
