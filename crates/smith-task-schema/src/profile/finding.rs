//! What is odd about a dataset.

use serde::{Deserialize, Serialize};

use crate::finding::Severity;

/// Something odd about a dataset: a warning, or an error when a file or a part of it could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ProfileFinding {
    /// Error when data is lost to the profile.
    pub severity: Severity,
    /// Path of the file; empty for the dataset as a whole.
    pub path: String,
    /// What is odd.
    pub message: String,
}

impl ProfileFinding {
    /// A finding that loses no data.
    #[must_use]
    pub fn warning(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, path: path.into(), message: message.into() }
    }

    /// A file or a part of it that could not be read.
    #[must_use]
    pub fn error(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, path: path.into(), message: message.into() }
    }
}
