//! Splits text into rows and cells in one way of many that are tried.

/// More rows than this tell nothing new about a dialect.
const MAX_ROWS: usize = 2_000;

/// How cells are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) delimiter: u8,
    /// Any number of blanks and tabs is one delimiter; those at the start of a line are none.
    pub(super) blanks: bool,
    pub(super) quote: Option<u8>,
    pub(super) escape: Option<u8>,
}

/// A cell, without the quotation marks around it; marks and escapes inside are left as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell<'a> {
    pub(super) text: &'a str,
    pub(super) quoted: bool,
}

/// A row that is no empty line.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) cells: Vec<Cell<'a>>,
    /// Number of the line on which it begins, from 0.
    pub(super) line: usize,
    /// Lines that it covers.
    pub(super) lines: usize,
}

impl Row<'_> {
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    pub(super) fn cell(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", |cell| cell.text)
    }
}

/// The rows of a text and what does not fit the style.
#[derive(Debug, Default)]
pub(super) struct Split<'a> {
    pub(super) rows: Vec<Row<'a>>,
    /// Quotation marks that close before the end of their cell, or never.
    pub(super) malformed: usize,
    /// True when all of the text was split.
    pub(super) whole: bool,
}

/// Splits a text from its line `skip` on.
pub(super) fn split(text: &str, style: Style, skip: usize, whole: bool) -> Split<'_> {
    let mut splitter = Splitter { text, style, at: 0, line: 0, malformed: 0, last_unclosed: false };
    for _ in 0..skip {
        splitter.skip_line();
    }
    let mut split = Split { whole, ..Split::default() };
    while splitter.at < text.len() {
        if split.rows.len() == MAX_ROWS {
            split.whole = false;
            break;
        }
        let row = splitter.row();
        let is_blank = row.cells.iter().all(|cell| cell.text.is_empty() && !cell.quoted) && row.len() < 2;
        if !is_blank {
            split.rows.push(row);
        }
    }
    // The last row of a part is most likely cut, and so is its quotation.
    if !whole && splitter.at >= text.len() && split.rows.len() > 1 {
        let cut_long_quote = splitter.last_unclosed && split.rows.last().is_some_and(|row| row.lines < 100);
        splitter.malformed -= usize::from(cut_long_quote);
        split.rows.pop();
    }
    split.malformed = splitter.malformed;
    split
}

struct Splitter<'a> {
    text: &'a str,
    style: Style,
    at: usize,
    line: usize,
    malformed: usize,
    last_unclosed: bool,
}

impl<'a> Splitter<'a> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to.max(from)).unwrap_or_default()
    }

    fn is_delimiter(&self, byte: u8) -> bool {
        if self.style.blanks { matches!(byte, b' ' | b'\t') } else { byte == self.style.delimiter }
    }

    fn skip_line(&mut self) {
        while self.byte(self.at).is_some_and(|byte| !is_end(byte)) {
            self.at += 1;
        }
        self.skip_end();
    }

    /// Passes one line end, of whatever sort.
    fn skip_end(&mut self) {
        match self.byte(self.at) {
            Some(b'\r') if self.byte(self.at + 1) == Some(b'\n') => self.at += 2,
            Some(b'\r' | b'\n') => self.at += 1,
            _ => return,
        }
        self.line += 1;
    }

    fn row(&mut self) -> Row<'a> {
        let line = self.line;
        let mut cells = Vec::new();
        loop {
            if self.style.blanks {
                self.skip_blanks();
                if self.byte(self.at).is_none_or(is_end) && !cells.is_empty() {
                    break;
                }
            }
            cells.push(self.cell());
            match self.byte(self.at) {
                Some(byte) if self.is_delimiter(byte) => self.at += 1,
                _ => break,
            }
        }
        self.skip_end();
        Row { cells, line, lines: (self.line - line).max(1) }
    }

    fn skip_blanks(&mut self) {
        while self.byte(self.at).is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// Reads up to the next delimiter or the end of the line.
    fn cell(&mut self) -> Cell<'a> {
        if self.style.quote.is_some() && self.byte(self.at) == self.style.quote {
            return self.quoted();
        }
        let start = self.at;
        self.pass_cell();
        Cell { text: self.slice(start, self.at), quoted: false }
    }

    fn pass_cell(&mut self) {
        while self.byte(self.at).is_some_and(|byte| !is_end(byte) && !self.is_delimiter(byte)) {
            self.at += 1;
        }
    }

    fn quoted(&mut self) -> Cell<'a> {
        let start = self.at + 1;
        self.at = start;
        self.last_unclosed = false;
        loop {
            match self.byte(self.at) {
                None => {
                    self.malformed += 1;
                    self.last_unclosed = true;
                    return Cell { text: self.slice(start, self.at), quoted: true };
                }
                byte if byte == self.style.escape => self.at = (self.at + 2).min(self.text.len()),
                byte if byte == self.style.quote => {
                    if self.byte(self.at + 1) != self.style.quote {
                        break;
                    }
                    self.at += 2;
                }
                Some(byte) if is_end(byte) => self.skip_end(),
                Some(_) => self.at += 1,
            }
        }
        let text = self.slice(start, self.at);
        self.at += 1;
        if self.byte(self.at).is_some_and(|byte| !is_end(byte) && !self.is_delimiter(byte)) {
            self.malformed += 1;
            self.pass_cell();
        }
        Cell { text, quoted: true }
    }
}

fn is_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str, style: Style) -> Vec<Vec<&str>> {
        split(text, style, 0, true)
            .rows
            .iter()
            .map(|row| row.cells.iter().map(|cell| cell.text).collect())
            .collect()
    }

    const COMMA: Style = Style { delimiter: b',', blanks: false, quote: Some(b'"'), escape: None };
    const BLANKS: Style = Style { delimiter: b' ', blanks: true, quote: Some(b'"'), escape: None };

    #[test]
    fn line_ends_of_every_sort() {
        for text in ["a,b\nc,d\n", "a,b\r\nc,d", "a,b\rc,d\r", "\n\na,b\n\r\n\nc,d\n\n"] {
            assert_eq!(cells(text, COMMA), [["a", "b"], ["c", "d"]], "{text:?}");
        }
    }

    #[test]
    fn quoted_cells_hold_delimiters_and_lines() {
        let split = split("a,\"b,\n\"\"c\"\"\",d\r\n1,2,3\n", COMMA, 0, true);
        assert_eq!(split.rows[0].cell(1), "b,\n\"\"c\"\"");
        assert_eq!((split.rows[0].lines, split.rows[1].line, split.malformed), (2, 2, 0));
    }

    #[test]
    fn runs_of_blanks_are_one_delimiter() {
        assert_eq!(cells("  1.0   2 \t x\n 3 4 y  \n", BLANKS), [["1.0", "2", "x"], ["3", "4", "y"]]);
        assert_eq!(cells("\"a b\" 1\n", BLANKS), [["a b", "1"]]);
    }

    #[test]
    fn stray_quotation_marks_are_counted() {
        assert_eq!(split("\"a\"b,c\nd,e\n", COMMA, 0, true).malformed, 1);
        assert_eq!(split("a,\"b\nc,d\n", COMMA, 0, true).malformed, 1);
    }
}
