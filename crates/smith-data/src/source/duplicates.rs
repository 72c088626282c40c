//! Files with the same bytes.

use smith_task_schema::profile::{DuplicateFiles, FileKind};

use crate::source::pass::Hash;
use crate::source::walk::Found;

/// Sets of files alike that are named.
const SETS: usize = 5;
/// Files of a set that are named.
const NAMED: usize = 4;

/// The data files among `files` that repeat an earlier one; none when there are not two to compare. Files without a
/// hash are left out, and then the result is not exact.
pub(crate) fn find(files: &[(Found, FileKind)], hashes: &[Option<Hash>]) -> Option<DuplicateFiles> {
    let data = files.iter().zip(hashes).enumerate();
    let data = data.filter(|(_, ((found, kind), _))| kind.is_data() && found.bytes > 0);
    let mut exact = true;
    let mut sorted: Vec<(Hash, usize)> = Vec::new();
    for (index, (_, hash)) in data {
        match hash {
            Some(hash) => sorted.push((*hash, index)),
            None => exact = false,
        }
    }
    sorted.sort_unstable();
    let mut facts = DuplicateFiles::default();
    (facts.compared, facts.exact) = (sorted.len() as u64, exact);
    let mut sets: Vec<(bool, &[(Hash, usize)])> = Vec::new();
    for set in sorted.chunk_by(|a, b| a.0 == b.0).filter(|set| set.len() > 1) {
        let home = files[set[0].1].0.directory();
        let across = set.iter().filter(|(_, index)| files[*index].0.directory() != home).count();
        facts.repeats += set.len() as u64 - 1;
        facts.across_directories += across as u64;
        sets.push((across == 0, set));
    }
    // Those in several directories first: they are the ones that leak from part to part.
    sets.sort_unstable_by_key(|(stays, set)| (*stays, set[0].1));
    let name = |set: &[(Hash, usize)]| -> Vec<String> {
        set.iter().take(NAMED).map(|(_, index)| files[*index].0.relative.clone()).collect()
    };
    facts.examples = sets.iter().take(SETS).map(|(_, set)| name(set)).collect();
    (facts.compared > 1).then_some(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_counted_and_those_across_directories_come_first() {
        let files = [
            ("a.csv", 1, FileKind::Table),
            ("b.csv", 1, FileKind::Table),
            ("readme.md", 1, FileKind::Document),
            ("test/1.png", 2, FileKind::Image),
            ("train/1.png", 2, FileKind::Image),
            ("train/2.png", 2, FileKind::Image),
            ("train/3.png", 3, FileKind::Image),
        ];
        let listed: Vec<(Found, FileKind)> = files
            .iter()
            .map(|(name, _, kind)| (Found { path: name.into(), relative: (*name).into(), bytes: 3 }, *kind))
            .collect();
        let mut hashes: Vec<Option<Hash>> = files.iter().map(|(_, hash, _)| Some([*hash; 32])).collect();
        let facts = find(&listed, &hashes).unwrap();
        assert_eq!((facts.compared, facts.exact), (6, true));
        assert_eq!((facts.repeats, facts.across_directories), (3, 2));
        assert_eq!(
            facts.examples,
            [vec!["test/1.png", "train/1.png", "train/2.png"], vec!["a.csv", "b.csv"]]
        );
        hashes[0] = None;
        let facts = find(&listed, &hashes).unwrap();
        assert_eq!((facts.compared, facts.exact, facts.repeats), (5, false, 2));
    }
}
