//! Finding Python and building its environment, with a shell script in the place of Python: no
//! network, and every failure on demand.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use smith_exec::{ExecError, ProvisionProgress, PythonEnv, PythonOptions, Silent};
use tempfile::TempDir;

/// Plays an interpreter: answers our questions, makes an "environment" that holds a copy of itself,
/// installs by doing as `$INSTALL` says, and notes each build in `builds`.
const FAKE: &str = r#"#!/bin/sh
here=@HERE@
case "$*" in
  *can_make_venv*) echo '{"executable": "'$0'", "implementation": "cpython", "version": "@VERSION@.5",
      "minor": [@MINOR@], "bits": 64, "can_make_venv": @VENV@, "platform": "test-x86_64"}' ;;
  *"-m venv"*) for last; do :; done
      echo x >> "$here/builds"
      mkdir -p "$last/bin" "$last/lib/python3.11/site-packages"; cp "$0" "$last/bin/python"
      touch "$last/bin/activate" ;;
  *"pip install"*) echo "Collecting numpy==2.2.6 (from -r base.lock)"; echo "Collecting pandas==2.3.3"
      @INSTALL@ ;;
  *"pip uninstall"*) ;;
  *metadata*) cat "$(dirname "$0")/../broken" 2>/dev/null ||
      echo '{"version": "3.11.5", "stdlib": "/usr/lib", "packages": {"numpy": "2.2.6"}}' ;;
esac
"#;

/// A search path with one fake interpreter called `python3`, and an empty cache.
struct Fake {
    folder: TempDir,
    version: &'static str,
    venv: bool,
    install: &'static str,
}

impl Fake {
    fn new() -> Self {
        let fake =
            Self { folder: tempfile::tempdir().unwrap(), version: "3.11", venv: true, install: "exit 0" };
        std::fs::create_dir(fake.folder.path().join("bin")).unwrap();
        fake
    }

    fn options(&self) -> PythonOptions {
        let text = FAKE
            .replace("@HERE@", self.folder.path().to_str().unwrap())
            .replace("@VERSION@", self.version)
            .replace("@MINOR@", &self.version.replace('.', ","))
            .replace("@VENV@", if self.venv { "true" } else { "false" })
            .replace("@INSTALL@", self.install);
        self.program("python3", &text);
        let mut options = PythonOptions::new(self.folder.path().join("cache"));
        options.search_path = Some(self.folder.path().join("bin").into());
        options
    }

    fn program(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join("bin").join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    async fn ensure(&self) -> Result<PythonEnv, ExecError> {
        PythonEnv::ensure(&self.options(), &Silent).await
    }

    fn builds(&self) -> usize {
        std::fs::read_to_string(self.folder.path().join("builds")).unwrap_or_default().lines().count()
    }

    /// Directories in the cache, finished or not.
    fn environments(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path().join("cache/envs")).unwrap();
        let folders = entries.map(|entry| entry.unwrap()).filter(|entry| entry.path().is_dir());
        folders.map(|entry| entry.file_name().into_string().unwrap()).collect()
    }
}

#[tokio::test]
async fn an_environment_is_built_once_and_found_again() {
    let fake = Fake::new();
    let first = fake.ensure().await.unwrap();
    let second = fake.ensure().await.unwrap();
    assert_eq!(fake.builds(), 1);
    assert_eq!((first.version(), first.key()), ("3.11.5", second.key()));
    assert_eq!(first.interpreter(), first.prefix().join("bin/python"));
    assert_eq!(fake.environments(), [first.key()]);
    assert!(first.prefix().join("lib/python3.11/site-packages/mledojo/metrics/base.py").is_file());
    assert!(!first.prefix().join("bin/activate").exists());
}

#[tokio::test]
async fn many_at_once_build_once() {
    let fake = Fake::new();
    let options = fake.options();
    let (a, b, c) = tokio::join!(
        PythonEnv::ensure(&options, &Silent),
        PythonEnv::ensure(&options, &Silent),
        PythonEnv::ensure(&options, &Silent)
    );
    assert_eq!(fake.builds(), 1);
    assert_eq!(a.unwrap().key(), b.unwrap().key());
    c.unwrap();
}

