//! How good a reviewer is: reviews of tasks whose defects are known, and figures of what was seen, missed and
//! invented.
//!
//! A bank is a directory of cases. A case is a directory of a prepared task, in any of the three layouts, with one more
//! file, `expected.toml`:
//!
//! ```toml
//! # Criteria that a reviewer must fail; none for a sound task.
//! fails = ["leakage"]
//! # Criteria under which the same defect may be seen as well; a fail there is neither a hit nor a false alarm.
//! may_fail = ["feasibility"]
//! # The defect in a sentence, for people.
//! says = "The repair cost is known only after the fault that is to be predicted."
//! ```
//!
//! A `proposal.md` beside it, in the form of the Brainstormer, is shown to the reviewer as it is in a run. Reviewers
//! see neither the name of a case nor `expected.toml`.

mod case;
mod figures;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde::Serialize;
use smith_task_schema::event::Unrecorded;
use smith_task_schema::{
    CandidateId, Event, RecordError, Recorder, Review, ReviewInput, ReviewReport, Stage, StageContext,
    StageError,
};

pub use case::{BankError, Case, Expected, read_bank};
pub use figures::{Figures, Share};

use figures::{of_all, of_criterion};

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BenchReport {
    /// Every case that was reviewed, in order of names.
    pub cases: Vec<CaseResult>,
    /// Figures of each criterion of the rubric, in its order.
    pub criteria: Vec<Figures>,
    /// Figures over all criteria together.
    pub all: Figures,
    /// Defective cases of which at least one criterion was failed that should be.
    pub caught: Share,
    /// Sound cases of which some criterion was failed.
    pub alarmed: Share,
    /// Fleiss' kappa of the passes over all criteria of all cases; absent where it is undefined, or when reviews had
    /// different numbers of passes.
    pub kappa: Option<f64>,
    /// Cases that could not be reviewed, each with the fault; they are in no figure.
    pub faults: Vec<(String, String)>,
    /// Why the bench ended before its last case, if it did.
    pub stopped: Option<String>,
    /// What it took.
    pub spent: Spent,
    /// Wall time.
    pub seconds: f64,
}

/// A case and what the reviewer made of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CaseResult {
    /// Name of the case.
    pub case: String,
    /// What a reviewer should say.
    pub expected: Expected,
    /// What it said.
    pub review: ReviewReport,
}

/// Model calls and what they cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Spent {
    /// Answered calls.
    pub model_calls: u32,
    /// Calls of these whose price is not known.
    pub unpriced_calls: u32,
    /// Cost of the others, in US dollars.
    pub cost_usd: f64,
    /// Tokens sent.
    pub input_tokens: u64,
    /// Tokens received.
    pub output_tokens: u64,
}

/// Reviews every case, one after the other, and sums up. `workdir` is a directory for reviewers that need one; the
/// reviewers of this crate leave it alone.
///
/// A fault is noted beside its case and the next one follows; a spent budget ends the bench, which then reports what
/// it has measured.
///
/// # Errors
/// [`StageError::Mistake`]: a configuration with which no case can be reviewed.
pub async fn measure(
    review: &dyn Review,
    cases: &[Case],
    workdir: PathBuf,
) -> Result<BenchReport, StageError> {
    let started = Instant::now();
    let (mut results, mut faults, mut stopped) = (Vec::new(), Vec::new(), None);
    let tally = Arc::new(Tally::default());
    for case in cases {
        match review_case(review, case, &workdir, &tally).await {
            Ok(review) => {
                results.push(CaseResult { case: case.name.clone(), expected: case.expected.clone(), review });
            }
            Err(mistake @ StageError::Mistake(_)) => return Err(mistake),
            Err(StageError::BudgetReached(text)) => {
                stopped = Some(text);
                break;
            }
            Err(fault) => faults.push((case.name.clone(), fault.to_string())),
        }
    }
    let spent = *tally.0.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(BenchReport {
        criteria: smith_task_schema::Criterion::ALL.iter().map(|&one| of_criterion(one, &results)).collect(),
        all: of_all(&results),
        caught: figures::caught(&results),
        alarmed: figures::alarmed(&results),
        kappa: figures::kappa(&results),
        cases: results,
        faults,
        stopped,
        spent,
        seconds: started.elapsed().as_secs_f64(),
    })
}

async fn review_case(
    review: &dyn Review,
    case: &Case,
    workdir: &std::path::Path,
    tally: &Arc<Tally>,
) -> Result<ReviewReport, StageError> {
    // The name tells the defect, but requests carry only a label beside what the model reads.
    let id = CandidateId { dataset: case.name.clone(), index: 0 };
    let cx = StageContext::new(id, Stage::Review, workdir.to_path_buf(), tally.clone(), Arc::new(Unrecorded));
    let input =
        ReviewInput { proposal: case.proposal.clone(), task: case.task.clone(), findings: Vec::new() };
    review.review(&cx, input).await
}

impl Spent {
    fn add(&mut self, input_tokens: u64, output_tokens: u64, cost_micro_usd: Option<u64>) {
        self.input_tokens += input_tokens;
        self.output_tokens += output_tokens;
        match cost_micro_usd {
            Some(cost) => self.cost_usd += cost as f64 / 1e6,
            None => self.unpriced_calls += 1,
        }
    }
}

/// Adds up the model calls of all cases.
#[derive(Default)]
struct Tally(Mutex<Spent>);

impl Recorder for Tally {
    fn record(&self, event: Event) -> Result<(), RecordError> {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::ModelCallFinished(call) => {
                spent.model_calls += 1;
                spent.add(call.input_tokens, call.output_tokens, call.cost_micro_usd);
            }
            Event::ModelCallFailed { charge: Some(charge), .. } => {
                spent.add(charge.input_tokens, charge.output_tokens, charge.cost_micro_usd);
            }
            _ => {}
        }
        Ok(())
    }
}
