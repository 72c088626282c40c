//! Tables as they are written: the bytes of each cell, before anything is read into them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// Columns that are looked at.
const MAX_COLUMNS: usize = 200;
/// Marks between cells that are tried.
const MARKS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// How the cells of a table are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Cells with a mark between them.
    Marked,
    /// One object for each row, line by line or in one list.
    Objects,
}

impl Format {
    /// By the ending of a file's name; none for files that are no text.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_lowercase())?;
        match ending.as_str() {
            "csv" | "tsv" | "tab" | "psv" | "data" | "txt" => Some(Self::Marked),
            "json" | "jsonl" | "ndjson" => Some(Self::Objects),
            _ => None,
        }
    }
}

/// A row as it is written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    /// Where the cell of each column stands; none where the row has none.
    cells: Vec<Option<Range<usize>>>,
    /// How the row as a whole is written: its end, its number of cells, the order of its keys, the blanks between them.
    pub(crate) form: String,
}

/// A table and its bytes.
pub(crate) struct Written {
    pub(crate) format: Format,
    pub(crate) names: Vec<String>,
    pub(crate) records: Vec<Record>,
    bytes: Vec<u8>,
}

/// A cell as it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell<'w> {
    pub(crate) format: Format,
    pub(crate) bytes: &'w [u8],
}

impl Written {
    /// Reads the bytes of a file.
    pub(crate) fn of(format: Format, bytes: Vec<u8>) -> Self {
        let mut written = Self { format, names: Vec::new(), records: Vec::new(), bytes };
        match format {
            Format::Marked => written.read_marked(),
            Format::Objects => written.read_objects(),
        }
        written
    }

    /// A cell of a row.
    pub(crate) fn cell(&self, record: usize, column: usize) -> Option<Cell<'_>> {
        let range = self.records.get(record)?.cells.get(column)?.clone()?;
        Some(Cell { format: self.format, bytes: self.bytes.get(range)? })
    }

    /// The column of a name.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|own| own.trim() == name.trim())
    }

    fn read_marked(&mut self) {
        let start = if self.bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let header =
            self.bytes.get(start..).and_then(|rest| rest.split(|b| *b == b'\n').next()).unwrap_or_default();
        let count = |mark: &u8| header.iter().filter(|byte| *byte == mark).count();
        let mark = MARKS.into_iter().rev().max_by_key(count).unwrap_or(b',');
        let mut rows = marked(&self.bytes, start, mark).into_iter();
        let Some((header, _)) = rows.next() else { return };
        let text = |range: &Range<usize>| {
            let bytes = self.bytes.get(range.clone()).unwrap_or_default();
            Cell { format: Format::Marked, bytes }.text().trim().to_owned()
        };
        self.names = header.iter().map(text).collect();
        let width = header.len();
        self.records = rows
            .map(|(cells, end)| Record {
                form: format!("{} cells, {end}", cells.len().cmp(&width) as i8),
                cells: cells.into_iter().take(MAX_COLUMNS).map(Some).collect(),
            })
            .collect();
    }

    fn read_objects(&mut self) {
        let mut columns: HashMap<Vec<u8>, usize> = HashMap::new();
        for object in objects(&self.bytes) {
            let mut record = Record::default();
            let mut order: Vec<usize> = Vec::new();
            let mut blanks = String::new();
            for (key, value) in members(&self.bytes, object) {
                let name = self.bytes.get(key.clone()).unwrap_or_default().to_vec();
                let next = columns.len();
                let at = *columns.entry(name).or_insert(next);
                if blanks.is_empty() {
                    let between = value.start.saturating_sub(key.end);
                    blanks = format!("{between} bytes between key and value");
                }
                if at >= MAX_COLUMNS {
                    continue;
                }
                if record.cells.len() <= at {
                    record.cells.resize(at + 1, None);
                }
                if let Some(cell) = record.cells.get_mut(at) {
                    *cell = Some(value);
                }
                order.push(at);
            }
            let turned = order.windows(2).filter(|pair| pair.first() > pair.last()).count();
            record.form = format!("{turned} keys out of order, {blanks}");
            self.records.push(record);
        }
        let mut names: Vec<(usize, Vec<u8>)> = columns.into_iter().map(|(name, at)| (at, name)).collect();
        names.sort_unstable();
        let text = |name: &[u8]| Cell { format: Format::Objects, bytes: name }.text().into_owned();
        self.names = names.iter().take(MAX_COLUMNS).map(|(_, name)| text(name)).collect();
    }
}

impl<'w> Cell<'w> {
    /// True for a cell between quotation marks.
    pub(crate) fn is_quoted(&self) -> bool {
        let bytes = self.bytes.trim_ascii();
        bytes.len() >= 2 && bytes.starts_with(b"\"") && bytes.ends_with(b"\"")
    }

    /// What the cell says, blanks around it included.
    pub(crate) fn text(&self) -> Cow<'w, str> {
        if !self.is_quoted() {
            return String::from_utf8_lossy(self.bytes);
        }
        let bytes = self.bytes.trim_ascii();
        match self.format {
            Format::Objects => serde_json::from_slice::<String>(bytes)
                .map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Owned),
            Format::Marked => {
                let inner = bytes.get(1..bytes.len() - 1).unwrap_or_default();
                let text = String::from_utf8_lossy(inner);
                if text.contains("\"\"") { Cow::Owned(text.replace("\"\"", "\"")) } else { text }
            }
        }
    }
}

