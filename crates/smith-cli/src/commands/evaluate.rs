//! `smith evaluate`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use comfy_table::{Cell, CellAlignment};
use smith_core::data::words::safe_line;
use smith_core::exec::EnvSource;
use smith_core::pipeline::evaluate::{CellId, CellObserver, EvaluationDir, ModelEntry, read_models};
use smith_core::schema::Event;
use smith_core::schema::figure::six_digits;
use smith_core::stats::plots;
use smith_core::{Evaluation, EvaluationReport, MachineOptions, SmithError};
use time::OffsetDateTime;

use super::run_pipeline::{micro_usd, prices};
use crate::args::EvaluateArgs;
use crate::provisioning::ProvisionBar;
use crate::{Done, environment, pictures, table};

/// Where evaluations go when the caller names no place.
const EVALUATIONS: &str = "evaluations";
/// How a program is named.
const PROGRAM: &str = "program:";

pub(crate) async fn run(args: EvaluateArgs, env: Option<EnvSource>, machine: MachineOptions) -> Done {
    let evaluation = evaluation(&args, env, machine)?;
    let ended = tokio::select! {
        ended = evaluation.run() => ended,
        _ = tokio::signal::ctrl_c() => Err(SmithError::Fault(format!(
            "interrupted; everything finished is kept, go on with --resume --out {}", evaluation.out.display()
        ))),
    };
    match ended {
        Ok(report) => {
            show(&args, &report)?;
            Ok(ExitCode::from(exit_code(&report)))
        }
        // What was finished is shown however it ended.
        Err(error) => {
            if !matches!(error, SmithError::Mistake(_))
                && let Ok(report) = Evaluation::report(&evaluation.out).await
            {
                show(&args, &report)?;
            }
            Err(error)
        }
    }
}

fn exit_code(report: &EvaluationReport) -> u8 {
    let cells = &report.cells;
    match (cells.faults + cells.open, cells.over_budget, cells.scored) {
        (0, 0, 1..) => 0,
        (0, _, _) => 1,
        _ => 3,
    }
}

fn evaluation(
    args: &EvaluateArgs,
    env: Option<EnvSource>,
    machine: MachineOptions,
) -> Result<Evaluation, SmithError> {
    let models = models(args)?;
    let out = args.out.clone().unwrap_or_else(newly);
    let mut evaluation = Evaluation::new(args.tasks.clone(), models, out);
    evaluation.machine = machine;
    let earlier = if args.resume { Some(EvaluationDir::read_config(&evaluation.out)?) } else { None };
    // What is not given on the command line of a resumed one is what it was begun with.
    evaluation.runs = args.runs.or(earlier.as_ref().map(|earlier| earlier.runs)).unwrap_or(1);
    evaluation.max_steps = args.max_steps.or(earlier.as_ref().map(|earlier| earlier.max_steps)).unwrap_or(15);
    evaluation.feedback = match (args.feedback, &earlier) {
        (Some(mode), _) => mode,
        (None, Some(earlier)) => earlier.feedback.parse().map_err(SmithError::Mistake)?,
        (None, None) => Default::default(),
    };
    let known_minutes = earlier.as_ref().map(|earlier| earlier.program_seconds / 60.0);
    let minutes = args.program_minutes.or(known_minutes).unwrap_or(60.0);
    if let (None, Some(named)) = (env, earlier.as_ref().and_then(|earlier| earlier.env.as_ref())) {
        evaluation.machine.env = named.parse()?;
    }
    let known = earlier.map_or_else(Vec::new, |earlier| earlier.models);
    for model in evaluation.models.iter().chain(&known) {
        if let Some(key) = model.spec.as_deref().and_then(environment::api_key) {
            evaluation.keys.insert(model.name.clone(), key);
        }
    }
    evaluation.resume = args.resume;
    evaluation.concurrency = args.concurrency;
    evaluation.program_time = Duration::try_from_secs_f64(minutes * 60.0)
        .map_err(|error| SmithError::Mistake(format!("--program-minutes: {error}")))?;
    evaluation.budget = args.budget_usd.map(|budget| micro_usd("--budget-usd", budget)).transpose()?;
    evaluation.prices = prices(args.prices.as_deref())?;
    evaluation.limits = args.limits.limits();
    evaluation.observer = Arc::new(Lines);
    evaluation.provisioning = Arc::new(ProvisionBar::default());
    Ok(evaluation)
}

fn models(args: &EvaluateArgs) -> Result<Vec<ModelEntry>, SmithError> {
    let mut models = match &args.models {
        Some(file) => read_models(file)?,
        None => Vec::new(),
    };
    for spec in &args.model {
        let mut entry = ModelEntry::of_spec(spec);
        if let Some(program) = spec.strip_prefix(PROGRAM) {
            let path = absolute(program);
            (entry.spec, entry.program) = (None, Some(vec![path]));
        } else if !spec.starts_with("builtin:") {
            entry.base_url.clone_from(&args.base_url);
        }
        models.push(entry);
    }
    if models.is_empty() && !args.resume {
        return Err(SmithError::Mistake(
            "no model was given: name some with --model (builtin:sample, builtin:linear and builtin:boosting need \
             no key), or a file of them with --models"
                .to_owned(),
        ));
    }
    Ok(models)
}

