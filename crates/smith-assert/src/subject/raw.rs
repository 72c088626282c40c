//! What the task was made of: the tables and the other files of `raw/`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use smith_data::{Frame, FrameLimits, Unpacked, frames, unpacked};

use super::copies::list_files;
use super::public::{PublicFile, holds_table};
use crate::AssertError;

/// Tables that are read, and bytes of a file and of all tables together in memory.
const MAX_TABLES: usize = 48;
const MAX_FILE_BYTES: u64 = 64 << 20;
const MAX_BYTES: usize = 192 << 20;
/// Rows of one table.
const MAX_ROWS: usize = 300_000;
/// What is unpacked of archives.
const MAX_UNPACKED_BYTES: u64 = 1 << 30;
/// Tables of one directory and ending: more are one for each example.
const TABLES_PER_GROUP: usize = 20;
/// Files that are no tables and are kept.
const MAX_FILES: usize = 100_000;
/// Endings of tables that are none in public data.
const MORE_TABLES: [&str; 4] = ["npy", "npz", "mat", "txt"];

/// A table of the raw data; parts with the same columns are one behind the other.
#[derive(Debug)]
pub(crate) struct RawTable {
    /// Path of the first file within `raw/`.
    pub(crate) path: String,
    pub(crate) frame: Frame,
}

/// Tables and files of the raw data.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    pub(crate) tables: Vec<RawTable>,
    /// Files that hold no tables, each with its path within `raw/` and where it can be opened.
    pub(crate) files: Vec<(String, PathBuf)>,
    /// Tables that were not read, or not wholly.
    pub(crate) unread: usize,
    _archives: Unpacked,
}

impl Raw {
    /// Reads what is below `root`; archives are unpacked to `scratch`. Blocks.
    pub(super) fn read(root: &Path, scratch: &Path) -> Result<Self, AssertError> {
        if !root.is_dir() {
            return Ok(Self::default());
        }
        let paths = list_files(root)?;
        let archives = unpacked(root, paths.iter().map(String::as_str), MAX_UNPACKED_BYTES, scratch);
        let inner = archives.files.iter().map(|file| (file.path.clone(), file.location.clone(), file.bytes));
        let own = paths.into_iter().map(|path| {
            let location = root.join(&path);
            let bytes = std::fs::metadata(&location).map_or(u64::MAX, |meta| meta.len());
            (path, location, bytes)
        });
        let mut raw = Self::default();
        let mut reader = Reader::default();
        for (path, location, bytes) in own.chain(inner) {
            let file = PublicFile { path, bytes };
            if !is_table(&file) {
                if raw.files.len() < MAX_FILES {
                    raw.files.push((file.path, location));
                }
            } else if !reader.read(&file, &location) {
                raw.unread += 1;
            }
        }
        raw.tables = reader.tables();
        raw.unread += raw.tables.iter().filter(|table| table.frame.is_cut()).count();
        raw._archives = archives;
        Ok(raw)
    }
}

fn is_table(file: &PublicFile) -> bool {
    let ending = file.name().rsplit('.').next().unwrap_or("").to_lowercase();
    holds_table(file) || (file.bytes > 0 && MORE_TABLES.contains(&ending.as_str()))
}

/// Reads tables within the bounds.
#[derive(Default)]
struct Reader {
    read: Vec<(String, Frame)>,
    bytes: usize,
    groups: BTreeMap<(String, String), usize>,
}

impl Reader {
    /// False when the table is left out.
    fn read(&mut self, file: &PublicFile, location: &Path) -> bool {
        let ending = file.name().rsplit('.').next().unwrap_or("").to_lowercase();
        let of_group = self.groups.entry((file.directory().to_owned(), ending)).or_default();
        *of_group += 1;
        let left = MAX_BYTES.saturating_sub(self.bytes);
        if *of_group > TABLES_PER_GROUP
            || self.read.len() >= MAX_TABLES
            || file.bytes > MAX_FILE_BYTES
            || left == 0
        {
            return false;
        }
        let mut limits = FrameLimits::default();
        (limits.rows, limits.bytes) = (MAX_ROWS, left);
        let Ok(frames) = frames(location, &limits) else { return false };
        for frame in frames {
            self.bytes = self.bytes.saturating_add(frame.bytes());
            self.read.push((file.path.clone(), frame));
        }
        true
    }

    /// The tables, those of the same columns together.
    fn tables(self) -> Vec<RawTable> {
        let mut tables: Vec<RawTable> = Vec::new();
        let mut of_names: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        for (path, frame) in self.read {
            let names = frame.names().to_vec();
            let same = of_names.get(&names).copied().filter(|_| names.len() > 1);
            if let Some(table) = same.and_then(|at| tables.get_mut(at)) {
                for row in 0..frame.rows() {
                    table.frame.push_row(frame.columns().iter().map(|column| column.get(row)));
                }
                continue;
            }
            of_names.entry(names).or_insert(tables.len());
            tables.push(RawTable { path, frame });
        }
        tables
    }
}
