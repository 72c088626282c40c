//! Whole outputs of programs, kept as files where the model can read them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::workspace::Workspace;

/// Folder of the work directory in which outputs are kept.
const FOLDER: &str = ".outputs";

/// Outputs kept in an attempt at most; their sizes are bounded by what is kept of a program's output.
const MOST: u32 = 500;

/// Writes outputs into one work directory, numbered in the order in which they come. Clones count together. A resumed
/// attempt carries out the same calls in the same order, so that files get the names that the model was told.
#[derive(Debug, Clone)]
pub(crate) struct Outputs {
    workspace: Workspace,
    count: Arc<AtomicU32>,
}

impl Outputs {
    pub(crate) fn new(workspace: Workspace) -> Self {
        Self { workspace, count: Arc::default() }
    }

    /// Keeps a text; gives the path of its file, or nothing where it cannot be written.
    pub(crate) fn keep(&self, text: &str) -> Option<String> {
        let number = self.count.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if number > MOST {
            return None;
        }
        let name = format!("{FOLDER}/{number}.txt");
        // A program may have put a link there: the workspace does not follow it outside.
        let path = self.workspace.resolve_for_writing(&name).ok()?;
        std::fs::create_dir_all(path.parent()?).ok()?;
        std::fs::write(&path, text).ok()?;
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_numbered_and_never_leave_the_work_directory() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let outputs = Outputs::new(Workspace::new(dir.path().to_path_buf()));
        assert_eq!(outputs.keep("a").as_deref(), Some(".outputs/1.txt"));
        assert_eq!(outputs.clone().keep("b").as_deref(), Some(".outputs/2.txt"));
        assert_eq!(std::fs::read_to_string(dir.path().join(".outputs/2.txt")).unwrap(), "b");
        std::fs::remove_dir_all(dir.path().join(".outputs")).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), dir.path().join(".outputs")).unwrap();
        assert_eq!(outputs.keep("c"), None);
        assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }

    #[test]
    fn there_are_no_more_than_a_bounded_number_of_files() {
        let dir = tempfile::tempdir().unwrap();
        let outputs = Outputs::new(Workspace::new(dir.path().to_path_buf()));
        let kept = (0..MOST + 20).filter_map(|_| outputs.keep("x")).count();
        assert_eq!(kept, MOST as usize);
    }
}
