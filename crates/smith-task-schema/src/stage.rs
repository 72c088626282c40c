//! The stages and their traits: one method each, so that a stage is replaced by implementing one function.
//!
//! The pipeline holds `Arc<dyn …>` and never asks whether a model, a template or a person stands behind it.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::defect::Defect;
use crate::event::{Recall, RecordError, Recorder};
use crate::finding::Finding;
use crate::ids::CandidateId;
use crate::layout::TaskLayout;
use crate::proposal::Proposal;
use crate::review::ReviewReport;
use crate::validation::ValidationReport;

/// The stages that do work on a candidate; assertions stand between them and are no stage of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Proposals out of a dataset.
    Brainstorm,
    /// A complete task out of a proposal.
    Design,
    /// The unified format out of a complete task.
    Refactor,
    /// A model's judgement.
    Review,
    /// An agent tries to solve the task.
    Validate,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 5] = [Self::Brainstorm, Self::Design, Self::Refactor, Self::Review, Self::Validate];

    /// The word in files and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Brainstorm => "brainstorm",
            Self::Design => "design",
            Self::Refactor => "refactor",
            Self::Review => "review",
            Self::Validate => "validate",
        }
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What every stage is given: where it works and where it writes down what it does.
#[derive(Clone)]
#[non_exhaustive]
pub struct StageContext {
    /// The candidate; index 0 while brainstorming.
    pub candidate: CandidateId,
    /// Which stage this is.
    pub stage: Stage,
    /// How often defects were routed back before, from 0.
    pub round: u32,
    /// Attempt within the round, from 1.
    pub attempt: u32,
    /// The only directory that the stage may change.
    pub workdir: PathBuf,
    /// Every event goes here before it is acted on.
    pub recorder: Arc<dyn Recorder>,
    /// Steps that an earlier process of the same run already paid for.
    pub recall: Arc<dyn Recall>,
}

impl StageContext {
    /// A context for one attempt of one stage.
    #[must_use]
    pub fn new(
        candidate: CandidateId,
        stage: Stage,
        workdir: PathBuf,
        recorder: Arc<dyn Recorder>,
        recall: Arc<dyn Recall>,
    ) -> Self {
        Self { candidate, stage, round: 0, attempt: 1, workdir, recorder, recall }
    }

    /// The same context for another attempt.
    #[must_use]
    pub fn on_attempt(mut self, round: u32, attempt: u32) -> Self {
        self.round = round;
        self.attempt = attempt;
        self
    }
}

/// Why a stage could not do its work. None of these says that the task is bad.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StageError {
    /// The infrastructure failed (endpoint, disk, interpreter); worth another try, never held against the task.
    #[error("{stage}: {message}")]
    Fault {
        /// The stage.
        stage: Stage,
        /// What happened, where, and what to do.
        message: String,
    },
    /// The caller's configuration cannot work (refused key, unknown model).
    #[error("{0}")]
    Mistake(String),
    /// The money ran out; the run can be resumed with a larger budget.
    #[error("{0}")]
    BudgetReached(String),
    /// The event could not be written; nothing may go on unrecorded.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// How an agent's attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageEnd {
    /// The agent said that it is done.
    Finished,
    /// The step budget was used up first.
    StepsSpent,
    /// The stage sees no way to mend the defects that it was given; its last words say why.
    GaveUp,
}

/// What an attempt of Designer or Refactor reports; its work lies in the work directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageReport {
    /// Model calls used.
    pub steps: u32,
    /// How it ended.
    pub end: StageEnd,
    /// The agent's last words.
    pub note: String,
}

/// What the Brainstormer starts from. The work directory holds the dataset in `raw/`.
#[derive(Debug, Clone)]
pub struct BrainstormInput {
    /// The dataset as prompt text.
    pub overview: String,
    /// Upper bound of the number of proposals.
    pub max_proposals: u32,
}

/// What the Designer starts from. The work directory holds `raw/` and `brainstorming.md`.
#[derive(Debug, Clone)]
pub struct DesignInput {
    /// The dataset as prompt text.
    pub overview: String,
    /// The formulation to build.
    pub proposal: Proposal,
    /// What was wrong with the last attempt, word for word; empty at first.
    pub defects: Vec<Defect>,
}

/// What the Refactor starts from. The work directory holds the Designer's files, `raw/` and `samples/`.
#[derive(Debug, Clone)]
pub struct RefactorInput {
    /// The formulation that was built.
    pub proposal: Proposal,
    /// What was wrong with the last attempt, word for word; empty at first.
    pub defects: Vec<Defect>,
}

/// What a reviewer sees.
#[derive(Debug, Clone)]
pub struct ReviewInput {
    /// The formulation that was built; nothing for a task that others made.
    pub proposal: Option<Proposal>,
    /// The task, prepared: `public/` and `private/` are filled.
    pub task: TaskLayout,
    /// What rules and probes found, as facts that need not be proved again.
    pub findings: Vec<Finding>,
}

/// What the validation agent is given.
#[derive(Debug, Clone)]
pub struct ValidateInput {
    /// Name of the task.
    pub name: String,
    /// The task, prepared.
    pub task: TaskLayout,
}

/// What comes out of brainstorming.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrainstormReport {
    /// Between one and `max_proposals` proposals, or none when nothing can be learnt from the data.
    pub proposals: Vec<Proposal>,
    /// Model calls used.
    pub steps: u32,
    /// The agent's last words; the reason when there is no proposal.
    pub note: String,
}

/// Proposes formulations of tasks for a dataset.
#[async_trait]
pub trait Brainstorm: Send + Sync {
    /// Explores the dataset and decides how many formulations it carries.
    async fn brainstorm(
        &self,
        cx: &StageContext,
        input: BrainstormInput,
    ) -> Result<BrainstormReport, StageError>;
}

/// Builds a complete task from a proposal.
#[async_trait]
pub trait Design: Send + Sync {
    /// Leaves `description.txt`, `prepare.py`, `metric.py`, `test.py` and their products in the work directory.
    async fn design(&self, cx: &StageContext, input: DesignInput) -> Result<StageReport, StageError>;
}

/// Puts a complete task into the unified format.
#[async_trait]
pub trait Refactor: Send + Sync {
    /// Leaves the *workdir* layout in the work directory.
    async fn refactor(&self, cx: &StageContext, input: RefactorInput) -> Result<StageReport, StageError>;
}

/// Judges a task.
#[async_trait]
pub trait Review: Send + Sync {
    /// One point a criterion, evidence checked.
    async fn review(&self, cx: &StageContext, input: ReviewInput) -> Result<ReviewReport, StageError>;
}

/// Tries to solve a task in the interactive environment.
#[async_trait]
pub trait Validate: Send + Sync {
    /// Every submission with its score; judging them is the pipeline's business.
    async fn validate(&self, cx: &StageContext, input: ValidateInput)
    -> Result<ValidationReport, StageError>;
}
