//! The directories of one session: where scripts run, what they find there, what is kept from them.
//!
//! ```text
//! <workdir>/session-<n>/cwd/          working directory of every script
//! <workdir>/session-<n>/cwd/public/   copy of the task's public directory
//! <workdir>/session-<n>/archive/      submissions that were taken out, one a step
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use smith_task_schema::{TaskLayout, hash};

use crate::ExecError;
use crate::copying::{copy_tree, make_dir};

/// Name of the copy of the public directory in the scripts' working directory.
pub(super) const PUBLIC: &str = "public";
/// Name of the file in which scripts leave their predictions.
pub(super) const SUBMISSION: &str = "submission.csv";

/// The directories of one session. Nothing in them is shared with another session.
#[derive(Debug, Clone)]
pub(super) struct Session {
    root: PathBuf,
    source: PathBuf,
    /// Every file of the public directory, as it was when the session began.
    files: BTreeMap<String, PublicFile>,
    /// Paths that no text for an agent may hold, with what stands in their place; longest first.
    hidden: Vec<(String, &'static str)>,
}

/// What a public file was.
#[derive(Debug, Clone)]
struct PublicFile {
    bytes: u64,
    hash: String,
}

impl Session {
    /// Makes the directories of a new session below `workdir` and fills them.
    ///
    /// # Errors
    /// [`ExecError::Task`] when the task has no public or private directory or one lies in the other,
    /// [`ExecError::Mistake`] when `workdir` lies in the public directory, [`ExecError::Io`] otherwise.
    pub(super) fn open(task: &TaskLayout, workdir: &Path) -> Result<Self, ExecError> {
        let source = task_directory(&task.public, PUBLIC)?;
        let private = task_directory(&task.private, "private")?;
        if private.starts_with(&source) {
            return Err(ExecError::Task {
                message: "the private directory lies inside the public one".into(),
            });
        }
        if lies_in(workdir, &source)? {
            return Err(ExecError::Mistake(
                "the work directory lies inside the task's public directory: choose one outside".into(),
            ));
        }
        fs::create_dir_all(workdir).map_err(ExecError::io(workdir))?;
        let workdir = workdir.canonicalize().map_err(ExecError::io(workdir))?;
        let root = new_root(&workdir)?;
        let hidden = hidden_paths([
            (&private, "<hidden>"),
            (&root, "<session>"),
            (&workdir, "<workdir>"),
            (&task.root, "<task>"),
        ]);
        let mut session = Self { root, source, files: BTreeMap::new(), hidden };
        make_dir(&session.archive())?;
        make_dir(&session.cwd())?;
        copy_tree(&session.source, &session.public())?;
        session.files = public_files(&session.public()).map_err(ExecError::io(session.public()))?;
        Ok(session)
    }

    /// Working directory of every script.
    pub(super) fn cwd(&self) -> PathBuf {
        self.root.join("cwd")
    }

    /// The scripts' copy of the public directory.
    pub(super) fn public(&self) -> PathBuf {
        self.cwd().join(PUBLIC)
    }

    /// The session's directory, of which scripts see only [`cwd`](Self::cwd).
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Where the submission of one step is kept, outside the scripts' working directory.
    pub(super) fn archived(&self, step: u32) -> PathBuf {
        self.archive().join(format!("submission_{step}.csv"))
    }

    /// Undoes what earlier scripts may have done to the next one: removes their submission, and restores
    /// the public directory when it is not what it was. Answers with the public files that differed.
    ///
    /// # Errors
    /// [`ExecError::Io`] when a directory cannot be made or filled.
    pub(super) fn make_ready(&self) -> Result<Vec<String>, ExecError> {
        if !is_directory(&self.cwd()) {
            self.discard(&self.cwd())?;
            make_dir(&self.cwd())?;
        }
        give_to_owner(&self.cwd());
        self.discard(&self.cwd().join(SUBMISSION))?;
        let changed = self.changed();
        if !changed.is_empty() {
            self.discard(&self.public())?;
            copy_tree(&self.source, &self.public())?;
        }
        Ok(changed)
    }

    /// Makes the scripts' working directory anew.
    ///
    /// # Errors
    /// [`ExecError::Io`] when it cannot be made or filled.
    pub(super) fn renew(&self) -> Result<(), ExecError> {
        self.discard(&self.cwd())?;
        make_dir(&self.cwd())?;
        copy_tree(&self.source, &self.public())
    }

    /// `text` without the paths of this machine that lead to the task or to the session.
    pub(super) fn hide(&self, text: &str) -> String {
        self.hidden.iter().fold(text.to_owned(), |text, (path, word)| text.replace(path, word))
    }

    fn archive(&self) -> PathBuf {
        self.root.join("archive")
    }

