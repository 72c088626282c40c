//! The directories of a dataset with what lies in and below each.

use std::collections::BTreeMap;

use smith_task_schema::profile::FileKind;

use crate::source::walk::Found;

/// Directories below each other that are told apart: names in an archive can be made as deep as one likes.
const MAX_DEPTH: usize = 24;

/// A directory.
#[derive(Debug, Default)]
pub(crate) struct Directory<'f> {
    /// Sub-directories by name.
    pub(crate) below: BTreeMap<&'f str, Directory<'f>>,
    /// Names and kinds of the files right here.
    pub(crate) files: Vec<(&'f str, FileKind)>,
    /// Data files here and below, by kind.
    pub(crate) kinds: BTreeMap<FileKind, u64>,
}

impl<'f> Directory<'f> {
    /// The tree of all data files.
    pub(crate) fn of(files: &'f [(Found, FileKind)]) -> Self {
        let mut root = Self::default();
        for (found, kind) in files.iter().filter(|(_, kind)| kind.is_data() && *kind != FileKind::Archive) {
            let mut here = &mut root;
            *here.kinds.entry(*kind).or_default() += 1;
            for part in found.directory().split('/').filter(|part| !part.is_empty()).take(MAX_DEPTH) {
                here = here.below.entry(part).or_default();
                *here.kinds.entry(*kind).or_default() += 1;
            }
            here.files.push((found.name(), *kind));
        }
        root
    }

    /// Data files of one kind here and below.
    pub(crate) fn count(&self, kind: FileKind) -> u64 {
        self.kinds.get(&kind).copied().unwrap_or(0)
    }

    /// Data files here and below.
    pub(crate) fn total(&self) -> u64 {
        self.kinds.values().sum()
    }

    /// The kind of most data files here and below.
    pub(crate) fn main_kind(&self) -> Option<FileKind> {
        main_kind(&self.kinds)
    }
}

/// The kind of most files; of kinds alike in number what is shown or heard rather than what describes it.
pub(crate) fn main_kind(kinds: &BTreeMap<FileKind, u64>) -> Option<FileKind> {
    let describes = |kind: FileKind| matches!(kind, FileKind::Json | FileKind::Table | FileKind::Text);
    kinds.iter().max_by_key(|(kind, count)| (**count, !describes(**kind), **kind)).map(|(kind, _)| *kind)
}
