//! The stages of one run, whoever implements them.

use std::sync::Arc;

use smith_task_schema::{Brainstorm, Design, Refactor, Review, Validate};

/// One implementation of each stage.
#[derive(Clone)]
pub struct Stages {
    /// Proposes.
    pub brainstorm: Arc<dyn Brainstorm>,
    /// Builds.
    pub design: Arc<dyn Design>,
    /// Unifies.
    pub refactor: Arc<dyn Refactor>,
    /// Judges.
    pub review: Arc<dyn Review>,
    /// Tries.
    pub validate: Arc<dyn Validate>,
}
