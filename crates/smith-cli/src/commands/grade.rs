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
                println!("{score} ({} is better)", if higher { "higher" } else { "lower" });
            }
            _ => println!("not scored: {}", report.message),
        }
        print!("{}", table::weakness(report.sandbox.as_ref()));
    }
    Ok(ExitCode::from(u8::from(!report.valid)))
}
