//! The three directory layouts in which tasks of this field come.
//!
//! * *package* (paper, appendix A.2; what smith writes): scripts and `description.txt` at the root, `data/{raw,public,private}`.
//! * *workdir* (the Refactor prompt): scripts at the root beside `raw/`, `public/`, `private/`.
//! * *repo* (MLE-Dojo): `utils/{metric,prepare}.py`, `info/description.txt`, and `data/{public,private}` with `raw/` at the root or in `data/`.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Which layout a directory has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayoutKind {
    /// `data/{raw,public,private}` below the root.
    Package,
    /// `raw/`, `public/`, `private/` at the root.
    Workdir,
    /// MLE-Dojo's `utils/` and `info/`.
    Repo,
}

/// Where the parts of one task lie. The paths are what the layout prescribes; they need not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskLayout {
    /// Which layout this is.
    pub kind: LayoutKind,
    /// The task's directory.
    pub root: PathBuf,
    /// `description.txt` for people.
    pub description: PathBuf,
    /// The preparation script.
    pub prepare: PathBuf,
    /// The metric.
    pub metric: PathBuf,
    /// The task's own tests.
    pub test: PathBuf,
    /// The dataset as it came.
    pub raw: PathBuf,
    /// What participants see.
    pub public: PathBuf,
    /// What they do not.
    pub private: PathBuf,
}

/// Why a directory is not a task.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// The path does not exist or is no directory.
    #[error("{} is not a directory", .0.display())]
    NotADirectory(PathBuf),
    /// None of the three layouts fits.
    #[error(
        "{} is not a task: expected prepare.py and metric.py beside data/ or beside public/ and private/, or MLE-Dojo's utils/ and info/",
        .0.display()
    )]
    Unknown(PathBuf),
}

impl TaskLayout {
    /// The layout of `kind` at `root`, whether its files exist or not.
    #[must_use]
    pub fn at(kind: LayoutKind, root: &Path) -> Self {
        let (scripts, info, data) = match kind {
            LayoutKind::Package => (root.to_path_buf(), root.to_path_buf(), root.join("data")),
            LayoutKind::Workdir => (root.to_path_buf(), root.to_path_buf(), root.to_path_buf()),
            LayoutKind::Repo => (root.join("utils"), root.join("info"), root.join("data")),
        };
        let raw = match kind {
            LayoutKind::Repo if root.join("raw").is_dir() => root.join("raw"),
            _ => data.join("raw"),
        };
        Self {
            kind,
            root: root.to_path_buf(),
            description: info.join("description.txt"),
            prepare: scripts.join("prepare.py"),
            metric: scripts.join("metric.py"),
            test: scripts.join("test.py"),
            raw,
            public: data.join("public"),
            private: data.join("private"),
        }
    }

    /// Recognises the layout of a directory by what is in it.
    ///
    /// # Errors
    /// [`LayoutError`] when it is no directory, or holds nothing of any layout.
    pub fn detect(root: &Path) -> Result<Self, LayoutError> {
        if !root.is_dir() {
            return Err(LayoutError::NotADirectory(root.to_path_buf()));
        }
        let has = |name: &str| root.join(name).exists();
        let kind = if has("utils/metric.py") || has("utils/prepare.py") {
            LayoutKind::Repo
        } else if has("data/public") || has("data/private") || has("data/raw") {
            LayoutKind::Package
        } else if has("public") || has("private") || has("prepare.py") || has("metric.py") {
            LayoutKind::Workdir
        } else {
            return Err(LayoutError::Unknown(root.to_path_buf()));
        };
        Ok(Self::at(kind, root))
    }

    /// `public/sample_submission.csv`.
    #[must_use]
    pub fn sample_submission(&self) -> PathBuf {
        self.public.join("sample_submission.csv")
    }

    /// `task.json`, which packages have.
    #[must_use]
    pub fn manifest(&self) -> PathBuf {
        self.root.join(crate::TaskManifest::FILE)
    }

    /// `private/test_answer.csv`.
    #[must_use]
    pub fn test_answer(&self) -> PathBuf {
        self.private.join("test_answer.csv")
    }

    /// `path` relative to the task, with `/` between its parts, for findings.
    #[must_use]
    pub fn relative(&self, path: &Path) -> String {
        let path = path.strip_prefix(&self.root).unwrap_or(path);
        path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
    }
}
