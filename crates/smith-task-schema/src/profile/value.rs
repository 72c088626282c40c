//! Values with their counts.

use serde::{Deserialize, Serialize};

/// A value and how often it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ValueCount {
    /// The value, shortened when it is long.
    pub value: String,
    /// How often.
    pub count: u64,
}

impl ValueCount {
    /// A value with its count.
    #[must_use]
    pub fn new(value: impl Into<String>, count: u64) -> Self {
        Self { value: value.into(), count }
    }
}
