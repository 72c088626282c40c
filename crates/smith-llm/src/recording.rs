//! Recording of a model's answers and their replay.
//!
//! A recording is a file of JSON lines: a [header](RecordingHeader), then one line for each answered request. A
//! request repeats its whole conversation, so a line names an earlier one whose first messages it shares and holds
//! only the rest. Neither host nor headers are written, so no key can be; a line counts once its line feed is
//! there, so a run that was killed leaves a recording of everything that was answered.

mod body;
mod delta;
mod diff;
mod drift;
mod file;
mod normal;
mod prints;
mod record;
mod replay;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::chat::Effort;

pub use drift::DriftLog;
pub use normal::Lenient;
pub use record::RecordTransport;
pub use replay::ReplayTransport;

/// Who records or replays, and on what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingInfo {
    /// Program and version.
    pub program: String,
    /// What the results of programs may depend on, such as `python` = `3.11` or `platform` = `linux-x86_64`.
    pub environment: BTreeMap<String, String>,
    /// Settings of the recorded run, by the program's own names: without them its requests cannot be made again.
    #[serde(default)]
    pub settings: BTreeMap<String, u32>,
    /// How hard the recorded model was to think, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<Effort>,
}

/// What is known of a recording without its answers.
///
/// # Errors
/// [`LlmError::Mistake`](crate::LlmError::Mistake) if the file is not a readable recording.
pub fn header_of(path: &std::path::Path) -> Result<RecordingHeader, crate::LlmError> {
    file::read(path).map(|recording| recording.header)
}

/// First line of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingHeader {
    /// The model that answered, as [`ModelSpec`](crate::ModelSpec) prints it. It decides the dialect at replay.
    pub spec: String,
    /// Who recorded, and on what.
    pub info: RecordingInfo,
}
