//! Which columns participants get, and why not the others.

use std::collections::BTreeSet;

use smith_data::words::safe_line;
use smith_task_schema::profile::{ColumnKind, ColumnProfile, CopyKind, TableProfile, TargetCandidate};

use crate::plan::{Dropped, Feature};

/// Correlation from which on a column is the target on another scale.
const SAME: f64 = 0.99;
/// A column that is filled in fewer than one of so many rows says nothing.
const RARELY: u64 = 50;
/// Letters of a script without spaces that make a sentence.
const SENTENCE: usize = 6;
/// Longest quotation of a cell, in characters.
const CELL: usize = 30;
/// Longest quotation of a document, in characters.
const SAID: usize = 160;

/// Columns for participants and columns that they do not get.
pub(crate) struct Columns {
    pub(crate) features: Vec<Feature>,
    pub(crate) dropped: Vec<Dropped>,
}

impl Columns {
    /// Gives participants a column, whatever speaks against it: they need it to know what the question is about.
    pub(crate) fn keep(&mut self, table: &TableProfile, name: &str) {
        self.dropped.retain(|column| column.name != name);
        if let Some(column) = table.column(name).filter(|_| self.features.iter().all(|f| f.name != name)) {
            self.features.insert(0, feature(column));
        }
    }
}

/// Sorts the columns of a table for a target. `media` is the column that names the file of each row.
pub(crate) fn sort(table: &TableProfile, target: &TargetCandidate, media: Option<&str>) -> Columns {
    let telling = telling(table, target);
    let mut columns = Columns { features: Vec::new(), dropped: Vec::new() };
    for column in &table.columns {
        let name = column.name.as_str();
        if name == target.column || Some(name) == media {
            continue;
        }
        let reason = if target.together_with.iter().any(|other| other == name) {
            Some("it is asked for together with the target".to_owned())
        } else if telling.contains(name) {
            Some("it gives the target away".to_owned())
        } else {
            no_feature(column, table).map(str::to_owned)
        };
        match reason {
            Some(reason) => columns.dropped.push(Dropped { name: column.name.clone(), reason }),
            None => columns.features.push(feature(column)),
        }
    }
    columns
}

/// Columns that say what the target says.
fn telling<'a>(table: &'a TableProfile, target: &'a TargetCandidate) -> BTreeSet<&'a str> {
    let mut telling: BTreeSet<&str> = target.given_away_by.iter().map(String::as_str).collect();
    for copy in
        table.copies.iter().filter(|copy| copy.kind != CopyKind::MissingTogether && copy.strength >= SAME)
    {
        if copy.of == target.column {
            telling.insert(&copy.column);
        } else if copy.column == target.column {
            telling.insert(&copy.of);
        }
    }
    telling.extend(
        table
            .determinations
            .iter()
            .filter(|d| d.column == target.column && d.share >= 1.0)
            .map(|d| d.by.as_str()),
    );
    telling
}

/// Why a column is of no use to anybody, when it is not.
fn no_feature(column: &ColumnProfile, table: &TableProfile) -> Option<&'static str> {
    let numbers_rows = column.unique && column.kind == ColumnKind::Integer && column.monotone.is_some();
    let time = table.time.as_ref().is_some_and(|time| time.column == column.name);
    match column.kind {
        ColumnKind::Empty => Some("it is empty"),
        _ if column.constant => Some("it has one value in every row"),
        _ if table.rows.saturating_sub(column.missing).saturating_mul(RARELY) < table.rows => {
            Some("it is filled in hardly any row")
        }
        ColumnKind::Nested | ColumnKind::Json => Some("its cells are lists or records"),
        ColumnKind::Binary => Some("its cells are bytes"),
        ColumnKind::Url => Some("its cells are addresses"),
        ColumnKind::Path => Some("its cells name files"),
        ColumnKind::Id if !is_unspaced_text(column) => Some("it names each row"),
        _ if numbers_rows && !time => Some("it numbers the rows"),
        _ if is_unnamed(&column.name) => Some("it numbers the rows"),
        _ if column.kind == ColumnKind::Integer && has_id_name(&column.name) => {
            Some("it names things by number")
        }
        _ => None,
    }
}

