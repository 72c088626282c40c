//! Reviews of machine-learning tasks by a model: a rubric of five criteria, a verdict on each, and
//! evidence that is quoted and looked up.
//!
//! A reviewer that fails a point must quote the passage that makes it fail. A quotation that does not
//! stand in the material it was shown counts for nothing, and a fail without evidence counts as
//! *cannot tell*: a review can send a task back only for something that can be pointed at.
//!
//! The check of the evidence is useful alone:
//!
//! ```
//! use smith_review::Material;
//!
//! let material = Material::from_texts(&[("description.txt", "Predict the species.\nIds are row numbers.")]);
//! assert!(material.contains("Ids are   row numbers."));
//! assert!(!material.contains("Ids are hashed."));
//! ```

mod material;
mod reviewer;
mod submit;

pub use material::Material;
pub use reviewer::Reviewer;
