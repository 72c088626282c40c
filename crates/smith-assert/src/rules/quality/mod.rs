//! Quality of the data and of its split.

pub(super) mod alike;
pub(super) mod boxes;
pub(super) mod coverage;
pub(super) mod duplicates;
pub(super) mod files;
mod labels;
pub(super) mod masks;
pub(super) mod one_sided;
pub(super) mod origin;
pub(super) mod records;
pub(super) mod repeated_rows;
pub(super) mod scale;
pub(super) mod size;
pub(super) mod source;
pub(super) mod split;
pub(super) mod target;

use smith_task_schema::{Finding, Severity};

use crate::AssertError;
use crate::rule::RuleInfo;
use crate::subject::{Examples, Split, Subject};

/// Bytes of a description that are read.
const MAX_DESCRIPTION: usize = 1 << 20;

/// Both sides of the split; not run when the training examples were not found.
fn sides(cx: &Subject) -> Result<(&Split, &Examples), AssertError> {
    let split = cx.split()?;
    match &split.train {
        Some(train) if train.rows > 0 && split.test.rows > 0 => Ok((split, train)),
        _ => Err(AssertError::not_run("the training examples were not found in public/")),
    }
}

/// Where a side stands, as findings name it.
fn place(cx: &Subject, side: &Examples) -> String {
    cx.name_in_public(&side.path)
}

/// A finding of another weight than the rule's own.
fn weighed(info: &RuleInfo, severity: Severity, path: String, message: String) -> Finding {
    Finding { severity, ..info.finding(path, message) }
}

/// True when most examples have a file of their own.
fn has_files(side: &Examples) -> bool {
    side.files.iter().flatten().count() * 2 > side.rows
}

/// A share as it stands in messages: `12.5 %`.
fn percent(share: f64) -> String {
    let hundredths = share * 100.0;
    if hundredths >= 10.0 || hundredths == 0.0 {
        format!("{hundredths:.0} %")
    } else {
        format!("{hundredths:.1} %")
    }
}

/// A text of the data, cut and in quotation marks.
fn quoted(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    if short.len() < text.len() { format!("{short:?}…") } else { format!("{short:?}") }
}

/// The description in lower case; empty when there is none.
fn description(cx: &Subject) -> String {
    let layout = cx.layout();
    let bytes =
        std::fs::read(&layout.description).or_else(|_| std::fs::read(layout.public.join("description.txt")));
    let mut bytes = bytes.unwrap_or_default();
    bytes.truncate(MAX_DESCRIPTION);
    String::from_utf8_lossy(&bytes).to_lowercase()
}
