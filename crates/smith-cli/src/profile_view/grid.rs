//! A table without lines between its rows: columns without content are left out, long cells are cut after two lines.

use comfy_table::{Attribute, Cell, CellAlignment, Color, ColumnConstraint, LineStyle, Row, presets};

use crate::table::table;

/// Lines of a row.
const ROW_LINES: usize = 2;

/// A column of a grid.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heading {
    name: &'static str,
    right: bool,
    whole: bool,
}

impl Heading {
    /// Text that may be broken.
    pub(super) fn text(name: &'static str) -> Self {
        Self { name, right: false, whole: false }
    }

    /// Short words that are never broken.
    pub(super) fn word(name: &'static str) -> Self {
        Self { name, right: false, whole: true }
    }

    /// Figures, set to the right and never broken.
    pub(super) fn figure(name: &'static str) -> Self {
        Self { name, right: true, whole: true }
    }
}

/// Text with a colour, which only a terminal gets.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    text: String,
    colour: Option<Color>,
}

impl Entry {
    pub(super) fn new(text: impl Into<String>) -> Self {
        // A figure and its sign stay together.
        Self { text: text.into().replace(" %", "\u{a0}%"), colour: None }
    }

    pub(super) fn colour(self, colour: Color) -> Self {
        Self { colour: Some(colour), ..self }
    }
}

/// Headings and rows.
pub(super) struct Grid {
    headings: Vec<Heading>,
    rows: Vec<Vec<Entry>>,
}

impl Grid {
    pub(super) fn new(headings: impl IntoIterator<Item = Heading>) -> Self {
        Self { headings: headings.into_iter().collect(), rows: Vec::new() }
    }

    /// A row with an entry for each heading.
    pub(super) fn row(&mut self, entries: impl IntoIterator<Item = Entry>) {
        self.rows.push(entries.into_iter().collect());
    }

    /// The grid as text, each line with its end.
    pub(super) fn text(&self) -> String {
        let filled = |index: usize| {
            self.rows.iter().any(|row| row.get(index).is_some_and(|entry| !entry.text.is_empty()))
        };
        let shown: Vec<usize> = (0..self.headings.len()).filter(|index| filled(*index)).collect();
        let mut rows = table(&[]);
        rows.load_style(presets::NOTHING.header_separator(LineStyle::none().fill('─').junction('─')));
        rows.set_truncation_indicator("…");
        let heading = |index: &usize| {
            let heading = self.headings[*index];
            aligned(Cell::new(heading.name).add_attribute(Attribute::Bold), heading)
        };
        rows.set_header(shown.iter().map(heading));
        for row in &self.rows {
            let cell = |index: &usize| {
                let entry = row.get(*index).cloned().unwrap_or_else(|| Entry::new(""));
                let cell = aligned(Cell::new(entry.text), self.headings[*index]);
                entry.colour.map_or(cell.clone(), |colour| cell.fg(colour))
            };
            let mut cells = Row::from(shown.iter().map(cell).collect::<Vec<_>>());
            cells.max_height(ROW_LINES);
            rows.add_row(cells);
        }
        for (column, index) in rows.column_iter_mut().zip(&shown) {
            if self.headings[*index].whole {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        rows.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
    }
}

fn aligned(cell: Cell, heading: Heading) -> Cell {
    if heading.right { cell.set_alignment(CellAlignment::Right) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_columns_are_left_out_and_long_cells_cut() {
        let mut grid = Grid::new([Heading::word("a"), Heading::figure("b"), Heading::text("c")]);
        grid.row([Entry::new("x"), Entry::new(""), Entry::new("word ".repeat(400))]);
        grid.row([Entry::new("yy"), Entry::new(""), Entry::new("5 %")]);
        let text = grid.text();
        assert!(!text.contains('b'), "{text}");
        assert_eq!(text.lines().count(), 2 + 2 + 1, "{text}");
        assert!(text.contains('…') && text.contains("5\u{a0}%"), "{text}");
    }
}
