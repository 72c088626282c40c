//! The command line.

mod asking;
mod evaluating;

use std::ffi::{OsStr, OsString};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use smith_core::exec::environment::FeedbackMode;
use smith_core::exec::{EnvSource, Tier};
use smith_core::stats::elo::Unit;

pub(crate) use asking::{EffortChoice, LimitArgs};
pub(crate) use evaluating::{CorpusArgs, CurvesArgs, EvaluateArgs, QualityArgs};

/// Raw datasets in, verified competition-style machine-learning tasks out.
#[derive(Debug, Parser)]
#[command(name = "smith", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    /// Folder of the bundled dataset; given by `cargo xtask`.
    #[arg(long, hide = true, value_name = "DIR", global = true)]
    pub(crate) bundled: Option<PathBuf>,
    /// Run generated programs without a sandbox: they can read your files and use your network.
    #[arg(long = "unsafe", global = true)]
    pub(crate) without_sandbox: bool,
    /// Packages that programs have: base, image, audio, video, boosting, torch, or `lock FILE` for your own lock file
    /// [default: base].
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) env: Option<EnvSource>,
    /// How generated programs are confined; auto takes the strongest way that holds.
    #[arg(long, global = true, value_enum, default_value_t, conflicts_with = "without_sandbox")]
    pub(crate) sandbox: SandboxChoice,
    /// Where no sandbox holds every guarantee, run all the same in the one that lacks the fewest; results list those
    /// that hold.
    #[arg(long, global = true, conflicts_with = "without_sandbox")]
    pub(crate) best_effort: bool,
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
    RunPipeline(Box<RunArgs>),
    /// Run every assertion and probe that needs no model on a task directory.
    Verify(VerifyArgs),
    /// Validate and score one submission.
    Grade(GradeArgs),
    /// Say what is in a raw dataset.
    Profile(ProfileArgs),
    /// Run models, built-in agents or programs over tasks: scores, steps and trajectories as tables, and ratings.
    Evaluate(Box<EvaluateArgs>),
    /// Rate models by their battles or by their scores on tasks.
    Elo(EloArgs),
    /// Say how well sets of ratings of the same models agree.
    Agreement(AgreementArgs),
    /// Say how well each task of a set tells models apart, which to drop, and how few tasks give the same ratings.
    Quality(QualityArgs),
    /// Say how the best score so far grows with the steps, model by model.
    Curves(CurvesArgs),
    /// Say what the tasks of runs are made of and what they took: yield, time, cost, attempts, steps, shares.
    Corpus(CorpusArgs),
    /// Serve the interactive environment over HTTP until it is interrupted.
    Env(EnvArgs),
    /// List the rules that verification checks.
    Rules(RulesArgs),
    /// Say why a rule exists, or why a task was accepted or rejected.
    Explain(ExplainArgs),
    /// Measure how good a model is as a reviewer, on tasks whose defects are known.
    ReviewBench(ReviewBenchArgs),
    /// Record from a live endpoint what every dialect must be able to do, scenario by scenario.
    RecordConformance(RecordConformanceArgs),
    /// Say what isolation and which Python this machine gives, guarantee by guarantee.
    Doctor(DoctorArgs),
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Folders (or single files) of raw datasets [default: a bundled one, where there is no model].
    #[arg(value_name = "DATASET")]
    pub(crate) dataset: Vec<PathBuf>,
    /// Every folder in this one is a dataset.
    #[arg(long, value_name = "DIR")]
    pub(crate) datasets: Option<PathBuf>,
    /// Directory of the run; made if it is not there [default: runs/TIME-DATASET].
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Which model answers: openai:NAME, openai-responses:NAME, anthropic:NAME, gemini:NAME, openai-compatible:NAME or
    /// replay:FILE; builtin for none [default: builtin].
    #[arg(long, value_name = "SPEC")]
    pub(crate) model: Option<String>,
    /// Endpoint instead of the provider's own, for instance http://127.0.0.1:8000/v1; needed for openai-compatible.
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
    /// Independent passes of each review, which vote on every criterion [default: 3].
    #[arg(long, value_name = "N")]
    pub(crate) review_passes: Option<u32>,
    /// Candidates that are worked on side by side.
    #[arg(long, default_value_t = 2, value_name = "N")]
    pub(crate) concurrency: usize,
    /// Stop in order before more than this is spent, in US dollars over all processes of the run.
    #[arg(long, value_name = "X")]
    pub(crate) budget_usd: Option<f64>,
    /// The same for each dataset, whose other candidates are then skipped.
    #[arg(long, value_name = "X")]
    pub(crate) budget_per_dataset: Option<f64>,
    /// The same for each candidate, which then stays undecided while the others go on.
    #[arg(long, value_name = "X")]
    pub(crate) budget_per_candidate: Option<f64>,
    /// Prices of models (TOML), over the built-in table.
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
    /// How hard the model thinks before it answers [default: the model's own way].
    #[arg(long, value_enum, value_name = "EFFORT")]
    pub(crate) effort: Option<EffortChoice>,
    /// Sampling temperature [default: the model's own].
    #[arg(long, value_name = "T")]
    pub(crate) temperature: Option<f64>,
    /// Seed that is sent with every request; a model may ignore it [default: none].
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u32>,
    /// Tokens that the model's window holds [default: those of the built-in table, or 128000 for another model].
    #[arg(long, value_name = "N")]
    pub(crate) context_window: Option<u32>,
    /// Give the model's agents the built-in proposals and the checks of their stage as tools.
    #[arg(long)]
    pub(crate) assist: bool,
    /// Go on with a run, with its own settings; without --out the newest below runs/.
    #[arg(long)]
    pub(crate) resume: bool,
    /// Print one JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
    /// The global flag, which a run keeps among its settings.
    #[arg(skip)]
    pub(crate) env: Option<EnvSource>,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Directory of a task, in any of the three layouts.
    pub(crate) task: PathBuf,
    /// Read and parse only; run nothing.
    #[arg(long)]
    pub(crate) no_exec: bool,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// Print one JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which rules are meant.
