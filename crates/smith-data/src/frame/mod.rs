//! Tables in memory, column by column, for those who compare rows rather than describe them.

mod arrays;
mod json;
mod lines;
mod markup;
mod mat;
mod npy;
mod pickle;
mod read;
mod texts;
mod together;

pub use lines::line_frame;
pub use pickle::pickled;
pub(crate) use read::Gather;
pub use read::frames;
pub use texts::text_frames;
pub use together::together;

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

    fn truncate(&mut self, cells: usize) {
        if cells < self.ends.len() {
            let end = cells.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0);
            self.text.truncate(end);
            self.ends.truncate(cells);
        }
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
    part: String,
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
        Self { part: String::new(), names, columns, rows: 0, is_cut: false }
    }

    /// Which part of its file it is: a sheet, a table of a database, a member of a document; empty when it is all.
    #[must_use]
    pub fn part(&self) -> &str {
        &self.part
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

    /// Leaves every column with the cells of the first `rows` rows.
    fn truncate(&mut self, rows: usize) {
        for column in &mut self.columns {
            column.truncate(rows);
        }
        self.is_cut |= rows < self.rows;
        self.rows = rows.min(self.rows);
    }

    /// The same table, which holds fewer rows than its file.
    pub(crate) fn cut(self) -> Self {
        Self { is_cut: true, ..self }
    }

    pub(crate) fn is_full(&self, limits: &FrameLimits) -> bool {
        self.rows >= limits.rows || self.bytes() >= limits.bytes
    }
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
