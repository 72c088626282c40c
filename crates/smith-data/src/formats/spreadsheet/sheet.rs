//! Makes a table of the filled cells of a sheet: finds its corner, its header and what is odd about it.

use smith_task_schema::profile::TableProfile;

use crate::column::table_builder::TableBuilder;
use crate::findings::Findings;
use crate::formats::sniff::{find_header, make_unique};
use crate::frame::{Frame, FrameLimits};
use crate::table_data::TableData;

/// Rows from which the header is found.
const HEAD_ROWS: usize = 300;
/// Cells of them.
const HEAD_CELLS: usize = 200_000;

/// A filled cell of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filled {
    pub(super) column: u32,
    pub(super) text: String,
}

/// A sheet on the way. Rows without a filled cell are none.
pub(super) struct Sheet {
    max_rows: u64,
    /// How much of it is held, where its text is wanted rather than facts.
    text: Option<FrameLimits>,
    head: Vec<Vec<Filled>>,
    head_cells: usize,
    open: Option<Open>,
    /// True when rows were left out.
    cut: bool,
    /// Cells right or left of the table.
    outside: u64,
    /// Cells with an error such as `#DIV/0!`, and the first.
    errors: u64,
    first_error: Option<String>,
}

struct Open {
    first: u32,
    columns: usize,
    title_rows: usize,
    has_header: bool,
    renamed: bool,
    rows: Rows,
}

/// What rows are made into.
enum Rows {
    Facts(TableBuilder),
    Text(Frame),
}

impl Sheet {
    pub(super) fn new(max_rows: u64) -> Self {
        Self {
            max_rows,
            text: None,
            head: Vec::new(),
            head_cells: 0,
            open: None,
            cut: false,
            outside: 0,
            errors: 0,
            first_error: None,
        }
    }

    /// A sheet whose text is held within limits.
    pub(super) fn of_text(limits: FrameLimits) -> Self {
        Self { text: Some(limits), ..Self::new(limits.rows as u64) }
    }

    /// Notes a cell that holds an error instead of a value.
    pub(super) fn error(&mut self, text: String) {
        self.errors += 1;
        self.first_error.get_or_insert(text);
    }

    /// Takes a row in, its cells from left to right; false when there are enough.
    pub(super) fn row(&mut self, row: Vec<Filled>) -> bool {
        if row.is_empty() {
            return true;
        }
        if self.open.is_some() {
            return self.push(&row);
        }
        self.head_cells += row.len();
        self.head.push(row);
        if self.head.len() >= HEAD_ROWS || self.head_cells >= HEAD_CELLS { self.begin() } else { true }
    }

    /// Finds the header in the rows so far and pushes the others.
    fn begin(&mut self) -> bool {
        let head = std::mem::take(&mut self.head);
        let (first, columns) = extent(&head);
        let grid: Vec<Vec<&str>> = head.iter().map(|row| spread(row, first, columns)).collect();
        let header = find_header(&grid, columns);
        let has_header = header.names.is_some();
        let names = header.names.unwrap_or_else(|| (1..=columns).map(|i| format!("column_{i}")).collect());
        let (names, renamed) = make_unique(names.into_iter().take(columns).collect());
        let rows = match self.text {
            Some(_) => Rows::Text(Frame::new(names)),
            None => Rows::Facts(TableBuilder::new(&names)),
        };
        let title_rows = header.title_rows;
        self.open = Some(Open { first, columns, title_rows, has_header, renamed, rows });
        head.iter().skip(title_rows + header.rows).all(|row| self.push(row))
    }

    fn push(&mut self, row: &[Filled]) -> bool {
        let Some(open) = &mut self.open else { return true };
        let is_full = match (&open.rows, &self.text) {
            (Rows::Text(frame), Some(limits)) => frame.is_full(limits),
            (Rows::Text(_), None) => false,
            (Rows::Facts(builder), _) => builder.rows() == self.max_rows,
        };
        if is_full {
            self.cut = true;
            return false;
        }
        let builder = match &mut open.rows {
            Rows::Facts(builder) => builder,
            Rows::Text(frame) => {
                frame.push_row(spread(row, open.first, open.columns));
                return true;
            }
        };
        for cell in row {
            let place = cell.column.checked_sub(open.first).map(|place| place as usize);
            match place.filter(|place| *place < open.columns).and_then(|place| builder.column(place)) {
                Some(column) => column.push(&cell.text),
                None => self.outside += 1,
            }
        }
        builder.end_row();
        true
    }

    /// The text of the table; none when the sheet is empty.
    pub(super) fn into_frame(mut self) -> Option<Frame> {
        if self.open.is_none() && !self.head.is_empty() {
            self.begin();
        }
        match self.open?.rows {
            Rows::Text(frame) => Some(if self.cut { frame.cut() } else { frame }),
            Rows::Facts(_) => None,
        }
    }

    /// The table; none when the sheet is empty.
    pub(super) fn finish(mut self, path: String, format: &str, findings: &mut Findings) -> Option<TableData> {
        if self.open.is_none() {
            if self.head.is_empty() {
                return None;
            }
            self.begin();
        }
        let open = self.open?;
        let Rows::Facts(builder) = open.rows else { return None };
        let mut table = TableProfile::new(path, format);
        table.exact = !self.cut;
        table.has_header = open.has_header;
        table.skipped_lines = open.title_rows as u64;
        if !open.has_header {
            findings.warn(&table.path, "does not seem to name its columns in a first row");
        } else if open.renamed {
            findings.warn(
                &table.path,
                "has columns without a name or with the name of another; they are renamed",
            );
        }
        if self.outside > 0 {
            let message =
                format!("{} cells lie beside the columns of the first rows and are left out", self.outside);
            findings.error(&table.path, message);
        }
        if let Some(first) = &self.first_error {
            let message =
                format!("{} cells hold an error such as {first}; they are taken for missing", self.errors);
            findings.warn(&table.path, message);
        }
        Some(builder.finish(table, findings))
    }
}

/// The first column and the number of columns. A column that only one of many rows fills lies beside the table.
fn extent(rows: &[Vec<Filled>]) -> (u32, usize) {
    let mut filled: std::collections::BTreeMap<u32, usize> = std::collections::BTreeMap::new();
    for cell in rows.iter().flatten() {
        *filled.entry(cell.column).or_default() += 1;
    }
    let least = if rows.len() >= 10 { 2 } else { 1 };
    let mut columns = filled.iter().filter(|(_, count)| **count >= least).map(|(column, _)| *column);
    let first = columns.next().unwrap_or(0);
    let last = columns.next_back().unwrap_or(first);
    (first, (last - first) as usize + 1)
}

fn spread(row: &[Filled], first: u32, columns: usize) -> Vec<&str> {
    let mut cells = vec![""; columns];
    for cell in row {
        let place = cell.column.checked_sub(first).map(|place| place as usize);
        if let Some(target) = place.and_then(|place| cells.get_mut(place)) {
            *target = &cell.text;
        }
    }
    cells
}
