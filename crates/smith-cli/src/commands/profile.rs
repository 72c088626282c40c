//! `smith profile DATASET`.

use std::process::ExitCode;

use smith_core::SmithError;
use smith_core::data::{self, ProfileOptions};

use crate::Done;
use crate::args::ProfileArgs;

/// Longest overview that is printed, in bytes.
const OVERVIEW: usize = 20_000;

pub(crate) async fn run(args: ProfileArgs) -> Done {
    let path = args.dataset.clone();
    let profile = tokio::task::spawn_blocking(move || data::profile(&path, &ProfileOptions::default()))
        .await
        .map_err(|error| SmithError::Fault(error.to_string()))??;
    if args.json {
        super::print_json(&profile)?;
    } else {
        print!("{}", data::overview(&profile, OVERVIEW));
    }
    Ok(ExitCode::SUCCESS)
}
