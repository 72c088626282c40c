//! A shell script in the place of Python: no network, and every failure on demand.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use smith_exec::{EnvSource, ExecError, PythonEnv, PythonOptions, Silent};
use tempfile::TempDir;

/// Plays an interpreter: answers our questions, makes an "environment" that holds a copy of itself,
/// installs by doing as `install` says, downloads uv by doing as `download` says, and notes each build in `builds`.
const FAKE: &str = r#"#!/bin/sh
here=@HERE@
case "$*" in
  *can_make_venv*) echo '{"executable": "'$0'", "implementation": "cpython", "version": "@VERSION@.5",
      "minor": [@MINOR@], "bits": 64, "can_make_venv": @VENV@, "has_pip": @PIP@, "platform": "test-x86_64"}' ;;
  *"pip download"*) echo x >> "$here/downloads"; @DOWNLOAD@ ;;
  *"-m venv"*) for last; do :; done
      echo x >> "$here/builds"
      mkdir -p "$last/bin" "$last/lib/python3.11/site-packages"; cp "$0" "$last/bin/python"
      touch "$last/bin/activate" ;;
  *"pip install"*) echo "Collecting numpy==2.2.6 (from -r packages.lock)"; echo "Collecting pandas==2.3.3"
      @INSTALL@ ;;
  *"pip uninstall"*) ;;
  *mledojo.metrics.base*) echo "$*" | tr '\n' ' ' >> "$here/imports"; echo >> "$here/imports"; @IMPORT@ ;;
  *metadata*) cat "$(dirname "$0")/../broken" 2>/dev/null ||
      echo '{"version": "3.11.5", "stdlib": "/usr/lib", "packages": {"numpy": "2.2.6"}}' ;;
esac
"#;

/// A search path with one fake interpreter called `python3`, and an empty cache.
pub(crate) struct Fake {
    pub(crate) folder: TempDir,
    pub(crate) version: &'static str,
    pub(crate) venv: bool,
    pub(crate) pip: bool,
    pub(crate) install: &'static str,
    pub(crate) download: &'static str,
    pub(crate) import: &'static str,
    pub(crate) source: EnvSource,
}

/// What `check.py` prints here.
const CONTENT: &str = r#"echo '{"version": "3.11.5", "stdlib": "/usr/lib", "packages": {"numpy": "2.2.6"}}'"#;

impl Fake {
    pub(crate) fn new() -> Self {
        let fake = Self {
            folder: tempfile::tempdir().unwrap(),
            version: "3.11",
            venv: true,
            pip: false,
            install: "exit 0",
            download: "exit 1",
            import: CONTENT,
            source: EnvSource::default(),
        };
        std::fs::create_dir(fake.folder.path().join("bin")).unwrap();
        fake
    }

    pub(crate) fn options(&self) -> PythonOptions {
        let text = FAKE
            .replace("@HERE@", self.folder.path().to_str().unwrap())
            .replace("@VERSION@", self.version)
            .replace("@MINOR@", &self.version.replace('.', ","))
            .replace("@VENV@", if self.venv { "true" } else { "false" })
            .replace("@PIP@", if self.pip { "true" } else { "false" })
            .replace("@INSTALL@", self.install)
            .replace("@DOWNLOAD@", self.download)
            .replace("@IMPORT@", self.import);
        self.program("python3", &text);
        let mut options = PythonOptions::new(self.folder.path().join("cache"));
        options.search_path = Some(self.folder.path().join("bin").into());
        options.source = self.source.clone();
        options
    }

    /// Lines that the fake wrote into a file.
    pub(crate) fn noted(&self, name: &str) -> usize {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default().lines().count()
    }

    pub(crate) fn program(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join("bin").join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    pub(crate) async fn ensure(&self) -> Result<PythonEnv, ExecError> {
        PythonEnv::ensure(&self.options(), &Silent).await
    }

    pub(crate) fn builds(&self) -> usize {
        self.noted("builds")
    }

    /// Directories in the cache, finished or not.
    pub(crate) fn environments(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path().join("cache/envs")).unwrap();
        let folders = entries.map(|entry| entry.unwrap()).filter(|entry| entry.path().is_dir());
        folders.map(|entry| entry.file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        open(self.folder.path());
    }
}

/// Gives the right to write back, so that a test can spoil an environment, and remove it.
pub(crate) fn open(folder: &Path) {
    let mode = std::fs::symlink_metadata(folder).unwrap().permissions().mode();
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode | 0o700)).unwrap();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        if entry.file_type().unwrap().is_dir() {
            open(&entry.path());
        } else if entry.file_type().unwrap().is_file() {
            let mode = entry.metadata().unwrap().permissions().mode();
            std::fs::set_permissions(entry.path(), std::fs::Permissions::from_mode(mode | 0o200)).unwrap();
        }
    }
}
