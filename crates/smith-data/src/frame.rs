//! Tables in memory, column by column, for those who compare rows rather than describe them.

use std::path::Path;

use crate::column::table_builder::RowBlock;
use crate::error::DataError;
use crate::formats::csv;

/// How much of a table is held.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct FrameLimits {
    /// Most rows of one table; the first ones are kept.
    pub rows: usize,
    /// Most bytes that one table takes in memory.
    pub bytes: usize,
}

impl Default for FrameLimits {
    /// Two million rows, 512 MiB.
    fn default() -> Self {
        Self { rows: 2_000_000, bytes: 512 << 20 }
    }
}

/// The cells of one column as text, one behind the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextColumn {
    text: String,
    ends: Vec<usize>,
}

impl TextColumn {
    /// Adds a cell; white space around it is left out.
    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell.trim());
        self.ends.push(self.text.len());
    }

    /// Number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True when there is no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The cell of a row; empty when there is no such row.
    #[must_use]
    pub fn get(&self, row: usize) -> &str {
        let Some(&end) = self.ends.get(row) else { return "" };
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(start..end).unwrap_or("")
    }

    /// The cells, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Bytes that the cells take in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len() + self.ends.len() * size_of::<usize>()
    }
}

impl<'a> FromIterator<&'a str> for TextColumn {
    fn from_iter<T: IntoIterator<Item = &'a str>>(cells: T) -> Self {
        let mut column = Self::default();
        cells.into_iter().for_each(|cell| column.push(cell));
        column
    }
}

/// A table in memory. Every column has the same number of cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    names: Vec<String>,
    columns: Vec<TextColumn>,
    rows: usize,
    is_cut: bool,
}

impl Frame {
    /// A table without rows.
    #[must_use]
    pub fn new(names: Vec<String>) -> Self {
        let columns = vec![TextColumn::default(); names.len()];
        Self { names, columns, rows: 0, is_cut: false }
    }

    /// Adds a row: cells that are missing are empty, further ones are dropped.
    pub fn push_row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        let mut cells = cells.into_iter();
        for column in &mut self.columns {
            column.push(cells.next().unwrap_or(""));
        }
        self.rows += 1;
    }

    /// Names of the columns.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The columns, in the order of their names.
    #[must_use]
    pub fn columns(&self) -> &[TextColumn] {
        &self.columns
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// True when the file holds more rows than are kept here.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Position of the column of this name.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|own| own == name)
    }

    /// A cell; empty when there is none.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.columns.get(column).map_or("", |column| column.get(row))
    }

    /// Bytes that the cells take in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.columns.iter().map(TextColumn::bytes).sum()
    }

    fn is_full(&self, limits: &FrameLimits) -> bool {
        self.rows >= limits.rows || self.bytes() >= limits.bytes
    }
}

/// Reads the tables of a file. Delimited text is read as a profile reads it: delimiter, quotation marks, header,
/// encoding and compression are found out. Blocks.
///
/// # Errors
/// [`DataError::Malformed`] when the file holds no table, or breaks off.
pub fn frames(path: &Path, limits: &FrameLimits) -> Result<Vec<Frame>, DataError> {
    let malformed = |message: String| DataError::malformed(path, 1, message);
    let table = csv::open(path).map_err(malformed)?;
    let mut frame = Frame::new(table.names.clone());
    let width = frame.names.len();
    let is_whole = table
        .each_block(path, |block| {
            for row in 0..block.rows() {
                if frame.is_full(limits) {
                    return false;
                }
                let cells: Vec<String> = (0..width).map(|at| block.text(at, row)).collect();
                frame.push_row(cells.iter().map(String::as_str));
            }
            true
        })
        .map_err(malformed)?;
    frame.is_cut = !is_whole;
    Ok(vec![frame])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, limits: &FrameLimits) -> Frame {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("table.csv");
        std::fs::write(&path, text).unwrap();
        frames(&path, limits).unwrap().remove(0)
    }

    #[test]
    fn cells_are_those_of_the_file() {
        let frame = read("id;name;x\n1;\"a; b\";0.5\n2; c ;\n3;d;7\n4;e;8\n", &FrameLimits::default());
        assert_eq!(frame.names(), ["id", "name", "x"]);
        assert_eq!((frame.rows(), frame.is_cut()), (4, false));
        assert_eq!(frame.columns()[1].iter().collect::<Vec<_>>(), ["a; b", "c", "d", "e"]);
        assert_eq!((frame.cell(1, 2), frame.cell(9, 9)), ("", ""));
    }

    #[test]
    fn a_long_table_is_cut_and_says_so() {
        let text: String = (0..100).map(|i| format!("{i},{}\n", i % 7)).collect();
        let frame = read(&format!("a,b\n{text}"), &FrameLimits { rows: 10, ..FrameLimits::default() });
        assert_eq!((frame.rows(), frame.is_cut()), (10, true));
    }
}
