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
    Ok(entries(root)?.into_iter().filter_map(|(name, entry)| Some((name, entry.hash()?))).collect())
}

/// [`tree`], and a word for what is no file, so that it cannot come or go unseen: for a link `link: ` and where it leads,
/// for an empty folder, whose path ends in `/`, `empty`, for a pipe, a socket or a device `special`.
///
/// # Errors
/// As [`tree`].
pub fn everything(root: &Path) -> io::Result<BTreeMap<String, String>> {
    Ok(entries(root)?.into_iter().map(|(name, entry)| (name, entry.word())).collect())
}

/// What has a name below a folder.
enum Entry {
    File(String),
    Link(String),
    Empty,
    Special,
}

impl Entry {
    fn hash(self) -> Option<String> {
        match self {
            Self::File(hash) => Some(hash),
            _ => None,
        }
    }

    fn word(self) -> String {
        match self {
            Self::File(hash) => hash,
            Self::Link(to) => format!("link: {to}"),
            Self::Empty => "empty".to_owned(),
            Self::Special => "special".to_owned(),
        }
    }
}

fn entries(root: &Path) -> io::Result<BTreeMap<String, Entry>> {
    let (mut out, mut known) = (BTreeMap::new(), BTreeMap::new());
    let mut todo = vec![root.to_path_buf()];
    while let Some(dir) = todo.pop() {
        let mut is_empty = true;
        for entry in std::fs::read_dir(&dir)? {
            let entry = entry?;
            is_empty = false;
            let (kind, path) = (entry.file_type()?, entry.path());
            let what = if kind.is_dir() {
                todo.push(path);
                continue;
            } else if kind.is_file() {
                Entry::File(once(&path, &entry.metadata()?, &mut known)?)
            } else if kind.is_symlink() {
                Entry::Link(std::fs::read_link(&path)?.to_string_lossy().into_owned())
            } else {
                Entry::Special
            };
            out.insert(name_below(root, &path), what);
        }
        if is_empty && dir != root {
            out.insert(name_below(root, &dir) + "/", Entry::Empty);
        }
    }
    Ok(out)
}

fn name_below(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    relative.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
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

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_told_of() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        assert_eq!(everything(root).unwrap(), tree_of(&[("a/b/", "empty")]));
        std::os::unix::fs::symlink("../../private", root.join("a/link")).unwrap();
        std::os::unix::net::UnixListener::bind(root.join("a/socket")).unwrap();
        let expected = [("a/b/", "empty"), ("a/link", "link: ../../private"), ("a/socket", "special")];
        assert_eq!(everything(root).unwrap(), tree_of(&expected));
        assert!(tree(root).unwrap().is_empty());
        std::fs::write(root.join("a/b/c"), "").unwrap();
        assert_eq!(everything(root).unwrap().len(), 3);
        assert_eq!(tree(root).unwrap().keys().next().unwrap(), "a/b/c");
    }

    #[test]
    fn differences_of_both_sides_are_named_in_order() {
        let (a, b) =
            (tree_of(&[("a", "1"), ("b", "1"), ("d", "1")]), tree_of(&[("a", "1"), ("b", "2"), ("c", "1")]));
        assert_eq!(differing(&a, &b), ["b", "c", "d"]);
        assert!(differing(&a, &a).is_empty());
    }
}
