//! `smith run-pipeline`: the main job.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use smith_core::exec::EnvSource;
use smith_core::llm::{Effort, MicroUsd, ModelSpec, PriceTable, RecordingInfo, header_of};
use smith_core::pipeline::{RunConfig, RunDir};
use smith_core::{MachineOptions, RunSummary, Smith, SmithBuilder, SmithError};
use time::OffsetDateTime;

use crate::args::RunArgs;
use crate::progress::RunProgress;
use crate::provisioning::ProvisionBar;
use crate::{Done, environment, table};

/// Makes tasks where no model is named.
const BUILTIN: &str = "builtin";
/// Where runs go when the caller names no place.
const RUNS: &str = "runs";

pub(crate) async fn run(args: RunArgs, bundled: Option<&Path>, machine: MachineOptions) -> Done {
    let (mut args, mut machine) = (args, machine);
    let earlier = if args.resume { Some(settings_of_run(&mut args)?) } else { None };
    let (datasets, model) = match &earlier {
        Some(config) => (args.dataset.clone(), args.model.clone().unwrap_or_else(|| config.model.clone())),
        None => what_to_do(&args, bundled)?,
    };
    let effort = match (args.effort, &earlier) {
        (Some(choice), _) => Some(choice.into()),
        (None, Some(config)) => config.effort,
        (None, None) => effort_of_recording(&model)?,
    };
    settings_of_recording(&mut args, &model)?;
    machine.env = args.env.clone().unwrap_or_default();
    let out = where_to(&args, &datasets)?;
    let progress = Arc::new(RunProgress::new(args.json));
    let key = environment::api_key(&model);
    let mut builder = Smith::builder()
        .model(model)
        .out(&out)
        .resume(args.resume)
        .candidates(args.candidates.unwrap_or(3))
        .max_steps(args.max_steps.unwrap_or(30))
        .attempts(args.attempts.unwrap_or(3))
        .validation_steps(args.validation_steps.unwrap_or(10))
        .review_passes(args.review_passes.unwrap_or(3))
        .concurrency(args.concurrency)
        .assist(args.assist)
        .prices(prices(args.prices.as_deref())?)
        .limits(args.limits.limits())
        .machine(machine)
        .provisioning(Arc::new(ProvisionBar::default()))
        .observer(progress.clone());
    if let Some(url) = &args.base_url {
        builder = builder.base_url(url);
    }
    if let Some(key) = key {
        builder = builder.api_key(key);
    }
    if let Some(file) = &args.record {
        builder = builder.record(file);
    }
    if let Some(temperature) = args.temperature {
        builder = builder.temperature(temperature);
    }
    if let Some(seed) = args.seed {
        builder = builder.seed(seed);
    }
    if let Some(tokens) = args.context_window {
        builder = builder.context_window(tokens);
    }
    if let Some(effort) = effort {
        builder = builder.effort(effort);
    }
    let smith = with_budgets(builder, &args)?.build()?;
    let ended = tokio::select! {
        ended = smith.run(&datasets) => ended,
        _ = tokio::signal::ctrl_c() => Err(SmithError::Fault(format!(
            "interrupted; everything finished is kept, go on with --resume --out {}", out.display()
        ))),
    };
    progress.finish();
    finish(&args, &out, ended)
}

fn with_budgets(mut builder: SmithBuilder, args: &RunArgs) -> Result<SmithBuilder, SmithError> {
    if let Some(budget) = args.budget_usd {
        builder = builder.budget(micro_usd("--budget-usd", budget)?);
    }
    if let Some(budget) = args.budget_per_dataset {
        builder = builder.budget_per_dataset(micro_usd("--budget-per-dataset", budget)?);
    }
    if let Some(budget) = args.budget_per_candidate {
        builder = builder.budget_per_candidate(micro_usd("--budget-per-candidate", budget)?);
    }
    Ok(builder)
}

/// The summary is printed however the run ended, as far as there is a run.
fn finish(args: &RunArgs, out: &Path, ended: Result<RunSummary, SmithError>) -> Done {
    match ended {
        Ok(summary) => {
            print(args, &summary)?;
            let code = if summary.has_faults() { 3 } else { u8::from(summary.verified == 0) };
            Ok(ExitCode::from(code))
        }
        Err(error) => {
            if !matches!(error, SmithError::Mistake(_))
                && let Ok(summary) = smith_core::pipeline::summarize(out)
            {
                print(args, &summary)?;
            }
            Err(error)
        }
    }
}

fn print(args: &RunArgs, summary: &RunSummary) -> Result<(), SmithError> {
    if args.json {
        return super::print_json(summary);
    }
    super::say(table::summary(summary))?;
    Ok(())
}

/// What is not given on the command line of a resumed run is what it was started with.
fn settings_of_run(args: &mut RunArgs) -> Result<RunConfig, SmithError> {
    let out = where_to(args, &[])?;
    let config = RunDir::read_config(&out)?;
    if let Some(dir) = &args.datasets {
        args.dataset.extend(folders_in(dir)?);
    }
    args.out = Some(out);
    args.base_url = args.base_url.take().or_else(|| config.base_url.clone());
    args.candidates = args.candidates.or(Some(config.candidates));
    args.max_steps = args.max_steps.or(Some(config.max_steps));
    args.attempts = args.attempts.or(Some(config.attempts));
    args.validation_steps = args.validation_steps.or(Some(config.validation_steps));
    args.review_passes = args.review_passes.or(Some(config.review_passes));
    args.temperature = args.temperature.or(config.temperature);
    args.seed = args.seed.or(config.seed);
    args.context_window = args.context_window.or(config.context_window);
    args.assist |= config.assist;
    if let (None, Some(env)) = (&args.env, &config.env) {
        args.env = Some(env.parse()?);
    }
    Ok(config)
}

