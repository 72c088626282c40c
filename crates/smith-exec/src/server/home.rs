//! The directory of one server, and what killed servers have left beside it.
//!
//! ```text
//! <workdir>/lock                     held for a moment by a server that begins
//! <workdir>/server-<random>/lock     held as long as that server lives; the system lets it go with the process
//! <workdir>/server-<random>/sessions/<n>/
//! <workdir>/server-<random>/scratch/
//! <workdir>/dead-server-<random>/    on its way out
//! ```

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::removal::remove_tree;
use crate::ExecError;

const LOCK: &str = "lock";
const LIVING: &str = "server-";
const DEAD: &str = "dead-server-";

/// A directory that belongs to this server while it lives.
#[derive(Debug)]
pub(super) struct Home {
    root: PathBuf,
    /// Its lock says that the server lives.
    _alive: File,
}

impl Home {
    /// Makes the server's directory in `workdir`, and removes those of servers that are gone. Takes the calling
    /// thread for itself.
    ///
    /// # Errors
    /// [`ExecError::Io`].
    pub(super) fn open(workdir: &Path) -> Result<Self, ExecError> {
        fs::create_dir_all(workdir).map_err(ExecError::io(workdir))?;
        let workdir = workdir.canonicalize().map_err(ExecError::io(workdir))?;
        let home = {
            // Between the making of a directory and the taking of its lock nobody may look.
            let lock = lock_file(&workdir)?;
            lock.lock().map_err(ExecError::io(&workdir))?;
            condemn(&workdir)?;
            Self::new(&workdir)?
        };
        remove_dead(&workdir)?;
        Ok(home)
    }

    fn new(workdir: &Path) -> Result<Self, ExecError> {
        // Not `tempdir`, whose rights would keep a sandbox out that runs programs as another user.
        let root = tempfile::Builder::new()
            .prefix(LIVING)
            .make_in(workdir, |path| fs::create_dir(path))
            .map_err(ExecError::io(workdir))?
            .into_temp_path()
            .keep()
            .map_err(|error| ExecError::io(workdir)(error.error))?;
        let alive = lock_file(&root)?;
        alive.lock().map_err(ExecError::io(&root))?;
        let home = Self { root, _alive: alive };
        for directory in [home.sessions(), home.scratch()] {
            fs::create_dir(&directory).map_err(ExecError::io(directory))?;
        }
        Ok(home)
    }

    /// Where sessions have their directories.
    pub(super) fn sessions(&self) -> PathBuf {
        self.root.join("sessions")
    }

    /// Where programs have their temporary directories.
    pub(super) fn scratch(&self) -> PathBuf {
        self.root.join("scratch")
    }

    /// Removes the directory. Takes the calling thread for itself.
    ///
    /// # Errors
    /// [`ExecError::Io`].
    pub(super) fn close(self) -> Result<(), ExecError> {
        remove_tree(&self.root).map_err(ExecError::io(self.root))
    }
}

/// Opens, or makes, the lock of a directory.
fn lock_file(directory: &Path) -> Result<File, ExecError> {
    let path = directory.join(LOCK);
    File::options().create(true).truncate(false).write(true).open(&path).map_err(ExecError::io(path))
}

/// Renames the directories of servers that are gone.
fn condemn(workdir: &Path) -> Result<(), ExecError> {
    for path in named(workdir, LIVING)? {
        if is_abandoned(&path)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let dead = workdir.join(name.replacen(LIVING, DEAD, 1));
            fs::rename(&path, dead).map_err(ExecError::io(path))?;
        }
    }
    Ok(())
}

/// Whether nobody holds the lock of a server's directory. One in which there is no lock was left while it was made
/// or removed.
fn is_abandoned(directory: &Path) -> Result<bool, ExecError> {
    let path = directory.join(LOCK);
    match File::open(&path) {
        Ok(lock) => match lock.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(ExecError::io(path)(error)),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(ExecError::io(path)(error)),
    }
}

fn remove_dead(workdir: &Path) -> Result<(), ExecError> {
    for path in named(workdir, DEAD)? {
        // Another server that begins may be removing it too.
        match remove_tree(&path) {
            Ok(()) => tracing::info!(directory = %path.display(), "removed what a killed server had left"),
            Err(error) => {
                tracing::warn!(directory = %path.display(), %error, "a killed server's directory stays");
            }
        }
    }
    Ok(())
}

fn named(workdir: &Path, prefix: &str) -> Result<Vec<PathBuf>, ExecError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(workdir).map_err(ExecError::io(workdir))? {
        let entry = entry.map_err(ExecError::io(workdir))?;
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_directory && entry.file_name().to_string_lossy().starts_with(prefix) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(workdir: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(workdir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != LOCK)
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_the_dead_left_is_removed_and_the_living_are_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let workdir = dir.path().join("work");
        let living = Home::open(&workdir).unwrap();
        fs::write(living.sessions().join("file"), "").unwrap();
        fs::create_dir_all(workdir.join("server-killed/sessions/1/session-1/cwd")).unwrap();
        fs::write(workdir.join("server-killed/lock"), "").unwrap();
        fs::create_dir(workdir.join("server-unborn")).unwrap();
        fs::create_dir_all(workdir.join("dead-server-half/sessions")).unwrap();
        fs::create_dir(workdir.join("elses")).unwrap();
        fs::write(workdir.join("server-notes.txt"), "").unwrap();
        let other = Home::open(&workdir).unwrap();
        assert!(living.sessions().join("file").exists());
        assert_eq!(names(&workdir).len(), 4, "{:?}", names(&workdir));
        living.close().unwrap();
        other.close().unwrap();
        assert_eq!(names(&workdir), ["elses", "server-notes.txt"]);
    }

    #[test]
    fn a_directory_whose_server_let_go_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        drop(Home::open(dir.path()).unwrap());
        let next = Home::open(dir.path()).unwrap();
        assert_eq!(names(dir.path()).len(), 1);
        next.close().unwrap();
    }
}