/// Whether the cells are sentences of a script that puts no spaces between words, which look like names otherwise.
fn is_unspaced_text(column: &ColumnProfile) -> bool {
    let is_letter = |c: char| {
        matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
            | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{2fa1f}')
    };
    let says = |text: &&String| text.chars().filter(|c| is_letter(*c)).count() >= SENTENCE;
    !column.examples.is_empty() && column.examples.iter().filter(says).count() * 2 > column.examples.len()
}

fn is_unnamed(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    name.is_empty() || name.starts_with("unnamed: ") || name == "index"
}

/// A name that says that the numbers below it are names.
fn has_id_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let last = name.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    matches!(last, "id" | "uuid" | "guid")
        || matches!(name.split(':').next(), Some(stem) if stem.ends_with("_id"))
}

/// A column in words.
pub(crate) fn feature(column: &ColumnProfile) -> Feature {
    let said =
        column.description.as_deref().map(|text| safe_line(text, SAID)).filter(|text| !text.is_empty());
    Feature { name: column.name.clone(), what: what(column), said }
}

fn what(column: &ColumnProfile) -> String {
    let cell = |text: &str| format!("`{}`", safe_line(text, CELL).replace('`', "'"));
    let range = match (&column.min, &column.max) {
        (Some(least), Some(greatest)) => {
            format!(" from {} to {}", safe_line(least, CELL), safe_line(greatest, CELL))
        }
        _ => String::new(),
    };
    let kind = match column.kind {
        ColumnKind::Integer => format!("whole numbers{range}"),
        ColumnKind::Float => format!("numbers{range}"),
        ColumnKind::Date => format!("dates{range}"),
        ColumnKind::Boolean => "yes or no".to_owned(),
        ColumnKind::Mixed => "numbers for the most part".to_owned(),
        ColumnKind::Text => match column.lengths {
            Some(lengths) if lengths.mean_words >= 3.0 => {
                format!("text of {:.0} words on average", lengths.mean_words)
            }
            _ => format!("words, {} different ones", column.distinct),
        },
        _ => {
            let shown: Vec<String> = column.top.iter().take(3).map(|value| cell(&value.value)).collect();
            match shown.as_slice() {
                [] => format!("words, {} different ones", column.distinct),
                shown if column.distinct <= shown.len() as u64 => shown.join(", "),
                shown => format!("{} different words, such as {}", column.distinct, shown.join(", ")),
            }
        }
    };
    if column.missing > 0 { format!("{kind}; not always known") } else { kind }
}

#[cfg(test)]
mod tests {
    use smith_task_schema::Formulation;
    use smith_task_schema::profile::{Monotone, NearCopy};

    use super::*;

    #[test]
    fn what_tells_the_target_or_nothing_is_dropped() {
        let mut table = TableProfile::new("t.csv", "csv");
        let column = |name: &str, kind| {
            let mut column = ColumnProfile::new(name);
            column.kind = kind;
            column
        };
        let mut number = column("number", ColumnKind::Integer);
        (number.unique, number.monotone) = (true, Some(Monotone::Rising));
        table.columns = vec![
            number,
            column("key", ColumnKind::Id),
            column("owner_id", ColumnKind::Integer),
            column("weight", ColumnKind::Float),
            column("pounds", ColumnKind::Float),
            column("code", ColumnKind::Category),
            column("height", ColumnKind::Float),
            column("valid", ColumnKind::Integer),
            column("remark", ColumnKind::Text),
        ];
        table.rows = 400;
        table.columns.last_mut().unwrap().missing = 393;
        let copy =
            NearCopy { of: "weight".into(), column: "pounds".into(), kind: CopyKind::Linear, strength: 1.0 };
        table.copies.push(copy);
        let mut target = TargetCandidate::new("weight", Formulation::Regression, 1.0);
        target.given_away_by.push("code".into());
        let sorted = sort(&table, &target, None);
        let features: Vec<_> = sorted.features.iter().map(|feature| feature.name.as_str()).collect();
        assert_eq!(features, ["height", "valid"]);
        assert_eq!(sorted.dropped.len(), 6);
    }
}
