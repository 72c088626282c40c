//! How much of the raw data reaches participants or the answers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use smith_data::{FrameLimits, frames};

use super::media::Medium;
use crate::subject::Public;

/// Tables of the raw data that are read, and bytes of one and of all.
const MAX_TABLES: usize = 24;
const MAX_TABLE_BYTES: u64 = 64 << 20;
const MAX_BYTES: u64 = 192 << 20;
const MAX_ROWS: usize = 1_000_000;
/// Share of a delivered table's columns that a raw table must have to be its source.
const SHARED: f64 = 0.5;
/// Raw files of a kind from which on they are counted.
const MANY_FILES: usize = 50;
const TABLES: [&str; 13] = [
    "csv", "tsv", "tab", "data", "parquet", "feather", "arrow", "jsonl", "ndjson", "xlsx", "xls", "arff",
    "gz",
];

/// How much of one part of the raw data is used.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Use {
    /// What it is: rows of a table, files of a kind.
    pub(crate) what: String,
    pub(crate) raw: usize,
    pub(crate) delivered: usize,
}

impl Use {
    /// Share that is used.
    pub(crate) fn share(&self) -> f64 {
        (self.delivered as f64 / self.raw.max(1) as f64).min(1.0)
    }
}

/// What is used of the tables and of the media files in `raw`; parts that nothing delivered can be compared with are
/// left out. `paths` are the files below `raw`.
pub(crate) fn uses(raw: &Path, paths: &[String], public: &Public) -> Vec<Use> {
    let mut uses: Vec<Use> =
        tables(raw, paths, public).into_iter().max_by_key(|own| own.raw).into_iter().collect();
    for (medium, what) in [(Medium::Picture, "pictures"), (Medium::Sound, "recordings")] {
        let in_raw = paths.iter().filter(|path| medium.has(path)).count();
        let delivered = public.files.iter().filter(|file| medium.has(&file.path)).count();
        if in_raw >= MANY_FILES && delivered > 0 {
            uses.push(Use { what: what.to_owned(), raw: in_raw, delivered });
        }
    }
    uses
}

fn tables(raw: &Path, paths: &[String], public: &Public) -> Vec<Use> {
    let names =
        |names: &[String]| -> BTreeSet<String> { names.iter().map(|name| name.to_lowercase()).collect() };
    let mut of_columns: BTreeMap<BTreeSet<String>, (String, usize, bool)> = BTreeMap::new();
    let mut left = MAX_BYTES;
    let wanted = paths.iter().filter(|path| {
        path.rsplit_once('.').is_some_and(|(_, ending)| TABLES.contains(&ending.to_lowercase().as_str()))
    });
    for path in wanted.take(MAX_TABLES) {
        let bytes = std::fs::metadata(raw.join(path)).map_or(u64::MAX, |meta| meta.len());
        if bytes > MAX_TABLE_BYTES.min(left) {
            continue;
        }
        left -= bytes;
        let mut limits = FrameLimits::default();
        limits.rows = MAX_ROWS;
        for frame in frames(&raw.join(path), &limits).unwrap_or_default() {
            let entry = of_columns.entry(names(frame.names())).or_insert_with(|| (path.clone(), 0, false));
            entry.1 += frame.rows();
            entry.2 |= frame.is_cut();
        }
    }
    let uses = of_columns.into_iter().filter(|(_, (_, _, is_cut))| !is_cut).filter_map(
        |(columns, (path, rows, _))| {
            let from_it = public.tables.iter().filter(|table| {
                let own = names(table.frame.names());
                own.len() > 1 && own.intersection(&columns).count() as f64 >= SHARED * own.len() as f64
            });
            let delivered = from_it.map(|table| table.frame.rows()).sum::<usize>();
            (delivered > 0 && rows > 0).then(|| Use {
                what: format!("rows of raw/{path}"),
                raw: rows,
                delivered,
            })
        },
    );
    uses.collect()
}
