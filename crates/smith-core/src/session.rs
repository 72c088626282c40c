//! One process's work on a run: takes the directory, makes the stages, runs them, sums up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use smith_agents::{AgentSetup, Brainstormer, Designer, Refactorer, ValidationAgent, tools};
use smith_builtin::{BuiltinBrainstormer, BuiltinDesigner, BuiltinRefactorer, FactualReviewer, LadderSolver};
use smith_exec::{ChildProcess, EnvSource, Runtime};
use smith_llm::{
    Budget, ChatModel, ConnectOptions, Connection, ContextWindow, DriftLog, Lenient, MicroUsd, ModelSpec,
    RecordingInfo,
};
use smith_pipeline::{
    BudgetLimits, DatasetEntry, PipelineError, RunConfig, RunDir, RunOptions, RunSummary, StageSource,
    Stages, summarize,
};
use smith_review::Reviewer;
use smith_task_schema::CandidateId;

use crate::assist::{self, Assistance};
use crate::builder::Smith;
use crate::error::SmithError;
use crate::machine::Machine;

pub(crate) async fn run(smith: &Smith, datasets: &[PathBuf]) -> Result<RunSummary, SmithError> {
    // What the model still needs is said before a directory is made and a minute goes into Python.
    if let Some(spec) = smith.author.model() {
        smith_llm::connect(spec, without_files(smith, budget_before(smith)))?;
    }
    let env_lock = smith.settings.machine.env.check()?;
    keep_recording(smith)?;
    let dir = open(smith, datasets, env_lock.as_deref())?;
    if dir.is_resumed() {
        // A killed process cannot take its children with it.
        let leftovers = ChildProcess::sweep(&dir.config().run);
        tracing::debug!(leftovers, "ended what a killed process left behind");
    }
    let machine = Machine::provision(&smith.settings.machine, smith.settings.provisioning.as_ref()).await?;
    let connection = match smith.author.model() {
        Some(spec) => Some(connect(smith, spec, &dir, &machine, env_lock.as_deref())?),
        None => None,
    };
    let runtime = machine.runtime(&dir.config().run);
    let drift = connection.as_ref().and_then(|connection| connection.drift.clone());
    let staff = Staff { smith: smith.clone(), connection, runtime: runtime.clone() };
    let mut options = RunOptions::default();
    options.candidates = smith.settings.candidates;
    options.attempts = smith.settings.attempts;
    options.concurrency = smith.settings.concurrency;
    options.budget = budget(smith, dir.config());
    let ended =
        smith_pipeline::run(&dir, staff, runtime.clone(), options, smith.settings.observer.clone()).await;
    ended.map_err(|error| with_advice(error, dir.path()))?;
    let mut summary = summarize(dir.path())?;
    summary.sandbox = runtime.sandbox_record();
    summary.replay_drift = drift.as_ref().map_or(0, DriftLog::count);
    Ok(summary)
}

/// A new run never records over an older recording.
fn keep_recording(smith: &Smith) -> Result<(), SmithError> {
    match &smith.settings.record {
        Some(file) if !smith.settings.resume && file.exists() => Err(SmithError::Mistake(format!(
            "--record {}: there is such a file already; choose another, or go on with its run by --resume",
            file.display()
        ))),
        _ => Ok(()),
    }
}

/// A spent budget is no failure: the text says how to go on.
fn with_advice(error: PipelineError, run: &Path) -> SmithError {
    let budget = error.is_budget();
    let error = SmithError::from(error);
    if !budget {
        return error;
    }
    SmithError::BudgetReached(format!(
        "{error}. Everything finished is kept; go on with a larger --budget-usd and --resume --out {}",
        run.display()
    ))
}

fn open(smith: &Smith, datasets: &[PathBuf], env_lock: Option<&str>) -> Result<RunDir, SmithError> {
    let out = &smith.settings.out;
    require_utf8("--out", out)?;
    if !smith.settings.resume {
        if datasets.is_empty() {
            return Err(SmithError::Mistake("no dataset was given".to_owned()));
        }
        let entries = entries(datasets)?;
        keep_apart(out, &entries)?;
        return Ok(RunDir::create(out, config(smith, entries, env_lock)?)?);
    }
    let entries = if datasets.is_empty() { RunDir::read_config(out)?.datasets } else { entries(datasets)? };
    Ok(RunDir::resume(out, &config(smith, entries, env_lock)?)?)
}

