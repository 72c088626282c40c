//! Running `prepare()`, and looking at what it did besides.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::space::Space;
use super::{Runtime, absolute, parent};
use crate::{ExecError, Job, JobResult, Replica, extract};

/// Files that libraries leave in a home directory by themselves.
const CACHES: [&str; 4] = ["fontlist-", "matplotlib", "__pycache__", "joblib"];
/// Files that are listed.
const MOST_LISTED: usize = 20;
/// Directories below the home directory in which files are looked for.
const MOST_DIRECTORIES: usize = 200;
/// More than this is no report of ours, in bytes.
const MOST_REPORT: u64 = 1 << 17;

/// How `prepare` is run: what honest preparation does not depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrepareHow {
    /// Seed of Python's string hashes (`PYTHONHASHSEED`).
    pub hash_seed: u32,
    /// Time zone (`TZ`).
    pub time_zone: String,
    /// Locale (`LC_ALL`).
    pub locale: String,
    /// Name of the user (`USER` and `LOGNAME`).
    pub user: String,
    /// Threads of the numerical libraries.
    pub threads: u32,
    /// Where `raw` lies: a relative path of directories above it; empty for none.
    pub place: String,
    /// Whether Python sees another number of processors, another umask, and the entries of directories in the
    /// opposite order of their names instead of that order.
    pub other_machine: bool,
}

impl Default for PrepareHow {
    /// Seed 0, `UTC`, `C.UTF-8`, a user called `smith`, one thread and this machine: what every other run gets too.
    fn default() -> Self {
        Self {
            hash_seed: 0,
            time_zone: "UTC".into(),
            locale: "C.UTF-8".into(),
            user: "smith".into(),
            threads: 1,
            place: String::new(),
            other_machine: false,
        }
    }
}

/// What one run of `prepare()` did.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// How it ended.
    pub result: JobResult,
    /// Files that it left in its working directory, which is its home and its temporary directory too; at most 20.
    pub left: Vec<String>,
    /// Paths outside of everything that it was given which it changed or tried to change; at most 20.
    pub strayed: Vec<String>,
    /// Files of `raw`, by their path there, that it left with another content than they had, judged by their length,
    /// beginning and end; at most 20. Those that it deleted or added do not count.
    pub rewritten: Vec<String>,
}

impl Runtime {
    /// Imports `script` and calls its `prepare(raw, public, private)` with the absolute paths. The
    /// working directory is an empty one, so that only what is passed can be found. It may change and delete
    /// what it sees as `raw`, as many scripts do in the end, but the directory itself stays as it is. What `prepare`
    /// raises is a traceback on standard error and exit code 1.
    ///
    /// # Errors
    /// [`ExecError`] when it could not be run at all.
    pub async fn prepare(
        &self,
        script: &Path,
        raw: &Path,
        public: &Path,
        private: &Path,
        how: &PrepareHow,
    ) -> Result<JobResult, ExecError> {
        Ok(self.prepare_watched(script, raw, public, private, how).await?.result)
    }

    /// Like [`prepare`](Self::prepare), with what it did outside of its directories.
    ///
    /// # Errors
    /// [`ExecError`] when it could not be run at all.
    pub async fn prepare_watched(
        &self,
        script: &Path,
        raw: &Path,
        public: &Path,
        private: &Path,
        how: &PrepareHow,
    ) -> Result<Prepared, ExecError> {
        let space = Space::new(&self.scratch)?;
        let (script, source) = (absolute(script)?, absolute(raw)?);
        let (public, private) = (absolute(public)?, absolute(private)?);
        // Not in the working directory, where nothing shall be found.
        let apart = Space::new(&self.scratch)?;
        let raw = apart.path().join(&how.place).join("raw");
        std::fs::create_dir_all(&raw).map_err(ExecError::io(&raw))?;
        let report = space.path().join(".report.json");
        let rewritten = space.path().join(".rewritten.json");
        let mut argv = self.python_and(self.python.helper("run_prepare.py"));
        argv.extend([&script, &raw, &public, &private].map(OsString::from));
        let mut env = space.environment(&self.python, None, how);
        env.insert("SMITH_PREPARE".into(), how.words(&report, &rewritten));
        let job = Job {
            argv,
            cwd: space.path().to_path_buf(),
            env,
            limits: self.limits,
            readable: self.readable([script.clone()]),
            writable: vec![public.clone(), private.clone(), space.path().to_path_buf()],
            replicas: vec![Replica { source, at: raw.clone() }],
        };
        let names = [(raw, "raw"), (public, "public"), (private, "private"), (parent(&script), ".")];
        let scrubber = self.scrubber(&space, &names);
        let strayed = |path: String| scrubber.scrub(&path);
        let mut result = self.run_job(job).await?;
        for stream in [&mut result.stdout, &mut result.stderr] {
            stream.text = scrubber.scrub(&stream.text);
        }
        let strayed = report_in(&report).into_iter().map(strayed).collect();
        Ok(Prepared { result, left: left_in(space.path()), strayed, rewritten: report_in(&rewritten) })
    }
}

impl PrepareHow {
    /// For `run_prepare.py`.
    fn words(&self, report: &Path, rewritten: &Path) -> String {
        if self.other_machine {
            return json!({ "report": report, "reverse": true, "one_processor": true, "umask": 0o002 })
                .to_string();
        }
        json!({ "report": report, "rewritten": rewritten }).to_string()
    }
}

/// The list in a report that a process wrote which ran the task's code.
fn report_in(path: &Path) -> Vec<String> {
    let text = || {
        let (file, _) =
            extract::open_regular(path.parent()?, Path::new(path.file_name()?), MOST_REPORT).ok()?;
        let mut text = String::new();
        file.take(MOST_REPORT).read_to_string(&mut text).ok()?;
        Some(text)
    };
    let mut paths: Vec<String> = text().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    paths.truncate(MOST_LISTED);
    paths
}

/// Files below a home directory but for hidden ones and the caches of libraries. What cannot be read is left out.
fn left_in(home: &Path) -> Vec<String> {
    let mut left = Vec::new();
    let mut todo: Vec<PathBuf> = vec![home.to_path_buf()];
    let mut seen = 0;
    while let Some(directory) = todo.pop() {
        seen += 1;
        if seen > MOST_DIRECTORIES {
            break;
        }
        for entry in std::fs::read_dir(&directory).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') || CACHES.iter().any(|cache| name.starts_with(cache)) {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => todo.push(entry.path()),
                Ok(_) => left.push(relative(home, &entry.path())),
                Err(_) => {}
            }
        }
    }
    left.sort();
    left.truncate(MOST_LISTED);
    left
}

fn relative(home: &Path, path: &Path) -> String {
    path.strip_prefix(home).unwrap_or(path).to_string_lossy().into_owned()
}
