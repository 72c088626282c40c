//! Profiles delimited text as a stream.

use std::cell::Cell;
use std::io::Read;
use std::rc::Rc;

use ::csv::{ByteRecord, Reader, ReaderBuilder};
use smith_task_schema::profile::TableProfile;

use crate::column::table_builder::TableBuilder;
use crate::findings::Findings;
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
    let mut table = OpenTable { dialect, encoding, names: Vec::new(), rows, since_record, pending: None };
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
    let mut open = match open(&found.path) {
        Ok(open) => open,
        Err(message) => {
            findings.error(&found.relative, message);
            return None;
        }
    };
    let mut builder = TableBuilder::new(&open.names);
    let mut oddities = Oddities::default();
    let mut table = TableProfile::new(found.relative.as_str(), format);
    match read_rows(&mut open, &mut builder, &mut oddities, max_rows) {
        Ok(exact) => table.exact = exact,
        Err(message) => {
            table.exact = false;
            findings.error(&found.relative, format!("{message}; the facts are those of the rows before"));
        }
    }
    table.delimiter = Some(char::from(open.dialect.delimiter));
    table.encoding = Some(open.encoding.to_string());
    table.has_header = open.dialect.has_header;
    let table = builder.finish(table, findings);
    report(&table.facts, &oddities, findings);
    Some(table)
}

/// What is wrong with rows: how many, and the number of the first, from 1 below the header.
#[derive(Debug, Default)]
struct Oddities {
    ragged: u64,
    first_ragged: Option<(u64, usize)>,
    with_nul: u64,
    first_not_utf8: Option<u64>,
}

/// True when all rows were read.
fn read_rows(
    open: &mut OpenTable,
    builder: &mut TableBuilder,
    oddities: &mut Oddities,
    max_rows: u64,
) -> Result<bool, String> {
    let columns = open.names.len();
    let mut row = ByteRecord::new();
    while open.next_row(&mut row)? {
        if builder.rows() == max_rows {
            return Ok(false);
        }
        let number = builder.rows() + 1;
        if row.len() != columns {
            oddities.ragged += 1;
            oddities.first_ragged.get_or_insert((number, row.len()));
        }
        oddities.with_nul += u64::from(row.as_slice().contains(&0));
        for (index, cell) in row.iter().take(columns).enumerate() {
            let (text, is_utf8) = decode(cell);
            if !is_utf8 {
                open.encoding = "windows-1252";
                oddities.first_not_utf8.get_or_insert(number);
            }
            if let Some(column) = builder.column(index) {
                column.push(&text);
            }
        }
        builder.end_row();
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
