//! `smith review-bench`: how good a model is as a reviewer.

use std::process::ExitCode;

use smith_core::llm::{Effort, ModelSpec, Sampling, header_of};
use smith_core::review::bench::BenchReport;
use smith_core::{ReviewBench, SmithError};

use super::run_pipeline::{effort_of_recording, micro_usd, prices};
use crate::args::ReviewBenchArgs;
use crate::{Done, environment, table};

pub(crate) async fn run(args: ReviewBenchArgs) -> Done {
    let mut bench = ReviewBench::new(&args.bank, &args.model);
    bench.passes = passes(&args)?;
    bench.base_url.clone_from(&args.base_url);
    bench.api_key = environment::api_key(&args.model);
    bench.sampling = Sampling { temperature: args.temperature, seed: args.seed, effort: effort(&args)? };
    bench.budget = args.budget_usd.map(|budget| micro_usd("--budget-usd", budget)).transpose()?;
    bench.limits = args.limits.limits();
    bench.prices = prices(args.prices.as_deref())?;
    bench.record.clone_from(&args.record);
    let report = bench.run().await?;
    if args.json {
        super::print_json(&report)?;
    } else {
        super::say(table::review_bench(&report))?;
    }
    finish(&report)
}

/// As told, or as a recording was.
fn effort(args: &ReviewBenchArgs) -> Result<Option<Effort>, SmithError> {
    match args.effort {
        Some(choice) => Ok(Some(choice.into())),
        None => effort_of_recording(&args.model),
    }
}

/// A replay asks again what was asked, in as many passes.
fn passes(args: &ReviewBenchArgs) -> Result<u32, SmithError> {
    let recorded = match args.model.parse() {
        Ok(ModelSpec::Replay(file)) => header_of(&file)?.info.settings.get("review_passes").copied(),
        _ => None,
    };
    Ok(args.passes.or(recorded).unwrap_or(3))
}

fn finish(report: &BenchReport) -> Done {
    if let Some(why) = &report.stopped {
        return Err(SmithError::BudgetReached(why.clone()));
    }
    Ok(ExitCode::from(if report.faults.is_empty() { 0 } else { 3 }))
}
