//! Lists the regular files of a dataset.

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::findings::Findings;

/// A regular file of a dataset.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Where it can be opened.
    pub(crate) path: PathBuf,
    /// Path within the dataset, `/` between parts, replacement characters for what is not UTF-8.
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

/// The regular files at or below `root`, in order of their relative paths. Links below `root` are not
/// followed; they, special files and unreadable folders become findings.
pub(crate) fn walk(root: &Path, findings: &mut Findings) -> Result<Vec<Found>, DataError> {
    let metadata = fs::metadata(root).map_err(|e| DataError::io(root, e))?;
    if metadata.is_file() {
        let relative = root.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        return Ok(vec![Found { path: root.to_path_buf(), relative, bytes: metadata.len() }]);
    }
    if !metadata.is_dir() {
        return Err(DataError::NotAFile(root.to_path_buf()));
    }
    let mut files = Vec::new();
    let mut todo = vec![(root.to_path_buf(), String::new())];
    fs::read_dir(root).map_err(|e| DataError::io(root, e))?;
    while let Some((directory, relative)) = todo.pop() {
        let listed = fs::read_dir(&directory).and_then(|entries| {
            entries.map(|entry| entry.and_then(|e| classify(&e, &relative))).collect::<io::Result<Vec<_>>>()
        });
        match listed {
            Ok(entries) => {
                for entry in entries {
                    sort_in(entry, root, &mut files, &mut todo, findings);
                }
            }
            Err(error) => findings.error(&relative, format!("the folder cannot be listed: {error}")),
        }
    }
    files.sort_by(|a, b| a.relative.cmp(&b.relative));
    Ok(files)
}

enum Entry {
    Directory(PathBuf, String),
    File(Found),
    Link(PathBuf, String),
    Special(String),
}

fn classify(entry: &DirEntry, parent: &str) -> io::Result<Entry> {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    let relative = if parent.is_empty() { name.into_owned() } else { format!("{parent}/{name}") };
    let kind = entry.file_type()?;
    Ok(if kind.is_dir() {
        Entry::Directory(entry.path(), relative)
    } else if kind.is_file() {
        Entry::File(Found { path: entry.path(), relative, bytes: entry.metadata()?.len() })
    } else if kind.is_symlink() {
        Entry::Link(entry.path(), relative)
    } else {
        Entry::Special(relative)
    })
}

fn sort_in(
    entry: Entry,
    root: &Path,
    files: &mut Vec<Found>,
    todo: &mut Vec<(PathBuf, String)>,
    findings: &mut Findings,
) {
    match entry {
        Entry::Directory(path, relative) => todo.push((path, relative)),
        Entry::File(found) => {
            if found.path.file_name().is_some_and(|name| name.to_str().is_none()) {
                findings.warn(
                    &found.relative,
                    "the file's name is not UTF-8; it is shown with replacement characters",
                );
            }
            files.push(found);
        }
        Entry::Link(path, relative) => findings.warn(&relative, describe_link(&path, root)),
        Entry::Special(relative) => {
            findings.warn(&relative, "is no regular file (a pipe, socket or device) and is left out");
        }
    }
}

fn describe_link(path: &Path, root: &Path) -> &'static str {
    let inside = match (path.canonicalize(), root.canonicalize()) {
        (Ok(target), Ok(root)) => target.starts_with(root),
        _ => return "is a link that leads nowhere",
    };
    if inside {
        "is a link to another part of the dataset and is not followed"
    } else {
        "is a link to a place outside the dataset and is not followed; copy its target to make it part of the data"
    }
}
