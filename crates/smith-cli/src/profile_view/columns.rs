//! The columns of one table, a row each.

use comfy_table::Color;
use smith_core::data::words::{percent, percent_of, safe_line};
use smith_core::schema::profile::{ColumnKind, ColumnProfile, CopyKind, Monotone, TableProfile};

use super::chart;
use super::grid::{Entry, Grid, Heading};
use crate::table::width;

/// Columns that are shown.
const COLUMNS: usize = 60;
/// A narrower terminal has no room for charts.
const NARROW: u16 = 100;
/// Frequent values that are shown.
const VALUES: usize = 4;
/// Integers with at most so many values are shown as values.
const FEW_INTEGERS: u64 = 12;

/// The columns as a table, with a line end.
pub(super) fn columns(of: &TableProfile) -> String {
    if of.columns.is_empty() {
        return String::new();
    }
    let narrow = width() < NARROW;
    let mut rows = Grid::new([
        Heading::text("column"),
        Heading::word("kind"),
        Heading::figure("missing"),
        Heading::figure("distinct"),
        Heading::word("spread"),
        Heading::text("values"),
        Heading::text("notes"),
    ]);
    for column in of.columns.iter().take(COLUMNS) {
        let name = Entry::new(safe_line(&column.name, 60));
        let is_target = of.targets.iter().any(|target| target.column == column.name);
        let (notes, is_leak) = notes(column, of);
        let notes = Entry::new(notes);
        rows.row([
            if is_target { name.colour(Color::Green) } else { name },
            Entry::new(column.kind.as_str()),
            Entry::new(missing(column, of.rows)),
            Entry::new(distinct(column)),
            Entry::new(if narrow { String::new() } else { shape(column) }).colour(Color::Cyan),
            Entry::new(values(column, of.rows, if narrow { 2 } else { VALUES })),
            if is_leak { notes.colour(Color::Yellow) } else { notes },
        ]);
    }
    let more = of.columns.len().saturating_sub(COLUMNS);
    let more =
        if more == 0 { String::new() } else { format!("  … and {more} more columns (--json has all)\n") };
    rows.text() + &more
}

fn missing(column: &ColumnProfile, rows: u64) -> String {
    if column.missing == 0 { String::new() } else { percent_of(column.missing, rows) }
}

fn distinct(column: &ColumnProfile) -> String {
    match (column.unique, column.distinct_exact) {
        (true, _) => "unique".to_owned(),
        (false, true) => column.distinct.to_string(),
        (false, false) => format!("~{}", column.distinct),
    }
}

/// True when a column is best told by its frequent values.
fn is_told_by_values(column: &ColumnProfile) -> bool {
    let few = column.kind == ColumnKind::Integer && column.distinct <= FEW_INTEGERS;
    !column.top.is_empty() && (few || matches!(column.kind, ColumnKind::Category | ColumnKind::Boolean))
}

fn shape(column: &ColumnProfile) -> String {
    let chart = if is_told_by_values(column) { chart::shares(&column.top) } else { chart::spread(column) };
    chart.unwrap_or_default()
}

fn values(column: &ColumnProfile, rows: u64, frequent: usize) -> String {
    if is_told_by_values(column) {
        let present = rows.saturating_sub(column.missing);
        let list: Vec<String> = column
            .top
            .iter()
            .take(frequent)
            .map(|value| format!("{} {}", safe_line(&value.value, 24), percent_of(value.count, present)))
            .collect();
        let more = if column.distinct > list.len() as u64 { ", …" } else { "" };
        return format!("{}{more}", list.join(", "));
    }
    let middle = column.quantiles.iter().find(|quantile| (quantile.share - 0.5).abs() < 1e-9);
    match (&column.min, &column.max, middle) {
        (Some(min), Some(max), Some(middle)) => {
            format!("{} … {} … {}", safe_line(min, 30), safe_line(&middle.value, 30), safe_line(max, 30))
        }
        (Some(min), Some(max), None) => format!("{} … {}", safe_line(min, 30), safe_line(max, 30)),
        _ => texts(column),
    }
}

fn texts(column: &ColumnProfile) -> String {
    let words = column.lengths.filter(|lengths| lengths.mean_words >= 1.5);
    let length = match words {
        Some(lengths) => format!("~{:.0} words; ", lengths.mean_words),
        None => String::new(),
    };
    let example = column.examples.first().map_or_else(String::new, |text| safe_line(text, 40));
    format!("{length}{example}")
}

/// What a column is in its table, and whether that calls for care.
fn notes(column: &ColumnProfile, of: &TableProfile) -> (String, bool) {
    let name = &column.name;
    let mut notes: Vec<String> = Vec::new();
    let leaks: Vec<String> = leaks(column, of);
    let roles = [
        (of.targets.iter().any(|target| target.column == *name), "target?"),
        (of.keys.iter().any(|key| key.as_slice() == std::slice::from_ref(name)), "key"),
        (of.group_columns.iter().any(|group| group.column == *name), "gathers rows"),
        (of.time.as_ref().is_some_and(|time| time.column == *name), "time"),
        (column.constant, "constant"),
    ];
    notes.extend(roles.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word.to_owned()));
    notes.extend(column.monotone.map(monotone).map(str::to_owned));
    let is_leak = !leaks.is_empty();
    notes.extend(leaks);
    if let Some(directory) = &column.names_files_in {
        let share = column.names_files_share.map_or_else(String::new, |share| format!(" {}", percent(share)));
        let place = if directory.is_empty() { "the top".to_owned() } else { safe_line(directory, 40) };
        notes.push(format!("files in {place}{share}"));
    }
    notes.extend(column.description.as_deref().map(|text| format!("“{}”", safe_line(text, 100))));
    (notes.join(", "), is_leak)
}

fn monotone(monotone: Monotone) -> &'static str {
    match monotone {
        Monotone::Rising => "rising",
        Monotone::NeverFalling => "never falling",
        Monotone::Falling => "falling",
        Monotone::NeverRising => "never rising",
        _ => "in order",
    }
}

/// The column as a copy of another, or as what gives a target away.
fn leaks(column: &ColumnProfile, of: &TableProfile) -> Vec<String> {
    let copies =
        of.copies.iter().filter(|copy| copy.column == column.name && copy.kind != CopyKind::MissingTogether);
    let copies = copies.map(|copy| format!("copy of {}", safe_line(&copy.of, 40)));
    let given = of.targets.iter().filter(|target| target.given_away_by.contains(&column.name));
    copies
        .chain(given.map(|target| format!("gives {} away", safe_line(&target.column, 40))))
        .take(3)
        .collect()
}
