//! Reads the tables of a file of any format: first by what it holds, then by its name.

use std::path::Path;

use super::{Frame, FrameLimits, arrays, json, mat};
use crate::column::table_builder::RowBlock;
use crate::error::DataError;
use crate::formats::{arff, arrow_ipc, csv, parquet_table, spreadsheet, sqlite};
use crate::source::encoding::{decode_head, looks_binary};
use crate::source::kind::SNIFF_BYTES;
use crate::source::reader;

/// Tables of one file that are held.
const MAX_FRAMES: usize = 64;

/// Takes rows in, table after table, as far as there is room.
pub(crate) struct Gather<'l> {
    limits: &'l FrameLimits,
    frames: Vec<Frame>,
    /// True when tables were left out.
    is_cut: bool,
}

impl<'l> Gather<'l> {
    pub(crate) fn new(limits: &'l FrameLimits) -> Self {
        Self { limits, frames: Vec::new(), is_cut: false }
    }

    /// Begins with another table; false when there are enough.
    pub(crate) fn begin(&mut self, part: &str, names: Vec<String>) -> bool {
        if self.frames.len() >= MAX_FRAMES || self.left() == 0 {
            self.is_cut = true;
            return false;
        }
        let mut frame = Frame::new(names);
        part.clone_into(&mut frame.part);
        self.frames.push(frame);
        true
    }

    /// Takes a row in; false when the table is full.
    pub(crate) fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> bool {
        let limits = self.room();
        let Some(frame) = self.frames.last_mut() else { return false };
        if frame.is_full(&limits) {
            frame.is_cut = true;
            return false;
        }
        frame.push_row(cells);
        true
    }

    /// Takes a whole table in.
    pub(super) fn add(&mut self, part: &str, names: Vec<String>, rows: impl Iterator<Item = Vec<String>>) {
        if self.begin(part, names) {
            for row in rows {
                if !self.row(row.iter().map(String::as_str)) {
                    return;
                }
            }
        }
    }

    /// Takes a table in that was made elsewhere within the room there is.
    pub(crate) fn take(&mut self, part: &str, mut frame: Frame) {
        if self.frames.len() >= MAX_FRAMES {
            self.is_cut = true;
            return;
        }
        part.clone_into(&mut frame.part);
        self.frames.push(frame);
    }

    pub(crate) fn finish(mut self) -> Vec<Frame> {
        // A table of which not even one row fits is there, and says that it is cut.
        self.frames.retain(|frame| frame.rows > 0 || frame.is_cut);
        if let Some(last) = self.frames.last_mut().filter(|_| self.is_cut) {
            last.is_cut = true;
        }
        self.frames
    }

    fn left(&self) -> usize {
        let done = self.frames.split_last().map_or(0, |(_, before)| before.iter().map(Frame::bytes).sum());
        self.limits.bytes.saturating_sub(done)
    }

    /// What may still be taken in.
    pub(crate) fn room(&self) -> FrameLimits {
        FrameLimits { rows: self.limits.rows, bytes: self.left() }
    }
}

/// Reads the tables of a file: delimited text, Parquet, Arrow and Feather, JSON and JSON Lines, spreadsheets, SQLite,
/// ARFF, NumPy's arrays, and the arrays of MATLAB. Text is read as a profile reads it: delimiter, quotation marks,
/// header, encoding and compression are found out. Nested values become columns with dotted names. Blocks.
///
/// # Errors
/// [`DataError::Malformed`] when the file holds no table, or breaks off.
pub fn frames(path: &Path, limits: &FrameLimits) -> Result<Vec<Frame>, DataError> {
    let malformed = |message: String| DataError::malformed(path, 1, message);
    let head = reader::head(path, SNIFF_BYTES).map_err(|error| DataError::io(path, error))?;
    let mut gather = Gather::new(limits);
    read(path, &head, &mut gather).map_err(malformed)?;
    Ok(gather.finish())
}

fn read(path: &Path, head: &[u8], gather: &mut Gather<'_>) -> Result<(), String> {
    match head {
        [b'P', b'A', b'R', b'1', ..] => parquet(path, gather),
        _ if head.starts_with(b"ARROW1") || head.starts_with(b"FEA1") => arrow_ipc::each_row(path, gather),
        _ if head.starts_with(b"SQLite format 3\0") => sqlite::each_row(path, gather),
        _ if head.starts_with(b"\x93NUMPY") => arrays::npy(path, gather),
        _ if mat::is_mat(head) => mat::read(path, gather),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => spreadsheet::each_row(path, gather),
        [b'P', b'K', 3, 4, ..] if arrays::is_npz(path) => arrays::npz(path, gather),
        [b'P', b'K', 3, 4, ..] => spreadsheet::each_row(path, gather),
        _ if looks_binary(head) => arrow_ipc::each_row(path, gather).map_err(|_| no_table()),
        _ => text(path, head, gather),
    }
}

