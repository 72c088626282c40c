//! Whether the packages can be imported where tasks will run: inside of a sandbox.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::cache::IMPORT_TIME;
use super::{PythonEnv, assets};
use crate::runtime::space::Space;
use crate::{ExecError, Job, Limits, PrepareHow, Sandbox};

impl PythonEnv {
    /// Imports the modules of the environment inside of `sandbox`, once for each `label`: that it went well is kept
    /// beside the environment, which itself is read-only, until smith, the kernel or the user is another one.
    ///
    /// # Errors
    /// [`ExecError::Provision`] when a module cannot be imported there, or what the sandbox says when it does not
    /// run anything.
    pub async fn smoke_test(&self, sandbox: &dyn Sandbox, label: &str) -> Result<(), ExecError> {
        let (stamp, circumstances) = (self.stamp(label), circumstances());
        if tokio::fs::read_to_string(&stamp).await.is_ok_and(|found| found == circumstances) {
            return Ok(());
        }
        let desk = tempfile::tempdir().map_err(ExecError::io(std::env::temp_dir()))?;
        let result = sandbox.run(self.import_job(desk.path())).await?;
        if !result.status.is_ok() {
            let message = format!("{} {}", result.status, result.stderr.text.trim());
            return Err(ExecError::Provision {
                step: "importing the packages in the sandbox".into(),
                message,
            });
        }
        if let Err(error) = tokio::fs::write(&stamp, circumstances).await {
            // A cache that others own: the test is then made at every start.
            tracing::debug!(%error, "the result of the import test cannot be kept");
        }
        Ok(())
    }

    fn import_job(&self, desk: &Path) -> Job {
        let flags = ["-I", "-B", "-c", assets::CHECK, &self.modules.join(",")];
        Job {
            argv: std::iter::once(self.interpreter.as_os_str())
                .chain(flags.map(OsStr::new))
                .map(Into::into)
                .collect(),
            cwd: desk.to_path_buf(),
            env: Space::environment_in(desk, self, None, &PrepareHow::default()),
            limits: Limits { wall: IMPORT_TIME, ..Limits::default() },
            readable: self.parts(),
            writable: vec![desk.to_path_buf()],
            replicas: Vec::new(),
        }
    }

    fn stamp(&self, label: &str) -> PathBuf {
        self.prefix.with_file_name(format!("{}.tested-{label}", self.key))
    }
}

/// What the result of the test depends on beyond environment and sandbox.
fn circumstances() -> String {
    let kernel = rustix::system::uname();
    let user = rustix::process::geteuid().as_raw();
    format!("smith-exec {}, {}, user {user}\n", env!("CARGO_PKG_VERSION"), kernel.release().to_string_lossy())
}