/// Rows of cells, each with how it ends.
fn marked(bytes: &[u8], start: usize, mark: u8) -> Vec<(Vec<Range<usize>>, &'static str)> {
    let (mut rows, mut cells, mut from, mut quoted) = (Vec::new(), Vec::new(), start, false);
    for at in start..=bytes.len() {
        let byte = bytes.get(at).copied();
        match byte {
            Some(b'"') if quoted || at == from => quoted = !quoted,
            Some(byte) if byte == mark && !quoted => {
                cells.push(from..at);
                from = at + 1;
            }
            Some(b'\n') if !quoted => end(bytes, &mut rows, &mut cells, &mut from, at),
            None => end(bytes, &mut rows, &mut cells, &mut from, at),
            Some(_) => {}
        }
    }
    rows
}

/// The end of a row; an empty line is none.
fn end(
    bytes: &[u8],
    rows: &mut Vec<(Vec<Range<usize>>, &'static str)>,
    cells: &mut Vec<Range<usize>>,
    from: &mut usize,
    at: usize,
) {
    let has_return = at > *from && bytes.get(at - 1) == Some(&b'\r');
    let last = if has_return { *from..at - 1 } else { *from..at };
    if !cells.is_empty() || !last.is_empty() {
        cells.push(last);
        rows.push((std::mem::take(cells), if has_return { "return and line feed" } else { "line feed" }));
    }
    *from = at + 1;
}

/// The objects of a text that are in no other one.
fn objects(bytes: &[u8]) -> Vec<Range<usize>> {
    let (mut found, mut depth, mut from) = (Vec::new(), 0_usize, 0);
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at).saturating_sub(1),
            b'{' => {
                if depth == 0 {
                    from = at;
                }
                depth += 1;
            }
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    found.push(from..at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Keys and values of an object, as they are written.
fn members(bytes: &[u8], object: Range<usize>) -> Vec<(Range<usize>, Range<usize>)> {
    let (mut found, mut at) = (Vec::new(), object.start + 1);
    let end = object.end.saturating_sub(1);
    while at < end {
        let Some(start) = (at..end).find(|at| bytes.get(*at) == Some(&b'"')) else { break };
        let key = start..string_end(bytes, start);
        let Some(colon) = (key.end..end).find(|at| bytes.get(*at) == Some(&b':')) else { break };
        let from = (colon + 1..end)
            .find(|at| bytes.get(*at).is_some_and(|b| !b.is_ascii_whitespace()))
            .unwrap_or(end);
        let to = value_end(bytes, from, end);
        found.push((key, from..to));
        at = to + 1;
    }
    found
}

/// Where a value ends: before the comma behind it, without blanks.
fn value_end(bytes: &[u8], from: usize, end: usize) -> usize {
    let (mut at, mut depth) = (from, 0_usize);
    while at < end {
        match bytes.get(at) {
            Some(b'"') => at = string_end(bytes, at).saturating_sub(1),
            Some(b'[' | b'{') => depth += 1,
            Some(b']' | b'}') => depth = depth.saturating_sub(1),
            Some(b',') if depth == 0 => break,
            _ => {}
        }
        at += 1;
    }
    let mut to = at.min(end);
    while to > from && bytes.get(to - 1).is_some_and(u8::is_ascii_whitespace) {
        to -= 1;
    }
    to
}

/// The place behind the string that begins at `at`.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut next = at + 1;
    while let Some(byte) = bytes.get(next) {
        match byte {
            b'\\' => next += 1,
            b'"' => return next + 1,
            _ => {}
        }
        next += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(written: &Written, record: usize) -> Vec<String> {
        (0..written.names.len())
            .map(|at| written.cell(record, at).map_or("-".to_owned(), |cell| format!("{:?}", cell.text())))
            .collect()
    }

    #[test]
    fn cells_are_kept_as_they_are_written() {
        let text = "\u{feff}id;a;\"b c\"\r\n1; x ;\"p;\"\"q\"\"\"\n\n2;3.50;\n";
        let written = Written::of(Format::Marked, text.as_bytes().to_vec());
        assert_eq!(written.names, ["id", "a", "b c"]);
        assert_eq!(cells(&written, 0), ["\"1\"", "\" x \"", "\"p;\\\"q\\\"\""]);
        assert_eq!(cells(&written, 1), ["\"2\"", "\"3.50\"", "\"\""]);
        assert!(written.cell(0, 2).unwrap().is_quoted() && !written.cell(0, 1).unwrap().is_quoted());
        assert_eq!(written.records.len(), 2);
    }

    #[test]
    fn objects_are_read_line_by_line_and_in_a_list() {
        for text in [
            "{\"id\": 1, \"t\": \"a, \\\"}\\u00e9 \", \"n\": {\"x\": [1, 2]}}\n{\"t\": \"b\", \"id\": \"2\"}\n",
            "[{\"id\": 1, \"t\": \"a, \\\"}\\u00e9 \", \"n\": {\"x\": [1, 2]}},\n {\"t\": \"b\", \"id\": \"2\"}]",
        ] {
            let written = Written::of(Format::Objects, text.as_bytes().to_vec());
            assert_eq!(written.names, ["id", "t", "n"]);
            assert_eq!(cells(&written, 0), ["\"1\"", "\"a, \\\"}é \"", "\"{\\\"x\\\": [1, 2]}\""]);
            assert_eq!(cells(&written, 1)[..2], ["\"2\"", "\"b\""]);
            assert_ne!(written.records[0].form, written.records[1].form);
        }
        assert!(Written::of(Format::Objects, b"{\"a\": \"".to_vec()).records.is_empty());
    }
}
