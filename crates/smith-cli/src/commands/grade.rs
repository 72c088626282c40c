//! `smith grade TASK SUBMISSION`.

use std::process::ExitCode;

use smith_core::MachineOptions;

use crate::args::GradeArgs;
use crate::{Done, table};

pub(crate) async fn run(args: GradeArgs, machine: MachineOptions) -> Done {
    smith_core::schema::TaskLayout::detect(&args.task)?;
    let runtime = super::runtime(&machine).await?;
    let report = smith_core::grade(&args.task, &args.submission, &runtime).await?;
    if args.json {
        super::print_json(&report)?;
    } else {
        match (report.score, report.higher_is_better) {
            (Some(score), Some(higher)) if report.valid => {
                super::say(format_args!(
                    "{score} ({} is better)\n",
                    if higher { "higher" } else { "lower" }
                ))?;
            }
            _ => super::say(format_args!("not scored: {}\n", report.message))?,
        }
        super::say(table::weakness(report.sandbox.as_ref()))?;
    }
    Ok(ExitCode::from(u8::from(!report.valid)))
}
