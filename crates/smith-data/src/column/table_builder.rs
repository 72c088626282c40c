//! Gathers the columns of a table, whatever format its rows come from.

use std::collections::HashMap;

use smith_task_schema::profile::TableProfile;

use crate::column::one::{Column, MAX_DISTINCT};
use crate::findings::Findings;
use crate::relations::targets;
use crate::table_data::{ColumnData, TableData};

/// Different values counted in one table, over all its columns together: what bounds its memory.
const MAX_DISTINCT_TOTAL: usize = 2_000_000;
/// Different values that are counted in every column of even the widest table.
const MIN_DISTINCT: usize = 200;
/// Columns that are gathered where rows bring their own names, as in JSON.
const MAX_NAMED_COLUMNS: usize = 500;

/// Accumulates one table.
#[derive(Debug, Default)]
pub(crate) struct TableBuilder {
    columns: Vec<Column>,
    by_name: HashMap<String, usize>,
    max_distinct: usize,
    rows: u64,
    too_many_names: bool,
}

impl TableBuilder {
    /// A table whose columns are known.
    pub(crate) fn new(names: &[String]) -> Self {
        let max_distinct = (MAX_DISTINCT_TOTAL / names.len().max(1)).clamp(MIN_DISTINCT, MAX_DISTINCT);
        let columns = names.iter().map(|name| Column::new(name, max_distinct)).collect();
        Self { columns, max_distinct, ..Self::default() }
    }

    /// A table whose columns are found on the way.
    pub(crate) fn growing() -> Self {
        Self { max_distinct: MAX_DISTINCT_TOTAL / MAX_NAMED_COLUMNS, ..Self::default() }
    }

    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Counts one row; its cells are pushed before or after.
    pub(crate) fn end_row(&mut self) {
        self.rows += 1;
    }

    /// Counts rows whose cells were pushed column by column.
    pub(crate) fn end_rows(&mut self, rows: u64) {
        self.rows += rows;
    }

    /// The column at a position; none beyond the last one.
    pub(crate) fn column(&mut self, index: usize) -> Option<&mut Column> {
        self.columns.get_mut(index)
    }

    /// The column of a name, made when it is new; none when there are too many already.
    pub(crate) fn named(&mut self, name: &str) -> Option<&mut Column> {
        if let Some(&index) = self.by_name.get(name) {
            return self.columns.get_mut(index);
        }
        if self.columns.len() == MAX_NAMED_COLUMNS {
            self.too_many_names = true;
            return None;
        }
        self.by_name.insert(name.to_string(), self.columns.len());
        self.columns.push(Column::new(name, self.max_distinct));
        self.columns.last_mut()
    }

    /// `table` with its rows and columns; what is odd about them goes into `findings`.
    pub(crate) fn finish(self, mut table: TableProfile, findings: &mut Findings) -> TableData {
        if self.too_many_names {
            let message = format!(
                "the records have more than {MAX_NAMED_COLUMNS} different keys; the first are profiled"
            );
            findings.warn(&table.path, message);
        }
        for column in &self.columns {
            if let Some((strays, values, first)) = column.strays() {
                let name = column.name();
                findings.warn(
                    &table.path,
                    format!("column `{name}`: {strays} of {values} values are no numbers, such as `{first}`"),
                );
            }
        }
        table.rows = self.rows;
        table.columns = self.columns.into_iter().map(|column| column.finish(self.rows)).collect();
        targets::add_targets(&mut table);
        let columns = table.columns.iter().map(|_| ColumnData::default()).collect();
        TableData { facts: table, columns, ..TableData::default() }
    }
}
