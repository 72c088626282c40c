//! The locked Python environment in which everything of a task runs: built once, then shared.

mod assets;
mod build;
mod cache;
mod find;
mod installer;
mod lock;
mod provision;
mod seal;
mod smoke;
mod source;
mod tool;
mod uv;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Serialize;

use self::provision::Provision;
use self::source::Recipe;
pub use self::source::{EnvProfile, EnvSource};
pub(crate) use self::tool::SYSTEM_PATH;
use self::uv::Pin;
use crate::ExecError;

/// A built environment that has been checked.
#[derive(Debug, Clone)]
pub struct PythonEnv {
    prefix: PathBuf,
    interpreter: PathBuf,
    stdlib: PathBuf,
    version: String,
    key: String,
    source: EnvSource,
    modules: Vec<&'static str>,
    preloaded: &'static [&'static str],
}

impl PythonEnv {
    /// Finds the environment in the cache, or builds it there: once for each combination of lock file,
    /// helper files, Python version and platform, however many processes ask at the same time. What is
    /// built is read-only. The installer is uv, which is fetched into the cache when the search path has
    /// none, or else venv and pip.
    ///
    /// # Errors
    /// [`ExecError::Mistake`] when the caller's own lock file cannot be used,
    /// [`ExecError::NoPython`] when no Python fits, [`ExecError::Offline`] when packages cannot be
    /// fetched, [`ExecError::Provision`] when an installer fails otherwise, [`ExecError::Io`] when the
    /// cache cannot be written.
    pub async fn ensure(
        options: &PythonOptions,
        progress: &dyn ProvisionProgress,
    ) -> Result<Self, ExecError> {
        let recipe = Recipe::read(&options.source)?;
        Provision { options, recipe, pin: Pin::ours(), progress }.ensure().await
    }

    /// Says which Python and which installer would be used, and whether the environment is there already.
    /// Builds and fetches nothing.
    ///
    /// # Errors
    /// [`ExecError::Mistake`] when the caller's own lock file cannot be used, [`ExecError::NoPython`] when no Python fits, [`ExecError::Io`] when the cache cannot be written.
    pub async fn look(options: &PythonOptions) -> Result<PythonReport, ExecError> {
        provision::look(options).await
    }

    /// Path of the interpreter.
    #[must_use]
    pub fn interpreter(&self) -> &Path {
        &self.interpreter
    }

    /// Directory of the environment.
    #[must_use]
    pub fn prefix(&self) -> &Path {
        &self.prefix
    }

    /// Full version of Python, for instance `3.11.7`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Name of the environment in the cache; it stands for everything that the environment is made of.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What it was made from.
    #[must_use]
    pub fn source(&self) -> &EnvSource {
        &self.source
    }

    /// Modules that a worker imports before its first script: whatever takes long in metrics.
    #[must_use]
    pub fn preloaded(&self) -> &'static [&'static str] {
        self.preloaded
    }

    /// Directory of the standard library, which lies outside the environment.
    pub(crate) fn stdlib(&self) -> &Path {
        &self.stdlib
    }

    /// What must be readable for the interpreter to run: the environment, the libraries of the Python that it is
    /// built on, and every directory through which links lead to the program itself.
    pub(crate) fn parts(&self) -> Vec<PathBuf> {
        let libraries = self.stdlib.parent().unwrap_or(&self.stdlib);
        let mut parts = vec![self.prefix.clone(), libraries.to_path_buf()];
        let mut program = self.interpreter.clone();
        // More links than any system follows.
        for _ in 0..40 {
            let Ok(target) = std::fs::read_link(&program) else { break };
            program = program.parent().unwrap_or(Path::new("/")).join(target);
            parts.extend(program.parent().map(Path::to_path_buf));
        }
        parts.sort();
        parts.dedup();
        parts
    }

    /// Path of one of our scripts that run a task's code.
    pub(crate) fn helper(&self, name: &str) -> PathBuf {
        assets::helper_dir(&self.prefix).join(name)
    }
}

/// Which Python a machine gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PythonReport {
    /// The Python that environments are built on.
    pub interpreter: PathBuf,
    /// Its full version.
    pub version: String,
    /// What installs packages.
    pub installer: String,
    /// The environment that was asked for, in the text form of [`EnvSource`].
    pub env: String,
    /// Where it is kept.
    pub environment: PathBuf,
    /// Whether it is there.
    pub ready: bool,
    /// The profiles, and which of them are in the cache.
    pub profiles: Vec<ProfileReport>,
}

/// Whether the environment of one profile is in the cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProfileReport {
    /// The profile's name.
    pub name: String,
    /// Whether it was built.
    pub ready: bool,
}

/// Where to keep environments and how to build them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PythonOptions {
    /// What the environment is made from; the base set unless it is set.
    pub source: EnvSource,
    /// Directory that environments and downloads are kept in. Made when missing.
    pub cache_dir: PathBuf,
    /// The Python to use; otherwise the first in `search_path` that fits.
    pub python: Option<PathBuf>,
    /// The caller's `PATH`, in which Python and uv are looked for.
    pub search_path: Option<OsString>,
    /// Forbid the installer to use a network, and fetch no installer.
    pub offline: bool,
    /// Variables that the installers get: `PIP_*`, `UV_*`, proxies and certificates. Nothing else of
    /// the caller's environment reaches them.
    pub pip_env: BTreeMap<String, String>,
}

impl PythonOptions {
    /// Options without a search path: set `python` or `search_path` before use.
    #[must_use]
    pub fn new(cache_dir: impl Into<PathBuf>) -> Self {
        Self {
            source: EnvSource::default(),
            cache_dir: cache_dir.into(),
            python: None,
            search_path: None,
            offline: false,
            pip_env: BTreeMap::new(),
        }
    }
}

/// Hears how far the building of an environment is.
pub trait ProvisionProgress: Send + Sync {
    /// `done` of `total` steps are done; `what` is what comes next, in a few words.
    fn step(&self, done: u64, total: u64, what: &str);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl ProvisionProgress for Silent {
    fn step(&self, _done: u64, _total: u64, _what: &str) {}
}
