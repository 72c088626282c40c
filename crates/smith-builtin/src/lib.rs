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
//! - [`LadderSolver`] climbs from a constant to gradient boosting, with scripts in the interactive environment.

mod brainstorm;
mod builders;
mod mend;
mod plan;
mod proposal;
mod propose;
mod render;
mod review;
mod solver;

pub use brainstorm::BuiltinBrainstormer;
pub use builders::{BuiltinDesigner, BuiltinRefactorer};
pub use review::FactualReviewer;
pub use solver::LadderSolver;
