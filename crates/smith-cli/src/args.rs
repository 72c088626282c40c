//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use smith_core::exec::Tier;

/// Raw datasets in, verified competition-style machine-learning tasks out.
#[derive(Debug, Parser)]
#[command(name = "smith", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    /// Folder of the bundled dataset and recording; given by `cargo xtask`.
    #[arg(long, hide = true, value_name = "DIR", global = true)]
    pub(crate) bundled: Option<PathBuf>,
    /// Run generated programs without a sandbox: they can read your files and use your network.
    #[arg(long = "unsafe", global = true)]
    pub(crate) without_sandbox: bool,
    /// How generated programs are confined; auto takes the strongest way that holds.
    #[arg(long, global = true, value_enum, default_value_t, conflicts_with = "without_sandbox")]
    pub(crate) sandbox: SandboxChoice,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum SandboxChoice {
    #[default]
    Auto,
    Namespaces,
    User,
    Landlock,
    Container,
}

impl SandboxChoice {
    pub(crate) fn tier(self) -> Option<Tier> {
        match self {
            Self::Auto => None,
            Self::Namespaces => Some(Tier::Namespaces),
            Self::User => Some(Tier::User),
            Self::Landlock => Some(Tier::Landlock),
            Self::Container => Some(Tier::Container),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Turn datasets into verified task packages. Without arguments: a bundled dataset, no key, no network.
    RunPipeline(RunArgs),
    /// Run every assertion and probe that needs no model on a task directory.
    Verify(VerifyArgs),
    /// Validate and score one submission.
    Grade(GradeArgs),
    /// Say what is in a raw dataset.
    Profile(ProfileArgs),
    /// Say what isolation and which Python this machine gives, guarantee by guarantee.
    Doctor(DoctorArgs),
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Folders (or single files) of raw datasets.
    #[arg(value_name = "DATASET")]
    pub(crate) dataset: Vec<PathBuf>,
    /// Every folder in this one is a dataset.
    #[arg(long, value_name = "DIR")]
    pub(crate) datasets: Option<PathBuf>,
    /// Directory of the run; made if it is not there [default: runs/TIME-DATASET].
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Which model answers: openai:NAME, openai-compatible:NAME or replay:FILE.
    #[arg(long, value_name = "SPEC")]
    pub(crate) model: Option<String>,
    /// Endpoint of an OpenAI-compatible server, for instance http://127.0.0.1:8000/v1.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Keep every model exchange in this new file, for replay:FILE.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Proposals per dataset at most [default: 3].
    #[arg(long, value_name = "N")]
    pub(crate) candidates: Option<u32>,
    /// Model calls per attempt of an agent [default: 30].
    #[arg(long, value_name = "N")]
    pub(crate) max_steps: Option<u32>,
    /// Attempts of Designer and Refactor each [default: 3].
    #[arg(long, value_name = "N")]
    pub(crate) attempts: Option<u32>,
    /// Model calls of the validation agent [default: 10].
    #[arg(long, value_name = "N")]
    pub(crate) validation_steps: Option<u32>,
    /// Candidates that are worked on side by side.
    #[arg(long, default_value_t = 2, value_name = "N")]
    pub(crate) concurrency: usize,
    /// Stop in order before more than this is spent, over all processes of the run.
    #[arg(long, value_name = "X")]
    pub(crate) budget_usd: Option<f64>,
    /// Prices of models (TOML), over the built-in table.
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: Option<PathBuf>,
    /// Sampling temperature [default: the model's own].
    #[arg(long, value_name = "T")]
    pub(crate) temperature: Option<f64>,
    /// Seed that is sent with every request; a model may ignore it [default: none].
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u32>,
    /// Go on with a run, with its own settings; without --out the newest below runs/.
    #[arg(long)]
    pub(crate) resume: bool,
    /// Print one JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Directory of a task, in any of the three layouts.
    pub(crate) task: PathBuf,
    /// Read and parse only; run nothing.
    #[arg(long)]
    pub(crate) no_exec: bool,
    /// Print one JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GradeArgs {
    /// Directory of a task, in any of the three layouts.
    pub(crate) task: PathBuf,
    /// The submission, a CSV file.
    pub(crate) submission: PathBuf,
    /// Print one JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Print one JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ProfileArgs {
    /// Folder or file of a raw dataset.
    pub(crate) dataset: PathBuf,
    /// Print one JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}
