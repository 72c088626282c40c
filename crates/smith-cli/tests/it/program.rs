//! Starting `smith` in an environment that holds nothing of the developer's.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// What installing Python packages may need from the caller's environment.
const PASSED_ON: [&str; 5] = ["PIP_", "UV_", "SSL_CERT_", "HTTP", "NO_PROXY"];

/// A directory of one test, with a home directory in which no settings and no keys lie.
pub(crate) struct Place {
    dir: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["home", "tmp"] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        Self { dir }
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The program, with the place's `home` as current directory.
    pub(crate) fn smith(&self) -> Command {
        self.command(env!("CARGO_BIN_EXE_smith"))
    }

    #[expect(clippy::disallowed_methods, reason = "a test of a program has to start it")]
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        let passed = |name: &str| PASSED_ON.iter().any(|prefix| name.to_uppercase().starts_with(prefix));
        command
            .env_clear()
            .envs(std::env::vars().filter(|(name, _)| name == "PATH" || passed(name)))
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            .env("SMITH_CACHE", Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/smith-cache"))
            .current_dir(self.path("home"));
        command
    }
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// None after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The one JSON document on stdout.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Fails unless the program ended with `code`.
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails unless stderr holds exactly one line of error, and that all of `parts`.
    pub(crate) fn says(&self, parts: &[&str]) {
        let errors: Vec<_> = self.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!(errors.len(), 1, "{}", self.stderr);
        for part in parts {
            assert!(errors[0].contains(part), "{part:?} is not in {:?}", errors[0]);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Ended {
    command.output().unwrap().into()
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Living processes that carry the mark of a run.
pub(crate) fn marked(mark: &str) -> Vec<PathBuf> {
    let wanted = format!("SMITH_MARK={mark}");
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    processes
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            std::fs::read(path.join("environ"))
                .is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(&wanted))
        })
        .collect()
}

/// Reproducible draws, so that data and moments are the same in every run of the tests.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        // Constants of Knuth's MMIX generator; its high bits are good enough for tests.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(bound)).unwrap()
    }
}
