//! Building an environment beside its place, and moving it there when it has proved to work.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::cache::{Content, Depth, MANIFEST, Manifest, Slot, examine, interpreter};
use super::find::Interpreter;
use super::installer::{CommandLine, Installer, fetched_package, is_unreachable, last_lines, unfetched};
use super::{ProvisionProgress, PythonEnv, PythonOptions, assets, seal, tool};
use crate::ExecError;

/// Everything that a build needs. The slot's lock must be held.
pub(super) struct Builder<'a> {
    pub(super) options: &'a PythonOptions,
    pub(super) installer: &'a Installer,
    pub(super) python: &'a Interpreter,
    pub(super) slot: &'a Slot<'a>,
    pub(super) progress: &'a dyn ProvisionProgress,
}

impl Builder<'_> {
    pub(super) async fn build(&self) -> Result<PythonEnv, ExecError> {
        self.slot.clear().await?;
        let place = self.slot.envs.join(format!("{}.tmp-{}", self.slot.key, std::process::id()));
        let built = self.build_at(&place).await;
        if built.is_err() {
            // The error that ended the build matters more than one of tidying up after it.
            let _untidy = seal::remove(&place).await;
        }
        built?;
        let dir = self.slot.dir();
        tokio::fs::rename(&place, &dir).await.map_err(ExecError::io(&dir))?;
        seal::seal(&dir)?;
        synchronize(&self.slot.envs)?;
        let ready = self.slot.checked().await.ok_or_else(|| ExecError::Provision {
            step: "checking it in its place".into(),
            message: format!("{} does not work after it was moved", dir.display()),
        })?;
        self.step(3, "ready");
        Ok(ready)
    }

    async fn build_at(&self, place: &Path) -> Result<(), ExecError> {
        self.progress.step(0, self.total(), "making the environment");
        let venv = self.installer.venv(&self.python.executable, place);
        self.must("making the environment", &venv).await?;
        let python = interpreter(place);
        let lock = place.join("packages.lock");
        std::fs::write(&lock, self.slot.recipe.lock.to_string()).map_err(ExecError::io(&lock))?;
        let install = self.installer.install(&python, &lock, self.options);
        self.must("installing the packages", &install).await?;
        if let Some(remove) = self.installer.remove_itself(&python, &self.slot.recipe.lock) {
            self.must("removing the installer", &remove).await?;
        }
        self.step(1, "checking the packages");
        assets::write(place, &site_packages(place)?)?;
        keep_only_python(&place.join("bin"))?;
        let content = examine(place, self.slot.recipe, Depth::Import)
            .await
            .map_err(|message| ExecError::Provision { step: "importing the packages".into(), message })?;
        self.step(2, "moving it into place");
        seal::seal_below(place).await?;
        self.write_manifest(place, content)
    }

    /// Last of all: a directory that has it was finished.
    fn write_manifest(&self, place: &Path, content: Content) -> Result<(), ExecError> {
        let manifest =
            Manifest { key: self.slot.key.clone(), installer: self.installer.name().into(), content };
        let text =
            serde_json::to_string_pretty(&manifest).map_err(|error| ExecError::io(place)(error.into()))?;
        let path = place.join(MANIFEST);
        std::fs::write(&path, text).map_err(ExecError::io(&path))?;
        synchronize(&path)?;
        seal::seal(&path)
    }

    /// Runs one step of the build; its failure ends the build.
    async fn must(&self, step: &str, line: &CommandLine) -> Result<(), ExecError> {
        let fetching = Fetching { builder: self, state: Mutex::default() };
        let env = self.installer.environment(self.options);
        let result =
            tool::run(&line.program, &line.words(), &env, tool::LONG, &|chunk| fetching.hear(chunk)).await?;
        if result.status.is_ok() {
            return Ok(());
        }
        // venv complains on standard output, both installers on standard error.
        let output = format!("{}\n{}", result.stdout.text, result.stderr.text);
        if self.options.offline || is_unreachable(&output) {
            let cache = self.options.cache_dir.clone();
            return Err(ExecError::Offline { what: unfetched(&output).into(), cache });
        }
        let mut message = format!("{}: {}", result.status, last_lines(&output, 10));
        if output.contains("ensurepip is not available") {
            message.push_str("\ninstall python3-venv, or uv");
        }
        Err(ExecError::Provision { step: step.into(), message })
    }

    /// One step for each pinned package, and three after them.
    fn total(&self) -> u64 {
        self.slot.recipe.lock.names().len() as u64 + 3
    }

    fn step(&self, after_packages: u64, what: &str) {
        self.progress.step(self.total() - 3 + after_packages, self.total(), what);
    }
}

/// Counts the packages that an installer talks about.
struct Fetching<'a> {
    builder: &'a Builder<'a>,
    state: Mutex<FetchState>,
}

#[derive(Default)]
struct FetchState {
    /// The line that has not ended yet.
    line: Vec<u8>,
    seen: BTreeSet<String>,
}

impl Fetching<'_> {
    fn hear(&self, chunk: &[u8]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for part in chunk.split_inclusive(|&byte| byte == b'\n') {
            state.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut state.line);
                self.hear_line(&String::from_utf8_lossy(&line), &mut state.seen);
            }
        }
    }

    fn hear_line(&self, line: &str, seen: &mut BTreeSet<String>) {
        let Some(package) = fetched_package(line) else { return };
        let what = format!("fetching {package}");
        if seen.insert(package) {
            let total = self.builder.total();
            self.builder.progress.step((seen.len() as u64).min(total - 3), total, &what);
        }
    }
}

/// `lib/pythonX.Y/site-packages` of the environment at `prefix`.
fn site_packages(prefix: &Path) -> Result<PathBuf, ExecError> {
    let lib = prefix.join("lib");
    let versions = std::fs::read_dir(&lib).map_err(ExecError::io(&lib))?;
    versions
        .flatten()
        .map(|entry| entry.path().join("site-packages"))
        .find(|folder| folder.is_dir())
        .ok_or_else(|| ExecError::io(lib)(std::io::ErrorKind::NotFound.into()))
}

/// Leaves the interpreter's names in `bin` and puts a refusal in the place of `pip`. The scripts of
/// packages carry the path where they were installed, which is not where they end up.
fn keep_only_python(bin: &Path) -> Result<(), ExecError> {
    for entry in std::fs::read_dir(bin).map_err(ExecError::io(bin))?.flatten() {
        let path = entry.path();
        if !entry.file_name().to_string_lossy().starts_with("python") && path.is_file() {
            std::fs::remove_file(&path).map_err(ExecError::io(&path))?;
        }
    }
    for name in ["pip", "pip3"] {
        let path = bin.join(name);
        std::fs::write(&path, assets::NO_PIP).map_err(ExecError::io(&path))?;
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&path, executable).map_err(ExecError::io(&path))?;
    }
    Ok(())
}

/// Waits until a file, or what a directory lists, is on the disk.
fn synchronize(path: &Path) -> Result<(), ExecError> {
    std::fs::File::open(path).and_then(|file| file.sync_all()).map_err(ExecError::io(path))
}
