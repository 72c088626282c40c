//! Why a run could not go on. Defects of tasks are not errors; they are events.

use std::path::{Path, PathBuf};

use smith_assert::AssertError;
use smith_data::DataError;
use smith_exec::ExecError;
use smith_task_schema::{RecordError, StageError};

/// Errors of the pipeline: the caller's mistakes and the machine's faults.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// The caller can put it right; the text says how.
    #[error("{0}")]
    Mistake(String),
    /// A stage could not work.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The journal could not be written.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Assertions could not be run.
    #[error(transparent)]
    Assert(#[from] AssertError),
    /// Python could not be run.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// A dataset could not be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A file of the run could not be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A journal holds something that smith did not write.
    #[error("{}, line {line}: not a journal line of this version ({reason}); the run cannot be resumed from it", .path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What the parser said.
        reason: String,
    },
}

impl PipelineError {
    /// True for what the caller can put right (exit code 2); everything else is a fault (exit code 3).
    #[must_use]
    pub fn is_mistake(&self) -> bool {
        match self {
            Self::Mistake(_) | Self::Stage(StageError::Mistake(_)) | Self::Journal { .. } => true,
            Self::Data(error) => error.is_mistake(),
            Self::Exec(error) => error.is_mistake(),
            _ => false,
        }
    }

    /// True when the money ran out.
    #[must_use]
    pub fn is_budget(&self) -> bool {
        matches!(self, Self::Stage(StageError::BudgetReached(_)))
    }
}

/// Attaches a path to an I/O error.
pub(crate) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> PipelineError + '_ {
    move |source| PipelineError::Io { path: path.to_path_buf(), source }
}
