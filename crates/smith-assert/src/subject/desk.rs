//! The place where the task's metric scores what rules want to know.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use smith_exec::Scorer;
use tempfile::TempDir;

use super::battery::copy;
use super::{Script, Subject};
use crate::AssertError;

/// A copy of the metric, and folders of tables that it compares.
pub(super) struct Desk {
    /// Goes before the directory that it reads.
    pub(super) scorer: Scorer,
    tables: PathBuf,
    folders: AtomicUsize,
    _dir: TempDir,
}

/// A folder of tables, removed when nobody needs it any more: all together would be too much.
pub(super) struct Folder(PathBuf);

impl Subject {
    /// The desk, made once. Not without a runtime and a metric that can be parsed.
    pub(super) async fn desk(&self) -> Result<&Desk, AssertError> {
        self.0.desk.get_or_try_init(|| async { Desk::new(self) }).await
    }
}

impl Desk {
    fn new(subject: &Subject) -> Result<Self, AssertError> {
        let runtime = subject.needed_runtime()?;
        let imports = subject.module(Script::Metric)?.imports.iter().map(|import| import.path.clone());
        let dir = subject.scratch_dir("score-")?;
        let (metric, tables) = (dir.path().join("metric.py"), dir.path().join("tables"));
        std::fs::create_dir(&tables).map_err(AssertError::io(dir.path()))?;
        copy(&subject.layout().metric, &metric)?;
        let scorer = runtime.scorer(&metric, &tables, imports)?;
        Ok(Self { scorer, tables, folders: AtomicUsize::new(0), _dir: dir })
    }

    /// A new folder that the metric may read.
    pub(super) fn folder(&self) -> Result<Folder, AssertError> {
        let number = self.folders.fetch_add(1, Ordering::Relaxed);
        let folder = Folder(self.tables.join(number.to_string()));
        std::fs::create_dir(&folder.0).map_err(AssertError::io(&folder.0))?;
        Ok(folder)
    }
}

impl Folder {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays goes with the desk.
        let _goes_later = std::fs::remove_dir_all(&self.0);
    }
}
