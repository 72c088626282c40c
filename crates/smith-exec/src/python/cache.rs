//! Where an environment is kept, and whether the one that is there can be trusted.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::find::Interpreter;
use super::{PythonEnv, assets, tool};
use crate::ExecError;

/// The place of one environment in the cache.
pub(super) struct Slot {
    /// Directory of all environments.
    pub(super) envs: PathBuf,
    pub(super) key: String,
}

/// `manifest.json`: written last, so that a directory which has it was finished once.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) key: String,
    pub(super) installer: String,
    pub(super) content: Content,
}

/// What `check.py` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    /// Full version of Python.
    pub(super) version: String,
    /// Directory of the standard library.
    pub(super) stdlib: PathBuf,
    /// Installed packages and their versions.
    pub(super) packages: BTreeMap<String, String>,
}

/// Whether a check only looks up versions or imports the packages too.
#[derive(Debug, Clone, Copy)]
pub(super) enum Depth {
    List,
    Import,
}

impl Slot {
    pub(super) fn new(cache_dir: &Path, python: &Interpreter) -> Result<Self, ExecError> {
        let cache = std::path::absolute(cache_dir).map_err(ExecError::io(cache_dir))?;
        let envs = cache.join("envs");
        std::fs::create_dir_all(&envs).map_err(ExecError::io(&envs))?;
        Ok(Self { envs, key: key(&python.version, &python.platform) })
    }

    /// Directory of the finished environment.
    pub(super) fn dir(&self) -> PathBuf {
        self.envs.join(&self.key)
    }

    /// Waits until no other process builds this environment.
    pub(super) async fn lock(&self) -> Result<std::fs::File, ExecError> {
        let path = self.envs.join(format!("{}.lock", self.key));
        let locked = tokio::task::spawn_blocking(move || {
            let file = std::fs::File::create(&path).map_err(ExecError::io(&path))?;
            flock(&file, FlockOperation::LockExclusive)
                .map_err(|error| ExecError::io(&path)(error.into()))?;
            Ok(file)
        });
        locked.await.map_err(|error| ExecError::io(&self.envs)(error.into()))?
    }

    /// The environment, when it is there and still holds what its manifest says.
    pub(super) async fn checked(&self) -> Option<PythonEnv> {
        let prefix = self.dir();
        let text = tokio::fs::read_to_string(prefix.join(MANIFEST)).await.ok()?;
        let manifest: Manifest = serde_json::from_str(&text).ok()?;
        let content = examine(&prefix, Depth::List).await.ok()?;
        if manifest.key != self.key || manifest.content != content {
            tracing::warn!(key = self.key, "the Python environment was changed and is built again");
            return None;
        }
        Some(PythonEnv {
            interpreter: interpreter(&prefix),
            prefix,
            stdlib: content.stdlib,
            version: content.version,
            key: self.key.clone(),
        })
    }

    /// Removes this environment and what earlier builders left of it. Needs the lock.
    pub(super) async fn clear(&self) -> Result<(), ExecError> {
        let started = format!("{}.tmp-", self.key);
        for entry in std::fs::read_dir(&self.envs).map_err(ExecError::io(&self.envs))?.flatten() {
            let name = entry.file_name();
            if name == self.key.as_str() || name.to_string_lossy().starts_with(&started) {
                tokio::fs::remove_dir_all(entry.path()).await.map_err(ExecError::io(entry.path()))?;
            }
        }
        Ok(())
    }
}

/// Name of the manifest in an environment.
pub(super) const MANIFEST: &str = "manifest.json";

/// The interpreter of the environment at `prefix`.
pub(super) fn interpreter(prefix: &Path) -> PathBuf {
    prefix.join("bin").join("python")
}

/// Asks the environment at `prefix` what it holds.
pub(super) async fn examine(prefix: &Path, depth: Depth) -> Result<Content, String> {
    // Importing compiles what is not compiled yet; only a build may write into the environment.
    let (flags, depth) = match depth {
        Depth::List => (&["-I", "-B", "-c"][..], "list"),
        Depth::Import => (&["-I", "-c"][..], "import"),
    };
    let arguments = flags.iter().copied().chain([assets::CHECK, depth]).chain(assets::pinned());
    let arguments: Vec<&OsStr> = arguments.map(OsStr::new).collect();
    let answer = tool::ask(&interpreter(prefix), &arguments, &tool::path_only(None)).await?;
    serde_json::from_str(&answer).map_err(|error| error.to_string())
}

/// Hash of everything that an environment is made of.
fn key(version: &str, platform: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    let files = assets::ingredients().flat_map(|(name, content)| [name, content]);
    // The length before each part keeps what belongs to one from looking like the start of the next.
    for part in [version, platform].into_iter().chain(files) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn another_python_or_platform_is_another_environment() {
        let one = key("3.11.7", "linux-x86_64");
        assert_eq!(one, key("3.11.7", "linux-x86_64"));
        assert_ne!(one, key("3.11.8", "linux-x86_64"));
        assert_ne!(one, key("3.11.7", "linux-aarch64"));
        assert_eq!(one.len(), 32);
    }
}
