//! Lists the regular files of a dataset.

use std::fs::{self, DirEntry, Metadata};
use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::findings::Findings;
use crate::source::stamp::Stamp;

/// A file of which so little is stored is mostly holes: less than one part in so many.
const SPARSE_SHARE: u64 = 8;
/// Smaller files are not worth a word about holes, in bytes.
const SPARSE_FROM: u64 = 64 << 20;

/// A regular file of a dataset.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Where it can be opened.
    pub(crate) path: PathBuf,
    /// Path within the dataset, `/` between parts, replacement characters for what is not UTF-8. Of what lies in an
    /// archive `photos.zip!/inside/a.png`.
    pub(crate) relative: String,
    pub(crate) bytes: u64,
}

impl Found {
    /// Directory within the dataset, empty for the top.
    pub(crate) fn directory(&self) -> &str {
        self.relative.rsplit_once('/').map_or("", |(directory, _)| directory)
    }

    pub(crate) fn name(&self) -> &str {
        self.relative.rsplit_once('/').map_or(self.relative.as_str(), |(_, name)| name)
    }
}

/// The regular files of a dataset as they were when they were listed.
#[derive(Debug)]
pub(crate) struct Listing {
    /// In order of their relative paths.
    pub(crate) files: Vec<Found>,
    /// One for each file.
    pub(crate) stamps: Vec<Stamp>,
    /// False when a folder could not be listed, so that files may be missing.
    pub(crate) complete: bool,
    /// True when the dataset is one file.
    pub(crate) is_file: bool,
}

impl Listing {
    /// Size of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|found| found.bytes).sum()
    }
}

/// Lists the regular files at or below `root`. Links below `root` are not followed; they, special files and
/// unreadable folders become findings.
pub(crate) fn list(root: &Path, findings: &mut Findings) -> Result<Listing, DataError> {
    let metadata = fs::metadata(root).map_err(|e| DataError::io(root, e))?;
    if metadata.is_file() {
        let relative = root.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let found = Found { path: root.to_path_buf(), relative, bytes: metadata.len() };
        let stamps = vec![Stamp::of(&metadata)];
        return Ok(Listing { files: vec![found], stamps, complete: true, is_file: true });
    }
    if !metadata.is_dir() {
        return Err(DataError::NotAFile(root.to_path_buf()));
    }
    fs::read_dir(root).map_err(|e| DataError::io(root, e))?;
    let mut walk = Walk::new(root);
    while let Some((directory, relative)) = walk.todo.pop() {
        walk.enter(&directory, &relative);
    }
    Ok(walk.finish(findings))
}

/// A walk under way. It holds the folders that are still to be entered in a list of its own: a deep tree costs
/// memory, never the stack.
struct Walk {
    root: Option<PathBuf>,
    todo: Vec<(PathBuf, String)>,
    files: Vec<(Found, Stamp)>,
    odd: Vec<(String, bool, String)>,
    complete: bool,
}

impl Walk {
    fn new(root: &Path) -> Self {
        Self {
            root: root.canonicalize().ok(),
            todo: vec![(root.to_path_buf(), String::new())],
            files: Vec::new(),
            odd: Vec::new(),
            complete: true,
        }
    }

    fn enter(&mut self, directory: &Path, relative: &str) {
        let entries = match fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) => return self.lost(relative, &format!("the folder cannot be listed: {error}")),
        };
        for entry in entries {
            match entry {
                Ok(entry) => self.take(&entry, relative),
                // Without an end of its own the listing could fail for ever.
                Err(error) => {
                    return self.lost(relative, &format!("the folder cannot be listed to its end: {error}"));
                }
            }
        }
    }

    fn take(&mut self, entry: &DirEntry, parent: &str) {
        let name = entry.file_name();
        let shown = name.to_string_lossy();
        let mut relative = if parent.is_empty() { shown.into_owned() } else { format!("{parent}/{shown}") };
        relative.shrink_to_fit();
        let described = entry.file_type().and_then(|kind| {
            let metadata = if kind.is_file() { Some(entry.metadata()?) } else { None };
            Ok((kind, metadata))
        });
        match described {
            Ok((_, Some(metadata))) => self.file(entry, relative, &metadata),
            Ok((kind, None)) if kind.is_dir() => self.todo.push((entry.path(), relative)),
            Ok((kind, None)) if kind.is_symlink() => {
                let message = self.describe_link(&entry.path());
                self.warn(relative, message);
            }
            Ok(_) => self.warn(relative, "is no regular file (a pipe, socket or device) and is left out"),
            Err(error) => self.lost(&relative, &format!("cannot be looked at: {error}")),
        }
    }

    fn file(&mut self, entry: &DirEntry, relative: String, metadata: &Metadata) {
        if entry.file_name().to_str().is_none() {
            let message = "the file's name is not UTF-8; it is shown with replacement characters";
            self.warn(relative.clone(), message);
        }
        if let Some(stored) = sparse(metadata) {
            let bytes = metadata.len();
            self.warn(
                relative.clone(),
                format!("is mostly holes: {bytes} bytes, of which {stored} are stored"),
            );
        }
        let mut path = entry.path();
        path.shrink_to_fit();
        let found = Found { path, relative, bytes: metadata.len() };
        self.files.push((found, Stamp::of(metadata)));
    }

    fn describe_link(&self, path: &Path) -> &'static str {
        let Some((root, target)) = self.root.as_ref().zip(path.canonicalize().ok()) else {
            return "is a link that leads nowhere";
        };
        let holder = path.parent().and_then(|parent| parent.canonicalize().ok());
        if !target.starts_with(root) {
            "is a link to a place outside the dataset and is not followed; copy its target to make it part of the \
             data"
        } else if holder.is_some_and(|holder| holder.starts_with(&target)) {
            "is a link to another part of the dataset that it lies in itself, a circle, and is not followed"
        } else {
            "is a link to another part of the dataset and is not followed"
        }
    }

    fn warn(&mut self, relative: String, message: impl Into<String>) {
        self.odd.push((relative, false, message.into()));
    }

    fn lost(&mut self, relative: &str, message: &str) {
        self.complete = false;
        self.odd.push((relative.to_string(), true, message.to_string()));
    }

    /// Puts everything in order: an operating system lists a folder in whatever order it likes.
    fn finish(mut self, findings: &mut Findings) -> Listing {
        self.odd.sort();
        for (relative, is_error, message) in self.odd {
            if is_error {
                findings.error(&relative, message);
            } else {
                findings.warn(&relative, message);
            }
        }
        self.files.sort_unstable_by(|a, b| (&a.0.relative, &a.0.path).cmp(&(&b.0.relative, &b.0.path)));
        let (files, stamps) = self.files.into_iter().unzip();
        Listing { files, stamps, complete: self.complete, is_file: false }
    }
}

