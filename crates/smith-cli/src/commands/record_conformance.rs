//! `smith record-conformance`: what every dialect must be able to do, recorded from a live endpoint.

use std::path::Path;
use std::process::ExitCode;

use comfy_table::{Cell, CellAlignment};
use serde_json::{Value, json};
use smith_core::SmithError;
use smith_core::llm::conformance::{self, Report, Verdict};
use smith_core::llm::{Budget, ConnectOptions, MicroUsd, ModelSpec, RecordingInfo};

use super::run_pipeline::{micro_usd, prices};
use crate::args::RecordConformanceArgs;
use crate::{Done, environment, table};

pub(crate) async fn run(args: RecordConformanceArgs) -> Done {
    let reports = if args.replay {
        conformance::replay(&args.out).await?
    } else {
        let spec: ModelSpec = args.model.as_deref().unwrap_or_default().parse()?;
        conformance::record(&spec, &options(&args)?, &args.out, &args.scenario).await?
    };
    if reports.is_empty() {
        return Err(SmithError::Mistake(format!(
            "there is no recording of a scenario in {}",
            args.out.display()
        )));
    }
    if args.json {
        super::print_json(&document(&reports, &args.out))?;
    } else {
        super::say(words(&reports))?;
    }
    let differs = reports.iter().any(|report| matches!(report.verdict, Verdict::Differs(_)));
    Ok(ExitCode::from(u8::from(differs)))
}

fn options(args: &RecordConformanceArgs) -> Result<ConnectOptions, SmithError> {
    let budget = args.budget_usd.map(|dollars| micro_usd("--budget-usd", dollars)).transpose()?;
    let program = format!("smith {}", env!("CARGO_PKG_VERSION"));
    Ok(ConnectOptions {
        base_url: args.base_url.clone(),
        api_key: environment::api_key(args.model.as_deref().unwrap_or_default()),
        prices: prices(args.prices.as_deref())?,
        budget: Budget::new(budget, MicroUsd(0)),
        recording_info: RecordingInfo { program, ..RecordingInfo::default() },
        ..ConnectOptions::default()
    })
}

/// What came of a scenario in one word, and why.
fn outcome(verdict: &Verdict) -> (&'static str, &str) {
    match verdict {
        Verdict::AsExpected => ("as expected", ""),
        Verdict::Differs(why) => ("differs", why),
        Verdict::Skipped(why) => ("skipped", why),
        _ => ("unknown", ""),
    }
}

fn counts(reports: &[Report]) -> [usize; 3] {
    ["as expected", "differs", "skipped"]
        .map(|word| reports.iter().filter(|report| outcome(&report.verdict).0 == word).count())
}

/// The sum of all costs, if all are known.
fn cost(reports: &[Report]) -> Option<MicroUsd> {
    reports.iter().try_fold(MicroUsd(0), |sum, report| Some(MicroUsd(sum.0.saturating_add(report.cost?.0))))
}

fn words(reports: &[Report]) -> String {
    let mut table = table::table(&["scenario", "result", "input", "cached", "output", "cost"]);
    for report in reports {
        let (word, why) = outcome(&report.verdict);
        let line = smith_core::data::words::safe_line(why, 300);
        let result = if line.is_empty() { word.to_owned() } else { format!("{word}: {line}") };
        let cost = report.cost.map_or_else(|| "unknown".to_owned(), |cost| cost.to_string());
        let usage = &report.usage;
        let figures =
            [usage.input_tokens, usage.cached_tokens, usage.output_tokens].map(|count| count.to_string());
        let right = |figure: String| Cell::new(figure).set_alignment(CellAlignment::Right);
        table.add_row(
            [Cell::new(report.scenario), Cell::new(result)]
                .into_iter()
                .chain(figures.into_iter().chain([cost]).map(right)),
        );
    }
    let [expected, differs, skipped] = counts(reports);
    let cost = cost(reports).map_or_else(|| "cost unknown".to_owned(), |cost| cost.to_string());
    format!("{table}\n{expected} as expected · {differs} differ · {skipped} skipped · {cost}\n")
}

fn document(reports: &[Report], out: &Path) -> Value {
    let [expected, differs, skipped] = counts(reports);
    let scenarios = reports.iter().map(|report| {
        let (result, why) = outcome(&report.verdict);
        json!({
            "scenario": report.scenario,
            "result": result,
            "why": why,
            "usage": report.usage,
            "cost_micro_usd": report.cost.map(|cost| cost.0),
            "file": report.file.as_ref().and_then(|file| file.file_name()).map(|name| name.to_string_lossy()),
        })
    });
    json!({
        "out": out.to_string_lossy(),
        "scenarios": scenarios.collect::<Vec<_>>(),
        "as_expected": expected,
        "differs": differs,
        "skipped": skipped,
        "cost_micro_usd": cost(reports).map(|cost| cost.0),
    })
}