fn no_table() -> String {
    String::from("holds no table of a format that is read")
}

fn text(path: &Path, head: &[u8], gather: &mut Gather<'_>) -> Result<(), String> {
    let start = decode_head(head);
    let start = start.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with(['{', '[']) && json::read(path, gather).is_ok() {
        return Ok(());
    }
    let is_arff = start.lines().take(500).find(|line| !line.trim().is_empty() && !line.starts_with('%'));
    if is_arff.is_some_and(|line| line.trim_start().to_lowercase().starts_with("@relation")) {
        return arff::each_row(path, gather);
    }
    delimited(path, gather)
}

fn delimited(path: &Path, gather: &mut Gather<'_>) -> Result<(), String> {
    let table = csv::open(path)?;
    let width = table.names.len();
    if !gather.begin("", table.names.clone()) {
        return Ok(());
    }
    table
        .each_block(path, |block| {
            (0..block.rows()).all(|row| {
                let cells: Vec<String> = (0..width).map(|at| block.text(at, row)).collect();
                gather.row(cells.iter().map(String::as_str))
            })
        })
        .map(drop)
}

fn parquet(path: &Path, gather: &mut Gather<'_>) -> Result<(), String> {
    let table = parquet_table::open(path)?;
    if !gather.begin("", table.names.clone()) {
        return Ok(());
    }
    let limits = gather.room();
    let Some(frame) = gather.frames.last_mut() else { return Ok(()) };
    let mut bytes = 0_usize;
    table.read(limits.rows as u64, |_, column, cell| {
        let text = match &cell {
            parquet_table::Cell::Missing => "",
            parquet_table::Cell::Text(text) => text.as_str(),
        };
        bytes = bytes.saturating_add(text.len() + size_of::<usize>());
        if bytes <= limits.bytes
            && let Some(column) = frame.columns.get_mut(column)
        {
            column.push(text);
        }
    })?;
    // Where memory ran out, some columns have a few cells more than others.
    frame.rows = frame.columns.iter().map(super::TextColumn::len).max().unwrap_or(0);
    let whole = frame.columns.iter().map(super::TextColumn::len).min().unwrap_or(0);
    frame.truncate(whole);
    frame.is_cut |= (whole as u64) < table.rows;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, bytes: &[u8]) -> Vec<Frame> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        frames(&path, &FrameLimits::default()).unwrap()
    }

    #[test]
    fn columns_of_parquet() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.bin");
        parquet_table::tests::write(&path, 300);
        let whole = frames(&path, &FrameLimits::default()).unwrap().remove(0);
        assert_eq!((whole.rows(), whole.is_cut()), (300, false));
        assert!(whole.columns().iter().all(|column| column.len() == 300));
        let limits = FrameLimits { rows: 70, ..FrameLimits::default() };
        let cut = frames(&path, &limits).unwrap().remove(0);
        assert_eq!((cut.rows(), cut.is_cut()), (70, true));
        let limits = FrameLimits { bytes: 2_000, ..FrameLimits::default() };
        let small = frames(&path, &limits).unwrap().remove(0);
        assert!(small.is_cut() && small.rows() < 100 && small.bytes() < 8_000);
        assert!(small.columns().iter().all(|column| column.len() == small.rows()));
    }

    #[test]
    fn rows_of_arff_dense_and_sparse() {
        let header = "% a note\n@relation r\n@attribute a numeric\n@attribute 'the b' {x,'y z'}\n@data\n";
        let frames = read("x.arff", format!("{header}1,'y z'\n?,x\n{{1 'y z'}}\n").as_bytes());
        assert_eq!(frames[0].names(), ["a", "the b"]);
        assert_eq!(frames[0].columns()[0].iter().collect::<Vec<_>>(), ["1", "", "0"]);
        assert_eq!(frames[0].columns()[1].iter().collect::<Vec<_>>(), ["y z", "x", "y z"]);
    }

    #[test]
    fn every_table_of_a_database() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        rusqlite::Connection::open(&path)
            .unwrap()
            .execute_batch(
                "CREATE TABLE a (id TEXT, y REAL); INSERT INTO a VALUES ('k1', 0.5), ('k2', NULL);
                 CREATE TABLE b (n INTEGER); INSERT INTO b VALUES (7);",
            )
            .unwrap();
        let frames = frames(&path, &FrameLimits::default()).unwrap();
        assert_eq!(frames.iter().map(Frame::part).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((frames[0].cell(0, 1), frames[0].cell(1, 1), frames[1].cell(0, 0)), ("0.5", "", "7"));
    }

    #[test]
    fn what_holds_no_table_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.bin");
        std::fs::write(&path, [0_u8, 159, 1, 200, 7, 0, 0, 3].repeat(40)).unwrap();
        assert!(frames(&path, &FrameLimits::default()).is_err());
    }
}
