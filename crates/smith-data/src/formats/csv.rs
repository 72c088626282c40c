//! Profiles delimited text as a stream.

use std::io::Read;
use std::path::Path;

use smith_task_schema::profile::TableProfile;

use crate::column::table_builder::{RowBlock, TableBuilder};
use crate::findings::Findings;
use crate::formats::Counted;
use crate::formats::csv_blocks::{Block, BlockOddities, BlockReader, Marks};
use crate::formats::sniff::{Dialect, sniff};
use crate::overview::display::number_of;
use crate::source::encoding::{DecodingReader, Guess, guess, looks_binary};
use crate::source::kind::SNIFF_BYTES;
use crate::source::reader;
use crate::source::walk::Found;
use crate::table_data::TableData;

/// Lines that are wanted to find a dialect.
const SNIFF_LINES: usize = 20;
/// Bytes that are looked at where lines are so long that the usual number holds too few.
const WIDE_SNIFF_BYTES: usize = 1 << 20;

/// A delimited text whose dialect is known.
pub(crate) struct OpenTable {
    pub(crate) dialect: Dialect,
    pub(crate) names: Vec<String>,
    guess: Guess,
    line_end: u8,
}

/// Finds out how a delimited text is to be read. The error says in words why it is none.
pub(crate) fn open(path: &Path) -> Result<OpenTable, String> {
    let unreadable = |e: std::io::Error| format!("cannot be read: {e}");
    let mut head = reader::head(path, SNIFF_BYTES).map_err(unreadable)?;
    let mut limit = SNIFF_BYTES;
    if head.len() == limit && memchr::memchr_iter(b'\n', &head).take(SNIFF_LINES).count() < SNIFF_LINES {
        limit = WIDE_SNIFF_BYTES;
        head = reader::head(path, limit).map_err(unreadable)?;
    }
    if looks_binary(&head) {
        return Err(String::from("is named like a table, but holds no text"));
    }
    let dialect = sniff(&head, head.len() < limit).ok_or("holds nothing but blank lines")?;
    let names = match &dialect.names {
        Some(names) => names.clone(),
        None => (1..=dialect.columns).map(|i| format!("column_{i}")).collect(),
    };
    let line_end =
        if memchr::memchr(b'\n', &head).is_none() && head.contains(&b'\r') { b'\r' } else { b'\n' };
    Ok(OpenTable { dialect, names, guess: guess(&head), line_end })
}

impl OpenTable {
    /// The rows of the file at `path`, in blocks.
    fn blocks(&self, path: &Path) -> Result<BlockReader, String> {
        let plain = reader::open(path).map_err(|e| format!("cannot be read: {e}"))?;
        let bytes: Box<dyn Read + Send> =
            if self.is_decoded() { Box::new(DecodingReader::new(plain, self.guess.encoding)) } else { plain };
        let marks = Marks {
            delimiter: self.dialect.delimiter,
            blanks: self.dialect.blanks,
            quote: self.dialect.quote,
            escape: self.dialect.escape,
            line_end: self.line_end,
            comment: self.dialect.comment,
            closes_rows: self.dialect.trailing_delimiter,
        };
        let mut blocks = BlockReader::new(bytes, marks, self.names.len());
        blocks.skip_lines(self.dialect.skip_lines + self.dialect.header_lines);
        Ok(blocks)
    }

    /// True for an encoding that is turned into UTF-8 as a whole. What is UTF-8, or Windows-1252 for want of anything
    /// better, is decided cell by cell: files that mix the two are common.
    fn is_decoded(&self) -> bool {
        self.guess.encoding != encoding_rs::UTF_8 && self.guess.encoding != encoding_rs::WINDOWS_1252
    }

    /// Shows every block of rows until `take` says that it wants no more. True when it saw all of them.
    pub(crate) fn each_block(
        &self,
        path: &Path,
        mut take: impl FnMut(&Block) -> bool,
    ) -> Result<bool, String> {
        let mut blocks = self.blocks(path)?;
        while let Some(block) = blocks.next_block()? {
            if !take(&block) {
                return Ok(false);
            }
            blocks.recycle(block);
        }
        Ok(true)
    }

    /// The first rows, at most `limit`, as text.
    pub(crate) fn first_rows(&self, path: &Path, limit: usize) -> Result<Vec<Vec<String>>, String> {
        let mut blocks = self.blocks(path)?;
        let mut rows = Vec::new();
        while rows.len() < limit
            && let Some(block) = blocks.next_block()?
        {
            let wanted = block.rows().min(limit - rows.len());
            rows.extend(
                (0..wanted)
                    .map(|row| (0..self.names.len()).map(|at| block.text(at, row)).collect::<Vec<_>>()),
            );
        }
        Ok(rows)
    }
}

