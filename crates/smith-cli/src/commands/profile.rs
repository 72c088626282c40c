//! `smith profile DATASET`.

use std::process::ExitCode;
use std::sync::Arc;

use smith_core::SmithError;
use smith_core::data::{self, OverviewOptions, ProfileOptions};

use crate::Done;
use crate::args::ProfileArgs;
use crate::profile_view;
use crate::progress::IntakeProgress;

pub(crate) async fn run(args: ProfileArgs) -> Done {
    let progress = Arc::new(IntakeProgress::new());
    let mut options = ProfileOptions::default();
    options.observer = Some(progress.clone());
    let path = args.dataset.clone();
    let profiled = tokio::task::spawn_blocking(move || data::profile(&path, &options)).await;
    progress.finish();
    let profile = profiled.map_err(|error| SmithError::Fault(error.to_string()))??;
    if args.json {
        super::print_json(&profile)?;
    } else if let Some(tokens) = args.overview {
        super::say(format_args!("{}\n", data::overview_within(&profile, &OverviewOptions::tokens(tokens))))?;
    } else {
        super::say(profile_view::view(&profile))?;
    }
    Ok(ExitCode::SUCCESS)
}
