//! Options of a run.

use smith_llm::MicroUsd;

/// Bounds of a run; the defaults are the paper's (section 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunOptions {
    /// Proposals per dataset at most.
    pub candidates: u32,
    /// Attempts of Designer and Refactor each, per round.
    pub attempts: u32,
    /// How often defects of reviews and validation are routed back.
    pub rounds: u32,
    /// How often validation is tried before its failure counts against the task.
    pub validation_attempts: u32,
    /// Datasets and candidates that are worked on side by side.
    pub concurrency: usize,
    /// Size of the dataset overview in prompts, in bytes.
    pub overview_bytes: usize,
    /// What may be spent.
    pub budget: BudgetLimits,
}

/// What may be spent, over all processes of a run. Absent means without limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BudgetLimits {
    /// On the whole run; when it is used up the run stops in order.
    pub run: Option<MicroUsd>,
    /// On each dataset; when it is used up its other candidates are skipped.
    pub dataset: Option<MicroUsd>,
    /// On each candidate; when it is used up the candidate stays undecided.
    pub candidate: Option<MicroUsd>,
}

impl BudgetLimits {
    /// These limits, and those of `other` where these have none.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            run: self.run.or(other.run),
            dataset: self.dataset.or(other.dataset),
            candidate: self.candidate.or(other.candidate),
        }
    }
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            candidates: 3,
            attempts: 3,
            rounds: 2,
            validation_attempts: 2,
            concurrency: 2,
            overview_bytes: 12_000,
            budget: BudgetLimits::default(),
        }
    }
}
