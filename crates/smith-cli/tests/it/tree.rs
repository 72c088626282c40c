//! Directory trees as values that can be compared.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every file below a directory with its bytes, by its path from there.
pub(crate) type Tree = BTreeMap<PathBuf, Vec<u8>>;

/// Reads the tree at `root`; one that is not there is empty.
pub(crate) fn read(root: &Path) -> Tree {
    let mut tree = Tree::new();
    let mut todo = vec![root.to_path_buf()];
    while let Some(dir) = todo.pop() {
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() && !path.is_symlink() {
                todo.push(path);
            } else if path.is_file() {
                tree.insert(path.strip_prefix(root).unwrap().to_path_buf(), std::fs::read(&path).unwrap());
            }
        }
    }
    tree
}

/// Fails with the names of the files that differ.
pub(crate) fn assert_same(one: &Tree, other: &Tree) {
    assert!(!one.is_empty(), "there is nothing to compare");
    let names: std::collections::BTreeSet<_> = one.keys().chain(other.keys()).collect();
    let different: Vec<_> = names.into_iter().filter(|name| one.get(*name) != other.get(*name)).collect();
    assert!(different.is_empty(), "these files differ: {different:?}");
}

/// Whether `needle` occurs in any file below `root`.
pub(crate) fn holds(root: &Path, needle: &str) -> bool {
    read(root).values().any(|bytes| String::from_utf8_lossy(bytes).contains(needle))
}
