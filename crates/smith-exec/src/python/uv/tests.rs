//! The fetching of uv with a wheel made here: the shell plays pip, a real Python unpacks.

use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::*;
use crate::python::find::{self, Need};

/// Answers pip's `download` by copying the wheel of the place, and hands everything else to Python.
const PYTHON: &str = r#"#!/bin/sh
case "$*" in
  *"-m pip download"*) for last; do :; done
      echo "$*" >> "@HERE@/downloads"; sleep 0.2
      cp "@HERE@"/wheels/*.whl "$last" ;;
  *) exec "@PYTHON@" "$@" ;;
esac
"#;

/// Makes a wheel that holds a script called uv; prints its SHA-256.
const MAKE_WHEEL: &str = r##"
import hashlib, sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    for name in sys.argv[3:]:
        wheel.writestr(name, "#!/bin/sh\necho '" + sys.argv[2] + "'\n")
print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())
"##;

struct Place {
    folder: TempDir,
    python: Interpreter,
    options: PythonOptions,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut search = PythonOptions::new(folder.path().join("cache"));
        search.search_path = std::env::var_os("PATH");
        let mut python = find::interpreter(&search, Need::Base).await.unwrap();
        let text = PYTHON
            .replace("@HERE@", folder.path().to_str().unwrap())
            .replace("@PYTHON@", python.executable.to_str().unwrap());
        python.executable = folder.path().join("python");
        python.has_pip = true;
        std::fs::write(&python.executable, text).unwrap();
        std::fs::set_permissions(&python.executable, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::create_dir(folder.path().join("wheels")).unwrap();
        let options = PythonOptions::new(folder.path().join("cache"));
        Self { folder, python, options }
    }

    /// The text of a pin of version 9.1.2 with the hash of a wheel that says `answer` and holds `names`.
    async fn wheel(&self, file: &str, answer: &str, names: &[&str]) -> String {
        let wheel = self.folder.path().join("wheels").join(file);
        let line =
            CommandLine::new(&self.python.executable, &["-I", "-c", MAKE_WHEEL]).and(wheel).and(answer);
        let line = names.iter().fold(line, CommandLine::and);
        let env = tool::path_only(None);
        let hash = tool::ask(&line.program, &line.words(), &env, tool::SHORT).await.unwrap();
        format!("uv==9.1.2 \\\n    --hash=sha256:{}", hash.trim())
    }

    async fn fetch(&self, pin: &str) -> Result<PathBuf, String> {
        fetch(&self.options, Pin::of(pin), &self.python).await
    }

    fn downloads(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join("downloads")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn tools(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path().join("cache/tools")).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

const WHEEL: &str = "uv-9.1.2-py3-none-any.whl";
const PROGRAM: [&str; 2] = ["uv-9.1.2.data/scripts/uv", "uv-9.1.2.data/scripts/uvx"];

#[tokio::test]
async fn the_pinned_wheel_is_fetched_once_and_found_again() {
    let place = Place::new().await;
    let pin = place.wheel(WHEEL, "uv 9.1.2 (test)", &PROGRAM).await;
    assert_eq!(known(&place.options, Pin::of(&pin)).await, None);
    let (a, b) = tokio::join!(place.fetch(&pin), place.fetch(&pin));
    let uv = a.unwrap();
    assert_eq!(b.unwrap(), uv);
    assert_eq!(uv, place.folder.path().join("cache/tools/uv-9.1.2/uv"));
    assert_eq!(known(&place.options, Pin::of(&pin)).await, Some(uv));
    let downloads = place.downloads();
    assert_eq!(downloads.len(), 1, "{downloads:?}");
    assert!(downloads[0].contains("--require-hashes --no-deps --only-binary :all:"), "{downloads:?}");
    assert_eq!(place.tools(), ["uv-9.1.2", "uv-9.1.2.lock"]);
}

#[tokio::test]
async fn no_other_wheel_is_used_whatever_pip_says() {
    for (what, answer, names, part) in [
        ("another hash", "uv 9.1.2", &PROGRAM[..], "is not the pinned wheel"),
        ("no program", "uv 9.1.2", &["uv/__init__.py"][..], "holds 0 programs"),
        ("does not run as uv", "hello", &PROGRAM[..], "does not answer as uv"),
    ] {
        let place = Place::new().await;
        let mut pin = place.wheel(WHEEL, answer, names).await;
        if what == "another hash" {
            pin = format!("uv==9.1.2 --hash=sha256:{}", "0".repeat(64));
        }
        let why = place.fetch(&pin).await.unwrap_err();
        assert!(why.contains(part), "{what}: {why}");
        assert_eq!(known(&place.options, Pin::of(&pin)).await, None, "{what}");
        assert_eq!(place.tools(), ["uv-9.1.2", "uv-9.1.2.lock"], "{what}: nothing half-made may stay");
    }
}

#[tokio::test]
async fn what_a_killed_process_left_is_removed() {
    let place = Place::new().await;
    let pin = place.wheel(WHEEL, "uv 9.1.2", &PROGRAM).await;
    std::fs::create_dir_all(place.folder.path().join("cache/tools/uv-9.1.2.tmp-x/deep")).unwrap();
    place.fetch(&pin).await.unwrap();
    assert_eq!(place.tools(), ["uv-9.1.2", "uv-9.1.2.lock"]);
}

#[tokio::test]
async fn nothing_is_fetched_when_that_is_forbidden_or_there_is_no_way() {
    let mut place = Place::new().await;
    let pin = place.wheel(WHEEL, "uv 9.1.2", &PROGRAM).await;
    place.options.offline = true;
    assert!(place.fetch(&pin).await.unwrap_err().contains("nothing may be fetched"));
    place.options.offline = false;
    place.python.has_pip = false;
    assert!(place.fetch(&pin).await.unwrap_err().contains("PIP_INDEX_URL"));
    assert_eq!(place.downloads(), [""; 0]);
}

/// A Python without pip looks in folders by itself, and takes the wheel of this machine.
#[tokio::test]
async fn without_pip_the_wheel_is_taken_from_a_folder() {
    let mut place = Place::new().await;
    place.python.has_pip = false;
    let machine = std::env::consts::ARCH
        .replace("aarch64", if cfg!(target_os = "macos") { "arm64" } else { "aarch64" });
    let platform = if cfg!(target_os = "macos") { "macosx_11_0" } else { "manylinux_2_17" };
    place.wheel("uv-9.1.2-py3-none-win_amd64.whl", "windows", &PROGRAM).await;
    place.wheel("uv-9.1.1-py3-none-any.whl", "older", &PROGRAM).await;
    let fitting = format!("uv-9.1.2-py3-none-{platform}_{machine}.musllinux_1_1_{machine}.whl");
    let pin = place.wheel(&fitting, "uv 9.1.2", &PROGRAM).await;
    let wheels = place.folder.path().join("wheels").display().to_string();
    place.options.pip_env.insert("PIP_FIND_LINKS".into(), format!("/nowhere {wheels}"));
    place.fetch(&pin).await.unwrap();
    assert_eq!(place.downloads(), [""; 0]);

    let other = Place::new().await;
    let mut options = place.options.clone();
    options.cache_dir = other.options.cache_dir.clone();
    options.pip_env.insert("PIP_FIND_LINKS".into(), "/nowhere".into());
    let why = fetch(&options, Pin::of(&pin), &place.python).await.unwrap_err();
    assert!(why.contains("uv 9.1.2 was not found"), "{why}");
}

#[test]
fn versions_are_read_as_uv_prints_them() {
    assert_eq!(read_version("uv 0.5.31 (abc 2025-02-12)\n"), Some((0, 5)));
    assert_eq!(read_version("uv 1.0\n"), Some((1, 0)));
    for other in ["", "uv", "uv x.y", "hello 0.5.1", "uvx 0.5.1"] {
        assert_eq!(read_version(other), None, "{other}");
    }
}

#[test]
fn our_pin_has_a_version_and_a_hash_for_each_wheel() {
    let pin = Pin::ours();
    let numbers: Vec<u32> = pin.version().split('.').map(|number| number.parse().unwrap()).collect();
    assert!(numbers.len() == 3 && (numbers[0], numbers[1]) >= OLDEST);
    assert_eq!(pin.hashes().count(), 6);
    assert!(pin.hashes().all(|hash| hash.len() == 64));
    assert!(!pin.text.contains("://"));
}
