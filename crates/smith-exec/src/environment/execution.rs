//! Runs an agent's scripts and tells how they ended.

use serde_json::{Map, Value, json};

use super::observation::{ActionStatus, ErrorType, Failure};
use super::session::Session;
use super::submission::refuse_faults;
use crate::{ExecError, JobResult, JobStatus, Limits, Runtime};

/// Bytes of standard output, and of standard error, that an agent is shown.
const KEPT_BYTES: usize = 4 << 10;

/// How one script ended, free of this machine's paths.
#[derive(Debug, Clone)]
pub(super) struct Execution {
    status: JobStatus,
    /// Standard output, cut in the middle.
    stdout: String,
    /// Standard error, cut in the middle.
    stderr: String,
    wall_seconds: f64,
}

impl Execution {
    fn new(job: &JobResult, session: &Session) -> Self {
        Self {
            status: job.status,
            stdout: session.hide(&job.stdout.text),
            stderr: session.hide(&job.stderr.text),
            wall_seconds: job.usage.wall_seconds,
        }
    }

    /// Last line of standard error: the exception, for a script that raised one.
    fn last_line(&self) -> &str {
        self.stderr.trim_end().lines().next_back().unwrap_or_default()
    }

    fn output(&self) -> String {
        join_streams(&self.stdout, &self.stderr)
    }

    /// Why the script failed; `None` when it ended well.
    pub(super) fn failure(&self) -> Option<Failure> {
        (!self.status.is_ok())
            .then(|| Failure::new(ErrorType::Runtime, self.status.to_string(), self.last_line()))
    }

    /// `{status, output, execution_time}`, with the failure's fields when there is one.
    pub(super) fn to_value(&self) -> Value {
        let mut fields = match self.failure().map(|failure| failure.to_value()) {
            Some(Value::Object(fields)) => fields,
            _ => Map::from_iter([("status".to_owned(), json!(ActionStatus::Success))]),
        };
        fields.insert("output".into(), json!(self.output()));
        fields.insert("execution_time".into(), json!(format!("{:.2}s", self.wall_seconds)));
        Value::Object(fields)
    }

    /// The run as lines of feedback, begun with `what` and how it ended.
    pub(super) fn feedback(&self, what: &str) -> String {
        let outcome = match self.failure() {
            None => format!("{what} successful\n"),
            Some(failure) => failure.feedback(&format!("{what} failed")),
        };
        let output = self.output();
        let output = if output.is_empty() { "(none)" } else { output.trim_end() };
        format!("{outcome}execution time: {:.1} s\nCode output:\n{output}\n", self.wall_seconds)
    }
}

/// What every script of a session gets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) limits: Limits,
    pub(super) seed: Option<u64>,
}

/// Runs `code` in the session's working directory.
///
/// # Errors
/// Faults of the machine only.
pub(super) async fn run(
    runtime: &Runtime,
    session: &Session,
    code: &str,
    terms: Terms,
) -> Result<Execution, ExecError> {
    let limits = Limits { kept_bytes: terms.limits.kept_bytes.min(KEPT_BYTES), ..terms.limits };
    let cwd = session.cwd();
    let job = match terms.seed {
        None => runtime.run_code(&cwd, code, limits).await?,
        Some(seed) => runtime.run_seeded(&cwd, code, seed, limits).await?,
    };
    refuse_faults(job.status, &cwd)?;
    Ok(Execution::new(&job, session))
}

/// Asks Python's compiler whether `code` is a program, without running it.
///
/// # Errors
/// Faults of the machine only.
pub(super) async fn check_syntax(
    runtime: &Runtime,
    session: &Session,
    code: &str,
    terms: Terms,
) -> Result<Option<Failure>, ExecError> {
    let execution = run(runtime, session, &syntax_checker(code), terms).await?;
    Ok(execution.failure().map(|failure| {
        // A compiler that was stopped by the system says nothing itself.
        let error = if failure.details.is_empty() { failure.error } else { failure.details };
        Failure::new(ErrorType::Syntax, error, execution.stderr.trim_end())
    }))
}

/// A program that compiles `code`; it prints what the compiler says and fails when that is an error. A JSON
/// string is a Python string literal as well.
fn syntax_checker(code: &str) -> String {
    format!(
        "import sys, traceback\n\
         try:\n    compile({}, 'script.py', 'exec')\n\
         except Exception as error:\n    \
             sys.stderr.write(''.join(traceback.format_exception_only(error)))\n    sys.exit(1)\n",
        json!(code)
    )
}

fn join_streams(stdout: &str, stderr: &str) -> String {
    let mut out = stdout.to_owned();
    if stderr.trim().is_empty() {
        return out;
    }
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    out + "[stderr]\n" + stderr
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_joined_line_by_line() {
        assert_eq!(join_streams("a", "  \n"), "a");
        assert_eq!(join_streams("a", "b"), "a\n[stderr]\nb");
        assert_eq!(join_streams("", "b"), "[stderr]\nb");
    }

    #[test]
    fn the_checker_quotes_any_source() {
        let checker = syntax_checker("print('''\"\\')\n\u{0}");
        assert!(checker.contains(r#"compile("print('''\"\\')\n\u0000", 'script.py', 'exec')"#), "{checker}");
    }
}
