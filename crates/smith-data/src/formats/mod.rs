//! Readers of the formats that tables come in.

pub(crate) mod arff;
pub(crate) mod arrow_cells;
pub(crate) mod arrow_ipc;
pub(crate) mod csv;
pub(crate) mod csv_blocks;
pub(crate) mod json;
pub(crate) mod json_sample;
pub(crate) mod lines;
pub(crate) mod parquet_table;
pub(crate) mod sequences;
mod shield;
pub(crate) mod sniff;
pub(crate) mod sparse;
pub(crate) mod spreadsheet;
pub(crate) mod sqlite;
pub(crate) mod time_series;

use crate::findings::Findings;
use crate::source::encoding::{decode_head, looks_binary};
use crate::source::kind::{SNIFF_BYTES, extension, split_compression};
use crate::source::reader;
use crate::source::walk::Found;
use crate::table_data::TableData;
use sequences::Sequences;

/// Told how many further bytes of a file were read.
pub(crate) type Progress<'p> = dyn Fn(u64) + Sync + 'p;

/// Reports the bytes of one file as they are read, never more than it has.
pub(crate) struct Counted<'p> {
    progress: &'p Progress<'p>,
    told: std::cell::Cell<u64>,
}

impl<'p> Counted<'p> {
    fn new(progress: &'p Progress<'p>) -> Self {
        Self { progress, told: std::cell::Cell::new(0) }
    }

    /// Tells nobody.
    pub(crate) fn silent() -> Self {
        Self::new(&|_| {})
    }

    /// `bytes` of `all` bytes have been read so far.
    pub(crate) fn reach(&self, bytes: u64, all: u64) {
        let further = bytes.min(all).saturating_sub(self.told.get());
        self.told.set(self.told.get() + further);
        (self.progress)(further);
    }

    fn finish(&self, all: u64) {
        self.reach(all, all);
    }
}

/// A format of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Delimited,
    Parquet,
    Arrow,
    Spreadsheet,
    Sqlite,
    Arff,
    TimeSeries,
    Sparse,
    Sequences(Sequences),
}

/// The tables of a file: first by what it holds, then by its name. What cannot be read is a finding.
pub(crate) fn read_tables(
    found: &Found,
    max_rows: u64,
    progress: &Progress<'_>,
    findings: &mut Findings,
) -> Vec<TableData> {
    let counted = Counted::new(progress);
    let tables = tables_of(found, max_rows, &counted, findings);
    counted.finish(found.bytes);
    tables
}

fn tables_of(found: &Found, max_rows: u64, counted: &Counted<'_>, findings: &mut Findings) -> Vec<TableData> {
    let named = |format: &str| reader::packed_format(format, &found.path);
    let table = match format_of(found) {
        Format::Delimited => csv::profile(found, &named("csv"), max_rows, counted, findings),
        Format::Parquet => parquet_table::profile(found, max_rows, counted, findings),
        Format::Arrow => return arrow_ipc::profile(found, max_rows, findings).into_iter().collect(),
        Format::Spreadsheet => return spreadsheet::profile(found, max_rows, findings),
        Format::Sqlite => return sqlite::profile(found, max_rows, findings),
        Format::Arff => arff::profile(found, &named("arff"), max_rows, findings),
        Format::TimeSeries => time_series::profile(found, &named("ts"), max_rows, findings),
        Format::Sparse => sparse::profile(found, &named("libsvm"), max_rows, findings),
        Format::Sequences(kind) => {
            let format = named(if kind == Sequences::Fasta { "fasta" } else { "fastq" });
            sequences::profile(found, kind, &format, max_rows, findings)
        }
    };
    match table {
        Ok(table) => vec![table],
        Err(message) => {
            findings.error(&found.relative, message);
            Vec::new()
        }
    }
}

/// True for a text that is a table of some kind beside delimited ones, whatever its name.
pub(crate) fn is_special_text(head: &[u8]) -> bool {
    special_text(&decode_head(head)).is_some()
}

fn special_text(head: &str) -> Option<Format> {
    if time_series::is_time_series(head) {
        Some(Format::TimeSeries)
    } else if sparse::is_sparse(head) {
        Some(Format::Sparse)
    } else {
        sequences::recognise(head).map(Format::Sequences)
    }
}

fn format_of(found: &Found) -> Format {
    let head = reader::head(&found.path, SNIFF_BYTES).unwrap_or_default();
    if head.starts_with(b"PAR1") {
        return Format::Parquet;
    }
    if head.starts_with(b"ARROW1") || head.starts_with(b"FEA1") {
        return Format::Arrow;
    }
    if head.starts_with(b"SQLite format 3\0") {
        return Format::Sqlite;
    }
    let name = found.name();
    let extension = extension(split_compression(name).map_or(name, |(stem, _)| stem));
    let is_text = !looks_binary(&head);
    match extension.as_str() {
        // Programs write text under the name of whatever was asked for.
        "parquet" | "pq" if !is_text => Format::Parquet,
        "arrow" | "arrows" | "ipc" | "feather" if !is_text => Format::Arrow,
        "xlsx" | "xlsm" | "xlsb" | "xls" | "ods" if !is_text || head.starts_with(b"PK") => {
            Format::Spreadsheet
        }
        "db" | "sqlite" | "sqlite3" | "db3" | "duckdb" => Format::Sqlite,
        "arff" => Format::Arff,
        "csv" | "tsv" | "psv" | "tab" => Format::Delimited,
        _ => special_text(&decode_head(&head)).unwrap_or(Format::Delimited),
    }
}
