//! `smith quality FILE`.

use std::process::ExitCode;

use comfy_table::{Cell, CellAlignment};
use serde::Serialize;
use smith_core::SmithError;
use smith_core::data::words::safe_line;
use smith_core::statistics::read_scores;
use smith_core::stats::StatsError;
use smith_core::stats::elo::ScoreTable;
use smith_core::stats::quality::{Fidelity, QualityOptions, SetQuality, fidelity};

use crate::args::QualityArgs;
use crate::{Done, table};

/// The JSON document.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    quality: SetQuality,
    fidelity: Vec<Fidelity>,
}

pub(crate) async fn run(args: QualityArgs) -> Done {
    let is_json = args.json;
    let judged = tokio::task::spawn_blocking(move || report(&args)).await;
    let report = judged.map_err(|error| SmithError::Fault(error.to_string()))??;
    if is_json {
        super::print_json(&report)?;
    } else {
        super::say(words(&report))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn report(args: &QualityArgs) -> Result<Report, SmithError> {
    let scores = read_scores(&args.file)?;
    let judged = || -> Result<Report, StatsError> {
        let quality = SetQuality::of(&scores, &QualityOptions::default())?;
        let fidelity = fidelity(&scores, &sizes(args, &scores), args.draws, args.seed)?;
        Ok(Report { quality, fidelity })
    };
    judged().map_err(|error| SmithError::Mistake(format!("{}: {error}", args.file.display())))
}

/// A quarter, half and three quarters of the tasks, unless told otherwise.
fn sizes(args: &QualityArgs, scores: &ScoreTable) -> Vec<usize> {
    if !args.sizes.is_empty() {
        return args.sizes.clone();
    }
    let tasks = scores.tasks().len();
    let mut sizes: Vec<usize> = [1, 2, 3].map(|quarters| (tasks * quarters / 4).max(1)).into();
    sizes.dedup();
    sizes
}

fn words(report: &Report) -> String {
    let figure = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
    let right = |figure: String| Cell::new(figure).set_alignment(CellAlignment::Right);
    let mut tasks = table::table(&[
        "task",
        "models",
        "solved",
        "discrimination",
        "difficulty",
        "noise",
        "α without",
        "better dropped, because",
    ]);
    for task in &report.quality.tasks {
        let figures = [
            task.models.to_string(),
            format!("{:.0} %", 100.0 * task.solved),
            figure(task.discrimination),
            figure(task.difficulty),
            figure(task.noise),
            figure(task.alpha_without),
        ];
        let row = std::iter::once(Cell::new(safe_line(&task.task, 60))).chain(figures.map(right));
        tasks.add_row(row.chain([Cell::new(task.drop.join("; "))]));
    }
    let mut subsets = table::table(&[
        "tasks of a subset",
        "Pearson",
        "Kendall",
        "middle 90 %",
        "points apart",
        "undefined",
    ]);
    for row in &report.fidelity {
        let range = row
            .kendall_range
            .map_or_else(|| "–".to_owned(), |range| format!("{:.2} to {:.2}", range.low, range.high));
        let undefined = format!("{} of {}", row.undefined, row.draws);
        let figures = [figure(row.pearson), figure(row.kendall), range, figure(row.distance), undefined];
        subsets.add_row(std::iter::once(Cell::new(row.tasks)).chain(figures.map(right)));
    }
    format!(
        "{tasks}\nCronbach's α of the set: {}; {} tasks are better dropped\n\n{subsets}\n\
         ratings by random subsets against those by all tasks\n",
        figure(report.quality.alpha),
        report.quality.to_drop().len()
    )
}
