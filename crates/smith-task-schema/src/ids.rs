//! Names of things that become folder names.

use serde::{Deserialize, Serialize};

/// One proposal on its way through the stages: the dataset's name and a number from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CandidateId {
    /// Name of the dataset, unique within a run; it may hold any letters of any script.
    pub dataset: String,
    /// Position of the proposal, from 1.
    pub index: u32,
}

impl std::fmt::Display for CandidateId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.dataset, self.index)
    }
}

/// Lower-case ASCII letters, digits and single hyphens out of any text; never empty, at most 60 bytes.
///
/// ```
/// assert_eq!(smith_task_schema::ids::slug("Palmer penguins (raw)"), "palmer-penguins-raw");
/// assert_eq!(smith_task_schema::ids::slug("///"), "unnamed");
/// ```
#[must_use]
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for ch in text.chars() {
        if ch.is_ascii_alphanumeric() {
            out.push(ch.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if out.len() >= 60 {
            break;
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { "unnamed".to_owned() } else { out.to_owned() }
}