/// How many bytes of a large file are stored, when these are few.
#[cfg(unix)]
fn sparse(metadata: &Metadata) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;

    let stored = metadata.blocks().saturating_mul(512);
    (metadata.len() >= SPARSE_FROM && stored < metadata.len() / SPARSE_SHARE).then_some(stored)
}

#[cfg(not(unix))]
fn sparse(_metadata: &Metadata) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(root: &Path) -> (Listing, Vec<String>) {
        let mut findings = Findings::default();
        let listing = list(root, &mut findings).unwrap();
        let said = findings.finish().into_iter().map(|f| format!("{}: {}", f.path, f.message)).collect();
        (listing, said)
    }

    #[test]
    fn files_come_in_order_of_their_paths() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b/z.csv", "b.csv", "a/2", "a/10", ".hidden"] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
        let (listing, said) = listed(dir.path());
        let names: Vec<&str> = listing.files.iter().map(|found| found.relative.as_str()).collect();
        assert_eq!(names, [".hidden", "a/10", "a/2", "b.csv", "b/z.csv"]);
        assert!(listing.complete && said.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_told_apart_and_not_followed() {
        use std::os::unix::fs::symlink;

        let dir = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a/b")).unwrap();
        fs::write(dir.path().join("a/x"), "x").unwrap();
        symlink("../..", dir.path().join("a/b/up")).unwrap();
        symlink("x", dir.path().join("a/same")).unwrap();
        symlink(other.path(), dir.path().join("out")).unwrap();
        symlink("loop", dir.path().join("loop")).unwrap();
        let (listing, said) = listed(dir.path());
        assert_eq!(listing.files.len(), 1);
        let starts = [
            "a/b/up: is a link to another part of the dataset that it lies in itself",
            "a/same: is a link to another part of the dataset and is not",
            "loop: is a link that leads nowhere",
        ];
        for start in starts {
            assert!(said.iter().any(|said| said.starts_with(start)), "{start} in {said:?}");
        }
        assert!(said[3].starts_with("out: is a link to a place outside"));
    }

    /// Longer than any path that can be opened.
    #[cfg(unix)]
    #[test]
    fn a_tree_of_any_depth_is_walked_as_far_as_it_can_be_opened() {
        const LEVELS: usize = 1_900;
        let dir = tempfile::tempdir().unwrap();
        let chain = |root: &str, levels: usize| dir.path().join(root).join("d/".repeat(levels));
        for root in ["a", "b"] {
            fs::create_dir_all(chain(root, LEVELS)).unwrap();
        }
        fs::write(dir.path().join("a/top.txt"), "x").unwrap();
        fs::write(chain("b", LEVELS).join("deep.txt"), "x").unwrap();
        fs::rename(dir.path().join("b"), chain("a", LEVELS).join("b")).unwrap();
        let (listing, said) = listed(dir.path());
        assert_eq!((listing.files.len(), listing.files[0].relative.as_str()), (1, "a/top.txt"));
        assert!(!listing.complete && said[0].contains("cannot be listed"), "{said:?}");
        // Nothing else removes a tree of which the paths are too long.
        fs::rename(chain("a", LEVELS).join("b"), dir.path().join("b")).unwrap();
        fs::remove_file(chain("b", LEVELS).join("deep.txt")).unwrap();
        for root in ["a", "b"] {
            (1..=LEVELS).rev().for_each(|level| {
                let _ = fs::remove_dir(chain(root, level));
            });
        }
    }
}
