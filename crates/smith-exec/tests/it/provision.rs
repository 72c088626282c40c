//! Finding Python and uv and building an environment, with a shell script in the place of Python.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use smith_exec::{ExecError, ProvisionProgress, PythonEnv, PythonOptions, Silent};

use crate::provision_fixture::{Fake, open};

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
        open(&prefix);
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
    std::fs::set_permissions(left.join("bin"), std::fs::Permissions::from_mode(0o555)).unwrap();
    open(built.prefix());
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
        "#!/bin/sh\necho \"$@\" >> {log}\ncase \"$1\" in --version) echo 'uv 0.9.1 (test)';; venv) for last; do :; done; \
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
    let said: Vec<(u64, &str)> = steps.iter().map(|(done, _, what)| (*done, what.as_str())).take(4).collect();
    let expected =
        [(0, "fetching uv"), (0, "making the environment"), (1, "fetching numpy"), (2, "fetching pandas")];
    assert_eq!(said, expected);
    let (last, total, what) = steps.last().unwrap();
    assert_eq!((last, what.as_str()), (total, "ready"));
}

/// Everything but links in a folder that somebody may write.
fn writable(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let about = path.symlink_metadata().unwrap();
        if about.permissions().mode() & 0o222 != 0 && !about.is_symlink() {
            found.push(path.clone());
        }
        if about.is_dir() {
            found.extend(writable(&path));
        }
    }
    found
}

#[tokio::test]
async fn nobody_may_write_into_what_was_built() {
    let mut fake = Fake::new();
    fake.install = "ln -s /etc/hostname \"$(dirname \"$0\")/../lib/link\"; exit 0";
    let built = fake.ensure().await.unwrap();
    assert_eq!(writable(built.prefix()), [""; 0].map(PathBuf::from));
    let top = built.prefix().symlink_metadata().unwrap().permissions().mode();
    assert_eq!(top & 0o777, 0o555);
    // Sealed trees are cleared away like others.
    open(built.prefix());
    std::fs::write(built.prefix().join("manifest.json"), "{").unwrap();
    for folder in [built.prefix().join("bin"), built.prefix().to_path_buf()] {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o555)).unwrap();
    }
    fake.ensure().await.unwrap();
    assert_eq!((fake.builds(), fake.environments().len()), (2, 1));
}

#[tokio::test]
async fn a_uv_that_is_too_old_or_does_not_run_is_passed_over() {
    for uv in ["#!/bin/sh\necho 'uv 0.4.30'\n", "#!/bin/sh\nexit 127\n", "#!/bin/sh\necho hello\n"] {
        let fake = Fake::new();
        fake.program("uv", uv);
        assert_eq!(fake.ensure().await.unwrap().version(), "3.11.5");
        assert_eq!(fake.builds(), 1, "{uv}");
    }
}

#[tokio::test]
async fn a_wheel_of_uv_that_is_not_the_pinned_one_is_refused_and_pip_builds() {
    let mut fake = Fake::new();
    fake.pip = true;
    // The last argument is where the wheel goes; our unpacking then runs in a Python that is real.
    fake.download = "for last; do :; done; echo other > \"$last/uv-0-py3-none-any.whl\"";
    let (options, real) = (fake.options(), smith_exec::testing::options());
    let python = fake.folder.path().join("bin/python3");
    let text = std::fs::read_to_string(&python).unwrap();
    let real = PythonEnv::look(&real).await.unwrap().interpreter;
    let unpack = format!("esac\ncase \"$*\" in *zipfile*) exec {} \"$@\" ;; esac\n", real.display());
    fake.program(
        "python3",
        text.trim_end().strip_suffix("esac").map(|rest| rest.to_owned() + &unpack).unwrap().as_str(),
    );
    PythonEnv::ensure(&options, &Silent).await.unwrap();
    assert_eq!((fake.noted("downloads"), fake.builds()), (1, 1));
    let tools = std::fs::read_dir(fake.folder.path().join("cache/tools")).unwrap();
    for entry in tools.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        assert_eq!(std::fs::read_dir(&entry).unwrap().count(), 0, "{}", entry.display());
    }
}

#[tokio::test]
async fn offline_no_uv_is_fetched_and_once_built_none_is_needed() {
    let mut fake = Fake::new();
    fake.pip = true;
    let mut options = fake.options();
    options.offline = true;
    PythonEnv::ensure(&options, &Silent).await.unwrap();
    assert_eq!(fake.noted("downloads"), 0);
    options.offline = false;
    PythonEnv::ensure(&options, &Silent).await.unwrap();
    assert_eq!((fake.noted("downloads"), fake.builds()), (0, 1));
}

#[tokio::test]
async fn a_python_that_makes_no_environments_says_why_uv_was_not_fetched() {
    let mut fake = Fake::new();
    (fake.venv, fake.pip) = (false, true);
    fake.download = "echo 'no route to the index' >&2; exit 1";
    let error = fake.ensure().await.unwrap_err();
    assert!(error.is_mistake(), "{error}");
    for part in ["install python3-venv, or uv", "uv could not be fetched", "no route to the index"] {
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test]
async fn pip_is_tried_when_uv_reaches_nothing() {
    let fake = Fake::new();
    let python = fake.folder.path().join("bin/python3");
    let uv = format!(
        "#!/bin/sh\ncase \"$*\" in --version) echo 'uv 0.9.1';; venv*) for last; do :; done; \
         exec {} -I -m venv \"$last\";; *) echo 'error: dns error' >&2; exit 2;; esac\n",
        python.display()
    );
    fake.program("uv", &uv);
    let built = fake.ensure().await.unwrap();
    assert_eq!(fake.builds(), 2);
    let manifest = std::fs::read_to_string(built.prefix().join("manifest.json")).unwrap();
    assert!(manifest.contains("\"installer\": \"pip\""), "{manifest}");
}
