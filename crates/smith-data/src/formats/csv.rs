//! Profiles delimited text as a stream.

use std::cell::Cell;
use std::io::Read;
use std::rc::Rc;

use ::csv::{ByteRecord, Reader, ReaderBuilder};
use smith_task_schema::profile::TableProfile;

use crate::column::table_builder::{RowBlock, TableBuilder};
use crate::findings::Findings;
use crate::formats::csv_blocks::{BlockOddities, BlockReader, Marks};
use crate::formats::sniff::{Dialect, sniff};
use crate::overview::display::number_of;
use crate::source::encoding::{Utf16Reader, decode, looks_binary, utf16};
use crate::source::kind::SNIFF_BYTES;
use crate::source::reader::{self, RecordGuard};
use crate::source::walk::Found;
use crate::table_data::TableData;

/// A delimited text that is ready to be read row by row.
pub(crate) struct OpenTable {
    pub(crate) dialect: Dialect,
    /// `utf-8` until another encoding is seen.
    pub(crate) encoding: &'static str,
    pub(crate) names: Vec<String>,
    rows: Reader<Box<dyn Read>>,
    utf16: Option<&'static encoding_rs::Encoding>,
    since_record: Rc<Cell<u64>>,
    /// The first record of a file without a header: it is data.
    pending: Option<ByteRecord>,
}