    /// Public files that are missing, new or different. A directory that cannot be read counts as lost.
    /// Only files that may be the same are read: a script can make others of any size at no cost.
    fn changed(&self) -> Vec<String> {
        let now = match is_directory(&self.public()) {
            true => sizes(&self.public()).unwrap_or_default(),
            false => BTreeMap::new(),
        };
        let same = |name: &str, file: &PublicFile| {
            now.get(name) == Some(&file.bytes)
                && hash::file(&self.public().join(name)).is_ok_and(|hash| hash == file.hash)
        };
        let lost = self.files.iter().filter(|(name, file)| !same(name, file)).map(|(name, _)| name);
        let added = now.keys().filter(|name| !self.files.contains_key(*name));
        lost.chain(added).cloned().collect()
    }

    /// Takes whatever is at `path` out of the scripts' reach and deletes what can be deleted. Renaming
    /// comes first because a tree that a script made may be too deep or too locked to be deleted.
    fn discard(&self, path: &Path) -> Result<(), ExecError> {
        if is_directory(path) {
            give_to_owner(path);
        }
        let grave = tempfile::Builder::new().prefix("discarded-").tempdir_in(&self.root);
        let grave = grave.map_err(ExecError::io(&self.root))?;
        match fs::rename(path, grave.path().join("thing")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ExecError::io(path)(error)),
            _ => Ok(()),
        }
    }
}

fn public_files(root: &Path) -> io::Result<BTreeMap<String, PublicFile>> {
    let mut sizes = sizes(root)?;
    let hashes = hash::tree(root)?.into_iter();
    let file = |(name, hash): (String, String)| {
        let bytes = sizes.remove(&name)?;
        Some((name, PublicFile { bytes, hash }))
    };
    Ok(hashes.filter_map(file).collect())
}

/// Size of every regular file below `root` by its path, as [`hash::tree`] names it. A link has no size: it is what a
/// file was not.
fn sizes(root: &Path) -> io::Result<BTreeMap<String, u64>> {
    let (mut sizes, mut todo) = (BTreeMap::new(), vec![root.to_path_buf()]);
    while let Some(directory) = todo.pop() {
        for entry in fs::read_dir(&directory)? {
            let (path, data) = match entry.and_then(|entry| Ok((entry.path(), entry.metadata()?))) {
                Ok(found) => found,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            if data.is_dir() {
                todo.push(path);
            } else if data.is_file() {
                let parts: Vec<_> = path
                    .strip_prefix(root)
                    .unwrap_or(&path)
                    .iter()
                    .map(|part| part.to_string_lossy())
                    .collect();
                sizes.insert(parts.join("/"), data.len());
            }
        }
    }
    Ok(sizes)
}

/// Runs blocking file work, done for `path`, outside the async threads.
///
/// # Errors
/// What `work` answers, or [`ExecError::Io`] when the async runtime is shutting down.
pub(super) async fn blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> Result<T, ExecError> + Send + 'static,
) -> Result<T, ExecError> {
    tokio::task::spawn_blocking(work).await.map_err(|join| ExecError::io(path)(join.into()))?
}

fn task_directory(path: &Path, name: &str) -> Result<PathBuf, ExecError> {
    if !path.is_dir() {
        return Err(ExecError::Task { message: format!("the task has no {name} directory") });
    }
    path.canonicalize().map_err(ExecError::io(path))
}

/// Whether `path`, which need not exist yet, would lie in `directory`, a path without links.
fn lies_in(path: &Path, directory: &Path) -> Result<bool, ExecError> {
    let path = std::path::absolute(path).map_err(ExecError::io(path))?;
    let existing = path.ancestors().find_map(|ancestor| ancestor.canonicalize().ok());
    Ok(existing.is_some_and(|existing| existing.starts_with(directory)))
}

/// A directory of its own for each session, so that sessions may share a work directory.
fn new_root(workdir: &Path) -> Result<PathBuf, ExecError> {
    let mut number: u32 = 1;
    loop {
        let root = workdir.join(format!("session-{number}"));
        match fs::create_dir(&root) {
            Ok(()) => return Ok(root),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(ExecError::io(root)(error)),
        }
    }
}

