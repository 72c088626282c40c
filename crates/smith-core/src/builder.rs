//! [`Smith`]: the whole pipeline behind one builder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use smith_exec::{ProvisionProgress, Silent};
use smith_llm::{Effort, MicroUsd, PriceTable, RateLimits, Sampling, Secret};
use smith_pipeline::{BudgetLimits, Observer, RunSummary, Unobserved};

use crate::author::Author;
use crate::error::SmithError;
use crate::machine::MachineOptions;
use crate::session;

/// A configured pipeline.
#[derive(Clone)]
pub struct Smith {
    pub(crate) settings: SmithBuilder,
    pub(crate) author: Author,
}

/// Settings of a pipeline; the bounds' defaults are the paper's (section 4.1).
#[derive(Clone)]
#[must_use]
pub struct SmithBuilder {
    pub(crate) model: String,
    pub(crate) base_url: Option<String>,
    pub(crate) api_key: Option<Secret>,
    pub(crate) out: PathBuf,
    pub(crate) resume: bool,
    pub(crate) record: Option<PathBuf>,
    pub(crate) candidates: u32,
    pub(crate) max_steps: u32,
    pub(crate) attempts: u32,
    pub(crate) validation_steps: u32,
    pub(crate) review_passes: u32,
    pub(crate) sampling: Sampling,
    pub(crate) context_window: Option<u32>,
    pub(crate) assist: bool,
    pub(crate) concurrency: usize,
    pub(crate) budget: BudgetLimits,
    pub(crate) limits: RateLimits,
    pub(crate) prices: PriceTable,
    pub(crate) machine: MachineOptions,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) provisioning: Arc<dyn ProvisionProgress>,
}

impl Smith {
    /// Begins with the defaults: the built-in stages, which need no model, and output in `runs/run`.
    pub fn builder() -> SmithBuilder {
        SmithBuilder {
            model: Author::Builtin.to_string(),
            base_url: None,
            api_key: None,
            out: PathBuf::from("runs/run"),
            resume: false,
            record: None,
            candidates: 3,
            max_steps: 30,
            attempts: 3,
            validation_steps: 10,
            review_passes: 3,
            sampling: Sampling::default(),
            context_window: None,
            assist: false,
            concurrency: 2,
            budget: BudgetLimits::default(),
            limits: RateLimits::default(),
            prices: PriceTable::bundled(),
            machine: MachineOptions {
                cache_dir: std::env::temp_dir().join("smith-cache"),
                ..MachineOptions::default()
            },
            observer: Arc::new(Unobserved),
            provisioning: Arc::new(Silent),
        }
    }

    /// Works on the datasets until each candidate is decided. With `resume`, an empty list means the
    /// datasets that the run was started with.
    ///
    /// # Errors
    /// Mistakes and faults that concern the whole run, or a spent budget. What was finished is kept.
    pub async fn run(&self, datasets: &[PathBuf]) -> Result<RunSummary, SmithError> {
        session::run(self, datasets).await
    }

    /// Where the run lies.
    #[must_use]
    pub fn out(&self) -> &Path {
        &self.settings.out
    }
}

impl SmithBuilder {
    /// Which model answers: `openai:NAME`, `openai-responses:NAME`, `anthropic:NAME`, `gemini:NAME`,
    /// `openai-compatible:NAME` or `replay:FILE`; `builtin` for none.
    pub fn model(mut self, spec: impl Into<String>) -> Self {
        self.model = spec.into();
        self
    }

    /// Endpoint instead of the provider's own, up to and with its version part; `openai-compatible` needs one.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Key for the endpoint. It is sent there and written nowhere.
    pub fn api_key(mut self, key: Secret) -> Self {
        self.api_key = Some(key);
        self
    }

    /// Directory of the run.
    pub fn out(mut self, path: impl Into<PathBuf>) -> Self {
        self.out = path.into();
        self
    }

    /// Go on with the run that lies there already.
    pub fn resume(mut self, resume: bool) -> Self {
        self.resume = resume;
        self
    }

    /// Keep every model exchange in this file, for `replay:FILE`.
    pub fn record(mut self, file: impl Into<PathBuf>) -> Self {
        self.record = Some(file.into());
        self
    }

    /// Proposals per dataset at most.
    pub fn candidates(mut self, count: u32) -> Self {
        self.candidates = count;
        self
    }

