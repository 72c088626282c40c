//! Ground floor of smith: the values that its stages exchange, the traits of those stages, and the
//! layout of tasks and runs on disk.
//!
//! Nothing here reads a model, starts a program or needs an async runtime; I/O stops at finding and
//! reading the files of a task. Every crate above speaks in these types, so an embedder who replaces
//! one stage needs this crate alone.
//!
//! ```
//! use smith_task_schema::proposal;
//!
//! let mut text = String::from(
//!     "+++\ntitle = 'Species'\ntarget = 'species'\nmodality = 'tabular'\nformulation = 'classification'\n\
//!      metric = 'macro-F1'\nhigher_is_better = true\ndifficulty = 'beginner'\ntags = ['biology']\n+++\n",
//! );
//! for section in proposal::SECTIONS {
//!     text += &format!("\n## {section}\nWhat there is to say about it.\n");
//! }
//! assert_eq!(proposal::parse(&text)?.header.target, "species");
//! # Ok::<(), proposal::ProposalError>(())
//! ```

pub mod calibration;
pub mod certificate;
pub mod defect;
pub mod event;
pub mod figure;
pub mod finding;
pub mod hash;
pub mod ids;
pub mod layout;
pub mod manifest;
pub mod profile;
pub mod proposal;
pub mod review;
pub mod solve;
pub mod stage;
pub mod taxonomy;
pub mod validation;

pub use calibration::Calibration;
pub use certificate::{Bound, Certificate, CheckRecord, CheckVerdict, Figure, SandboxRecord, Verdict};
pub use defect::Defect;
pub use event::{
    BudgetLevel, CallKey, Charge, Event, FoldedResult, ModelCall, Recall, RecallModelCall, RecallToolCall,
    RecordError, Recorder, ToolCall,
};
pub use finding::{Finding, Layer, Severity};
pub use ids::CandidateId;
pub use layout::{LayoutError, LayoutKind, TaskLayout};
pub use manifest::{ManifestError, TaskManifest};
pub use profile::DatasetProfile;
pub use proposal::{Proposal, ProposalHeader};
pub use review::{Criterion, Quotation, ReviewPoint, ReviewReport, ReviewVerdict, Votes};
pub use solve::{Solve, SolveReport, TakenAction};
pub use stage::{
    Brainstorm, BrainstormInput, BrainstormReport, Design, DesignInput, Refactor, RefactorInput, Review,
    ReviewInput, Stage, StageContext, StageEnd, StageError, StageReport, Validate, ValidateInput,
};
pub use taxonomy::{Difficulty, Formulation, Modality};
pub use validation::{Submission, ValidationReport};
