//! Copies of directories, and comparison of what runs left in them.

use std::collections::BTreeMap;
use std::fs::{DirEntry, FileType};
use std::path::{Path, PathBuf};

use smith_task_schema::hash;

use crate::AssertError;

/// Hashes of the files below a directory, by path.
pub(crate) type Tree = BTreeMap<String, String>;

/// Copies the tree below `from` to `to`, but for the entries of the top level that are named in `without`.
/// Links within the tree are left out, as [`hash::tree`] does. Runs where blocking is allowed.
pub(super) async fn copy_tree(
    from: &Path,
    to: &Path,
    without: &'static [&'static str],
) -> Result<(), AssertError> {
    let (from, to) = (from.to_path_buf(), to.to_path_buf());
    blocking(to.clone(), move || copy_blocking(&from, &to, without)).await
}

fn copy_blocking(from: &Path, to: &Path, without: &[&str]) -> Result<(), AssertError> {
    std::fs::create_dir_all(to).map_err(AssertError::io(to))?;
    let entries = std::fs::read_dir(from).map_err(AssertError::io(from))?;
    for entry in entries {
        let entry = entry.map_err(AssertError::io(from))?;
        if without.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(AssertError::io(&source))?;
        if kind.is_dir() {
            copy_blocking(&source, &target, &[])?;
        } else if kind.is_file() {
            std::fs::copy(&source, &target).map_err(AssertError::io(&source))?;
        }
    }
    Ok(())
}

/// Makes the directories of the tree below `from` below `to`. Blocks.
pub(super) fn copy_skeleton(from: &Path, to: &Path) -> Result<(), AssertError> {
    std::fs::create_dir_all(to).map_err(AssertError::io(to))?;
    for entry in std::fs::read_dir(from).map_err(AssertError::io(from))? {
        let entry = entry.map_err(AssertError::io(from))?;
        if entry.file_type().map_err(AssertError::io(&entry.path()))?.is_dir() {
            copy_skeleton(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// [`hash::tree`] where blocking is allowed; a directory that is not there is empty.
pub(super) async fn tree(root: &Path) -> Result<Tree, AssertError> {
    let root = root.to_path_buf();
    blocking(root.clone(), move || match hash::tree(&root) {
        Ok(tree) => Ok(tree),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !root.exists() => Ok(Tree::new()),
        Err(error) => Err(AssertError::io(&root)(error)),
    })
    .await
}

/// Paths of the files below `root`, with `/` between parts, in order; none when it is not there. Links are left out, and
/// names that are no UTF-8, under which nothing could be opened.
pub(crate) fn list_files(root: &Path) -> Result<Vec<String>, AssertError> {
    let mut files = Vec::new();
    walk(root, |name, kind, entry| {
        if kind.is_file() && entry.file_name().to_str().is_some() {
            files.push(name);
        }
    })?;
    files.sort();
    Ok(files)
}

/// Entries below `root` that are neither files nor directories, and those with a name that is no UTF-8, each with what it
/// is, in order; no more than a few thousand of them. Links are not followed.
pub(crate) fn odd_entries(root: &Path) -> Result<Vec<(String, String)>, AssertError> {
    const MOST: usize = 5_000;
    let mut odd = Vec::new();
    walk(root, |name, kind, entry| {
        let what = if kind.is_symlink() {
            link_to(root, &entry.path())
        } else if !kind.is_dir() && !kind.is_file() {
            "is a pipe, a socket or a device".to_owned()
        } else if entry.file_name().to_str().is_none() {
            "has a name that is no UTF-8".to_owned()
        } else {
            return;
        };
        if odd.len() < MOST {
            odd.push((name, what));
        }
    })?;
    odd.sort();
    Ok(odd)
}

/// Shows every entry below `root` with its path, but for those in directories whose names are no UTF-8; none when it is not
/// there.
fn walk(root: &Path, mut show: impl FnMut(String, FileType, &DirEntry)) -> Result<(), AssertError> {
    if !root.is_dir() {
        return Ok(());
    }
    let mut todo = vec![(root.to_path_buf(), String::new())];
    while let Some((dir, prefix)) = todo.pop() {
        for entry in std::fs::read_dir(&dir).map_err(AssertError::io(&dir))? {
            let entry = entry.map_err(AssertError::io(&dir))?;
            let kind = entry.file_type().map_err(AssertError::io(&entry.path()))?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if kind.is_dir() && entry.file_name().to_str().is_some() {
                todo.push((entry.path(), format!("{name}/")));
            }
            show(name, kind, &entry);
        }
    }
    Ok(())
}

/// What a link is, and whether it leads out of the tree. Where it leads to is not told: that path may be of this machine.
fn link_to(root: &Path, link: &Path) -> String {
    let leads = match (link.canonicalize(), root.canonicalize()) {
        (Ok(target), Ok(root)) if target.starts_with(&root) => "to another place of this directory",
        (Ok(_), _) => "out of this directory",
        (Err(_), _) => "to nothing",
    };
    format!("is a link {leads}")
}

async fn blocking<T: Send + 'static>(
    path: PathBuf,
    work: impl FnOnce() -> Result<T, AssertError> + Send + 'static,
) -> Result<T, AssertError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(AssertError::io(&path)(std::io::Error::other(error))),
    }
}

/// `a, b, c and 4 more`.
pub(crate) fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN { format!("{shown} and {} more", names.len() - SHOWN) } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<_> = (1..=7).map(|i| i.to_string()).collect();
        assert_eq!(listed(&names), "1, 2, 3, 4, 5 and 2 more");
        assert_eq!(listed(&names[..2]), "1, 2");
    }
}
