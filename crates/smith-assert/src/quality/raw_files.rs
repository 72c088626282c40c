//! The raw data as far as examples can be compared with them: tables, pictures and recordings, archives unpacked.

use std::path::{Path, PathBuf};

use smith_data::{Frame, FrameLimits, Unpacked, frames, unpacked};
use tempfile::TempDir;

use super::media::Medium;
use super::random::{hash, spread};
use super::rows;
use crate::AssertError;
use crate::subject::{Subject, list_files};

/// Tables that are read, bytes of one and of all, and rows of one.
const MAX_TABLES: usize = 24;
const MAX_TABLE_BYTES: u64 = 64 << 20;
const MAX_BYTES: u64 = 192 << 20;
const MAX_ROWS: usize = 1_000_000;
/// Bytes that are unpacked.
const MAX_UNPACKED_BYTES: u64 = 1 << 30;
/// Media files that are compared, spread evenly.
const MAX_MEDIA: usize = 3_000;
const TABLES: [&str; 15] = [
    "csv", "tsv", "tab", "data", "txt", "parquet", "feather", "arrow", "jsonl", "ndjson", "json", "xlsx",
    "xls", "arff", "gz",
];
/// Texts that are looked for to find their column, and the share of them that it must hold.
const SOUGHT: usize = 200;
const HELD: f64 = 0.5;

/// Files of `raw/`, those in archives too.
pub(crate) struct RawFiles {
    /// Path in messages, and where it lies.
    files: Vec<(String, PathBuf)>,
    _unpacked: Unpacked,
    _scratch: TempDir,
}

impl RawFiles {
    /// Lists what is below `raw/`; none when there is nothing. Blocks.
    pub(crate) fn read(cx: &Subject) -> Result<Option<Self>, AssertError> {
        let root = &cx.layout().raw;
        if !root.is_dir() {
            return Ok(None);
        }
        let paths = list_files(root)?;
        let scratch = cx.scratch_dir("raw-files-")?;
        let inner = unpacked(root, paths.iter().map(String::as_str), MAX_UNPACKED_BYTES, scratch.path());
        let mut files: Vec<(String, PathBuf)> =
            paths.into_iter().map(|path| (path.clone(), root.join(path))).collect();
        files.extend(inner.files.iter().map(|file| (file.path.clone(), file.location.clone())));
        Ok((!files.is_empty()).then_some(Self { files, _unpacked: inner, _scratch: scratch }))
    }

    /// All files: path, and where it lies.
    pub(crate) fn files(&self) -> &[(String, PathBuf)] {
        &self.files
    }

    /// The tables, as far as the limits allow; tables that are cut are left out.
    pub(crate) fn tables(&self) -> Vec<Frame> {
        let mut left = MAX_BYTES;
        let mut tables = Vec::new();
        let wanted = self.files.iter().filter(|(path, _)| {
            path.rsplit_once('.').is_some_and(|(_, ending)| TABLES.contains(&ending.to_lowercase().as_str()))
        });
        for (_, place) in wanted.take(MAX_TABLES) {
            let bytes = std::fs::metadata(place).map_or(u64::MAX, |meta| meta.len());
            if bytes > MAX_TABLE_BYTES.min(left) {
                continue;
            }
            left -= bytes;
            let mut limits = FrameLimits::default();
            limits.rows = MAX_ROWS;
            tables.extend(
                frames(place, &limits).unwrap_or_default().into_iter().filter(|frame| !frame.is_cut()),
            );
        }
        tables
    }

    /// Where files of a medium lie, some of them, in order.
    pub(crate) fn media(&self, medium: Medium) -> Vec<&Path> {
        let all: Vec<&Path> = self
            .files
            .iter()
            .filter(|(path, _)| medium.has(path))
            .map(|(_, place)| place.as_path())
            .collect();
        spread(all.len(), MAX_MEDIA).into_iter().filter_map(|at| all.get(at).copied()).collect()
    }
}

/// Share of the rows of a raw table that come again in these columns; none when no table has all of them.
pub(crate) fn repeated_rows(tables: &[Frame], names: &[&str]) -> Option<f64> {
    let of = |table: &Frame| -> Option<f64> {
        let columns: Vec<_> =
            names.iter().map(|name| table.columns().get(table.position(name)?)).collect::<Option<_>>()?;
        Some(rows::repeated(&columns, table.rows()))
    };
    let best = tables.iter().filter(|table| table.rows() > 1).max_by_key(|table| {
        (names.iter().filter(|name| table.position(name).is_some()).count(), table.rows())
    })?;
    of(best)
}

/// The column of a raw table that holds these texts.
pub(crate) fn column_of<'t>(tables: &'t [Frame], texts: &[&str]) -> Option<Vec<&'t str>> {
    let sought: std::collections::HashSet<u64> = spread(texts.len(), SOUGHT)
        .into_iter()
        .filter_map(|at| texts.get(at))
        .map(|text| plain(text))
        .collect();
    let holds = |column: &smith_data::TextColumn| {
        let found: std::collections::HashSet<u64> =
            column.iter().map(plain).filter(|own| sought.contains(own)).collect();
        found.len() as f64 >= HELD * sought.len() as f64
    };
    let column = tables.iter().flat_map(Frame::columns).find(|column| !sought.is_empty() && holds(column))?;
    Some(column.iter().collect())
}

/// A text beyond case and blanks.
fn plain(text: &str) -> u64 {
    hash(&text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
}