/// Each path as it is written and as it is without links, longest first, with the word in its place.
fn hidden_paths(named: [(&Path, &'static str); 4]) -> Vec<(String, &'static str)> {
    let spellings = |path: &Path| [Some(path.to_path_buf()), path.canonicalize().ok()].into_iter().flatten();
    let mut paths: Vec<_> =
        named.into_iter().flat_map(|(path, word)| spellings(path).map(move |path| (path, word))).collect();
    // A relative path is no path of this machine, and the file system's root is part of every path.
    paths.retain(|(path, _)| path.is_absolute() && path.parent().is_some());
    let mut paths: Vec<_> =
        paths.into_iter().map(|(path, word)| (path.to_string_lossy().into_owned(), word)).collect();
    paths.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    paths
}

/// True for a directory, false for a link to one.
fn is_directory(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
}

/// Gives the rights on a directory back to us after a script has taken them away. When that fails, what
/// is done next to the directory fails too and says so.
fn give_to_owner(directory: &Path) {
    let _ = fs::set_permissions(directory, fs::Permissions::from_mode(0o755));
}

#[cfg(test)]
mod tests {
    use smith_task_schema::LayoutKind;

    use super::*;

    fn task(root: &Path) -> TaskLayout {
        let task = TaskLayout::at(LayoutKind::Workdir, &root.join("task"));
        fs::create_dir_all(task.public.join("deep/er")).unwrap();
        fs::create_dir_all(&task.private).unwrap();
        fs::write(task.public.join("train.csv"), "id,y\n1,2\n").unwrap();
        fs::write(task.public.join("deep/er/note.txt"), "note").unwrap();
        fs::write(task.test_answer(), "id,y\n9,secret\n").unwrap();
        std::os::unix::fs::symlink(task.test_answer(), task.public.join("shortcut.csv")).unwrap();
        task
    }

    fn open(dir: &tempfile::TempDir) -> Session {
        Session::open(&task(dir.path()), &dir.path().join("work")).unwrap()
    }

    #[test]
    fn copies_files_and_leaves_links_out() {
        let dir = tempfile::tempdir().unwrap();
        let session = open(&dir);
        assert_eq!(fs::read_to_string(session.public().join("deep/er/note.txt")).unwrap(), "note");
        assert!(session.public().join("shortcut.csv").symlink_metadata().is_err());
        assert!(session.make_ready().unwrap().is_empty());
    }

    #[test]
    fn sessions_may_share_a_work_directory() {
        let dir = tempfile::tempdir().unwrap();
        let first = open(&dir);
        let second = Session::open(
            &TaskLayout::at(LayoutKind::Workdir, &dir.path().join("task")),
            &dir.path().join("work"),
        );
        assert_ne!(first.cwd(), second.unwrap().cwd());
    }

    #[test]
    fn restores_what_scripts_changed() {
        let dir = tempfile::tempdir().unwrap();
        let session = open(&dir);
        let public = session.public();
        fs::write(public.join("train.csv"), "changed").unwrap();
        fs::write(public.join("new.csv"), "new").unwrap();
        fs::write(session.cwd().join("model.bin"), "kept").unwrap();
        assert_eq!(session.make_ready().unwrap(), ["train.csv", "new.csv"]);
        assert_eq!(fs::read_to_string(public.join("train.csv")).unwrap(), "id,y\n1,2\n");
        assert!(!public.join("new.csv").exists());
        assert!(session.cwd().join("model.bin").exists());
        assert!(session.make_ready().unwrap().is_empty());
    }

    #[test]
    fn restores_directories_that_became_something_else() {
        let dir = tempfile::tempdir().unwrap();
        let session = open(&dir);
        let outside = dir.path().join("outside");
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("precious"), "").unwrap();
        for place in [session.public(), session.cwd()] {
            fs::rename(&place, dir.path().join("moved")).unwrap();
            std::os::unix::fs::symlink(&outside, &place).unwrap();
            assert_eq!(session.make_ready().unwrap().len(), 2);
            assert!(session.public().join("train.csv").is_file());
            assert!(outside.join("precious").is_file());
            assert!(!outside.join("public").exists());
            fs::remove_dir_all(dir.path().join("moved")).unwrap();
        }
    }

    #[test]
    fn restores_rights_and_removes_submissions_of_any_kind() {
        let dir = tempfile::tempdir().unwrap();
        let session = open(&dir);
        let submission = session.cwd().join(SUBMISSION);
        fs::create_dir(&submission).unwrap();
        fs::write(submission.join("x"), "").unwrap();
        fs::set_permissions(session.public(), fs::Permissions::from_mode(0o0)).unwrap();
        fs::set_permissions(session.cwd(), fs::Permissions::from_mode(0o0)).unwrap();
        session.make_ready().unwrap();
        assert!(submission.symlink_metadata().is_err());
        assert!(session.public().join("train.csv").is_file());
        assert_eq!(fs::read_dir(&session.root).unwrap().count(), 2, "what was discarded is deleted");
    }

    #[test]
    fn renewing_forgets_the_scripts_files() {
        let dir = tempfile::tempdir().unwrap();
        let session = open(&dir);
        fs::write(session.cwd().join("model.bin"), "").unwrap();
        fs::write(session.archived(3), "kept").unwrap();
        session.renew().unwrap();
        assert!(!session.cwd().join("model.bin").exists());
        assert!(session.public().join("train.csv").is_file());
        assert!(session.archived(3).is_file());
    }

    #[test]
    fn hides_paths() {
        let dir = tempfile::tempdir().unwrap();
        let session = open(&dir);
        let base = dir.path().canonicalize().unwrap();
        let text =
            format!("{0}/task/private/a {0}/task/metric.py {0}/work/session-1/cwd {0}/work", base.display());
        assert_eq!(session.hide(&text), "<hidden>/a <task>/metric.py <session>/cwd <workdir>");
    }

    #[test]
    fn refuses_directories_that_lie_in_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let mut task = task(dir.path());
        let inside = Session::open(&task, &task.public.join("work"));
        assert!(inside.unwrap_err().is_mistake());
        assert!(!task.public.join("work").exists());
        task.private = task.public.join("deep");
        let nested = Session::open(&task, &dir.path().join("work"));
        assert!(matches!(nested, Err(ExecError::Task { .. })));
    }
}
