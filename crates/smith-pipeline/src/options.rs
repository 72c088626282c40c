//! Options of a run.

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
        }
    }
}
