//! Shows a table: its columns with their types, its rows, and the first of them.

use std::path::Path;

use smith_task_schema::profile::TableProfile;

use crate::findings::Findings;
use crate::formats::parquet_table::{self, Cell};
use crate::formats::{Counted, csv};
use crate::overview::columns::column_lines;
use crate::overview::display::{number_of, one_line};
use crate::preview::PreviewOptions;
use crate::source::walk::Found;

/// Rows that the facts of a delimited table cover.
const MAX_PROFILED_ROWS: u64 = 1_000_000;
/// Rows that are shown.
const MAX_ROWS: u64 = 20;
/// Cells of a row that are shown.
const MAX_CELLS: usize = 12;
/// Characters of a cell that are shown.
const MAX_CELL_CHARS: usize = 40;
/// Share of the budget that the columns may take.
const COLUMNS_SHARE: usize = 2;

/// A delimited text, plain or gzip.
pub(crate) fn delimited(path: &Path, options: &PreviewOptions) -> Result<String, String> {
    let open = csv::open(path)?;
    let names = open.names.clone();
    let rows = open.first_rows(path, rows_wanted(options) as usize)?;
    let mut findings = Findings::default();
    let found = Found { path: path.to_path_buf(), relative: String::new(), bytes: 0 };
    let table = csv::profile(&found, "csv", MAX_PROFILED_ROWS, &Counted::silent(), &mut findings)?.facts;
    let mut text = summary(&table);
    for finding in findings.finish() {
        text += &format!("Odd: the file {}\n", finding.message);
    }
    let facts = column_lines(&table);
    Ok(assemble(&text, &facts, &names, &rows, table.rows, options)
        + "\nThe text itself is shown from first_line 2 on.")
}

fn summary(table: &TableProfile) -> String {
    let delimiter =
        table.delimiter.map_or_else(String::new, |delimiter| format!("{delimiter:?} between cells"));
    let rows = if table.exact { String::new() } else { String::from("more than ") };
    let header = if table.has_header { "a header" } else { "no header" };
    let size = format!(
        "{rows}{}, {}",
        number_of(table.rows, "row"),
        number_of(table.columns.len() as u64, "column")
    );
    format!("{size}, {delimiter}, {header}\n")
}

/// A Parquet file.
pub(crate) fn parquet(path: &Path, options: &PreviewOptions) -> Result<String, String> {
    let open = parquet_table::open(path)?;
    let mut rows = vec![vec![String::new(); open.names.len()]; rows_wanted(options) as usize];
    let read = open.read(rows_wanted(options), |row, column, cell| {
        if let Some(place) = rows.get_mut(row as usize).and_then(|row| row.get_mut(column)) {
            *place = match cell {
                Cell::Missing => String::new(),
                Cell::Text(text) => text,
            };
        }
    })?;
    rows.truncate(read as usize);
    let facts: Vec<String> = open
        .names
        .iter()
        .zip(&open.types)
        .map(|(name, kind)| format!("- `{name}`: {}", one_line(kind, 200)))
        .collect();
    let title =
        format!("{}, {}\n", number_of(open.rows, "row"), number_of(open.names.len() as u64, "column"));
    Ok(assemble(&title, &facts, &open.names, &rows, open.rows, options))
}

fn rows_wanted(options: &PreviewOptions) -> u64 {
    options.lines.clamp(1, MAX_ROWS)
}

/// Title, columns and rows, the columns in no more than their share of the budget.
fn assemble(
    title: &str,
    facts: &[String],
    names: &[String],
    rows: &[Vec<String>],
    all_rows: u64,
    options: &PreviewOptions,
) -> String {
    let mut text = title.to_string();
    let mut shown = 0;
    while let Some(fact) = facts.get(shown)
        && text.len() + fact.len() < options.max_bytes / COLUMNS_SHARE
    {
        text += fact;
        text.push('\n');
        shown += 1;
    }
    if shown < facts.len() {
        text += &format!("… {} more lines about columns left out\n", facts.len() - shown);
    }
    text += &format!("\n{}\n", compact(names));
    let room = options.max_bytes.saturating_sub(200);
    let mut rows_shown = 0;
    while let Some(row) =
        rows.get(rows_shown).map(|row| compact(row)).filter(|row| text.len() + row.len() < room)
    {
        text += &row;
        text.push('\n');
        rows_shown += 1;
    }
    text + &format!("[rows 1 to {rows_shown} of {all_rows}]")
}

/// Cells between bars, long ones shortened, those beyond the first counted.
fn compact(cells: &[String]) -> String {
    let shown: Vec<String> =
        cells.iter().take(MAX_CELLS).map(|cell| one_line(cell, MAX_CELL_CHARS)).collect();
    let more = if cells.len() > MAX_CELLS {
        format!(" | … {} more", cells.len() - MAX_CELLS)
    } else {
        String::new()
    };
    format!("{}{more}", shown.join(" | "))
}