#[tokio::test]
async fn a_changed_or_half_built_environment_is_built_again() {
    let fake = Fake::new();
    let prefix = fake.ensure().await.unwrap().prefix().to_path_buf();
    let spoil: [&dyn Fn(&Path); 4] = [
        &|prefix| std::fs::remove_file(prefix.join("manifest.json")).unwrap(),
        &|prefix| std::fs::write(prefix.join("manifest.json"), "{").unwrap(),
        &|prefix| std::fs::remove_file(prefix.join("bin/python")).unwrap(),
        &|prefix| {
            let less = r#"{"version": "3.11.5", "stdlib": "/usr/lib", "packages": {}}"#;
            std::fs::write(prefix.join("broken"), less).unwrap();
        },
    ];
    for (earlier, spoil) in spoil.iter().enumerate() {
        spoil(&prefix);
        fake.ensure().await.unwrap();
        assert_eq!(fake.builds(), earlier + 2);
    }
}

#[tokio::test]
async fn what_a_dead_builder_left_is_removed() {
    let fake = Fake::new();
    let built = fake.ensure().await.unwrap();
    let left = built.prefix().with_file_name(format!("{}.tmp-1", built.key()));
    std::fs::create_dir_all(left.join("bin")).unwrap();
    std::fs::remove_file(built.prefix().join("manifest.json")).unwrap();
    fake.ensure().await.unwrap();
    assert_eq!(fake.environments(), [built.key()]);
}

#[tokio::test]
async fn without_any_python_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = PythonOptions::new(folder.path());
    options.search_path = Some(folder.path().into());
    let error = PythonEnv::ensure(&options, &Silent).await.unwrap_err();
    assert!(matches!(&error, ExecError::NoPython(_)));
    assert!(error.to_string().contains("nothing called python3"), "{error}");
}

#[tokio::test]
async fn every_refused_python_is_named_with_its_reason() {
    let mut fake = Fake::new();
    fake.version = "3.9";
    fake.program("python3.12", "#!/bin/sh\necho 'shim: not installed' >&2\nexit 127\n");
    fake.program("python", "#!/bin/sh\necho hello\n");
    let error = fake.ensure().await.unwrap_err().to_string();
    assert!(error.contains("python3.12 does not run: exit code 127 (shim: not installed)"), "{error}");
    assert!(error.contains("python3 is Python 3.9.5"), "{error}");
    assert!(error.contains("python does not run: it does not answer as a Python"), "{error}");
}

#[tokio::test]
async fn a_python_without_venv_asks_for_it() {
    let mut fake = Fake::new();
    fake.venv = false;
    let error = fake.ensure().await.unwrap_err().to_string();
    assert!(error.contains("install python3-venv, or uv"), "{error}");
}

#[tokio::test]
async fn a_shim_that_fails_is_passed_over() {
    let fake = Fake::new();
    fake.program("python3.13", "#!/bin/sh\nexit 127\n");
    assert_eq!(fake.ensure().await.unwrap().version(), "3.11.5");
}

#[tokio::test]
async fn the_python_that_the_caller_names_is_the_only_one() {
    let fake = Fake::new();
    let mut options = fake.options();
    options.python = Some("/no/such/python".into());
    let error = PythonEnv::ensure(&options, &Silent).await.unwrap_err().to_string();
    assert!(error.contains("/no/such/python") && !error.contains("bin/python3"), "{error}");
}

