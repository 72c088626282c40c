//! The stages of one run, whoever implements them.

use std::sync::Arc;

use smith_llm::Budget;
use smith_task_schema::{Brainstorm, CandidateId, Design, Refactor, Review, Validate};

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

/// Gives each candidate the stages that work for it, paid from its own account.
pub trait StageSource: Send + Sync {
    /// The stages of `candidate` (of a dataset's brainstorming for index 0). Models among them are to be charged to
    /// `account`, see [`Connection::charged_to`](smith_llm::Connection::charged_to).
    fn stages(&self, candidate: &CandidateId, account: &Budget) -> Stages;
}

/// The same stages for all: they cost nothing, or keep account themselves.
impl StageSource for Stages {
    fn stages(&self, _candidate: &CandidateId, _account: &Budget) -> Stages {
        self.clone()
    }
}
