//! How good a model is as a reviewer, measured on tasks whose defects are known.

use std::path::PathBuf;

use smith_llm::{
    Budget, ConnectOptions, MicroUsd, ModelSpec, PriceTable, RateLimits, RecordingInfo, Sampling, Secret,
};
use smith_review::Reviewer;
use smith_review::bench::{BankError, BenchReport, measure, read_bank};
use smith_task_schema::StageError;

use crate::error::SmithError;

/// What to measure, and how to reach the model.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReviewBench {
    /// Directory of the cases, see [`smith_review::bench`].
    pub bank: PathBuf,
    /// Which model reviews: `openai:NAME`, `openai-responses:NAME`, `anthropic:NAME`, `gemini:NAME`,
    /// `openai-compatible:NAME` or `replay:FILE`.
    pub model: String,
    /// Endpoint instead of the provider's own, up to and with its version part; `openai-compatible` needs one.
    pub base_url: Option<String>,
    /// Key for the endpoint. It is sent there and written nowhere.
    pub api_key: Option<Secret>,
    /// Independent passes of each review.
    pub passes: u32,
    /// How answers are drawn.
    pub sampling: Sampling,
    /// Upper bound of the cost.
    pub budget: Option<MicroUsd>,
    /// Prices of models.
    pub prices: PriceTable,
    /// How much may be sent in a minute and at once.
    pub limits: RateLimits,
    /// Keep every exchange in this new file, for `replay:FILE`.
    pub record: Option<PathBuf>,
}

impl ReviewBench {
    /// A bench of this model on this bank, in three passes, without a bound of the cost.
    #[must_use]
    pub fn new(bank: impl Into<PathBuf>, model: impl Into<String>) -> Self {
        Self {
            bank: bank.into(),
            model: model.into(),
            base_url: None,
            api_key: None,
            passes: 3,
            sampling: Sampling::default(),
            budget: None,
            prices: PriceTable::bundled(),
            limits: RateLimits::default(),
            record: None,
        }
    }

    /// Reviews every case of the bank and sums up.
    ///
    /// # Errors
    /// Mistakes: a bank, a model or a number of passes that cannot be used. Faults of single cases stand in the report,
    /// and so does a budget that was spent before the end.
    pub async fn run(self) -> Result<BenchReport, SmithError> {
        if self.passes == 0 {
            return Err(SmithError::Mistake("--passes must be at least 1".to_owned()));
        }
        let cases = read_bank(&self.bank)?;
        let spec: ModelSpec = self.model.parse()?;
        let passes = self.passes;
        let sampling = self.sampling;
        let connection = smith_llm::connect(&spec, self.connect_options())?;
        let workdir = tempfile::tempdir()
            .map_err(|error| SmithError::Fault(format!("no scratch directory: {error}")))?;
        let window = connection.window;
        let reviewer = Reviewer::new(connection.model, sampling).with_passes(passes).with_folding(window);
        measure(&reviewer, &cases, workdir.path().to_path_buf()).await.map_err(|error| match error {
            StageError::Mistake(text) => SmithError::Mistake(text),
            other => SmithError::Fault(other.to_string()),
        })
    }

    fn connect_options(self) -> ConnectOptions {
        ConnectOptions {
            base_url: self.base_url,
            api_key: self.api_key,
            record: self.record,
            prices: self.prices,
            limits: self.limits,
            budget: Budget::new(self.budget, MicroUsd(0)),
            recording_info: RecordingInfo {
                program: format!("smith {}", env!("CARGO_PKG_VERSION")),
                settings: [("review_passes".to_owned(), self.passes)].into(),
                effort: self.sampling.effort,
                ..RecordingInfo::default()
            },
            ..ConnectOptions::default()
        }
    }
}

impl From<BankError> for SmithError {
    fn from(error: BankError) -> Self {
        Self::Mistake(error.to_string())
    }
}