#[tokio::test]
async fn an_unreachable_network_is_told_from_a_bad_package() {
    let mut fake = Fake::new();
    fake.install = "echo \"Retrying after 'NewConnectionError(...)'\" >&2
      echo 'ERROR: No matching distribution found for numpy==2.2.6' >&2; exit 1";
    let error = fake.ensure().await.unwrap_err();
    assert!(matches!(&error, ExecError::Offline { what, .. } if what.ends_with("numpy==2.2.6")), "{error}");
    assert!(error.to_string().contains("PIP_FIND_LINKS"));
    assert!(error.to_string().contains(fake.folder.path().join("cache").to_str().unwrap()));
    assert!(fake.environments().is_empty(), "nothing half-built may stay");

    fake.install = "echo 'ERROR: hashes do not match' >&2; exit 1";
    let error = fake.ensure().await.unwrap_err();
    assert!(matches!(&error, ExecError::Provision { .. }), "{error}");
    assert!(error.to_string().contains("hashes do not match"), "{error}");
}

#[tokio::test]
async fn offline_forbids_the_index_and_blames_it() {
    let mut fake = Fake::new();
    fake.install = "case \"$*\" in *--no-index*) echo 'ERROR: no wheels' >&2; exit 1;; esac";
    let mut options = fake.options();
    options.offline = true;
    let error = PythonEnv::ensure(&options, &Silent).await.unwrap_err();
    assert!(matches!(&error, ExecError::Offline { what, .. } if what == "no wheels"), "{error}");
}

#[tokio::test]
async fn only_what_is_passed_through_reaches_the_installer() {
    let mut fake = Fake::new();
    fake.install = "env > \"$here/seen\"; echo \"$@\" >> \"$here/seen\"";
    let mut options = fake.options();
    options.pip_env.insert("PIP_INDEX_URL".into(), "https://wheels.invalid/simple".into());
    PythonEnv::ensure(&options, &Silent).await.unwrap();
    let seen = std::fs::read_to_string(fake.folder.path().join("seen")).unwrap();
    assert!(seen.contains("PIP_INDEX_URL=https://wheels.invalid/simple"), "{seen}");
    for inherited in ["HOME=", "CARGO", "PYTHONDONTWRITEBYTECODE"] {
        assert!(!seen.contains(inherited), "{inherited}: {seen}");
    }
    for flag in ["--require-hashes", "--no-deps", "--only-binary :all:"] {
        assert!(seen.contains(flag), "{flag}: {seen}");
    }
}

#[tokio::test]
async fn uv_is_preferred_when_it_runs() {
    let fake = Fake::new();
    let log = fake.folder.path().join("uv-log");
    let program = fake.folder.path().join("bin/python3");
    let uv = format!(
        "#!/bin/sh\necho \"$@\" >> {log}\ncase \"$1\" in venv) for last; do :; done; \
         exec {program} -I -m venv \"$last\";; esac\n",
        log = log.display(),
        program = program.display()
    );
    fake.program("uv", &uv);
    fake.ensure().await.unwrap();
    let said = std::fs::read_to_string(log).unwrap();
    assert!(said.contains("venv --relocatable"), "{said}");
    assert!(said.contains("--compile-bytecode --link-mode copy"), "{said}");
    assert!(said.contains("--require-hashes --no-deps --only-binary :all:"), "{said}");
}

#[derive(Default)]
struct Heard(Mutex<Vec<(u64, u64, String)>>);

impl ProvisionProgress for Heard {
    fn step(&self, done: u64, total: u64, what: &str) {
        self.0.lock().unwrap().push((done, total, what.to_owned()));
    }
}

#[tokio::test]
async fn progress_goes_up_to_its_total() {
    let fake = Fake::new();
    let heard = Heard::default();
    PythonEnv::ensure(&fake.options(), &heard).await.unwrap();
    let steps = heard.0.into_inner().unwrap();
    let done: Vec<u64> = steps.iter().map(|(done, ..)| *done).collect();
    assert!(done.is_sorted(), "{steps:?}");
    assert_eq!((steps[1].0, steps[1].2.as_str()), (1, "fetching numpy"));
    assert_eq!((steps[2].0, steps[2].2.as_str()), (2, "fetching pandas"));
    let (last, total, what) = steps.last().unwrap();
    assert_eq!((last, what.as_str()), (total, "ready"));
}