/// A program runs in a directory of its own, from which a relative path leads elsewhere.
fn absolute(program: &str) -> String {
    let path = Path::new(program);
    if path.components().count() < 2 {
        return program.to_owned();
    }
    std::path::absolute(path).map_or_else(|_| program.to_owned(), |path| path.to_string_lossy().into_owned())
}

fn newly() -> PathBuf {
    let now = OffsetDateTime::now_utc();
    let (date, time) = (now.date(), now.time());
    let stamp = format!(
        "{:04}{:02}{:02}-{:02}{:02}{:02}",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    );
    Path::new(EVALUATIONS).join(stamp)
}

/// A line for every cell that ends.
struct Lines;

impl CellObserver for Lines {
    fn seen(&self, cell: &CellId, event: &Event, earlier: bool) {
        let name = safe_line(&cell.to_string(), 160);
        match event {
            Event::Solved { .. } if earlier => {}
            Event::Solved { report } => {
                let score = report.score.map_or_else(|| "no valid submission".to_owned(), six_digits);
                eprintln!(
                    "{name}: {}",
                    report.unplayable.as_deref().map_or(score, |why| safe_line(why, 200))
                );
            }
            Event::Faulted { message } => eprintln!("{name}: fault: {}", safe_line(message, 300)),
            Event::BudgetSpent { reason, .. } => eprintln!("{name}: {}", safe_line(reason, 300)),
            _ => {}
        }
    }
}

fn show(args: &EvaluateArgs, report: &EvaluationReport) -> Result<(), SmithError> {
    if let Some(folder) = &args.plots {
        pictures::keep(folder, &drawn(report))?;
    }
    if args.json {
        return super::print_json(report);
    }
    super::say(words(report))
}

fn drawn(report: &EvaluationReport) -> Vec<(String, plots::Plot)> {
    let ratings = report.ratings.as_ref().map(|ratings| ("elo".to_owned(), plots::elo(ratings)));
    let curves = report.curves.as_ref().map(|curves| ("curves".to_owned(), plots::curves(curves)));
    ratings.into_iter().chain(curves).collect()
}

fn words(report: &EvaluationReport) -> String {
    let mut out = format!("{}\n", scores(report));
    if let Some(ratings) = &report.ratings {
        out.push_str(&format!("\n{}", super::elo::words(ratings)));
    }
    for cell in &report.unfinished {
        let name = format!("{} on {}, run {}", cell.model, cell.task, cell.run);
        out.push_str(&format!(
            "{}: {}: {}\n",
            safe_line(&name, 160),
            cell.kind,
            safe_line(&cell.message, 300)
        ));
    }
    let cells = &report.cells;
    let unpriced = match report.unpriced_calls {
        0 => String::new(),
        calls => format!(" and {calls} model calls without a known price"),
    };
    out.push_str(&format!(
        "\n{} of {} cells at their end ({} without a valid submission), {} faults, {} over budget, {} on tasks that \
         cannot be opened, {} open; {:.4} USD{unpriced}\ntables: {}\n",
        cells.scored + cells.unscored,
        cells.planned,
        cells.unscored,
        cells.faults,
        cells.over_budget,
        cells.unplayable,
        cells.open,
        report.cost_usd,
        report.evaluation.join("tables").display(),
    ));
    out
}

/// Best score of each model on each task.
fn scores(report: &EvaluationReport) -> String {
    let mut models: Vec<&str> = report.scores.iter().map(|row| row.model.as_str()).collect();
    let mut tasks: Vec<&str> = report.scores.iter().map(|row| row.task.as_str()).collect();
    for names in [&mut models, &mut tasks] {
        names.sort_unstable();
        names.dedup();
    }
    let heads: Vec<String> = models.iter().map(|model| safe_line(model, 24)).collect();
    let mut header = vec!["task", "better"];
    header.extend(heads.iter().map(String::as_str));
    let mut table = table::table(&header);
    for task in tasks {
        let rows: Vec<_> = report.scores.iter().filter(|row| row.task == task).collect();
        let higher = rows.iter().any(|row| row.higher_is_better);
        let best = |model: &str| {
            let scores = rows.iter().filter(|row| row.model == model).filter_map(|row| row.score);
            scores.reduce(|a, b| if higher { a.max(b) } else { a.min(b) })
        };
        let shown = models.iter().map(|model| best(model).map_or_else(|| "–".to_owned(), six_digits));
        let right = |figure| Cell::new(figure).set_alignment(CellAlignment::Right);
        let direction = if higher { "higher" } else { "lower" };
        table.add_row(
            [Cell::new(safe_line(task, 60)), Cell::new(direction)].into_iter().chain(shown.map(right)),
        );
    }
    table.to_string()
}
