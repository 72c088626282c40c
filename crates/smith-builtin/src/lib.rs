//! The stages of smith without any language model: what a dataset's profile says is turned into proposals, and a
//! proposal into a task, by small templates over facts.
//!
//! It costs nothing, needs no key and no network, and the same dataset always gives the same bytes. What it cannot do is
//! judge: its review says so, point by point, and leaves what only understanding can tell undecided.
//!
//! - [`BuiltinBrainstormer`] takes the targets that the data support, best and most different first, and says in its
//!   note why the others were not taken.
//! - [`BuiltinDesigner`] and [`BuiltinRefactorer`] write the files. A defect changes the design — a column is dropped,
//!   the split or the metric is another one — or ends the candidate with a reason.
//! - [`FactualReviewer`] compares words and facts, and claims nothing else.
//! - [`BuiltinSolver`] is one of the agents that are measured beside others ([`BuiltinAgent`]).
//! - [`LadderSolver`] climbs from a constant to gradient boosting, with scripts in the interactive environment.
//!
//! ```
//! use std::sync::Arc;
//! use smith_builtin::BuiltinBrainstormer;
//! use smith_task_schema::{Brainstorm, BrainstormInput, CandidateId, Stage, StageContext, event::Unrecorded};
//!
//! # let dir = tempfile::tempdir()?;
//! # let workdir = dir.path().to_path_buf();
//! std::fs::create_dir(workdir.join("raw"))?;
//! let rows = (0..400).map(|row| format!("{},{},{}\n", 20 + row % 37, row * 7 % 50, ["ale", "stout"][row % 37 / 19]));
//! std::fs::write(workdir.join("raw/beers.csv"), format!("bitterness,colour,style\n{}", rows.collect::<String>()))?;
//!
//! let id = CandidateId { dataset: "beers".to_owned(), index: 0 };
//! let cx = StageContext::new(id, Stage::Brainstorm, workdir, Arc::new(Unrecorded), Arc::new(Unrecorded));
//! let input = BrainstormInput { overview: String::new(), max_proposals: 2 };
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let report = BuiltinBrainstormer.brainstorm(&cx, input).await?;
//! assert_eq!(report.steps, 0, "no model was asked");
//! assert!(!report.proposals.is_empty(), "{}", report.note);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod agents;
mod brainstorm;
mod builders;
mod mend;
mod plan;
mod proposal;
mod propose;
mod render;
mod review;
mod solver;

pub use agents::{BuiltinAgent, BuiltinSolver, UnknownAgent};
pub use brainstorm::BuiltinBrainstormer;
pub use builders::{BuiltinDesigner, BuiltinRefactorer};
pub use review::FactualReviewer;
pub use solver::LadderSolver;
