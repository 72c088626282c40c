//! `smith doctor`.

use std::process::ExitCode;

use crate::args::DoctorArgs;
use crate::{Done, environment, table};

pub(crate) async fn run(args: DoctorArgs) -> Done {
    let report = smith_core::doctor(&environment::machine()).await?;
    if args.json {
        super::print_json(&report)?;
    } else {
        print!("{}", table::doctor(&report));
    }
    Ok(ExitCode::from(u8::from(!report.problems.is_empty())))
}
