//! Deterministic assertions over machine-learning tasks, as rules with stable codes.
//!
//! A [`Catalogue`] holds rules, a [`Subject`] is the task that they look at, and an [`Outcome`] is what they say:
//! findings for whoever has to mend the task, a record of every check that ran, and the rules that could not be run
//! with the reason. No model takes part, and the same task always gets the same findings.
//!
//! There are two catalogues. [`Catalogue::pre_refactor`] asks of the Designer's free-form work directory that its
//! scripts run and that a sample submission and answers come out. [`Catalogue::post_refactor`] asks for the unified
//! format in each of the three layouts, and that the prepared task is reproducible, scores sensibly and does not
//! give its answers away.
//!
//! The letter of a code names its family, see [`FAMILIES`]. A [`Selection`] leaves rules out; an embedder's own ones are
//! added by implementing [`Rule`].
//!
//! Scripts run on copies only. Rules that read files block the calling task while they do.
//!
//! Without a Python runtime the rules that run scripts are skipped and the others decide:
//!
//! ```
//! use smith_assert::{Catalogue, Subject};
//! use smith_task_schema::{LayoutKind, TaskLayout, Verdict};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let dir = tempfile::tempdir()?;
//! std::fs::write(dir.path().join("prepare.py"), "def prepare(raw, public):\n    pass\n")?;
//!
//! let layout = TaskLayout::at(LayoutKind::Workdir, dir.path());
//! let subject = Subject::new(layout, None, dir.path().join("scratch"));
//! let outcome = Catalogue::post_refactor().check(&subject).await?;
//!
//! assert_eq!(outcome.verdict(), Verdict::Rejected);
//! let signature = outcome.findings.iter().find(|finding| finding.rule == "P102").ok_or("no finding")?;
//! assert_eq!(signature.path, "prepare.py:1");
//! assert!(outcome.skipped.iter().any(|(rule, why)| rule == "R111" && why == "no Python runtime"));
//! # Ok(())
//! # }
//! ```

mod catalogue;
mod error;
mod family;
mod features;
mod formulas;
mod ladder;
mod leakage;
mod learn;
mod literature;
pub mod manual;
mod origin;
mod outcome;
mod pysrc;
mod quality;
mod rank;
mod rule;
mod rules;
mod selection;
mod subject;

pub use catalogue::Catalogue;
pub use error::AssertError;
pub use family::{FAMILIES, Family};
pub use outcome::Outcome;
pub use rule::{Report, Rule, RuleInfo};
pub use selection::{Selection, UnknownRule};
pub use subject::{Scores, Subject};
