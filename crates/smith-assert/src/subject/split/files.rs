//! Which file of `public/` each example speaks of.

use std::collections::{BTreeMap, HashMap};

use smith_data::TextColumn;

use super::ids::canonical;
use crate::subject::public::{PublicFile, stem};

/// Share of the examples whose file must be found.
const COVERAGE: f64 = 0.9;

/// Files that a column names: for each cell the position of its file.
pub(crate) struct Named {
    pub(crate) files: Vec<Option<u32>>,
    coverage: f64,
}

/// Directories with their files under each way in which a cell may name them.
pub(crate) struct Directories<'a> {
    by_directory: BTreeMap<&'a str, HashMap<String, u32>>,
    by_path: HashMap<&'a str, u32>,
}

impl<'a> Directories<'a> {
    pub(crate) fn new(files: &'a [PublicFile]) -> Self {
        let (mut by_directory, mut by_path): (BTreeMap<_, HashMap<_, _>>, HashMap<_, _>) = Default::default();
        for (position, file) in files.iter().enumerate() {
            let Ok(position) = u32::try_from(position) else { break };
            by_path.insert(file.path.as_str(), position);
            let names = by_directory.entry(file.directory()).or_default();
            names.entry(file.name().to_owned()).or_insert(position);
            names.entry(canonical(file.stem()).into_owned()).or_insert(position);
        }
        // A directory of one file names nothing: tables lie so.
        by_directory.retain(|_, names| names.len() > 2);
        Self { by_directory, by_path }
    }

    /// The files that a column names, of those below directories whose path holds `side` (`train`, `test`) if they do
    /// as well as others. None when too few are found.
    pub(crate) fn named_by(&self, column: &TextColumn, side: &str) -> Option<Named> {
        let mut best = self.by_whole_path(column);
        let mut directories: Vec<_> = self.by_directory.iter().collect();
        directories.sort_by_key(|(directory, _)| !directory.to_lowercase().contains(side));
        for (_, names) in directories {
            let named =
                by(column, |cell| names.get(cell).or_else(|| names.get(canonical(stem(cell)).as_ref())));
            if named.coverage > best.coverage {
                best = named;
            }
        }
        (best.coverage >= COVERAGE).then_some(best)
    }

    fn by_whole_path(&self, column: &TextColumn) -> Named {
        by(column, |cell| {
            let cell = cell.trim_start_matches("./");
            self.by_path.get(cell).or_else(|| self.by_path.get(cell.trim_start_matches("public/")))
        })
    }
}

fn by<'n>(column: &TextColumn, find: impl Fn(&str) -> Option<&'n u32>) -> Named {
    let files: Vec<Option<u32>> = column.iter().map(|cell| find(cell).copied()).collect();
    let found = files.iter().flatten().count();
    Named { coverage: found as f64 / files.len().max(1) as f64, files }
}