/// A run inside one of its datasets would copy itself into itself.
fn keep_apart(out: &Path, entries: &[DatasetEntry]) -> Result<(), SmithError> {
    let absolute = std::path::absolute(out).unwrap_or_else(|_| out.to_path_buf());
    let existing = absolute.ancestors().find_map(|ancestor| ancestor.canonicalize().ok()).unwrap_or(absolute);
    match entries.iter().find(|entry| existing.starts_with(&entry.path)) {
        Some(entry) => Err(SmithError::Mistake(format!(
            "the run {} would lie inside the dataset {}; choose another --out",
            out.display(),
            entry.path.display()
        ))),
        None => Ok(()),
    }
}

/// Datasets with names that are unique in the run and paths that do not depend on the current directory.
fn entries(datasets: &[PathBuf]) -> Result<Vec<DatasetEntry>, SmithError> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    datasets
        .iter()
        .map(|path| {
            let path = path.canonicalize().map_err(|error| {
                SmithError::Mistake(format!("there is no dataset at {}: {error}", path.display()))
            })?;
            require_utf8("the dataset's path", &path)?;
            let name = smith_data::dataset_name(&path);
            Ok(DatasetEntry { name: untaken(&name, &mut taken), path })
        })
        .collect()
}

/// The name itself, or with the first number behind it that makes it unique.
fn untaken(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut unique = name.to_owned();
    let mut number = 2;
    while !taken.insert(unique.clone()) {
        unique = format!("{name}-{number}");
        number += 1;
    }
    unique
}

/// Paths stand in `run.toml` and in the summary, which are UTF-8.
fn require_utf8(what: &str, path: &Path) -> Result<(), SmithError> {
    if path.to_str().is_some() {
        return Ok(());
    }
    Err(SmithError::Mistake(format!("{what} is not UTF-8: {}; rename the folder", path.display())))
}

fn config(
    smith: &Smith,
    datasets: Vec<DatasetEntry>,
    env_lock: Option<&str>,
) -> Result<RunConfig, SmithError> {
    let settings = &smith.settings;
    let mut config = RunConfig::new(run_name(), smith.author.to_string(), datasets);
    config.base_url = settings.base_url.as_deref().map(smith_llm::shown_url);
    config.candidates = settings.candidates;
    config.max_steps = settings.max_steps;
    config.attempts = settings.attempts;
    config.validation_steps = settings.validation_steps;
    config.review_passes = settings.review_passes;
    config.temperature = settings.sampling.temperature;
    config.seed = settings.sampling.seed;
    config.context_window = settings.context_window;
    config.effort = settings.sampling.effort;
    config.assist = settings.assist;
    config.set_budget(settings.budget);
    config.env = named_env(&settings.machine.env)?;
    config.env_lock = env_lock.map(str::to_owned);
    Ok(config)
}

/// The Python environment as it stands in the run's configuration: not at all, when it is the base one.
fn named_env(env: &EnvSource) -> Result<Option<String>, SmithError> {
    let EnvSource::Lock(file) = env else {
        return Ok((*env != EnvSource::default()).then(|| env.to_string()));
    };
    let file = file.canonicalize().unwrap_or_else(|_| file.clone());
    require_utf8("the path of the lock file", &file)?;
    Ok(Some(EnvSource::Lock(file).to_string()))
}

/// Unique among the runs of a machine: the time and the process.
pub(crate) fn run_name() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    format!("smith-{now:x}-{}", std::process::id())
}

/// How to reach the model, apart from what lies in files of the run.
fn without_files(smith: &Smith, limits: BudgetLimits) -> ConnectOptions {
    let settings = &smith.settings;
    ConnectOptions {
        base_url: settings.base_url.clone(),
        api_key: settings.api_key.clone(),
        prices: settings.prices.clone(),
        context_window: settings.context_window.map(u64::from),
        limits: settings.limits.clone(),
        // Each candidate has an account of its own; this one only tells whether there are limits to keep.
        budget: narrowest(limits),
        ..ConnectOptions::default()
    }
}

/// The account of a candidate that nothing was spent from.
fn narrowest(limits: BudgetLimits) -> Budget {
    let nothing = MicroUsd(0);
    Budget::new(limits.run, nothing).child(limits.dataset, nothing).child(limits.candidate, nothing)
}

/// What may be spent: as this process was told, or else as the run was started.
fn budget(smith: &Smith, config: &RunConfig) -> BudgetLimits {
    smith.settings.budget.or(config.budget())
}

/// The same before the run is opened.
fn budget_before(smith: &Smith) -> BudgetLimits {
    let earlier = smith.settings.resume.then(|| RunDir::read_config(&smith.settings.out).ok()).flatten();
    earlier.map_or(smith.settings.budget, |config| budget(smith, &config))
}

