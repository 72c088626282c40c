//! The facade without `async`, for notebooks and plain programs.
//!
//! Each call brings a small runtime of its own on a thread of its own, so that it also works where an
//! asynchronous runtime is already running.

use std::path::{Path, PathBuf};

use smith_exec::Runtime;
use smith_pipeline::RunSummary;

use crate::{GradeReport, Smith, SmithError, VerifyReport};

/// [`Smith::run`].
///
/// # Errors
/// As [`Smith::run`].
pub fn run(smith: &Smith, datasets: &[PathBuf]) -> Result<RunSummary, SmithError> {
    wait(smith.run(datasets))
}

/// [`crate::verify`].
///
/// # Errors
/// As [`crate::verify`].
pub fn verify(path: &Path, runtime: Option<Runtime>) -> Result<VerifyReport, SmithError> {
    wait(crate::verify(path, runtime))
}

/// [`crate::grade`].
///
/// # Errors
/// As [`crate::grade`].
pub fn grade(task: &Path, submission: &Path, runtime: &Runtime) -> Result<GradeReport, SmithError> {
    wait(crate::grade(task, submission, runtime))
}

fn wait<T: Send>(future: impl Future<Output = Result<T, SmithError>> + Send) -> Result<T, SmithError> {
    let fault = |text: &str| SmithError::Fault(text.to_owned());
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .map_err(|error| fault(&format!("no thread could be started: {error}")))?
                .block_on(future)
        });
        thread.join().unwrap_or_else(|_| Err(fault("the worker thread ended unexpectedly")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_works_inside_a_running_runtime() {
        let dir = tempfile::tempdir().unwrap();
        let error = verify(dir.path(), None).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{error}");
    }
}
