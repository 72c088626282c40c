//! `smith explain CODE|TASK`.

use std::path::Path;
use std::process::ExitCode;

use smith_core::SmithError;
use smith_core::assert::{Catalogue, RuleInfo, manual};

use super::rules::RuleEntry;
use crate::args::ExplainArgs;
use crate::{Done, explanation};

pub(crate) fn run(args: &ExplainArgs) -> Done {
    let catalogue = Catalogue::all();
    // A rule before a directory that happens to have its name.
    match catalogue.find(&args.what) {
        Some(info) if args.json => super::print_json(&RuleEntry::from(info))?,
        Some(info) => super::say(rule(info))?,
        None if Path::new(&args.what).is_dir() => {
            let explained = smith_core::explain(Path::new(&args.what))?;
            if args.json {
                super::print_json(&explained)?;
            } else {
                super::say(explanation::text(&explained))?;
            }
        }
        None => {
            return Err(SmithError::Mistake(format!(
                "{} is neither a rule nor the directory of a task; `smith rules` lists the rules",
                args.what
            )));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn rule(info: &RuleInfo) -> String {
    let mut text = format!(
        "{} {} · {} · {}\n\n{}\n\nWhy: {}\nMend: {}\n",
        info.code,
        info.name,
        manual::severity(info.severity),
        manual::layer(info.layer),
        info.proves,
        info.why,
        info.mend
    );
    for reference in info.references {
        text.push_str(&format!("See: {reference}\n"));
    }
    text
}
