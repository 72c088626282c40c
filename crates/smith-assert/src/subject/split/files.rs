//! Which file of `public/` each example speaks of.

use std::collections::{BTreeMap, HashMap};

use smith_data::TextColumn;

use super::ids::{bare, canonical};
use crate::subject::public::{PublicFile, stem};

/// Share of the examples whose file must be found.
const COVERAGE: f64 = 0.9;
/// The same where nearly every cell is a name with letters and digits (one of random letters and digits may have digits
/// alone): some of the files may be missing.
const COVERAGE_OF_NAMES: f64 = 0.5;
const NAMES: f64 = 0.9;

/// Files that a column names: for each cell the position of its file.
pub(crate) struct Named {
    pub(crate) files: Vec<Option<u32>>,
    coverage: f64,
}

/// Positions of files by the ways in which a cell may name them; the first of several.
#[derive(Default)]
struct Names<'a> {
    /// Name without its ending.
    by_stem: HashMap<String, u32>,
    /// What stands before the last `_` or `-` of the name: examples of several files (`a1_red.png`, `a1_green.png`).
    by_beginning: HashMap<String, u32>,
    /// The directory right above: examples that are folders.
    by_folder: HashMap<&'a str, u32>,
}

/// Directories with their files under each way in which a cell may name them.
pub(crate) struct Directories<'a> {
    by_directory: BTreeMap<&'a str, Names<'a>>,
    /// The part of the path below each directory above, so that `a/1.png` is found in `train/a/1.png`.
    by_path_end: HashMap<String, u32>,
}

impl<'a> Directories<'a> {
    pub(crate) fn new(files: &'a [PublicFile]) -> Self {
        let mut by_directory: BTreeMap<&'a str, Names<'a>> = BTreeMap::new();
        let mut by_path_end = HashMap::new();
        for (position, file) in files.iter().enumerate() {
            let Ok(position) = u32::try_from(position) else { break };
            let directory = file.directory();
            by_directory.entry(directory).or_default().add(file, position);
            if let Some((above, folder)) = directory.rsplit_once('/') {
                by_directory.entry(above).or_default().by_folder.entry(folder).or_insert(position);
            }
            by_path_end.entry(without_ending(&file.path).to_owned()).or_insert(position);
            if let Some((_, below)) = file.path.split_once('/') {
                by_path_end.entry(without_ending(below).to_owned()).or_insert(position);
            }
        }
        // A directory of one file names nothing: tables lie so.
        by_directory.retain(|_, names| names.by_stem.len() > 1 || names.by_folder.len() > 1);
        Self { by_directory, by_path_end }
    }

    /// The files that a column names, of those below directories whose path holds `side` (`train`, `test`) if they do
    /// as well as others. None when too few are found.
    pub(crate) fn named_by(&self, column: &TextColumn, side: &str) -> Option<Named> {
        let mut best = self.by_path(column);
        let mut directories: Vec<_> = self.by_directory.iter().collect();
        directories.sort_by_key(|(directory, _)| !directory.to_lowercase().contains(side));
        let ways: [fn(&Names<'a>, &str) -> Option<u32>; 3] = [
            |names, cell| names.by_stem.get(bare(cell).as_ref()).copied(),
            |names, cell| names.by_folder.get(cell).copied(),
            |names, cell| names.by_beginning.get(canonical(cell).as_ref()).copied(),
        ];
        for way in ways {
            if best.coverage >= COVERAGE {
                break;
            }
            for (_, names) in &directories {
                let named = by(column, |cell| way(names, cell));
                if named.coverage > best.coverage {
                    best = named;
                }
            }
        }
        // Most columns name no files or all, and their cells need not be looked at again.
        let needed = if (COVERAGE_OF_NAMES..COVERAGE).contains(&best.coverage) && are_names(column) {
            COVERAGE_OF_NAMES
        } else {
            COVERAGE
        };
        (best.coverage >= needed).then_some(best)
    }

    /// The files that a column of paths names: what no number of an id does by chance.
    pub(crate) fn named_by_path(&self, column: &TextColumn) -> Option<Named> {
        Some(self.by_path(column)).filter(|named| named.coverage >= COVERAGE)
    }

    fn by_path(&self, column: &TextColumn) -> Named {
        by(column, |cell| {
            let cell = cell.trim_start_matches("./").trim_start_matches("public/");
            // A name without a directory is looked for directory by directory.
            let whole = cell.contains('/').then(|| without_ending(cell))?;
            let below = whole.split_once('/').map(|(_, below)| below).filter(|below| below.contains('/'));
            self.by_path_end.get(whole).or_else(|| self.by_path_end.get(below?)).copied()
        })
    }
}

impl<'a> Names<'a> {
    fn add(&mut self, file: &'a PublicFile, position: u32) {
        self.by_stem.entry(canonical(file.stem()).into_owned()).or_insert(position);
        if let Some((beginning, _)) = file.stem().rsplit_once(['_', '-']) {
            self.by_beginning.entry(canonical(beginning).into_owned()).or_insert(position);
        }
    }
}

/// True when nearly all cells are names with letters and digits.
fn are_names(column: &TextColumn) -> bool {
    let telling = column.iter().filter(|cell| is_telling(cell)).count();
    telling as f64 >= NAMES * column.len() as f64
}

/// True for a cell that names a file by more than a number, which may be that of anything.
fn is_telling(cell: &str) -> bool {
    cell.contains(|c: char| c.is_ascii_digit())
        && cell.contains(|c: char| c.is_alphabetic())
        && cell.len() >= 4
}

/// A path without the ending of its last part.
fn without_ending(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.get(..path.len() - (name.len() - stem(name).len())).unwrap_or(path)
}

fn by(column: &TextColumn, find: impl Fn(&str) -> Option<u32>) -> Named {
    // Most columns name no files, which a few cells show; rows at one distance may all be those without a file.
    let step = (column.len() / 32).max(1);
    let some = (0..column.len()).step_by(step).enumerate().map(|(at, row)| row + at % step);
    if !some.filter(|row| *row < column.len()).any(|row| find(column.get(row)).is_some()) {
        return Named { coverage: 0.0, files: Vec::new() };
    }
    let files: Vec<Option<u32>> = column.iter().map(find).collect();
    let found = files.iter().flatten().count();
    Named { coverage: found as f64 / files.len().max(1) as f64, files }
}
