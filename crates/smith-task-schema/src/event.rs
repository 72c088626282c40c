//! What happens in a run, as events. The journal of events is the truth; everything else is a fold over it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::certificate::Verdict;
use crate::defect::Defect;
use crate::finding::Finding;
use crate::review::ReviewReport;
use crate::solve::SolveReport;
use crate::stage::{BrainstormReport, Stage, StageReport};
use crate::validation::ValidationReport;

/// Which model call of a candidate: stage, round, attempt and step. Unique within one candidate's journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallKey {
    /// Stage of the agent.
    pub stage: Stage,
    /// Round of routed defects, from 0.
    pub round: u32,
    /// Attempt within the round, from 1.
    pub attempt: u32,
    /// Model call within the attempt, from 1.
    pub step: u32,
}

impl std::fmt::Display for CallKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} round {} attempt {} step {}", self.stage, self.round, self.attempt, self.step)
    }
}

/// A model call that was answered. Requests are kept as what was new since the previous call of the
/// same attempt, so that a journal grows with the conversation and not with its square.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelCall {
    /// Which call.
    pub key: CallKey,
    /// Hash of the whole request.
    pub fingerprint: String,
    /// Messages (and at the first step: tools and parameters) that are new in this request.
    pub appended: Value,
    /// The answer, as the caller's own type serialises it.
    pub response: Value,
    /// Tokens sent.
    pub input_tokens: u64,
    /// Of these, read from the provider's cache.
    pub cached_tokens: u64,
    /// Tokens received, reasoning included.
    pub output_tokens: u64,
    /// Of these, spent on reasoning that is not part of the answer.
    #[serde(default)]
    pub reasoning_tokens: u64,
    /// Cost in millionths of a US dollar; absent when the price is not known.
    pub cost_micro_usd: Option<u64>,
    /// Wall time.
    pub seconds: f64,
}

/// A result of a tool that was folded: a shorter text stands in its place from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoldedResult {
    /// Place of the message in the conversation, from 0.
    pub message: usize,
    /// The text that the model is shown now.
    pub text: String,
}

/// What a model call used that brought no answer of use: the model refused, or the answer could not be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// Tokens sent.
    pub input_tokens: u64,
    /// Of these, read from the provider's cache.
    pub cached_tokens: u64,
    /// Tokens received, reasoning included.
    pub output_tokens: u64,
    /// Of these, spent on reasoning.
    pub reasoning_tokens: u64,
    /// Cost in millionths of a US dollar; absent when the price is not known.
    pub cost_micro_usd: Option<u64>,
}

/// Whose budget was used up, when the run itself goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetLevel {
    /// That of one dataset: its proposals and all its candidates.
    Dataset,
    /// That of one candidate.
    Candidate,
    /// That of one model of an evaluation.
    Model,
}

impl BudgetLevel {
    /// The word in messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dataset => "dataset",
            Self::Candidate => "candidate",
            Self::Model => "model",
        }
    }
}

/// A tool call that was carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The model call that asked for it.
    pub key: CallKey,
    /// Identifier that the model gave.
    pub id: String,
    /// Name of the tool, as the model wrote it.
    pub name: String,
    /// What went back to the model.
    pub output: String,
    /// Whether that was an error that the model can act on.
    pub is_error: bool,
    /// Wall time.
    pub seconds: f64,
}