    /// Model calls per attempt of Brainstormer, Designer and Refactor.
    pub fn max_steps(mut self, steps: u32) -> Self {
        self.max_steps = steps;
        self
    }

    /// Attempts of Designer and Refactor each.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Model calls of the validation agent.
    pub fn validation_steps(mut self, steps: u32) -> Self {
        self.validation_steps = steps;
        self
    }

    /// Independent passes of each review, which vote on every criterion.
    pub fn review_passes(mut self, passes: u32) -> Self {
        self.review_passes = passes;
        self
    }

    /// Sampling temperature; the model's own when this is not called.
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.sampling.temperature = Some(temperature);
        self
    }

    /// Seed that is sent with every request; endpoints are free to ignore it.
    pub fn seed(mut self, seed: u32) -> Self {
        self.sampling.seed = Some(seed);
        self
    }

    /// Tokens that the model's window holds; without this, those of the built-in table, or 128,000 for a model that is not
    /// in it.
    pub fn context_window(mut self, tokens: u32) -> Self {
        self.context_window = Some(tokens);
        self
    }

    /// Whether the agents of a model get the proposals of the built-in designer and the assertions of their stage as tools.
    pub fn assist(mut self, assist: bool) -> Self {
        self.assist = assist;
        self
    }

    /// Datasets and candidates that are worked on side by side.
    pub fn concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// How hard the model thinks; its own way when this is not called.
    pub fn effort(mut self, effort: Effort) -> Self {
        self.sampling.effort = Some(effort);
        self
    }

    /// Upper bound of what the run may cost, over all its processes. A resumed run keeps the bounds that it was started
    /// with unless it is given others.
    pub fn budget(mut self, budget: MicroUsd) -> Self {
        self.budget.run = Some(budget);
        self
    }

    /// Upper bound of what each dataset may cost: its proposals and all its candidates.
    pub fn budget_per_dataset(mut self, budget: MicroUsd) -> Self {
        self.budget.dataset = Some(budget);
        self
    }

    /// Upper bound of what each candidate may cost.
    pub fn budget_per_candidate(mut self, budget: MicroUsd) -> Self {
        self.budget.candidate = Some(budget);
        self
    }

    /// How much may be sent to the model in a minute and at once.
    pub fn limits(mut self, limits: RateLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Prices of models.
    pub fn prices(mut self, prices: PriceTable) -> Self {
        self.prices = prices;
        self
    }

    /// Where Python comes from.
    pub fn machine(mut self, machine: MachineOptions) -> Self {
        self.machine = machine;
        self
    }

    /// Watches the run.
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = observer;
        self
    }

    /// Watches the making of the Python environment.
    pub fn provisioning(mut self, progress: Arc<dyn ProvisionProgress>) -> Self {
        self.provisioning = progress;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// A mistake: a specification of no known form, or a bound of zero.
    pub fn build(self) -> Result<Smith, SmithError> {
        let author: Author = self.model.parse().map_err(SmithError::from)?;
        let concurrency = u32::try_from(self.concurrency).unwrap_or(u32::MAX);
        for (what, value) in [
            ("--concurrency", concurrency),
            ("--candidates", self.candidates),
            ("--max-steps", self.max_steps),
            ("--attempts", self.attempts),
            ("--validation-steps", self.validation_steps),
            ("--review-passes", self.review_passes),
        ] {
            if value == 0 {
                return Err(SmithError::Mistake(format!("{what} must be at least 1")));
            }
        }
        if author == Author::Builtin {
            self.refuse_what_needs_a_model()?;
        }
        Ok(Smith { settings: self, author })
    }

    fn refuse_what_needs_a_model(&self) -> Result<(), SmithError> {
        if self.record.is_some() {
            return Err(SmithError::Mistake(
                "--record: without a model there is no exchange to record".to_owned(),
            ));
        }
        if self.assist {
            return Err(SmithError::Mistake(
                "--assist: without a model there is no agent to assist; name one by --model, or leave --assist out".to_owned(),
            ));
        }
        match &self.base_url {
            Some(url) => Err(SmithError::Mistake(format!(
                "--base-url {}: without a model no endpoint is asked; name one by --model, for instance openai-compatible:NAME, or leave --base-url out",
                smith_llm::shown_url(url)
            ))),
            None => Ok(()),
        }
    }
}
