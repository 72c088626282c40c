//! Writes tables: their columns, how those hang together, and some of their rows.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use smith_task_schema::profile::{DatasetProfile, ForeignKey, TableProfile};

use crate::overview::columns::column_items;
use crate::overview::display::{number_of, percent};
use crate::overview::quote;
use crate::overview::relations::relation_items;
use crate::overview::section::{Item, Section};

/// Tables after so many are less telling.
const FIRST: usize = 6;
/// So many tables with the same columns in one directory are told as one.
const ALIKE_FROM: usize = 3;
/// Characters of a cell of a sample row.
const CELL_CHARS: usize = 80;
/// Cells of a sample row.
const CELLS: usize = 24;

/// The tables, largest and most connected first; tables alike are told together.
pub(crate) fn tables(profile: &DatasetProfile) -> Vec<Section> {
    let mut groups = alike(&profile.tables);
    groups.sort_by_key(|group| {
        let cells: u64 = group
            .iter()
            .map(|table| table.rows.saturating_mul(table.columns.len() as u64))
            .fold(0, u64::saturating_add);
        let links = group.iter().map(|table| links(table, &profile.foreign_keys)).sum::<u64>();
        (Reverse(cells.saturating_mul(1 + links)), group.first().map(|table| table.path.as_str()))
    });
    groups.iter().enumerate().flat_map(|(index, group)| of_group(group, index)).collect()
}

fn links(table: &TableProfile, keys: &[ForeignKey]) -> u64 {
    keys.iter().filter(|key| key.table == table.path || key.to_table == table.path).count() as u64
}

/// Tables of one directory with the same columns together, when they are many, the largest first.
fn alike(tables: &[TableProfile]) -> Vec<Vec<&TableProfile>> {
    let mut groups: BTreeMap<(&str, Vec<&str>), Vec<&TableProfile>> = BTreeMap::new();
    for table in tables {
        let directory = table.path.rsplit_once('/').map_or("", |(directory, _)| directory);
        let names = table.columns.iter().map(|column| column.name.as_str()).collect();
        groups.entry((directory, names)).or_default().push(table);
    }
    let mut all = Vec::new();
    for mut group in groups.into_values() {
        if group.len() < ALIKE_FROM {
            all.extend(group.into_iter().map(|table| vec![table]));
        } else {
            group.sort_by_key(|table| (Reverse(table.rows), table.path.as_str()));
            all.push(group);
        }
    }
    all
}

fn of_group(group: &[&TableProfile], index: usize) -> Vec<Section> {
    let [table, others @ ..] = group else { return Vec::new() };
    let late = u8::from(index > 0) + u8::from(index >= FIRST) * 3;
    let weight = [6, 4, 2][usize::from(index > 0) + usize::from(index >= FIRST)];
    let mut items = column_items(table);
    items.extend(others_line(others));
    let path = quote::name(&table.path);
    let columns = Section::new(title(table), items)
        .noun("column")
        .label(format!("table {path}"))
        .priority(2 + late, weight)
        .keep(if index == 0 { 5 } else { 3 });
    let relations =
        Section::new(format!("### How the columns of {path} hang together"), relation_items(table))
            .noun("relation")
            .priority(4 + late, weight.div_ceil(2));
    let rows = Section::new(format!("### Some rows of {path}"), sample(table).into_iter().collect())
        .priority(4 + late, weight.div_ceil(2));
    [Some(columns), relations.unless_empty(), rows.unless_empty()].into_iter().flatten().collect()
}

/// The tables with the same columns, in one line.
fn others_line(others: &[&TableProfile]) -> Option<Item> {
    if others.is_empty() {
        return None;
    }
    let shown: Vec<String> = others
        .iter()
        .take(8)
        .map(|table| format!("{} with {}", quote::name(&table.path), number_of(table.rows, "row")))
        .collect();
    let more = others.len() - shown.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let line = format!(
        "- {} with the same columns: {}{more}",
        number_of(others.len() as u64, "further table"),
        shown.join(", ")
    );
    Some(Item::line(line).rank(0).things(0))
}

fn title(table: &TableProfile) -> String {
    let mut form = vec![quote::figure(&table.format)];
    match table.delimiter {
        None => {}
        Some('\t') => form.push(String::from("tab between cells")),
        Some(' ') => form.push(String::from("blanks between cells")),
        Some(delimiter) => form.push(format!("{} between cells", quote::value(&delimiter.to_string(), 4))),
    }
    form.extend(table.decimal.map(|c| format!("{} as decimal sign", quote::value(&c.to_string(), 4))));
    form.extend(table.encoding.as_deref().filter(|name| *name != "utf-8").map(quote::figure));
    if !table.has_header {
        form.push(String::from("no header"));
    }
    if table.skipped_lines > 0 {
        form.push(format!("{} before the header", number_of(table.skipped_lines, "line")));
    }
    format!(
        "## Table {}: {}{}, {} ({})",
        quote::name(&table.path),
        if table.exact { "" } else { "first " },
        number_of(table.rows, "row"),
        number_of(table.columns.len() as u64, "column"),
        form.join(", "),
    )
}

/// The header and the sample rows, written as CSV whatever the format of the file.
fn sample(table: &TableProfile) -> Option<Item> {
    if table.sample_rows.is_empty() {
        return None;
    }
    let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    let rows = std::iter::once(&names).chain(&table.sample_rows);
    let lines: Vec<String> = rows.flat_map(|row| quote::lines(&csv_line(row), usize::MAX)).collect();
    Item::quotation(&table.path, lines)
}

fn csv_line(cells: &[String]) -> String {
    let mut shown: Vec<String> =
        cells.iter().take(CELLS).map(|cell| csv_cell(&quote::safe_line(cell, CELL_CHARS))).collect();
    if cells.len() > CELLS {
        shown.push(format!("… {} more", cells.len() - CELLS));
    }
    shown.join(",")
}

fn csv_cell(cell: &str) -> String {
    if cell.contains(['"', ',']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_string() }
}

/// Columns of one table whose values are keys of another.
pub(crate) fn foreign_keys(profile: &DatasetProfile) -> Option<Section> {
    let line = |key: &ForeignKey| {
        let declared = if key.declared { ", as the database declares" } else { "" };
        let missing: Vec<String> =
            key.missing_examples.iter().take(3).map(|value| quote::value(&value.value, 40)).collect();
        let missing =
            if missing.is_empty() { String::new() } else { format!("; not found: {}", missing.join(", ")) };
        Item::line(format!(
            "- {} of {} names {} of {}: {} of its values are found there{declared}{missing}",
            quote::name(&key.column),
            quote::name(&key.table),
            quote::name(&key.to_column),
            quote::name(&key.to_table),
            percent(key.share)
        ))
    };
    Section::new("## Keys between tables", profile.foreign_keys.iter().map(line).collect())
        .noun("key")
        .priority(3, 3)
        .unless_empty()
}
