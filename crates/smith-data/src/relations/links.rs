//! Finds the columns whose values name files of the dataset.

use std::collections::HashMap;

use smith_task_schema::profile::{ColumnKind, ColumnProfile, FileKind, TableProfile};

use crate::source::walk::Found;

/// Directories of the media and text files, by name and by name without extension.
pub(crate) struct FileIndex<'a> {
    names: HashMap<&'a str, &'a str>,
    stems: HashMap<&'a str, &'a str>,
}

impl<'a> FileIndex<'a> {
    pub(crate) fn new(files: &'a [(Found, FileKind)]) -> Self {
        let mut index = Self { names: HashMap::new(), stems: HashMap::new() };
        for (found, kind) in files {
            if matches!(kind, FileKind::Image | FileKind::Audio | FileKind::Video | FileKind::Text) {
                index.names.insert(found.name(), found.directory());
                let stem = found.name().rsplit_once('.').map_or(found.name(), |(stem, _)| stem);
                index.stems.insert(stem, found.directory());
            }
        }
        index
    }

    /// Notes the directory of the files that each column names.
    pub(crate) fn link(&self, table: &mut TableProfile) {
        for column in &mut table.columns {
            column.names_files_in = self.directory_of(column);
        }
    }

    /// The directory where the first different values of a column are all found as files.
    fn directory_of(&self, column: &ColumnProfile) -> Option<String> {
        let is_word = matches!(column.kind, ColumnKind::Id | ColumnKind::Text | ColumnKind::Category);
        let by_stem = is_word || (column.kind == ColumnKind::Integer && column.unique);
        if column.examples.len() < 2 {
            return None;
        }
        let directories: Option<Vec<&str>> = column
            .examples
            .iter()
            .map(|value| {
                let name = value.rsplit('/').next().unwrap_or(value);
                self.names.get(name).or_else(|| self.stems.get(name).filter(|_| by_stem)).copied()
            })
            .collect();
        directories?.first().map(ToString::to_string)
    }
}
