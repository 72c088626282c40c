//! The machine's side: Python, and the sandbox that runs it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use smith_exec::{ChildProcess, ProvisionProgress, PythonEnv, PythonOptions, Runtime};

use crate::error::SmithError;

/// Where Python comes from.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct MachineOptions {
    /// Where environments are kept.
    pub cache_dir: PathBuf,
    /// The interpreter to build on, if not the first fitting one of `search_path`.
    pub python: Option<PathBuf>,
    /// The caller's `PATH`.
    pub search_path: Option<OsString>,
    /// Settings of pip and uv (indexes, proxies, certificates) that the caller passes on.
    pub pip_env: BTreeMap<String, String>,
}

/// A provisioned Python, ready to run scripts.
#[derive(Clone)]
pub struct Machine {
    python: PythonEnv,
}

impl Machine {
    /// Makes the locked environment, or takes it from the cache.
    ///
    /// # Errors
    /// A mistake when no fitting Python is there, a fault when packages cannot be fetched.
    pub async fn provision(
        options: &MachineOptions,
        progress: &dyn ProvisionProgress,
    ) -> Result<Self, SmithError> {
        let mut python = PythonOptions::new(options.cache_dir.clone());
        python.python.clone_from(&options.python);
        python.search_path.clone_from(&options.search_path);
        python.pip_env.clone_from(&options.pip_env);
        Ok(Self { python: PythonEnv::ensure(&python, progress).await? })
    }

    /// The environment.
    #[must_use]
    pub fn python(&self) -> &PythonEnv {
        &self.python
    }

    /// A runtime whose processes carry `marker`, so that what a killed run leaves behind can be found.
    #[must_use]
    pub fn runtime(&self, marker: &str) -> Runtime {
        Runtime::new(self.python.clone(), Arc::new(ChildProcess::new(marker.to_owned())))
    }
}
