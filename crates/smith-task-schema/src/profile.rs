//! Machine-readable facts of a raw dataset.

use serde::{Deserialize, Serialize};

/// Version that is written.
pub const PROFILE_VERSION: u32 = 1;

/// Facts of a raw dataset.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatasetProfile {
    /// [`PROFILE_VERSION`] of the writer.
    pub schema_version: u32,
    /// Name of the dataset.
    pub name: String,
}
