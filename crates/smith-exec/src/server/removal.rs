//! Deleting what scripts have made, whatever they made of it.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often, and after which pause, a tree is tried in which something is still being written.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// Deletes the tree at `root`; one that is not there is deleted already. Takes the calling thread for itself.
///
/// # Errors
/// The system's, when it cannot be deleted for good.
pub(super) fn remove_tree(root: &Path) -> io::Result<()> {
    let mut tries = 0;
    loop {
        let removed = match fs::remove_dir_all(root) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound && is_gone(root) => return Ok(()),
            // A directory that its owner may not enter, or one too deep to be walked with open directories.
            Err(_) => flatten(root),
        };
        tries += 1;
        if tries >= TRIES {
            return removed;
        }
        std::thread::sleep(PAUSE);
    }
}

fn is_gone(path: &Path) -> bool {
    path.symlink_metadata().is_err()
}

/// Empties `root` with short paths only: what lies in one of its directories is moved up into `root` before that
/// directory is deleted.
fn flatten(root: &Path) -> io::Result<()> {
    let mut number: u64 = 0;
    open_up(root);
    loop {
        let entries = entries(root)?;
        if entries.is_empty() {
            return fs::remove_dir(root);
        }
        for path in entries {
            if !is_directory(&path) {
                fs::remove_file(&path)?;
                continue;
            }
            open_up(&path);
            for inner in self::entries(&path)? {
                if is_directory(&inner) {
                    // Moving a directory changes its "..", which takes the right to write in it.
                    open_up(&inner);
                    fs::rename(&inner, free_name(root, &mut number))?;
                } else {
                    fs::remove_file(&inner)?;
                }
            }
            fs::remove_dir(&path)?;
        }
    }
}

fn free_name(root: &Path, number: &mut u64) -> PathBuf {
    loop {
        *number += 1;
        let path = root.join(format!("moved-{number}"));
        if is_gone(&path) {
            return path;
        }
    }
}

fn entries(directory: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path())).collect()
}

fn is_directory(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
}

/// Gives the rights on a directory back to its owner. When that fails, what is done next fails and says so.
fn open_up(directory: &Path) {
    let _refused = fs::set_permissions(directory, Permissions::from_mode(0o700));
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_tree_that_is_too_deep_for_a_path_is_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        fs::create_dir(&root).unwrap();
        // Built from below, because no path reaches the bottom: each turn puts what there is into a new directory.
        for level in 0..3_000 {
            let next = dir.path().join("next");
            fs::create_dir(&next).unwrap();
            fs::write(next.join("file"), "").unwrap();
            fs::rename(&root, next.join(format!("moved-{}", level % 3))).unwrap();
            fs::rename(&next, &root).unwrap();
        }
        remove_tree(&root).unwrap();
        assert!(is_gone(&root));
    }

    #[test]
    fn neither_rights_nor_links_keep_a_tree_and_nothing_else_is_touched() {
        let dir = tempfile::tempdir().unwrap();
        let (root, outside) = (dir.path().join("root"), dir.path().join("outside"));
        fs::create_dir_all(root.join("a/b/c")).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("precious"), "").unwrap();
        fs::write(root.join("a/b/c/file"), "").unwrap();
        symlink(&outside, root.join("a/link")).unwrap();
        symlink(&outside, root.join("link")).unwrap();
        for locked in ["a/b/c", "a/b", "a", "."] {
            fs::set_permissions(root.join(locked), Permissions::from_mode(0o0)).unwrap();
        }
        flatten(&root).unwrap();
        assert!(is_gone(&root) && outside.join("precious").exists());
        remove_tree(&root).unwrap();
    }
}