fn connect(
    smith: &Smith,
    spec: &ModelSpec,
    dir: &RunDir,
    machine: &Machine,
    env_lock: Option<&str>,
) -> Result<Connection, SmithError> {
    let settings = &smith.settings;
    let mut options = without_files(smith, budget(smith, dir.config()));
    options.record.clone_from(&settings.record);
    options.record_append = dir.is_resumed();
    options.recording_info = recording_info(smith, machine, env_lock);
    options.lenient = Lenient {
        tools: tools::PROGRAM_TOOLS.iter().chain([&assist::CHECK]).map(|name| (*name).to_owned()).collect(),
        // Findings quote tracebacks, which name lines of libraries and of Python itself.
        elements: BTreeSet::from(["defects".to_owned(), "facts".to_owned()]),
    };
    Ok(smith_llm::connect(spec, options)?)
}

/// What decides whether programs print the same on another machine.
fn recording_info(smith: &Smith, machine: &Machine, env_lock: Option<&str>) -> RecordingInfo {
    let version = machine.python().version();
    let minor = version.rsplit_once('.').map_or(version, |(minor, _)| minor);
    let mut environment = BTreeMap::from([
        ("python".to_owned(), minor.to_owned()),
        ("platform".to_owned(), format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH)),
    ]);
    // A file is told by its content: recordings go to other machines.
    let named = match (machine.python().source(), env_lock) {
        (EnvSource::Lock(_), Some(hash)) => Some(format!("lock:{hash}")),
        (source, _) => (*source != EnvSource::default()).then(|| source.to_string()),
    };
    environment.extend(named.map(|name| ("env".to_owned(), name)));
    RecordingInfo {
        program: format!("smith {}", env!("CARGO_PKG_VERSION")),
        environment,
        settings: settings(smith),
        effort: smith.settings.sampling.effort,
    }
}

/// What of the settings stands in requests, by the names of the run's configuration.
fn settings(smith: &Smith) -> BTreeMap<String, u32> {
    let settings = &smith.settings;
    let mut named = vec![
        ("candidates", settings.candidates),
        ("max_steps", settings.max_steps),
        ("attempts", settings.attempts),
        ("validation_steps", settings.validation_steps),
        ("review_passes", settings.review_passes),
    ];
    if settings.assist {
        named.push(("assist", 1));
    }
    named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Who carries out the stages of a run: agents and reviewers that a model answers, or the built-in ones.
struct Staff {
    smith: Smith,
    connection: Option<Connection>,
    runtime: Runtime,
}

impl StageSource for Staff {
    fn stages(&self, _candidate: &CandidateId, account: &Budget) -> Stages {
        match &self.connection {
            Some(connection) => {
                with_a_model(&self.smith, connection.charged_to(account), connection.window, &self.runtime)
            }
            None => built_in(&self.smith, &self.runtime),
        }
    }
}

fn with_a_model(
    smith: &Smith,
    model: Arc<dyn ChatModel>,
    window: ContextWindow,
    runtime: &Runtime,
) -> Stages {
    let settings = &smith.settings;
    let mut setup = AgentSetup::new(model.clone(), runtime.clone())
        .with_max_steps(settings.max_steps)
        .with_sampling(settings.sampling)
        .with_folding(window);
    if settings.assist {
        setup = setup.with_tools(Arc::new(Assistance { runtime: runtime.clone() }));
    }
    let reviewer = Reviewer::new(model, settings.sampling).with_passes(settings.review_passes);
    Stages {
        brainstorm: Arc::new(Brainstormer::new(setup.clone())),
        design: Arc::new(Designer::new(setup.clone())),
        refactor: Arc::new(Refactorer::new(setup.clone())),
        review: Arc::new(reviewer.with_folding(window)),
        validate: Arc::new(ValidationAgent::new(setup.with_max_steps(settings.validation_steps))),
    }
}

fn built_in(smith: &Smith, runtime: &Runtime) -> Stages {
    let solver = LadderSolver::new(runtime.clone(), smith.settings.validation_steps);
    Stages {
        brainstorm: Arc::new(BuiltinBrainstormer),
        design: Arc::new(BuiltinDesigner),
        refactor: Arc::new(BuiltinRefactorer),
        review: Arc::new(FactualReviewer),
        validate: Arc::new(solver.with_limits(tools::default_limits())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_get_numbers_that_nobody_else_has() {
        let mut taken = BTreeSet::new();
        let names = ["tea", "tea-2", "tea", "tea"].map(|name| untaken(name, &mut taken));
        assert_eq!(names, ["tea", "tea-2", "tea-3", "tea-4"]);
    }
}
