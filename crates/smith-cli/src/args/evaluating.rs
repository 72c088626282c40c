//! The command lines of `evaluate`, `quality`, `curves` and `corpus`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use smith_core::exec::environment::FeedbackMode;
use smith_core::stats::curves::Scope;

use super::LimitArgs;

#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    /// Tasks, runs that made some, or folders of either.
    #[arg(long, value_name = "DIR", num_args = 1.., required_unless_present = "resume")]
    pub(crate) tasks: Vec<PathBuf>,
    /// TOML file with a table for each model (its header is `model` in double brackets): name, and spec or program.
    #[arg(long, value_name = "FILE")]
    pub(crate) models: Option<PathBuf>,
    /// A model: builtin:sample, builtin:linear, builtin:neighbours, builtin:boosting or builtin:ladder (no key, no
    /// network), openai:NAME, openai-responses:NAME, anthropic:NAME, gemini:NAME, openai-compatible:NAME, replay:FILE,
    /// or program:PATH for a program that acts on the environment over HTTP; may be given several times.
    #[arg(long, value_name = "SPEC")]
    pub(crate) model: Vec<String>,
    /// Endpoint of the models of --model instead of the provider's own; needed for openai-compatible.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Directory of the evaluation; made if it is not there [default: evaluations/TIME].
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Runs of each model on each task; the best counts in ratings [default: 1].
    #[arg(long, value_name = "N")]
    pub(crate) runs: Option<u32>,
    /// Model calls of the agent on a task; actions of programs and built-in agents [default: 15].
    #[arg(long, value_name = "N")]
    pub(crate) max_steps: Option<u32>,
    /// What agents are told about their submissions, and which counts: test, validation, validation:SHARE or none
    /// [default: test].
    #[arg(long, value_name = "MODE")]
    pub(crate) feedback: Option<FeedbackMode>,
    /// Minutes that a program may take for a task [default: 60].
    #[arg(long, value_name = "M")]
    pub(crate) program_minutes: Option<f64>,
    /// Cells (a model on a task, for one run) that are played side by side.
    #[arg(long, default_value_t = 2, value_name = "N")]
    pub(crate) concurrency: usize,
    /// Stop in order before more than this is spent, in US dollars over all processes of the evaluation.
    #[arg(long, value_name = "X")]
    pub(crate) budget_usd: Option<f64>,
    /// Prices of models (TOML), over the built-in table.
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
    /// Draw ratings and curves into this folder, as SVG and Vega-Lite.
    #[arg(long, value_name = "DIR")]
    pub(crate) plots: Option<PathBuf>,
    /// Go on with the evaluation at --out; models, tasks and runs may be added.
    #[arg(long, requires = "out")]
    pub(crate) resume: bool,
    /// Print one JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CorpusArgs {
    /// Directories of runs, whose candidates are counted together.
    #[arg(value_name = "RUN", required = true)]
    pub(crate) run: Vec<PathBuf>,
    /// Draw the distributions and shares into this folder, as SVG and Vega-Lite.
    #[arg(long, value_name = "DIR")]
    pub(crate) plots: Option<PathBuf>,
    /// Print one JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct QualityArgs {
    /// CSV or Parquet of scores: `task,model,score,higher_is_better[,category,run]`.
    pub(crate) file: PathBuf,
    /// Numbers of tasks in subsets whose ratings are compared with those by all [default: a quarter, half and three
    /// quarters of the tasks].
    #[arg(long, value_name = "K", value_delimiter = ',')]
    pub(crate) sizes: Vec<usize>,
    /// Subsets of each size.
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub(crate) draws: usize,
    /// Seed of the draws.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) seed: u64,
    /// Print one JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CurvesArgs {
    /// CSV or Parquet of steps: `task,model,step,score,higher_is_better[,category,run]`, such as the table `steps` of an
    /// evaluation.
    pub(crate) file: PathBuf,
    /// Steps of a curve; later ones do not count.
    #[arg(long, default_value_t = 10, value_name = "K")]
    pub(crate) length: usize,
    /// Whose least and greatest score are 0 and 1: those of all models on the task, or of each model alone.
    #[arg(long, value_enum, default_value = "task", value_name = "SCOPE")]
    pub(crate) scope: ScopeChoice,
    /// Level of confidence of the bands.
    #[arg(long, default_value_t = 0.95, value_name = "L")]
    pub(crate) level: f64,
    /// Draw the curves into this folder, as SVG and Vega-Lite.
    #[arg(long, value_name = "DIR")]
    pub(crate) plots: Option<PathBuf>,
    /// Print one JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ScopeChoice {
    Task,
    Model,
}

impl From<ScopeChoice> for Scope {
    fn from(choice: ScopeChoice) -> Self {
        match choice {
            ScopeChoice::Task => Self::Task,
            ScopeChoice::Model => Self::Model,
        }
    }
}