/// Facts of the first `max_rows` rows.
///
/// # Errors
/// Words for why the file is no delimited text.
pub(crate) fn profile(
    found: &Found,
    format: &str,
    max_rows: u64,
    counted: &Counted<'_>,
    findings: &mut Findings,
) -> Result<TableData, String> {
    let open = open(&found.path)?;
    let blocks = open.blocks(&found.path)?;
    let mut builder = TableBuilder::with_decimal(&open.names, open.dialect.decimal);
    let mut oddities = Oddities::default();
    let mut table = TableProfile::new(found.relative.as_str(), format);
    let progress = |bytes| counted.reach(bytes, found.bytes);
    let footer = open.dialect.footer_rows;
    match read_blocks(blocks, &mut builder, &mut oddities, (max_rows, footer), &progress) {
        Ok(exact) => table.exact = exact,
        Err(message) => {
            table.exact = false;
            let rows = number_of(builder.rows(), "row");
            findings.error(&found.relative, format!("{message}; the facts are those of the {rows} before"));
        }
    }
    let is_mended = oddities.first_not_utf8.is_some() || open.guess.encoding == encoding_rs::WINDOWS_1252;
    table.delimiter = Some(char::from(open.dialect.delimiter));
    table.decimal = (open.dialect.decimal != b'.').then(|| char::from(open.dialect.decimal));
    table.encoding =
        Some(if is_mended && !open.is_decoded() { String::from("windows-1252") } else { open.guess.name() });
    table.has_header = open.dialect.has_header;
    table.skipped_lines = open.dialect.skip_lines as u64;
    let table = builder.finish(table, findings);
    report(&table.facts, &open, &oddities, findings);
    Ok(table)
}

/// What is wrong with rows: how many, and the number of the first, from 1 below the header.
#[derive(Debug, Default)]
struct Oddities {
    ragged: u64,
    first_ragged: Option<(u64, usize)>,
    with_nul: u64,
    not_utf8: u64,
    /// Rows with any character beyond ASCII.
    beyond_ascii: u64,
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
        self.beyond_ascii += block.beyond_ascii;
        self.first_not_utf8 = self.first_not_utf8.or(block.first_not_utf8.map(number));
    }
}

/// Takes in the rows, the next block being read and cut while the columns take in the last. True when all were read.
/// Of `(max_rows, footer)` the second counts rows at the end of a short text that are none.
fn read_blocks(
    mut reader: BlockReader,
    builder: &mut TableBuilder,
    oddities: &mut Oddities,
    (max_rows, footer): (u64, usize),
    progress: &dyn Fn(u64),
) -> Result<bool, String> {
    let mut current = reader.next_block()?;
    while let Some(mut block) = current {
        let left = max_rows - builder.rows();
        if left == 0 {
            return Ok(false);
        }
        if footer > 0 {
            block.truncate(block.rows().saturating_sub(footer));
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
        progress(reader.bytes_read());
        reader.recycle(block);
        current = next?;
    }
    Ok(true)
}

fn report(table: &TableProfile, open: &OpenTable, oddities: &Oddities, findings: &mut Findings) {
    report_rows(table, oddities, findings);
    report_encoding(table, open, oddities, findings);
    report_head(table, &open.dialect, findings);
}

fn report_rows(table: &TableProfile, oddities: &Oddities, findings: &mut Findings) {
    if let Some((first, cells)) = oddities.first_ragged {
        let (ragged, rows, columns) = (oddities.ragged, table.rows, table.columns.len());
        let message = format!(
            "{ragged} of {rows} rows do not have {columns} cells; the first is data row {first} with {cells}"
        );
        findings.warn(&table.path, message);
    }
    if oddities.with_nul > 0 {
        findings
            .warn(&table.path, format!("holds NUL characters, in {}", number_of(oddities.with_nul, "row")));
    }
}

fn report_encoding(table: &TableProfile, open: &OpenTable, oddities: &Oddities, findings: &mut Findings) {
    let path = &table.path;
    if open.is_decoded() {
        findings.warn(path, format!("is not UTF-8 but {}", open.guess.name()));
    } else if open.guess.mixed
        || (oddities.first_not_utf8.is_some() && oddities.beyond_ascii > oddities.not_utf8)
    {
        let rows = number_of(oddities.not_utf8, "row");
        let first =
            oddities.first_not_utf8.map_or_else(String::new, |row| format!(", the first is data row {row}"));
        findings.warn(
            path,
            format!("mixes encodings: UTF-8, and {rows} that are not{first}; they are read as windows-1252"),
        );
    } else if table.encoding.as_deref() == Some("windows-1252") {
        let place =
            oddities.first_not_utf8.map_or_else(|| String::from("header"), |row| format!("data row {row}"));
        findings.warn(path, format!("is not UTF-8 ({place}); read it as windows-1252 or latin-1"));
    }
}

fn report_head(table: &TableProfile, dialect: &Dialect, findings: &mut Findings) {
    let path = &table.path;
    if !table.has_header {
        findings.warn(path, "does not seem to name its columns in a first row; read it without a header");
    }
    if dialect.skip_lines > 0 {
        let lines = number_of(dialect.skip_lines as u64, "line");
        findings.warn(path, format!("begins with {lines} that are none of the table; skip them"));
    }
    if dialect.header_lines > 1 {
        findings.warn(
            path,
            format!(
                "has a header of {} lines; its names are those of the columns here",
                dialect.header_lines
            ),
        );
    }
    if dialect.footer_rows > 0 {
        let rows = number_of(dialect.footer_rows as u64, "row");
        findings.warn(path, format!("ends with {rows} that are none of the table; they are left out"));
    }
    if dialect.renamed {
        findings.warn(path, "has columns without a name or with the name of another; they are renamed here");
    }
    if dialect.row_names {
        findings.warn(path, "has a first column of row names that the header does not count");
    }
    if let Some(thousands) = dialect.thousands {
        findings.warn(
            path,
            format!("writes `{}` between thousands; such numbers are text here", char::from(thousands)),
        );
    }
    if dialect.decimal == b',' {
        findings.warn(path, "writes a comma between whole and fraction of its numbers");
    }
    if table.columns.iter().any(|column| column.name.trim() != column.name) {
        findings.warn(path, "column names have blanks around them, as they are quoted here");
    }
}
