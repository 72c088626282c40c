//! Running interpreters and installers with the same limits and tidiness as everything else.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::child::{Watch, job_mark, run_watched};
use crate::{ExecError, Job, JobResult, Limits};

/// Time for a question to an interpreter.
pub(super) const SHORT: Duration = Duration::from_secs(60);

/// Time for an installer, on a slow line.
pub(super) const LONG: Duration = Duration::from_secs(3600);

/// Runs `program` with exactly the environment `env`, showing its output to `watch`.
pub(super) async fn run(
    program: &Path,
    arguments: &[&OsStr],
    env: &BTreeMap<String, String>,
    wall: Duration,
    watch: Watch<'_>,
) -> Result<JobResult, ExecError> {
    let argv = std::iter::once(program.as_os_str()).chain(arguments.iter().copied());
    let job = Job {
        argv: argv.map(OsString::from).collect(),
        cwd: PathBuf::from("/"),
        env: env.clone(),
        limits: Limits { wall, ..Limits::default() },
        readable: Vec::new(),
        writable: Vec::new(),
        replicas: Vec::new(),
    };
    run_watched(&job, &job_mark("smith-provision"), watch).await
}

/// Asks `program` something and returns what it prints, or why it could not answer.
pub(super) async fn ask(
    program: &Path,
    arguments: &[&OsStr],
    env: &BTreeMap<String, String>,
    wall: Duration,
) -> Result<String, String> {
    let result = run(program, arguments, env, wall, &|_| ()).await.map_err(|error| error.to_string())?;
    if result.status.is_ok() {
        return Ok(result.stdout.text);
    }
    match last_line(&result.stderr.text) {
        "" => Err(result.status.to_string()),
        line => Err(format!("{} ({line})", result.status)),
    }
}

/// An environment that holds a `PATH` and nothing else.
pub(super) fn path_only(path: Option<&OsStr>) -> BTreeMap<String, String> {
    let path = path.map_or_else(|| SYSTEM_PATH.to_owned(), |path| path.to_string_lossy().into_owned());
    BTreeMap::from([("PATH".to_owned(), path)])
}

/// Where the system's own programs are.
pub(crate) const SYSTEM_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// The last line with something on it.
fn last_line(text: &str) -> &str {
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}
