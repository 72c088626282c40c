//! Why a package was accepted or rejected.

use std::path::Path;

use smith_pipeline::Explanation;

use crate::error::SmithError;

/// Explains the package at `task` from its manifest and, when its run is beside it, step by step.
///
/// # Errors
/// A mistake when there is no package at `task`, a fault when something cannot be read.
pub fn explain(task: &Path) -> Result<Explanation, SmithError> {
    Ok(smith_pipeline::explain(task)?)
}