/// Opens a delimited text. The error says in words why it is none.
pub(crate) fn open(path: &std::path::Path) -> Result<OpenTable, String> {
    let head = reader::head(path, SNIFF_BYTES).map_err(|e| format!("cannot be read: {e}"))?;
    if looks_binary(&head) {
        return Err(String::from("is named like a table, but holds no text"));
    }
    let plain = reader::open(path).map_err(|e| format!("cannot be read: {e}"))?;
    let (sample, bytes, encoding): (Vec<u8>, Box<dyn Read>, _) = match utf16(&head) {
        Some(encoding) => {
            let sample = encoding.decode(&head).0.into_owned().into_bytes();
            let name = if encoding == encoding_rs::UTF_16LE { "utf-16le" } else { "utf-16be" };
            (sample, Box::new(Utf16Reader::new(plain, encoding)), name)
        }
        None => (head.clone(), plain, "utf-8"),
    };
    let dialect = sniff(&sample, head.len() < SNIFF_BYTES).ok_or("holds nothing but blank lines")?;
    let (guarded, since_record) = RecordGuard::new(bytes);
    let guarded: Box<dyn Read> = Box::new(guarded);
    let rows = ReaderBuilder::new()
        .delimiter(dialect.delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(guarded);
    let utf16 = utf16(&head);
    let mut table =
        OpenTable { dialect, encoding, names: Vec::new(), rows, utf16, since_record, pending: None };
    table.read_names()?;
    Ok(table)
}

impl OpenTable {
    fn read_names(&mut self) -> Result<(), String> {
        let mut first = ByteRecord::new();
        self.next_row(&mut first)?;
        if self.dialect.has_header {
            if first.iter().any(|cell| !decode(cell).1) {
                self.encoding = "windows-1252";
            }
            self.names = first.iter().map(|cell| decode(cell).0.into_owned()).collect();
        } else {
            self.names = (1..=self.dialect.columns.max(first.len())).map(|i| format!("column_{i}")).collect();
            self.pending = Some(first);
        }
        Ok(())
    }

    /// Reads the next row; false at the end. The error says in words why the rest cannot be read.
    pub(crate) fn next_row(&mut self, row: &mut ByteRecord) -> Result<bool, String> {
        if let Some(first) = self.pending.take() {
            *row = first;
            return Ok(true);
        }
        self.since_record.set(0);
        self.rows.read_byte_record(row).map_err(|e| format!("cannot be read to its end: {e}"))
    }
}

/// Facts of the first `max_rows` rows; none, with a finding, when the file is no delimited text.
pub(crate) fn profile(
    found: &Found,
    format: &str,
    max_rows: u64,
    findings: &mut Findings,
) -> Option<TableData> {
    let opened = open(&found.path).and_then(|open| {
        let bytes = reader::open(&found.path).map_err(|e| format!("cannot be read: {e}"))?;
        Ok((open, bytes))
    });
    let (open, bytes) = match opened {
        Ok(opened) => opened,
        Err(message) => {
            findings.error(&found.relative, message);
            return None;
        }
    };
    let mut builder = TableBuilder::new(&open.names);
    let mut oddities = Oddities::default();
    let mut table = TableProfile::new(found.relative.as_str(), format);
    match read_blocks(open.blocks(bytes), &mut builder, &mut oddities, max_rows) {
        Ok(exact) => table.exact = exact,
        Err(message) => {
            table.exact = false;
            findings.error(&found.relative, format!("{message}; the facts are those of the rows before"));
        }
    }
    let encoding = if oddities.first_not_utf8.is_some() { "windows-1252" } else { open.encoding };
    table.delimiter = Some(char::from(open.dialect.delimiter));
    table.encoding = Some(encoding.to_string());
    table.has_header = open.dialect.has_header;
    let table = builder.finish(table, findings);
    report(&table.facts, &oddities, findings);
    Some(table)
}

impl OpenTable {
    /// The rows below the header, in blocks.
    fn blocks(&self, bytes: Box<dyn Read + Send>) -> BlockReader {
        let bytes: Box<dyn Read + Send> = match self.utf16 {
            Some(encoding) => Box::new(Utf16Reader::new(bytes, encoding)),
            None => bytes,
        };
        let marks = Marks {
            delimiter: self.dialect.delimiter,
            blanks: false,
            quote: Some(b'"'),
            line_end: b'\n',
            comment: None,
        };
        BlockReader::new(bytes, marks, self.names.len(), usize::from(self.dialect.has_header))
    }
}

/// What is wrong with rows: how many, and the number of the first, from 1 below the header.
#[derive(Debug, Default)]
struct Oddities {
    ragged: u64,
    first_ragged: Option<(u64, usize)>,
    with_nul: u64,
    not_utf8: u64,
    first_not_utf8: Option<u64>,
}

impl Oddities {
    /// Takes in what is odd about a block of rows that begins after `rows` rows.
    fn add(&mut self, block: &BlockOddities, rows: u64) {
        let number = |row: usize| rows + row as u64 + 1;
        self.ragged += block.ragged;
        self.first_ragged = self.first_ragged.or(block.first_ragged.map(|(row, cells)| (number(row), cells)));
        self.with_nul += block.with_nul;
        self.not_utf8 += block.not_utf8;
        self.first_not_utf8 = self.first_not_utf8.or(block.first_not_utf8.map(number));
    }
}

/// Takes in the rows, the next block being read and cut while the columns take in the last. True when all were read.
fn read_blocks(
    mut reader: BlockReader,
    builder: &mut TableBuilder,
    oddities: &mut Oddities,
    max_rows: u64,
) -> Result<bool, String> {
    reader.skip_lines(0);
    let mut current = reader.next_block()?;
    while let Some(mut block) = current {
        let left = max_rows - builder.rows();
        if left == 0 {
            return Ok(false);
        }
        let is_cut = block.rows() as u64 > left;
        if is_cut {
            block.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        }
        oddities.add(&block.oddities, builder.rows());
        let (next, pushed) = rayon::join(|| reader.next_block(), || builder.push_block(&block));
        pushed?;
        if is_cut {
            return Ok(false);
        }
        reader.recycle(block);
        current = next?;
    }
    Ok(true)
}

fn report(table: &TableProfile, oddities: &Oddities, findings: &mut Findings) {
    let path = &table.path;
    if let Some((first, cells)) = oddities.first_ragged {
        let (ragged, rows, columns) = (oddities.ragged, table.rows, table.columns.len());
        let message = format!(
            "{ragged} of {rows} rows do not have {columns} cells; the first is data row {first} with {cells}"
        );
        findings.warn(path, message);
    }
    if oddities.with_nul > 0 {
        findings.warn(path, format!("holds NUL characters, in {}", number_of(oddities.with_nul, "row")));
    }
    match table.encoding.as_deref() {
        Some("windows-1252") => {
            let place = oddities
                .first_not_utf8
                .map_or_else(|| String::from("header"), |row| format!("data row {row}"));
            findings.warn(path, format!("is not UTF-8 ({place}); read it as windows-1252 or latin-1"));
        }
        Some(encoding) if encoding != "utf-8" => findings.warn(path, format!("is not UTF-8 but {encoding}")),
        _ => {}
    }
    if !table.has_header {
        findings.warn(path, "does not seem to name its columns in a first row; read it without a header");
    }
    if table.columns.iter().any(|column| column.name.trim() != column.name) {
        findings.warn(path, "column names have blanks around them, as they are quoted here");
    }
}
