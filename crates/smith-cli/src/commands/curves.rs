//! `smith curves FILE`.

use std::process::ExitCode;

use comfy_table::{Cell, CellAlignment};
use smith_core::SmithError;
use smith_core::data::words::safe_line;
use smith_core::statistics::read_steps;
use smith_core::stats::curves::{CurveOptions, Curves, MeanCurve};
use smith_core::stats::plots;

use crate::args::CurvesArgs;
use crate::{Done, pictures, table};

/// Steps of which a column is printed; of longer curves some are left out.
const SHOWN: usize = 10;

pub(crate) async fn run(args: CurvesArgs) -> Done {
    let (is_json, folder) = (args.json, args.plots.clone());
    let made = tokio::task::spawn_blocking(move || curves(&args)).await;
    let curves = made.map_err(|error| SmithError::Fault(error.to_string()))??;
    if let Some(folder) = folder {
        pictures::keep(&folder, &[("curves".to_owned(), plots::curves(&curves))])?;
    }
    if is_json {
        super::print_json(&curves)?;
    } else {
        super::say(words(&curves))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn curves(args: &CurvesArgs) -> Result<Curves, SmithError> {
    let mut options = CurveOptions::default();
    (options.length, options.scope, options.level) = (args.length, args.scope.into(), args.level);
    Curves::of(&read_steps(&args.file)?, &options)
        .map_err(|error| SmithError::Mistake(format!("{}: {error}", args.file.display())))
}

fn words(curves: &Curves) -> String {
    let mut out = section("overall", &curves.overall);
    for (name, means) in &curves.categories {
        out.push_str(&format!("\n{}", section(&safe_line(name, 40), means)));
    }
    out
}

fn section(name: &str, means: &[MeanCurve]) -> String {
    let length = means.first().map_or(0, |curve| curve.mean.len());
    let every = length.div_ceil(SHOWN).max(1);
    // The last step is always shown.
    let steps: Vec<usize> = (0..length).rev().step_by(every).collect::<Vec<_>>().into_iter().rev().collect();
    let heads: Vec<String> = steps.iter().map(|step| format!("step {}", step + 1)).collect();
    let mut header = vec![name, "tasks"];
    header.extend(heads.iter().map(String::as_str));
    let mut table = table::table(&header);
    for curve in means {
        let figures = steps.iter().filter_map(|step| curve.mean.get(*step)).map(|mean| format!("{mean:.2}"));
        let right = |figure: String| Cell::new(figure).set_alignment(CellAlignment::Right);
        let cells = std::iter::once(curve.tasks.to_string()).chain(figures).map(right);
        table.add_row(std::iter::once(Cell::new(safe_line(&curve.model, 40))).chain(cells));
    }
    format!("{table}\n")
}