/// A replay asks again what was asked, so that it takes the settings of its recording.
fn settings_of_recording(args: &mut RunArgs, model: &str) -> Result<(), SmithError> {
    let Ok(ModelSpec::Replay(file)) = model.parse() else { return Ok(()) };
    let RecordingInfo { settings, environment, .. } = header_of(&file)?.info;
    let setting = |given: Option<u32>, name: &str| given.or_else(|| settings.get(name).copied());
    args.candidates = setting(args.candidates, "candidates");
    args.max_steps = setting(args.max_steps, "max_steps");
    args.attempts = setting(args.attempts, "attempts");
    args.validation_steps = setting(args.validation_steps, "validation_steps");
    args.assist |= settings.get("assist") == Some(&1);
    // Recordings of before there was a choice hold one pass.
    args.review_passes = setting(args.review_passes, "review_passes").or(Some(1));
    if let (None, Some(env)) = (&args.env, environment.get("env")) {
        args.env = Some(env_of_recording(env)?);
    }
    Ok(())
}

/// How hard the model of a recording was to think: a replay asks the same.
pub(super) fn effort_of_recording(model: &str) -> Result<Option<Effort>, SmithError> {
    match model.parse() {
        Ok(ModelSpec::Replay(file)) => Ok(header_of(&file)?.info.effort),
        _ => Ok(None),
    }
}

/// A lock file of the caller's own is not part of a recording.
fn env_of_recording(env: &str) -> Result<EnvSource, SmithError> {
    match env.split_once(':') {
        Some((_, hash)) => Err(SmithError::Mistake(format!(
            "the recording was made with a lock file of its own (BLAKE3 {hash}): name it by --env lock FILE"
        ))),
        None => Ok(env.parse()?),
    }
}

/// Datasets and model; without a model the built-in stages, for which without datasets the bundled one is taken.
fn what_to_do(args: &RunArgs, bundled: Option<&Path>) -> Result<(Vec<PathBuf>, String), SmithError> {
    let mut datasets = args.dataset.clone();
    if let Some(dir) = &args.datasets {
        datasets.extend(folders_in(dir)?);
    }
    let model = args.model.clone().unwrap_or_else(|| BUILTIN.to_owned());
    match (model == BUILTIN, datasets.is_empty()) {
        (_, false) => Ok((datasets, model)),
        (true, true) => Ok((vec![the_bundled(bundled)?], model)),
        (false, true) => Err(SmithError::Mistake(
            "no dataset was given: name folders of raw data, or --datasets DIR".to_owned(),
        )),
    }
}

fn the_bundled(bundled: Option<&Path>) -> Result<PathBuf, SmithError> {
    let dataset = bundled.map(|bundled| bundled.join("datasets/penguins")).ok_or_else(|| {
        SmithError::Mistake(
            "this installation has no bundled dataset: name folders of raw data, or run `cargo xtask run-pipeline` in a clone of the repository"
                .to_owned(),
        )
    })?;
    if !dataset.is_dir() {
        return Err(SmithError::Mistake(format!(
            "the bundled dataset {} is not there: restore it, or name folders of raw data",
            dataset.display()
        )));
    }
    Ok(dataset)
}

fn folders_in(dir: &Path) -> Result<Vec<PathBuf>, SmithError> {
    let mistake =
        |error: std::io::Error| SmithError::Mistake(format!("--datasets {}: {error}", dir.display()));
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(mistake)? {
        let path = entry.map_err(mistake)?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    if folders.is_empty() {
        return Err(SmithError::Mistake(format!("--datasets {}: there is no folder in it", dir.display())));
    }
    Ok(folders)
}

fn where_to(args: &RunArgs, datasets: &[PathBuf]) -> Result<PathBuf, SmithError> {
    if let Some(out) = &args.out {
        return Ok(out.clone());
    }
    if args.resume {
        return newest_run();
    }
    let now = OffsetDateTime::now_utc();
    let name = datasets.first().map(|path| smith_core::data::dataset_name(path)).unwrap_or_default();
    let stamp = format!(
        "{:04}{:02}{:02}-{:02}{:02}{:02}",
        now.year(),
        u8::from(now.month()),
        now.day(),
        now.hour(),
        now.minute(),
        now.second()
    );
    Ok(Path::new(RUNS).join(format!("{stamp}-{name}")))
}

/// Names begin with the time, so the last in order is the newest.
fn newest_run() -> Result<PathBuf, SmithError> {
    let none =
        || SmithError::Mistake(format!("there is no run to resume below {RUNS}/; name it by --out DIR"));
    let entries = std::fs::read_dir(RUNS).map_err(|_| none())?;
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("run.toml").is_file())
        .max()
        .ok_or_else(none)
}

pub(super) fn prices(file: Option<&Path>) -> Result<PriceTable, SmithError> {
    let Some(file) = file else { return Ok(PriceTable::bundled()) };
    let mistake = |error: String| SmithError::Mistake(format!("--prices {}: {error}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| mistake(error.to_string()))?;
    let table = PriceTable::parse(&text).map_err(|error| mistake(error.to_string()))?;
    Ok(PriceTable::bundled().overlay(table))
}

pub(super) fn micro_usd(flag: &str, dollars: f64) -> Result<MicroUsd, SmithError> {
    if !(0.0..=1e9).contains(&dollars) {
        return Err(SmithError::Mistake(format!("{flag} {dollars} is not an amount of money")));
    }
    Ok(MicroUsd((dollars * 1e6).round() as u64))
}
