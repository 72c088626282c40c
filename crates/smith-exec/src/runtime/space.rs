//! The private directory and the environment of one run.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use super::PrepareHow;
use crate::{ExecError, PythonEnv};

/// Where temporary directories are made: the system's place for them, unless another one was named.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scratch(Option<Arc<Path>>);

impl Scratch {
    pub(super) fn within(directory: &Path) -> Self {
        Self(Some(Arc::from(directory)))
    }

    /// A new temporary directory, whose name begins with `prefix`.
    pub(crate) fn directory(&self, prefix: &str) -> Result<TempDir, ExecError> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(prefix);
        match &self.0 {
            Some(place) => builder.tempdir_in(place).map_err(ExecError::io(&**place)),
            None => builder.tempdir().map_err(ExecError::io(std::env::temp_dir())),
        }
    }
}

/// A directory that is home and temporary directory of one run, removed after it.
pub(crate) struct Space(TempDir);

impl Space {
    pub(crate) fn new(scratch: &Scratch) -> Result<Self, ExecError> {
        scratch.directory("smith-").map(Self)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn environment(
        &self,
        python: &PythonEnv,
        importable: Option<&Path>,
        how: &PrepareHow,
    ) -> BTreeMap<String, String> {
        Self::environment_in(self.path(), python, importable, how)
    }

    /// The whole environment of a run whose home and temporary directory is `home`; `importable` is a directory that Python modules may come from.
    pub(crate) fn environment_in(
        home: &Path,
        python: &PythonEnv,
        importable: Option<&Path>,
        how: &PrepareHow,
    ) -> BTreeMap<String, String> {
        let bin = python.prefix().join("bin");
        let path = format!("{}:{}", bin.display(), crate::python::SYSTEM_PATH);
        let mut env: BTreeMap<String, String> =
            FIXED.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        env.insert("PATH".into(), path);
        for name in ["HOME", "TMPDIR", "MPLCONFIGDIR"] {
            env.insert(name.into(), home.display().to_string());
        }
        if let Some(folder) = importable {
            env.insert("PYTHONPATH".into(), folder.display().to_string());
        }
        env.insert("PYTHONHASHSEED".into(), how.hash_seed.to_string());
        env.insert("TZ".into(), how.time_zone.clone());
        env.insert("LC_ALL".into(), how.locale.clone());
        for name in ["USER", "LOGNAME"] {
            env.insert(name.into(), how.user.clone());
        }
        for name in THREADS {
            env.insert(name.into(), how.threads.to_string());
        }
        env
    }
}

/// Threads of each numerical library. One unless somebody asks for more: sums over several threads differ in their
/// last digits from run to run.
const THREADS: [&str; 5] = [
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
];

/// What is the same in every run.
const FIXED: [(&str, &str); 6] = [
    ("PYTHONUTF8", "1"),
    ("PYTHONNOUSERSITE", "1"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("MPLBACKEND", "Agg"),
    ("HF_HUB_OFFLINE", "1"),
    // pyarrow's allocator would start a thread of its own.
    ("JE_ARROW_MALLOC_CONF", "background_thread:false"),
];
