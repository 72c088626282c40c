//! Content hashes that bind a manifest to its files.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

/// BLAKE3 of a file in hexadecimal, read as a stream.
///
/// # Errors
/// Any error of opening or reading the file.
pub fn file(path: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    let mut file = std::fs::File::open(path)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok(hasher.finalize().to_hex().to_string());
        }
        hasher.update(&buffer[..n]);
    }
}

/// Hash of every regular file below `root`, keyed by its path with `/` between parts, in order.
/// Links are not followed; names that are not UTF-8 are written with replacement characters.
///
/// # Errors
/// Any error of listing or reading.
pub fn tree(root: &Path) -> io::Result<BTreeMap<String, String>> {
    let (mut out, mut known) = (BTreeMap::new(), BTreeMap::new());
    let mut todo = vec![root.to_path_buf()];
    while let Some(dir) = todo.pop() {
        for entry in std::fs::read_dir(&dir)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                todo.push(entry.path());
            } else if kind.is_file() {
                let path = entry.path();
                let relative = path.strip_prefix(root).unwrap_or(&path);
                let name: Vec<_> = relative.iter().map(|p| p.to_string_lossy()).collect();
                out.insert(name.join("/"), once(&path, &entry.metadata()?, &mut known)?);
            }
        }
    }
    Ok(out)
}

/// The hash of a file that may have several names, which is read once: names cost nothing to make.
#[cfg(unix)]
fn once(
    path: &Path,
    data: &std::fs::Metadata,
    known: &mut BTreeMap<(u64, u64), String>,
) -> io::Result<String> {
    use std::os::unix::fs::MetadataExt;

    if data.nlink() < 2 {
        return file(path);
    }
    if let Some(hash) = known.get(&(data.dev(), data.ino())) {
        return Ok(hash.clone());
    }
    let hash = file(path)?;
    known.insert((data.dev(), data.ino()), hash.clone());
    Ok(hash)
}

#[cfg(not(unix))]
fn once(
    path: &Path,
    _data: &std::fs::Metadata,
    _known: &mut BTreeMap<(u64, u64), String>,
) -> io::Result<String> {
    file(path)
}

/// Names of the files that differ between two trees as of [`tree`], in order, those of one side only included.
#[must_use]
pub fn differing(a: &BTreeMap<String, String>, b: &BTreeMap<String, String>) -> Vec<String> {
    let mut names: Vec<_> =
        a.iter().filter(|(name, hash)| b.get(*name) != Some(hash)).map(|(name, _)| name).collect();
    names.extend(b.keys().filter(|name| !a.contains_key(*name)));
    names.sort();
    names.into_iter().cloned().collect()
}

/// One hash for a whole tree: equal exactly when names and bytes are equal.
///
/// # Errors
/// As [`tree`].
pub fn tree_digest(root: &Path) -> io::Result<String> {
    Ok(digest_of(tree(root)?))
}

/// The digest of a tree whose files were hashed already: pairs of name and hash as in [`tree`], in rising order of
/// the names' bytes.
pub fn digest_of<N: AsRef<str>, H: AsRef<str>>(files: impl IntoIterator<Item = (N, H)>) -> String {
    let mut hasher = blake3::Hasher::new();
    for (name, hash) in files {
        hasher.update(name.as_ref().as_bytes());
        hasher.update(&[0]);
        hasher.update(hash.as_ref().as_bytes());
        hasher.update(b"\n");
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree_of(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, hash)| ((*name).to_owned(), (*hash).to_owned())).collect()
    }

    #[test]
    fn differences_of_both_sides_are_named_in_order() {
        let (a, b) =
            (tree_of(&[("a", "1"), ("b", "1"), ("d", "1")]), tree_of(&[("a", "1"), ("b", "2"), ("c", "1")]));
        assert_eq!(differing(&a, &b), ["b", "c", "d"]);
        assert!(differing(&a, &a).is_empty());
    }
}
