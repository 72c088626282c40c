//! `smith doctor`.

use std::process::ExitCode;

use smith_core::MachineOptions;

use crate::args::DoctorArgs;
use crate::{Done, table};

pub(crate) async fn run(args: DoctorArgs, machine: MachineOptions) -> Done {
    let report = smith_core::doctor(&machine).await?;
    if args.json {
        super::print_json(&report)?;
    } else {
        super::say(table::doctor(&report))?;
    }
    Ok(ExitCode::from(u8::from(!report.problems.is_empty())))
}
