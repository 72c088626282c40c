//! Reads comma-separated tables strictly: what a lenient reader would guess at is an error with its line.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use csv::ReaderBuilder;

use crate::error::DataError;
use crate::source::encoding::utf16;
use crate::source::reader;

/// A table in memory. Cells are as written, without quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Names of the columns, all different.
    pub headers: Vec<String>,
    /// Rows, each with one cell for every header.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Position of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.headers.iter().position(|header| header == name)
    }
}

/// Reads a comma-separated file with a header, plain or gzip, of at most `max_bytes` bytes after decompression.
/// A byte order mark is dropped.
///
/// # Errors
/// [`DataError::NotFound`], [`DataError::NotAFile`] and [`DataError::Unreadable`]; [`DataError::Empty`] when there
/// is no header; [`DataError::TooLarge`]; [`DataError::Malformed`] with the line for UTF-16, text that is not
/// UTF-8, a NUL character, a column name that occurs twice, and a row with another number of cells than the header.
pub fn read_csv(path: &Path, max_bytes: u64) -> Result<Table, DataError> {
    let bytes = read_bounded(path, max_bytes)?;
    check_text(path, &bytes)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut records = reader.records();
    let words = |e: csv::Error| {
        let line = e.position().map_or(1, csv::Position::line);
        DataError::malformed(path, line, format!("cannot be parsed: {e}"))
    };
    let headers: Vec<String> = match records.next() {
        Some(first) => first.map_err(words)?.iter().map(ToString::to_string).collect(),
        None => return Err(DataError::Empty(path.to_path_buf())),
    };
    check_headers(path, &headers)?;
    let mut rows = Vec::new();
    for record in records {
        let record = record.map_err(words)?;
        if record.len() != headers.len() {
            let line = record.position().map_or(1, |position| line_of_record(bytes, position.byte()));
            let message = format!("the row has {} cells, the header has {}", record.len(), headers.len());
            return Err(DataError::malformed(path, line, message));
        }
        rows.push(record.iter().map(ToString::to_string).collect());
    }
    Ok(Table { headers, rows })
}

fn read_bounded(path: &Path, max_bytes: u64) -> Result<Vec<u8>, DataError> {
    let metadata = std::fs::metadata(path).map_err(|e| DataError::io(path, e))?;
    if !metadata.is_file() {
        return Err(DataError::NotAFile(path.to_path_buf()));
    }
    let mut bytes = Vec::new();
    reader::open(path)
        .and_then(|file| file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(|e| DataError::io(path, e))?;
    if bytes.len() as u64 > max_bytes {
        return Err(DataError::TooLarge { path: path.to_path_buf(), limit: max_bytes });
    }
    Ok(bytes)
}

fn check_text(path: &Path, bytes: &[u8]) -> Result<(), DataError> {
    if utf16(bytes).is_some() {
        return Err(DataError::malformed(path, 1, "the text is UTF-16; write it as UTF-8"));
    }
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        return Err(DataError::malformed(path, line_of(bytes, at), "there is a NUL character"));
    }
    if let Err(error) = std::str::from_utf8(bytes) {
        let line = line_of(bytes, error.valid_up_to());
        return Err(DataError::malformed(path, line, "the text is not UTF-8; write it as UTF-8"));
    }
    Ok(())
}

fn line_of(bytes: &[u8], at: usize) -> u64 {
    1 + bytes[..at].iter().filter(|&&byte| byte == b'\n').count() as u64
}

/// Line of the record that begins at or, behind line ends that the parser skips, after a byte.
fn line_of_record(bytes: &[u8], start: u64) -> u64 {
    let start = usize::try_from(start).unwrap_or(usize::MAX).min(bytes.len());
    let skipped = bytes[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    line_of(bytes, start + skipped)
}

fn check_headers(path: &Path, headers: &[String]) -> Result<(), DataError> {
    let mut seen = BTreeSet::new();
    match headers.iter().find(|header| !seen.insert(header.as_str())) {
        Some(twice) => {
            Err(DataError::malformed(path, 1, format!("the column name `{twice}` occurs more than once")))
        }
        None => Ok(()),
    }
}
