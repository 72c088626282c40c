//! `smith rules`.

use std::process::ExitCode;

use serde::Serialize;
use smith_core::SmithError;
use smith_core::assert::{Catalogue, Family, RuleInfo, Selection, manual};

use crate::args::{RulesArgs, SelectionArgs};
use crate::{Done, table};

/// A rule as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct RuleEntry {
    code: &'static str,
    name: &'static str,
    family: Option<&'static str>,
    severity: &'static str,
    layer: &'static str,
    proves: &'static str,
    why: &'static str,
    mend: &'static str,
    references: &'static [&'static str],
}

impl From<&RuleInfo> for RuleEntry {
    fn from(info: &RuleInfo) -> Self {
        Self {
            code: info.code,
            name: info.name,
            family: Family::of(info.code).map(|family| family.title),
            severity: manual::severity(info.severity),
            layer: manual::layer(info.layer),
            proves: info.proves,
            why: info.why,
            mend: info.mend,
            references: info.references,
        }
    }
}

pub(crate) fn run(args: RulesArgs) -> Done {
    let catalogue = selected(Catalogue::all(), args.selection)?;
    let entries: Vec<RuleEntry> = catalogue.rules().iter().map(|rule| rule.info().into()).collect();
    if args.json {
        super::print_json(&entries)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = table::table(&["rule", "name", "weighs", "layer", "proves"]);
    for entry in &entries {
        table.add_row([entry.code, entry.name, entry.severity, entry.layer, entry.proves]);
    }
    super::say(format_args!(
        "{table}\n{} rules; `smith explain CODE` tells why one exists and how to mend what it finds\n",
        entries.len()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// The rules that the caller wants.
pub(super) fn selected(catalogue: Catalogue, args: SelectionArgs) -> Result<Catalogue, SmithError> {
    Ok(catalogue.only(&Selection::new(args.select, args.ignore))?)
}
