//! Writes how the columns of a table hang together.

use std::collections::BTreeMap;

use smith_task_schema::profile::{
    CopyKind, Determination, DuplicateRows, GroupColumn, NearCopy, NearDuplicates, TableProfile, TimeAxis,
};

use crate::overview::display::{number_of, percent, percent_of};
use crate::overview::quote;
use crate::overview::section::Item;

/// Columns that are named in one line.
const NAMED: usize = 8;
/// Copies of one kind that are told one by one.
const COPIES: usize = 8;
/// Copies that are told one by one when there are more.
const COPIES_OF_MANY: usize = 4;
/// Characters of a text that is quoted in a line.
const TEXT_CHARS: usize = 80;

/// [`relation_lines`] as parts of a section.
pub(crate) fn relation_items(table: &TableProfile) -> Vec<Item> {
    relation_lines(table).into_iter().map(Item::line).collect()
}

/// One line for each relation; what a split has to heed comes first.
pub(crate) fn relation_lines(table: &TableProfile) -> Vec<String> {
    let mut lines: Vec<String> = table.time.iter().map(time).collect();
    lines.extend(table.group_columns.iter().map(group));
    lines.extend(duplicates(&table.duplicate_rows, table));
    lines.extend(table.near_duplicates.iter().filter(|near| near.repeats > 0).map(near_duplicates));
    lines.extend(keys(&table.keys));
    lines.extend(copies(&table.copies));
    lines.extend(determinations(&table.determinations));
    let sampled = table.relations_rows > 0 && table.relations_rows < table.rows;
    if sampled && !lines.is_empty() {
        lines.push(format!("- (found in {} spread over the table)", number_of(table.relations_rows, "row")));
    }
    lines
}

fn time(time: &TimeAxis) -> String {
    let mut facts = vec![format!("from {} to {}", quote::figure(&time.from), quote::figure(&time.to))];
    facts.extend(time.frequency.as_deref().map(|every| format!("every {}", quote::figure(every))));
    facts.extend(time.gaps.map(|gaps| match gaps {
        0 => String::from("without gaps"),
        gaps => format!("{gaps} points in time wanting"),
    }));
    facts.push(String::from(if time.in_order {
        "rows in order of time"
    } else {
        "rows not in order of time"
    }));
    if !time.series_columns.is_empty() {
        let series =
            time.series.map_or_else(|| String::from("several series"), |series| number_of(series, "series"));
        facts.push(format!("{series} told apart by {}", names(&time.series_columns)));
    }
    format!("- {} is time: {}", quote::name(&time.column), facts.join(", "))
}

fn group(group: &GroupColumn) -> String {
    format!(
        "- {} gathers rows that belong together: {}, the largest of {}: {}",
        quote::name(&group.column),
        number_of(group.groups, "group"),
        number_of(group.largest, "row"),
        quote::sentence(&group.reason, 200)
    )
}

fn duplicates(rows: &DuplicateRows, table: &TableProfile) -> Vec<String> {
    let mut lines = Vec::new();
    if rows.repeats > 0 {
        let about = if rows.exact { "" } else { "about " };
        let share = percent_of(rows.repeats, table.rows);
        lines.push(format!("- {about}{} an earlier one in every column ({share})", repeat(rows.repeats)));
    }
    if rows.repeats_but_keys > 0 {
        let share = percent_of(rows.repeats_but_keys, table.relations_rows);
        lines.push(format!(
            "- {} an earlier one in every column but {} ({share})",
            repeat(rows.repeats_but_keys),
            names(&rows.but_keys)
        ));
    }
    lines
}

fn repeat(rows: u64) -> String {
    format!("{} {}", number_of(rows, "row"), if rows == 1 { "repeats" } else { "repeat" })
}

fn near_duplicates(near: &NearDuplicates) -> String {
    let of = if near.exact { "" } else { "the first " };
    let example = near.examples.first().map_or_else(String::new, |[one, other]| {
        format!(", such as {} and {}", quote::value(one, TEXT_CHARS), quote::value(other, TEXT_CHARS))
    });
    format!(
        "- {}: {} of {of}{} are nearly the same as an earlier one{example}",
        quote::name(&near.column),
        near.repeats,
        number_of(near.compared, "different text"),
    )
}

fn keys(keys: &[Vec<String>]) -> Option<String> {
    let sets: Vec<String> = keys.iter().take(NAMED).map(|key| joined(key, " with ")).collect();
    (!sets.is_empty()).then(|| format!("- each row is named by {}", sets.join("; by ")))
}

/// Copies one by one, or by kind where many columns follow each other, as the points of a series do.
fn copies(all: &[NearCopy]) -> Vec<String> {
    let mut by_kind: Vec<(CopyKind, Vec<&NearCopy>)> = Vec::new();
    for found in all {
        match by_kind.iter_mut().find(|(kind, _)| *kind == found.kind) {
            Some((_, list)) => list.push(found),
            None => by_kind.push((found.kind, vec![found])),
        }
    }
    let mut lines = Vec::new();
    for (kind, list) in by_kind {
        let told = if list.len() > COPIES { COPIES_OF_MANY } else { list.len() };
        lines.extend(list.iter().take(told).map(|found| copy(found)));
        let rest: Vec<String> = list.iter().skip(told).map(|found| found.column.clone()).collect();
        if !rest.is_empty() {
            let how = match kind {
                CopyKind::Linear => "follow another one on a straight line",
                CopyKind::MissingTogether => "are missing in the same rows as another one",
                _ => "equal another one or say much the same",
            };
            lines.push(format!("- {} more columns {how}: {}", rest.len(), names(&rest)));
        }
    }
    lines
}

fn copy(copy: &NearCopy) -> String {
    let (of, column) = (quote::name(&copy.of), quote::name(&copy.column));
    match copy.kind {
        CopyKind::Equal => format!("- {column} equals {of} in every row"),
        CopyKind::NearlyEqual => format!("- {column} equals {of} in {} of the rows", percent(copy.strength)),
        CopyKind::Linear => {
            format!("- {column} follows {of} on a straight line (correlation {:.4})", copy.strength)
        }
        CopyKind::MissingTogether => format!("- {column} is missing in the same rows as {of}"),
        _ => format!("- {column} says much the same as {of}"),
    }
}

/// What each column decides; two that decide each other are told once.
fn determinations(all: &[Determination]) -> Vec<String> {
    let mut pairs = Vec::new();
    let mut by: BTreeMap<&str, Vec<&Determination>> = BTreeMap::new();
    for found in all {
        if !found.one_to_one {
            by.entry(&found.by).or_default().push(found);
        } else if !all.iter().any(|other| {
            other.one_to_one && other.by == found.column && other.column == found.by && other.by < found.by
        }) {
            pairs.push(format!(
                "- {} and {} decide each other",
                quote::name(&found.by),
                quote::name(&found.column)
            ));
        }
    }
    pairs.extend(by.into_iter().map(|(by, decided)| {
        let list: Vec<String> = decided.iter().take(NAMED).map(|found| decided_one(found)).collect();
        let more = decided.len() - list.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        format!("- {} decides {}{more}", quote::name(by), list.join(", "))
    }));
    pairs
}

fn decided_one(found: &Determination) -> String {
    let column = quote::name(&found.column);
    if found.share >= 1.0 { column } else { format!("{column} ({})", percent(found.share)) }
}

fn names(columns: &[String]) -> String {
    joined(columns, ", ")
}

fn joined(columns: &[String], between: &str) -> String {
    let shown: Vec<String> = columns.iter().take(NAMED).map(|name| quote::name(name)).collect();
    let more = columns.len() - shown.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", shown.join(between))
}
