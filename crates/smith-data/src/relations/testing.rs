//! Tables of a few rows as the readers hand them over.

use smith_task_schema::profile::TableProfile;

use crate::column::table_builder::TableBuilder;
use crate::findings::Findings;
use crate::table_data::TableData;

/// A table of rows whose cells are parted by `,`.
pub(crate) fn table<R: AsRef<str>>(path: &str, header: &str, rows: &[R]) -> TableData {
    let names: Vec<String> = header.split(',').map(str::to_string).collect();
    let mut cells: Vec<Vec<String>> = vec![Vec::new(); names.len()];
    for row in rows {
        let mut values = row.as_ref().split(',');
        for column in &mut cells {
            column.push(values.next().unwrap_or_default().to_string());
        }
    }
    of_columns(path, &names, &cells)
}

/// A table of columns.
pub(crate) fn of_columns(path: &str, names: &[String], cells: &[Vec<String>]) -> TableData {
    let mut builder = TableBuilder::new(names);
    for row in 0..cells.first().map_or(0, Vec::len) {
        for (index, column) in cells.iter().enumerate() {
            builder.column(index).unwrap().push(&column[row]);
        }
        builder.end_row();
    }
    builder.finish(TableProfile::new(path, "csv"), &mut Findings::default())
}
