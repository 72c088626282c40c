//! Reads in a second pass the tables that lie in an object at the top of a file.

use std::io::Read;

use super::flatten::Flattener;
use super::notes::Notes;
use super::plan::{Layout, Plan};
use super::record::{self, Kind};
use super::scan::{Fault, Scanner};

/// Bytes of columns that are turned into rows at most.
const MAX_COLUMN_BYTES: usize = 64 << 20;

/// A table on the way.
pub(super) struct Table {
    pub(super) plan: Plan,
    pub(super) records: u64,
    pub(super) rows: Flattener,
}

impl Table {
    pub(super) fn new(plan: Plan) -> Self {
        let rows = match plan.layout {
            Layout::Columns | Layout::Split => Flattener::flat(),
            _ => Flattener::new(),
        };
        Self { plan, records: 0, rows }
    }
}

/// Reads the object that comes next, which lies at `path`.
pub(super) fn read<R: Read>(
    scanner: &mut Scanner<R>,
    path: &mut Vec<String>,
    tables: &mut [Table],
    max_rows: u64,
    notes: &mut Notes,
) -> Result<(), Fault> {
    if let Some(table) = tables.iter_mut().find(|table| table.plan.path == *path) {
        return read_table(scanner, table, max_rows, notes);
    }
    scanner.open(b'{')?;
    while scanner.next(b'}')? {
        path.push(scanner.key()?);
        let first = scanner.peek()?;
        let leads_on = tables.iter().any(|table| table.plan.path.starts_with(path));
        let is_table = tables.iter().any(|table| table.plan.path == *path);
        let result = if (leads_on && first == Some(b'{')) || (is_table && first == Some(b'[')) {
            read(scanner, path, tables, max_rows, notes)
        } else {
            scanner.skip()
        };
        path.pop();
        result?;
    }
    Ok(())
}

fn read_table<R: Read>(
    scanner: &mut Scanner<R>,
    table: &mut Table,
    max_rows: u64,
    notes: &mut Notes,
) -> Result<(), Fault> {
    match table.plan.layout {
        Layout::Records => records(scanner, None, table, max_rows, notes),
        Layout::Keyed => members(scanner, |scanner, key| {
            let raw = notes.next_value(scanner)?;
            add(table, Some(key), raw, max_rows);
            Ok(())
        }),
        Layout::KeyedArrays => members(scanner, |scanner, key| {
            if scanner.peek()? == Some(b'[') {
                records(scanner, Some(key), table, max_rows, notes)
            } else {
                scanner.skip()
            }
        }),
        Layout::Columns => columns(scanner, table, max_rows, notes),
        Layout::Split => split(scanner, table, max_rows, notes),
    }
}

fn members<R: Read>(
    scanner: &mut Scanner<R>,
    mut each: impl FnMut(&mut Scanner<R>, &str) -> Result<(), Fault>,
) -> Result<(), Fault> {
    scanner.open(b'{')?;
    while scanner.next(b'}')? {
        let key = scanner.key()?;
        each(scanner, &key)?;
    }
    Ok(())
}

fn records<R: Read>(
    scanner: &mut Scanner<R>,
    key: Option<&str>,
    table: &mut Table,
    max_rows: u64,
    notes: &mut Notes,
) -> Result<(), Fault> {
    scanner.open(b'[')?;
    while scanner.next(b']')? {
        let raw = notes.next_value(scanner)?;
        add(table, key, raw, max_rows);
    }
    Ok(())
}

/// Adds a record; what is no object is not one of the records.
fn add(table: &mut Table, key: Option<&str>, raw: Option<String>, max_rows: u64) {
    let Some(raw) = raw.filter(|raw| Kind::of(raw) == Kind::Object) else { return };
    table.records += 1;
    if table.rows.rows() < max_rows {
        table.rows.add(key, &raw);
    }
}

/// Turns columns into rows. They have to fit into memory together.
fn columns<R: Read>(
    scanner: &mut Scanner<R>,
    table: &mut Table,
    max_rows: u64,
    notes: &mut Notes,
) -> Result<(), Fault> {
    let (mut columns, mut bytes): (Vec<(String, Vec<String>)>, _) = (Vec::new(), 0);
    let result = members(scanner, |scanner, key| {
        let Some(raw) = notes.next_value(scanner)? else { return Ok(()) };
        bytes += raw.len();
        if bytes > MAX_COLUMN_BYTES {
            notes.too_large = true;
        } else if let Some(record::Elements(elements)) = record::elements(&raw) {
            let rows = elements.into_iter().take(usize::try_from(max_rows).unwrap_or(usize::MAX));
            columns.push((key.to_string(), rows.map(ToString::to_string).collect()));
        } else if let Some(record::Fields(fields)) = record::fields(&raw) {
            columns.push((key.to_string(), fields.into_iter().map(|(_, value)| value.to_string()).collect()));
        }
        Ok(())
    });
    table.records = columns.iter().map(|(_, cells)| cells.len() as u64).max().unwrap_or(0);
    for row in 0..table.records.min(max_rows) {
        let row = usize::try_from(row).unwrap_or(usize::MAX);
        table.rows.add_values(
            columns
                .iter()
                .map(|(name, cells)| (name.as_str(), cells.get(row).map_or("null", String::as_str))),
        );
    }
    result
}

/// Rows as arrays, and the names of their columns beside them.
fn split<R: Read>(
    scanner: &mut Scanner<R>,
    table: &mut Table,
    max_rows: u64,
    notes: &mut Notes,
) -> Result<(), Fault> {
    let mut names: Vec<String> = Vec::new();
    members(scanner, |scanner, key| match key {
        "columns" => {
            let raw = notes.next_value(scanner)?.unwrap_or_default();
            let record::Elements(elements) = record::elements(&raw).unwrap_or(record::Elements(Vec::new()));
            names = elements
                .iter()
                .map(|raw| record::text_of(raw).unwrap_or_else(|| (*raw).to_string()))
                .collect();
            Ok(())
        }
        "data" => {
            scanner.open(b'[')?;
            while scanner.next(b']')? {
                let raw = notes.next_value(scanner)?;
                add_list(table, &names, raw.as_deref(), max_rows);
            }
            Ok(())
        }
        _ => scanner.skip(),
    })
}

fn add_list(table: &mut Table, names: &[String], raw: Option<&str>, max_rows: u64) {
    table.records += 1;
    if table.rows.rows() < max_rows
        && let Some(raw) = raw
    {
        add_row(&mut table.rows, names, raw);
    }
}

/// Adds an array as a row; columns without a name are called by their number.
pub(super) fn add_row(rows: &mut Flattener, names: &[String], raw: &str) {
    let Some(record::Elements(elements)) = record::elements(raw) else { return };
    let named: Vec<(String, &str)> = elements
        .into_iter()
        .enumerate()
        .map(|(i, value)| (names.get(i).cloned().unwrap_or_else(|| format!("column_{}", i + 1)), value))
        .collect();
    rows.add_values(named.iter().map(|(name, value)| (name.as_str(), *value)));
}
