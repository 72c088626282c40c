//! Grading as a service that several sessions share.

use std::fmt;
use std::path::Path;

use async_trait::async_trait;
use tokio::sync::Mutex;

use crate::{ExecError, Grade, Grader, Scoring};

/// Grades submissions to one task for several callers at once.
#[async_trait]
pub trait Grading: fmt::Debug + Send + Sync {
    /// Checks, validates and scores one submission, a regular file.
    ///
    /// # Errors
    /// As [`Grader::grade`].
    async fn grade(&self, submission: &Path) -> Result<Grade, ExecError>;

    /// Validates and scores one submission whose form was checked before.
    ///
    /// # Errors
    /// When it could not be run at all.
    async fn score(&self, submission: &Path) -> Result<Scoring, ExecError>;
}

/// One grader, for which its callers wait.
#[async_trait]
impl Grading for Mutex<Grader> {
    async fn grade(&self, submission: &Path) -> Result<Grade, ExecError> {
        self.lock().await.grade(submission).await
    }

    async fn score(&self, submission: &Path) -> Result<Scoring, ExecError> {
        self.lock().await.score(submission).await
    }
}
