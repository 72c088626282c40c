//! What participants are given: the files of `public/` and the tables among them.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use smith_data::{About, Frame, FrameLimits, Unpacked, frames, unpacked};

use super::copies::list_files;
use crate::AssertError;

/// Files of tables that are read: more are usually more of the same.
const MAX_TABLES: usize = 60;
/// Rows of one table that are compared.
const MAX_ROWS: usize = 500_000;
/// Text of one table that is compared, in bytes.
const MAX_TABLE_BYTES: usize = 256 << 20;
/// Text of all tables together, in bytes.
const MAX_TOTAL_BYTES: usize = 768 << 20;
/// What is unpacked of all archives together, in bytes.
const MAX_UNPACKED_BYTES: u64 = 4 << 30;
/// Tables of one directory and ending that are read: more are one for each example.
const TABLES_PER_GROUP: usize = 20;
/// Files of this name are no data.
const NOT_DATA: [&str; 3] = ["description.txt", "data_structure.txt", "sample_submission.csv"];
/// Endings of files that hold tables, before that of a compression.
const TABLES: [&str; 21] = [
    "csv", "tsv", "tab", "psv", "data", "parquet", "pq", "feather", "arrow", "xlsx", "xlsm", "xls", "ods",
    "json", "jsonl", "ndjson", "arff", "db", "sqlite", "sqlite3", "db3",
];
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
    root: PathBuf,
    /// All files, in order of their paths, links left out.
    pub(crate) files: Vec<PublicFile>,
    /// Files in archives, in the order of these, each called `ARCHIVE!/PATH`.
    pub(crate) inner: Vec<PublicFile>,
    archives: Unpacked,
    /// Position of each file in an archive.
    places: HashMap<String, usize>,
    /// Tables but for the sample submission, in order of their paths.
    pub(crate) tables: Vec<PublicTable>,
    /// Files that should hold tables and were not read, or not wholly, with the reason.
    pub(crate) unread: Vec<(String, String)>,
}

impl Public {
    /// Reads what is below `root`; archives are unpacked to `scratch`, where there is one. Blocks.
    pub(super) fn read(root: &Path, scratch: Option<&Path>) -> Result<Self, AssertError> {
        let mut public = Self { root: root.to_path_buf(), ..Self::default() };
        for path in list_files(root)? {
            let bytes = std::fs::metadata(root.join(&path)).map_err(AssertError::io(root))?.len();
            public.files.push(PublicFile { path, bytes });
        }
        if let Some(scratch) = scratch {
            let paths = public.files.iter().map(|file| file.path.as_str());
            public.archives = unpacked(root, paths, MAX_UNPACKED_BYTES, scratch);
            public.unread.clone_from(&public.archives.unread);
            let inner = public.archives.files.iter();
            public.inner =
                inner.map(|file| PublicFile { path: file.path.clone(), bytes: file.bytes }).collect();
            public.places =
                public.inner.iter().enumerate().map(|(at, file)| (file.path.clone(), at)).collect();
        }
        public.read_tables();
        Ok(public)
    }

    fn read_tables(&mut self) {
        let mut left = MAX_TOTAL_BYTES;
        let mut groups: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let (mut chosen, mut left_out) = (Vec::new(), Vec::new());
        for file in self.files.iter().chain(&self.inner).filter(|file| holds_table(file)) {
            let ending = file.name().rsplit('.').next().unwrap_or("");
            let count = groups.entry((file.directory(), ending)).or_default();
            *count += 1;
            if *count <= TABLES_PER_GROUP {
                chosen.push(file.path.clone());
            } else {
                left_out.push(file.path.clone());
            }
        }
        for path in chosen {
            let location = self.location(&path);
            self.read_table(&location, path, &mut left);
        }
        if let Some(first) = left_out.into_iter().next() {
            let why = "tables beyond the first 20 of its kind in its directory are not compared";
            self.unread.push((first, why.to_owned()));
        }
    }

    /// Where the file of a path can be opened, one in an archive too.
    pub(crate) fn location(&self, path: &str) -> PathBuf {
        let inner = self.places.get(path).and_then(|at| self.archives.files.get(*at));
        inner.map_or_else(|| self.root.join(path), |file| file.location.clone())
    }

    /// What its archive says of a file in one.
    pub(crate) fn about(&self, path: &str) -> Option<About> {
        self.places.get(path).and_then(|at| self.archives.files.get(*at)).map(|file| file.about)
    }

    /// All files, those in archives behind the others.
    pub(crate) fn all_files(&self) -> impl Iterator<Item = &PublicFile> {
        self.files.iter().chain(&self.inner)
    }

    fn read_table(&mut self, location: &Path, path: String, left: &mut usize) {
        let files = self.tables.chunk_by(|a, b| a.path == b.path).count();
        if files >= MAX_TABLES || *left == 0 {
            self.unread.push((path, "there are more tables than are compared".to_owned()));
            return;
        }
        let mut limits = FrameLimits::default();
        (limits.rows, limits.bytes) = (MAX_ROWS, MAX_TABLE_BYTES.min(*left));
        match frames(location, &limits) {
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

/// True for a file that should hold tables by its name.
pub(crate) fn holds_table(file: &PublicFile) -> bool {
    if NOT_DATA.contains(&file.name()) || file.bytes == 0 {
        return false;
    }
    let name = file.name().to_lowercase();
    let mut endings = name.rsplit('.');
    let last = endings.next().unwrap_or("");
    let ending = if COMPRESSIONS.contains(&last) { endings.next().unwrap_or("") } else { last };
    TABLES.contains(&ending)
}
