//! Tables of a few lines for tests, as the readers of tables hand them over.

use std::collections::HashMap;

use smith_task_schema::profile::{ColumnKind, ColumnProfile, TableProfile, ValueCount};

use crate::column::hash;
use crate::table_data::{ColumnData, TableData};

/// A table of comma-separated text with a header.
pub(crate) fn table(path: &str, text: &str) -> TableData {
    let mut rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let header = rows.remove(0);
    build(path, &header, &rows, true)
}

/// A table of text without a header.
pub(crate) fn headless(path: &str, text: &str, delimiter: char) -> TableData {
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(delimiter).collect()).collect();
    let names: Vec<String> = (1..=rows[0].len()).map(|i| format!("column_{i}")).collect();
    build(path, &names.iter().map(String::as_str).collect::<Vec<_>>(), &rows, false)
}

fn build(path: &str, header: &[&str], rows: &[Vec<&str>], has_header: bool) -> TableData {
    let mut table =
        TableData { facts: TableProfile::new(path, "csv"), sample_rows: rows.len(), ..TableData::default() };
    table.facts.rows = rows.len() as u64;
    table.facts.has_header = has_header;
    for (index, name) in header.iter().enumerate() {
        let cells: Vec<&str> = rows.iter().map(|row| row.get(index).copied().unwrap_or_default()).collect();
        let (facts, data) = column(name, &cells);
        table.facts.columns.push(facts);
        table.columns.push(data);
    }
    table
}

fn column(name: &str, cells: &[&str]) -> (ColumnProfile, ColumnData) {
    let mut facts = ColumnProfile::new(name);
    let mut data = ColumnData { all_hashes: true, ..ColumnData::default() };
    let mut counts: HashMap<&str, (u32, u64)> = HashMap::new();
    for cell in cells {
        let next = counts.len() as u32 + 1;
        let entry = counts.entry(cell).or_insert((next, 0));
        entry.1 += 1;
        data.codes.push(entry.0);
        if entry.1 == 1 {
            data.written.push((*cell).into());
        }
    }
    let numbers: Option<Vec<f64>> = cells.iter().map(|cell| cell.parse().ok()).collect();
    let whole = cells.iter().all(|cell| cell.parse::<i64>().is_ok());
    facts.kind = match &numbers {
        Some(_) if whole => ColumnKind::Integer,
        Some(_) => ColumnKind::Float,
        None if cells.iter().all(|cell| cell.ends_with(".png") || cell.ends_with(".jpg")) => ColumnKind::Path,
        None => ColumnKind::Category,
    };
    data.numbers = numbers.unwrap_or_default();
    facts.distinct = counts.len() as u64;
    facts.unique = counts.len() == cells.len();
    facts.constant = counts.len() == 1;
    facts.examples = data.written.iter().take(3).map(ToString::to_string).collect();
    if facts.kind != ColumnKind::Float {
        data.hashes = counts.keys().map(|cell| hash::of_bytes(cell.as_bytes())).collect();
        data.hashes.sort_unstable();
    }
    let mut top: Vec<ValueCount> =
        counts.iter().map(|(cell, (_, count))| ValueCount::new(*cell, *count)).collect();
    top.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    facts.top = top;
    (facts, data)
}
