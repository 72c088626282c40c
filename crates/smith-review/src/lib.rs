//! Reviews of machine-learning tasks by a model: a rubric of seven criteria, several independent passes with a vote
//! on each, and evidence that is quoted and looked up.
//!
//! A pass that fails a criterion must name a file and quote the passage of it that makes it fail. A quotation that
//! does not stand in that file counts for nothing, and a fail without evidence counts as *cannot tell*: a review can
//! send a task back only for something that can be pointed at. No pass knows of another; each sees criteria and files
//! in an order of its own, and the majority of those that could tell decides.
//!
//! How good a model is as a reviewer is measured on tasks with known defects, see [`mod@bench`].
//!
//! The check of the evidence is useful alone:
//!
//! ```
//! use smith_review::{Material, Refusal};
//!
//! let material = Material::from_texts(&[("description.txt", "Predict the species.\nIds are row numbers.")]);
//! assert_eq!(material.check("description.txt", "Ids are   row numbers."), Ok(()));
//! assert_eq!(material.check("description.txt", "Ids are hashed values."), Err(Refusal::NotThere));
//! assert_eq!(material.check("metric.py", "Ids are row numbers."), Err(Refusal::UnknownFile));
//! ```

pub mod bench;
mod evidence;
mod excerpt;
mod files;
mod kappa;
mod material;
mod order;
mod reviewer;
mod submit;
mod votes;

pub use evidence::Refusal;
pub use kappa::fleiss_kappa;
pub use material::Material;
pub use reviewer::Reviewer;
