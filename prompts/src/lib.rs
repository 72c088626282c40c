//! The prompts of smith's agents and reviewers.
//!
//! A prompt is a file of `templates/`: TOML front matter between two lines of `+++` (`id`, `version`,
//! `variables`), then Markdown with minijinja's placeholders. The files are embedded at compile time, a
//! variable that is missing is an error instead of a hole in the text, and nothing is escaped except the
//! delimiters around text that comes from a dataset.
//!
//! ```
//! use smith_prompts::{PromptId, render, version};
//!
//! let text = render(PromptId::StepsLeft, std::collections::BTreeMap::from([("steps_left", 3)]))?;
//! assert!(text.contains("3 model calls"));
//! assert!(version(PromptId::StepsLeft) >= 1);
//! # Ok::<(), smith_prompts::PromptError>(())
//! ```

mod catalogue;
mod front_matter;
mod render;
pub mod samples;

pub use catalogue::{PromptId, all, source, texts};
pub use render::render;

/// Why a prompt could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PromptError {
    /// The template file's header is not what this crate expects.
    #[error("the front matter of a prompt cannot be read: {0}")]
    FrontMatter(String),
    /// The template cannot be rendered with these variables; most often one of them is missing.
    #[error("the prompt \"{id}\" cannot be rendered: {reason}; it needs {}", needs(.variables))]
    Render {
        /// Which prompt.
        id: PromptId,
        /// What the template engine says.
        reason: String,
        /// All variables that the prompt needs.
        variables: Vec<String>,
    },
}

fn needs(variables: &[String]) -> String {
    if variables.is_empty() { "no variables".to_owned() } else { variables.join(", ") }
}

/// Version of a prompt's text, as its front matter states it; 0 when the front matter cannot be read, which
/// the tests of this crate rule out for the embedded files.
#[must_use]
pub fn version(id: PromptId) -> u32 {
    front_matter::split(source(id)).map_or(0, |(header, _)| header.version)
}
