//! Columns that a target may come from.

use smith_data::Frame;

use super::column;
use super::keys::{self, Joined};
use crate::subject::Raw;

/// Columns of all tables together.
const MAX_COLUMNS: usize = 400;

/// A column of the table of the examples' raw rows, or of one that is joined to it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Position among the raw tables; none for the list of raw files.
    table: Option<usize>,
    column: usize,
    joined: Option<Joined>,
    pub(crate) name: String,
}

impl Source {
    /// The cell for a raw row.
    pub(super) fn cell<'r>(&self, raw: &'r Raw, list: Option<&'r Frame>, row: usize) -> &'r str {
        let row = match &self.joined {
            None => Some(row),
            Some(joined) => joined.get(row).copied().flatten().map(|row| row as usize),
        };
        let frame = match self.table {
            Some(at) => raw.tables.get(at).map(|table| &table.frame),
            None => list,
        };
        match (frame.and_then(|frame| column(frame, self.column)), row) {
            (Some(column), Some(row)) => column.get(row),
            _ => "",
        }
    }

    /// True when other rows of the same table stand before and behind.
    pub(super) fn is_own(&self) -> bool {
        self.joined.is_none()
    }
}

/// The columns of a table and of those that are joined to it.
pub(super) fn of_table(raw: &Raw, at: usize) -> Vec<Source> {
    let Some(table) = raw.tables.get(at) else { return Vec::new() };
    let mut sources = columns(&table.frame, Some(at), None);
    for (other, joined) in raw.tables.iter().enumerate().filter(|(other, _)| *other != at) {
        if let Some(rows) = keys::join(&table.frame, &joined.frame) {
            sources.extend(columns(&joined.frame, Some(other), Some(&rows)));
        }
    }
    sources.truncate(MAX_COLUMNS);
    sources
}

/// The columns of a list of files, and of the tables that name these.
pub(super) fn of_files(raw: &Raw, list: &Frame, names: usize) -> Vec<Source> {
    let mut sources = columns(list, None, None);
    let Some(names) = column(list, names) else { return sources };
    for (at, table) in raw.tables.iter().enumerate() {
        if let Some(rows) = keys::join_files(names, &table.frame) {
            sources.extend(columns(&table.frame, Some(at), Some(&rows)));
        }
    }
    sources.truncate(MAX_COLUMNS);
    sources
}

fn columns(frame: &Frame, table: Option<usize>, joined: Option<&Joined>) -> Vec<Source> {
    let names = frame.names().iter().enumerate();
    names
        .map(|(column, name)| Source { table, column, joined: joined.cloned(), name: name.clone() })
        .collect()
}
