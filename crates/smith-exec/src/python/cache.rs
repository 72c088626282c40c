//! Where an environment is kept, and whether the one that is there can be trusted.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::find::Interpreter;
use super::source::Recipe;
use super::{PythonEnv, assets, seal, tool};
use crate::ExecError;

/// The place of one environment in the cache.
pub(super) struct Slot<'a> {
    pub(super) recipe: &'a Recipe,
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

impl<'a> Slot<'a> {
    pub(super) fn new(cache_dir: &Path, python: &Interpreter, recipe: &'a Recipe) -> Result<Self, ExecError> {
        let cache = std::path::absolute(cache_dir).map_err(ExecError::io(cache_dir))?;
        let envs = cache.join("envs");
        std::fs::create_dir_all(&envs).map_err(ExecError::io(&envs))?;
        Ok(Self { recipe, envs, key: key(&python.version, &python.platform, recipe) })
    }

    /// Directory of the finished environment.
    pub(super) fn dir(&self) -> PathBuf {
        self.envs.join(&self.key)
    }

    /// Waits until no other process builds this environment.
    pub(super) async fn lock(&self) -> Result<std::fs::File, ExecError> {
        lock(self.envs.join(format!("{}.lock", self.key))).await
    }

    /// Whether an environment was finished here, without asking it whether it still works.
    pub(super) fn is_built(&self) -> bool {
        std::fs::read_to_string(self.dir().join(MANIFEST))
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .is_some_and(|manifest: Manifest| manifest.key == self.key)
    }

    /// The environment, when it is there and still holds what its manifest says.
    pub(super) async fn checked(&self) -> Option<PythonEnv> {
        let prefix = self.dir();
        let text = tokio::fs::read_to_string(prefix.join(MANIFEST)).await.ok()?;
        let manifest: Manifest = serde_json::from_str(&text).ok()?;
        let content = examine(&prefix, self.recipe, Depth::List).await.ok()?;
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
            source: self.recipe.source.clone(),
            modules: self.recipe.modules.clone(),
            preloaded: self.recipe.preloaded,
        })
    }

    /// Removes this environment and what earlier builders left of it. Needs the lock.
    pub(super) async fn clear(&self) -> Result<(), ExecError> {
        let (started, tested) = (format!("{}.tmp-", self.key), format!("{}.tested-", self.key));
        for entry in std::fs::read_dir(&self.envs).map_err(ExecError::io(&self.envs))?.flatten() {
            let (name, path) = (entry.file_name(), entry.path());
            let name = name.to_string_lossy();
            if name == self.key.as_str() || name.starts_with(&started) {
                seal::remove(&path).await?;
            } else if name.starts_with(&tested) {
                std::fs::remove_file(&path).map_err(ExecError::io(&path))?;
            }
        }
        Ok(())
    }
}

/// Waits until this process is the only one that holds the lock at `path`; it is let go with the file.
pub(super) async fn lock(path: PathBuf) -> Result<std::fs::File, ExecError> {
    let shown = path.clone();
    let locked = tokio::task::spawn_blocking(move || {
        let file = std::fs::File::create(&path).map_err(ExecError::io(&path))?;
        flock(&file, FlockOperation::LockExclusive).map_err(|error| ExecError::io(&path)(error.into()))?;
        Ok(file)
    });
    locked.await.map_err(|error| ExecError::io(shown)(error.into()))?
}

/// Time for the imports of everything, some of which compile on the first one.
pub(super) const IMPORT_TIME: Duration = Duration::from_secs(600);

/// Name of the manifest in an environment.
pub(super) const MANIFEST: &str = "manifest.json";

/// The interpreter of the environment at `prefix`.
pub(super) fn interpreter(prefix: &Path) -> PathBuf {
    prefix.join("bin").join("python")
}

/// Asks the environment at `prefix` what it holds of the packages of `recipe`.
pub(super) async fn examine(prefix: &Path, recipe: &Recipe, depth: Depth) -> Result<Content, String> {
    // Importing compiles what is not compiled yet; only a build may write into the environment.
    let (flags, modules, wall) = match depth {
        Depth::List => (&["-I", "-B", "-c"][..], String::new(), tool::SHORT),
        Depth::Import => (&["-I", "-c"][..], recipe.modules.join(","), IMPORT_TIME),
    };
    let names = recipe.lock.names();
    let arguments = flags.iter().copied().chain([assets::CHECK, &modules]).chain(names);
    let arguments: Vec<&OsStr> = arguments.map(OsStr::new).collect();
    let answer = tool::ask(&interpreter(prefix), &arguments, &tool::path_only(None), wall).await?;
    serde_json::from_str(&answer).map_err(|error| error.to_string())
}

/// Hash of everything that an environment is made of.
fn key(version: &str, platform: &str, recipe: &Recipe) -> String {
    let mut hasher = blake3::Hasher::new();
    let modules = recipe.modules.join(",");
    let files = assets::ingredients().flat_map(|(name, content)| [name, content]);
    // The length before each part keeps what belongs to one from looking like the start of the next.
    for part in [version, platform, &recipe.text, &modules].into_iter().chain(files) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::source::{EnvProfile, EnvSource, Recipe};
    use super::key;

    #[test]
    fn another_python_platform_or_profile_is_another_environment() {
        let of = |profile| Recipe::read(&EnvSource::Profile(profile)).unwrap();
        let base = of(EnvProfile::Base);
        let one = key("3.11.7", "linux-x86_64", &base);
        assert_eq!(one, key("3.11.7", "linux-x86_64", &base));
        assert_ne!(one, key("3.11.8", "linux-x86_64", &base));
        assert_ne!(one, key("3.11.7", "linux-aarch64", &base));
        assert_eq!(one.len(), 32);
        let keys = EnvProfile::ALL.map(|profile| key("3.11.7", "linux-x86_64", &of(profile)));
        assert_eq!(BTreeSet::from(keys).len(), EnvProfile::ALL.len());
    }

    #[test]
    fn every_byte_of_a_lock_counts() {
        let base = Recipe::read(&EnvSource::default()).unwrap();
        let mut other = base.clone();
        other.text.to_mut().push('\n');
        assert_ne!(key("3.11.7", "linux-x86_64", &base), key("3.11.7", "linux-x86_64", &other));
    }
}
