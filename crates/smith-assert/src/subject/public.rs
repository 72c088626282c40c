//! What participants are given: the files of `public/` and the tables among them.

use std::path::Path;

use smith_data::{Frame, FrameLimits, frames};

use super::copies::list_files;
use crate::AssertError;

/// Tables that are read: more are usually more of the same.
const MAX_TABLES: usize = 60;
/// Rows of one table that are compared.
const MAX_ROWS: usize = 500_000;
/// Text of one table that is compared, in bytes.
const MAX_TABLE_BYTES: usize = 256 << 20;
/// Text of all tables together, in bytes.
const MAX_TOTAL_BYTES: usize = 768 << 20;
/// Files of this name are no data.
const NOT_DATA: [&str; 3] = ["description.txt", "data_structure.txt", "sample_submission.csv"];
/// Endings of files that hold tables, before that of a compression.
const TABLES: [&str; 10] =
    ["csv", "tsv", "tab", "psv", "data", "parquet", "feather", "arrow", "xlsx", "jsonl"];
const COMPRESSIONS: [&str; 5] = ["gz", "zst", "bz2", "xz", "lzma"];

/// A file of `public/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicFile {
    /// Path within `public/`, with `/` between parts.
    pub(crate) path: String,
    pub(crate) bytes: u64,
}

impl PublicFile {
    /// The last part of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The path without the last part.
    pub(crate) fn directory(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(directory, _)| directory)
    }

    /// The name up to its first ending.
    pub(crate) fn stem(&self) -> &str {
        stem(self.name())
    }
}

/// A name without its ending.
pub(crate) fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

/// A table of `public/`.
#[derive(Debug)]
pub(crate) struct PublicTable {
    /// Path of its file within `public/`.
    pub(crate) path: String,
    pub(crate) frame: Frame,
}

/// Files and tables of `public/`.
#[derive(Debug, Default)]
pub(crate) struct Public {
    /// All files, in order of their paths, links left out.
    pub(crate) files: Vec<PublicFile>,
    /// Tables but for the sample submission, in order of their paths.
    pub(crate) tables: Vec<PublicTable>,
    /// Files that should hold tables and were not read, or not wholly, with the reason.
    pub(crate) unread: Vec<(String, String)>,
}

impl Public {
    /// Reads what is below `root`. Blocks.
    pub(super) fn read(root: &Path) -> Result<Self, AssertError> {
        let mut public = Self::default();
        for path in list_files(root)? {
            let bytes = std::fs::metadata(root.join(&path)).map_err(AssertError::io(root))?.len();
            public.files.push(PublicFile { path, bytes });
        }
        let mut left = MAX_TOTAL_BYTES;
        let tables: Vec<String> =
            public.files.iter().filter(|file| holds_table(file)).map(|file| file.path.clone()).collect();
        for path in tables {
            public.read_table(root, path, &mut left);
        }
        Ok(public)
    }

    fn read_table(&mut self, root: &Path, path: String, left: &mut usize) {
        if self.tables.len() >= MAX_TABLES || *left == 0 {
            self.unread.push((path, "there are more tables than are compared".to_owned()));
            return;
        }
        let mut limits = FrameLimits::default();
        (limits.rows, limits.bytes) = (MAX_ROWS, MAX_TABLE_BYTES.min(*left));
        match frames(&root.join(&path), &limits) {
            Ok(frames) => {
                for frame in frames {
                    *left = left.saturating_sub(frame.bytes());
                    if frame.is_cut() {
                        let rows = frame.rows();
                        self.unread.push((path.clone(), format!("only its first {rows} rows are compared")));
                    }
                    self.tables.push(PublicTable { path: path.clone(), frame });
                }
            }
            Err(error) => self.unread.push((path, error.to_string())),
        }
    }
}

fn holds_table(file: &PublicFile) -> bool {
    if NOT_DATA.contains(&file.name()) || file.bytes == 0 {
        return false;
    }
    let name = file.name().to_lowercase();
    let mut endings = name.rsplit('.');
    let last = endings.next().unwrap_or("");
    let ending = if COMPRESSIONS.contains(&last) { endings.next().unwrap_or("") } else { last };
    TABLES.contains(&ending)
}
