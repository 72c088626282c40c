//! `smith verify TASK`.

use std::process::ExitCode;

use smith_core::MachineOptions;
use smith_core::assert::Catalogue;
use smith_core::schema::Verdict;

use crate::args::VerifyArgs;
use crate::{Done, table};

pub(crate) async fn run(args: VerifyArgs, machine: MachineOptions) -> Done {
    let catalogue = super::rules::selected(Catalogue::post_refactor(), args.selection)?;
    // A directory that is no task is said before a minute goes into Python.
    smith_core::schema::TaskLayout::detect(&args.task)?;
    let runtime = if args.no_exec { None } else { Some(super::runtime(&machine).await?) };
    let report = smith_core::verify_with(&args.task, runtime, catalogue).await?;
    let accepted = report.verdict == Verdict::Accepted;
    if args.json {
        super::print_json(&report)?;
    } else {
        if !report.findings.is_empty() {
            super::say(format_args!("{}\n", table::findings(&report.findings)))?;
        }
        for (rule, why) in &report.skipped {
            super::say(format_args!("not run: {rule}: {why}\n"))?;
        }
        if let Some(calibration) = &report.calibration {
            super::say(format_args!("{}\n", table::ladder(calibration)))?;
        }
        super::say(table::weakness(report.sandbox.as_ref()))?;
        let ran = report.checks.len() - report.skipped.len();
        let word = if accepted { "accepted" } else { "rejected" };
        super::say(format_args!("{}: {word} · {ran} rules · {:.1} s\n", report.task, report.seconds))?;
    }
    Ok(ExitCode::from(u8::from(!accepted)))
}