#[derive(Debug, Args)]
pub(crate) struct SelectionArgs {
    /// Only these rules: codes, beginnings of codes or names, with commas between them [default: all].
    #[arg(long, value_delimiter = ',', value_name = "RULE")]
    pub(crate) select: Vec<String>,
    /// Without these rules.
    #[arg(long, value_delimiter = ',', value_name = "RULE")]
    pub(crate) ignore: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RulesArgs {
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// Print one JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Code or name of a rule, or the directory of a task package.
    #[arg(value_name = "CODE|TASK")]
    pub(crate) what: String,
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
pub(crate) struct ReviewBenchArgs {
    /// Directory of prepared tasks, each with an expected.toml that says which criteria should fail.
    #[arg(long, value_name = "DIR")]
    pub(crate) bank: PathBuf,
    /// Which model reviews: openai:NAME, openai-responses:NAME, anthropic:NAME, gemini:NAME, openai-compatible:NAME or
    /// replay:FILE.
    #[arg(long, value_name = "SPEC")]
    pub(crate) model: String,
    /// Endpoint instead of the provider's own, for instance http://127.0.0.1:8000/v1; needed for openai-compatible.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Independent passes of each review [default: 3].
    #[arg(long, value_name = "N")]
    pub(crate) passes: Option<u32>,
    /// Keep every model exchange in this new file, for replay:FILE.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Stop in order before more than this is spent, with the figures of the cases until then.
    #[arg(long, value_name = "X")]
    pub(crate) budget_usd: Option<f64>,
    /// Prices of models (TOML), over the built-in table.
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
    /// How hard the model thinks before it answers [default: the model's own way].
    #[arg(long, value_enum, value_name = "EFFORT")]
    pub(crate) effort: Option<EffortChoice>,
    /// Sampling temperature [default: the model's own].
    #[arg(long, value_name = "T")]
    pub(crate) temperature: Option<f64>,
    /// Seed of the first pass, one more for each later one; a model may ignore it [default: none].
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u32>,
    /// Print one JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RecordConformanceArgs {
    /// Which model answers: openai:NAME, openai-responses:NAME, anthropic:NAME, gemini:NAME or openai-compatible:NAME.
    #[arg(long, value_name = "SPEC", required_unless_present = "replay", conflicts_with = "replay")]
    pub(crate) model: Option<String>,
    /// Folder of the recordings, one file a scenario; what is there of a scenario is replaced.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Endpoint instead of the provider's own, for instance http://127.0.0.1:8000/v1; needed for openai-compatible.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Only the scenario of this name; may be given several times [default: all that cost little].
    #[arg(long, value_name = "NAME", conflicts_with = "replay")]
    pub(crate) scenario: Vec<String>,
    /// Play the recordings that are in the folder instead, without key or network.
    #[arg(long)]
    pub(crate) replay: bool,
    /// Stop in order before more than this is spent.
    #[arg(long, value_name = "X")]
    pub(crate) budget_usd: Option<f64>,
    /// Prices of models (TOML), over the built-in table.
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: Option<PathBuf>,
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
    /// Folder, archive or file of a raw dataset.
    pub(crate) dataset: PathBuf,
    /// Print the text that agents get in their prompt, in at most so many tokens (an estimate on the high side).
    #[arg(long, value_name = "TOKENS", num_args = 0..=1, require_equals = true, default_missing_value = "4000", conflicts_with = "json")]
    pub(crate) overview: Option<usize>,
    /// Print the profile as one JSON document on stdout (docs/profile.schema.json).
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EloArgs {
    /// CSV or Parquet: scores `task,model,score,higher_is_better[,category,run]`, of which the best run counts, or
    /// battles `model_a,model_b,winner[,weight,task,category]` with a winner `a`, `b` or `tie`.
    pub(crate) file: PathBuf,
    /// Rounds of the bootstrap; 0 for intervals by the sandwich estimate.
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub(crate) rounds: usize,
    /// What a round draws anew [default: tasks where every battle has one, else battles].
    #[arg(long, value_enum, value_name = "UNIT")]
    pub(crate) unit: Option<UnitChoice>,
    /// Seed of the draws.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) seed: u64,
    /// Level of confidence of the intervals.
    #[arg(long, default_value_t = 0.95, value_name = "L")]
    pub(crate) level: f64,
    /// Draw the ratings into this folder, as SVG and Vega-Lite.
    #[arg(long, value_name = "DIR")]
    pub(crate) plots: Option<PathBuf>,
    /// Print one JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum UnitChoice {
    Tasks,
    Battles,
}

impl From<UnitChoice> for Unit {
    fn from(choice: UnitChoice) -> Self {
        match choice {
            UnitChoice::Tasks => Self::Tasks,
            UnitChoice::Battles => Self::Battles,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct AgreementArgs {
    /// CSV or Parquet: the column `model`, then one column of ratings for every set.
    pub(crate) file: PathBuf,
    /// Sizes of the head of the ranking whose overlap is told, with commas between them.
    #[arg(long, value_delimiter = ',', default_value = "3,5", value_name = "K")]
    pub(crate) top: Vec<usize>,
    /// Level of confidence of the intervals.
    #[arg(long, default_value_t = 0.95, value_name = "L")]
    pub(crate) level: f64,
    /// Draw every pair of sets after Bland and Altman, and the ranks from set to set, into this folder, as SVG and Vega-Lite.
    #[arg(long, value_name = "DIR")]
    pub(crate) plots: Option<PathBuf>,
    /// Print one JSON document on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EnvArgs {
    /// Directories of tasks, each in any of the three layouts.
    #[arg(value_name = "TASK", required = true)]
    pub(crate) task: Vec<PathBuf>,
    /// Where to listen; 0 for any port that is free.
    #[arg(long, default_value_t = 8700, value_name = "P")]
    pub(crate) port: u16,
    /// Address to listen on; one that other machines can reach needs a token.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_name = "ADDRESS")]
    pub(crate) host: IpAddr,
    /// Environment variable that holds the token which clients must send.
    #[arg(long, value_name = "NAME")]
    pub(crate) token_env: Option<String>,
    /// File that holds the token, and nothing else.
    #[arg(long, value_name = "FILE", conflicts_with = "token_env")]
    pub(crate) token_file: Option<PathBuf>,
    /// Sessions at once.
    #[arg(long, default_value_t = 64, value_name = "N")]
    pub(crate) max_sessions: usize,
    /// Scripts and gradings that run at once [default: the number of processors].
    #[arg(long, value_name = "N")]
    pub(crate) running_scripts: Option<usize>,
    /// Minutes without a step after which a session is closed.
    #[arg(long, default_value_t = 30.0, value_name = "MINUTES")]
    pub(crate) idle_minutes: f64,
    /// Steps of a session at most [default: as many as its client asks for].
    #[arg(long, value_name = "N")]
    pub(crate) max_steps: Option<u32>,
    /// Seconds of a session at most [default: as many as its client asks for].
    #[arg(long, value_name = "N")]
    pub(crate) max_seconds: Option<f64>,
    /// The most that agents are shown of their submissions: `test`, `validation`, `validation:SHARE` or `none`
    /// [default: what the session's client asks for].
    #[arg(long, value_name = "MODE")]
    pub(crate) feedback: Option<FeedbackMode>,
    /// Seconds of each script at most.
    #[arg(long, default_value_t = 600.0, value_name = "SECONDS")]
    pub(crate) time_limit: f64,
    /// Where sessions have their files; servers may share it [default: in the cache directory].
    #[arg(long, value_name = "DIR")]
    pub(crate) workdir: Option<PathBuf>,
    /// Print one JSON document on stdout, in one line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Makes one word of the two of `--env lock FILE`: a flag with a changing number of values would swallow the arguments
/// behind it.
pub(crate) fn joined(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments = arguments.into_iter();
    let mut joined: Vec<OsString> = Vec::new();
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            joined.push(argument);
            joined.extend(arguments);
            break;
        }
        let is_value = argument == "lock" && joined.last().is_some_and(|last| last == "--env");
        let file = if is_value || argument == "--env=lock" { arguments.next() } else { None };
        joined.push(match file {
            Some(file) => [argument.as_os_str(), OsStr::new(":"), &file].into_iter().collect(),
            None => argument,
        });
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_an_own_lock_become_one() {
        for (words, expected) in [
            ("--env lock a.lock verify t", "--env lock:a.lock verify t"),
            ("verify --env lock a.lock t", "verify --env lock:a.lock t"),
            ("verify --env=lock a.lock t", "verify --env=lock:a.lock t"),
            ("verify t --env lock", "verify t --env lock"),
            ("verify --env image lock", "verify --env image lock"),
            ("verify --env lock:a.lock t", "verify --env lock:a.lock t"),
            ("grade lock a.lock", "grade lock a.lock"),
            ("verify -- --env lock t", "verify -- --env lock t"),
        ] {
            let of = |words: &str| words.split(' ').map(OsString::from).collect::<Vec<_>>();
            assert_eq!(joined(of(words)), of(expected), "{words}");
        }
    }

    #[test]
    fn every_verb_takes_the_environment_before_or_after_its_arguments() {
        let own = EnvSource::Lock("a.lock".into());
        for words in [
            "smith --env lock a.lock doctor",
            "smith doctor --env lock a.lock",
            "smith verify --env lock a.lock task",
            "smith grade task --env lock:a.lock submission.csv",
            "smith run-pipeline data --env=lock a.lock",
        ] {
            let cli = Cli::try_parse_from(joined(words.split(' ').map(OsString::from))).unwrap();
            assert_eq!(cli.env, Some(own.clone()), "{words}");
        }
        let error = Cli::try_parse_from(["smith", "doctor", "--env", "lock"]).unwrap_err();
        assert!(error.use_stderr() && error.to_string().contains("or lock FILE"), "{error}");
    }
}