/// Everything that is written to a journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A process took up the run; the second and later ones of a run are resumptions.
    RunOpened {
        /// `smith` and its version.
        program: String,
        /// What this process resolved, without secrets.
        config: Value,
    },
    /// A dataset was profiled.
    DatasetProfiled {
        /// Name.
        dataset: String,
        /// Digest of its files.
        digest: String,
        /// Bytes in all.
        bytes: u64,
    },
    /// A dataset cannot be used; the run goes on with the others.
    DatasetRefused {
        /// Name.
        dataset: String,
        /// Why, in words for the caller.
        reason: String,
    },
    /// Brainstorming ended.
    Proposed {
        /// Name of the dataset.
        dataset: String,
        /// What came out of it.
        report: BrainstormReport,
    },
    /// An attempt of a stage begins.
    StageStarted {
        /// Stage.
        stage: Stage,
        /// Round of routed defects, from 0.
        round: u32,
        /// Attempt within the round, from 1.
        attempt: u32,
    },
    /// Old results of tools were folded, so that the request of this call fits into the model's window. The messages of
    /// earlier requests stand in the journal as they were sent.
    ConversationFolded {
        /// The call whose request is the first with the shorter texts.
        key: CallKey,
        /// What was folded.
        results: Vec<FoldedResult>,
        /// Tokens of the conversation before, as they are counted and estimated.
        tokens_before: u64,
        /// And after.
        tokens_after: u64,
    },
    /// A request is about to be sent. If no answer follows, the provider may still have charged it.
    ModelCallStarted {
        /// Which call.
        key: CallKey,
        /// Hash of the whole request.
        fingerprint: String,
    },
    /// An answer came.
    ModelCallFinished(Box<ModelCall>),
    /// A request failed for good.
    ModelCallFailed {
        /// Which call.
        key: CallKey,
        /// Why.
        error: String,
        /// What was paid for all the same; absent when the endpoint counted nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        charge: Option<Box<Charge>>,
    },
    /// A tool is about to act.
    ToolCallStarted {
        /// The model call that asked for it.
        key: CallKey,
        /// Identifier that the model gave.
        id: String,
        /// Name of the tool.
        name: String,
        /// Arguments as the model wrote them.
        arguments: Value,
    },
    /// A tool answered.
    ToolCallFinished(Box<ToolCall>),
    /// Designer or Refactor ended an attempt.
    StageFinished {
        /// Stage.
        stage: Stage,
        /// Round.
        round: u32,
        /// Attempt.
        attempt: u32,
        /// How.
        report: StageReport,
    },
    /// Assertions ran after a stage.
    Asserted {
        /// The stage whose work was checked.
        stage: Stage,
        /// Round.
        round: u32,
        /// Attempt.
        attempt: u32,
        /// What they found; the stage passed when no error is among them.
        findings: Vec<Finding>,
    },
    /// A review ended.
    Reviewed {
        /// Round.
        round: u32,
        /// The report.
        report: ReviewReport,
    },
    /// An attempt at execution-based validation ended with something against the task; another one follows.
    ValidationAttempted {
        /// Round.
        round: u32,
        /// Attempt within the round, from 1.
        attempt: u32,
        /// The report.
        report: ValidationReport,
        /// What it says against the task.
        findings: Vec<Finding>,
    },
    /// Execution-based validation of a round ended, with the last of its attempts.
    Validated {
        /// Round.
        round: u32,
        /// The report.
        report: ValidationReport,
        /// What it says against the task.
        findings: Vec<Finding>,
    },
    /// An agent came to its end on a task that it was measured on.
    Solved {
        /// How it did.
        report: SolveReport,
    },
    /// Defects go back to a stage, and a new round begins.
    DefectsRouted {
        /// The round that begins.
        round: u32,
        /// Where to.
        to: Stage,
        /// What must be mended.
        defects: Vec<Defect>,
    },
    /// The infrastructure failed; the candidate stays open and can be resumed.
    Faulted {
        /// What happened.
        message: String,
    },
    /// A budget that is not the run's is used up, so no more is done here. The candidate stays open and can be resumed with a
    /// larger one; nothing is said of the task.
    BudgetSpent {
        /// Whose budget.
        level: BudgetLevel,
        /// The figures.
        reason: String,
    },
    /// The candidate is decided.
    CandidateClosed {
        /// Accepted or rejected.
        verdict: Verdict,
        /// Why rejected; empty when accepted.
        reason: String,
        /// Name of the package below `tasks/` or `rejected/`; empty when there is nothing to keep.
        package: String,
    },
    /// The process stopped in order.
    RunClosed {
        /// `done`, `budget`, `mistake`, `fault` or `interrupted`.
        outcome: String,
    },
}

/// An event could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the journal {path} cannot be written: {source}; free space or choose another --out, then resume")]
pub struct RecordError {
    /// The journal's file.
    pub path: String,
    /// The cause.
    #[source]
    pub source: std::io::Error,
}

/// Where events go. An implementation returns only when the event is safe against the end of the process.
pub trait Recorder: Send + Sync {
    /// Appends one event.
    ///
    /// # Errors
    /// [`RecordError`] when it cannot be written; the caller must not act on the event then.
    fn record(&self, event: Event) -> Result<(), RecordError>;
}

/// A tool result of an earlier process.
#[derive(Debug, Clone, PartialEq)]
pub struct RecallToolCall {
    /// What went back to the model then.
    pub output: String,
    /// Whether that was an error.
    pub is_error: bool,
}

/// A model call of an earlier process, with the tool results that followed it.
#[derive(Debug, Clone, PartialEq)]
pub struct RecallModelCall {
    /// Hash of the request that was answered.
    pub fingerprint: String,
    /// The answer.
    pub response: Value,
    /// Tool results by the model's identifier.
    pub tools: Vec<(String, RecallToolCall)>,
}

/// What an earlier process of the same run already paid for.
pub trait Recall: Send + Sync {
    /// The step at `key`, if it was answered before.
    fn recall(&self, key: &CallKey) -> Option<RecallModelCall>;
}

/// Records nothing and recalls nothing: for embedding a stage alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unrecorded;

impl Recorder for Unrecorded {
    fn record(&self, _event: Event) -> Result<(), RecordError> {
        Ok(())
    }
}

impl Recall for Unrecorded {
    fn recall(&self, _key: &CallKey) -> Option<RecallModelCall> {
        None
    }
}
