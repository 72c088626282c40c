//! A task under test: the agent's sources with a pristine copy of the dataset, prepared by us.
//!
//! Whatever lies about in an agent's work directory, a task is what its `prepare.py` makes of the raw
//! data; so the package is built from the sources alone, and what is verified is what is delivered.

use std::path::{Path, PathBuf};

use smith_exec::{JobStatus, PrepareHow, Runtime};
use smith_task_schema::{LayoutKind, Stage, StageError, TaskLayout};

use crate::error::{PipelineError, at};
use crate::tree;

/// The sources that a package is built from.
const SOURCES: [&str; 4] = ["description.txt", "prepare.py", "metric.py", "test.py"];

/// Makes tasks under test.
pub(crate) struct Staging<'a> {
    pub(crate) dataset: &'a Path,
    pub(crate) runtime: &'a Runtime,
}

impl Staging<'_> {
    /// Builds the *package* layout at `dir` from the sources in `workdir` and prepares it. A `prepare.py`
    /// that fails leaves an unprepared task: the assertions will say so in the words its author needs.
    pub(crate) async fn build(&self, workdir: &Path, dir: &Path) -> Result<TaskLayout, PipelineError> {
        let part = part_of(dir);
        tree::remove(&part)?;
        tree::remove(dir)?;
        let task = TaskLayout::at(LayoutKind::Package, &part);
        for folder in [&task.public, &task.private] {
            std::fs::create_dir_all(folder).map_err(at(folder))?;
        }
        for name in SOURCES {
            let source = workdir.join(name);
            // A missing source is a defect, and a link is none of ours.
            if source.is_file() && !source.is_symlink() {
                std::fs::copy(&source, part.join(name)).map_err(at(&source))?;
            }
        }
        tree::copy_dataset(self.dataset, &task.raw)?;
        self.prepare(&task).await?;
        std::fs::rename(&part, dir).map_err(at(dir))?;
        Ok(TaskLayout::at(LayoutKind::Package, dir))
    }

    /// Runs `prepare.py`; what it does to the dataset is thrown away.
    async fn prepare(&self, task: &TaskLayout) -> Result<(), PipelineError> {
        if !task.prepare.is_file() {
            return Ok(());
        }
        let ended = self
            .runtime
            .prepare(&task.prepare, &task.raw, &task.public, &task.private, &PrepareHow::default())
            .await?;
        refuse_faults(ended.status)?;
        tree::take_over(&task.root)?;
        for folder in [&task.public, &task.private] {
            tree::ensure_dir(folder)?;
        }
        let public_description = task.public.join("description.txt");
        if task.description.is_file() {
            // Copied over a link, the text would go wherever that leads.
            tree::remove(&public_description)?;
            std::fs::copy(&task.description, &public_description).map_err(at(&public_description))?;
        }
        Ok(())
    }
}

/// A script that the machine could not run has said nothing about the task.
fn refuse_faults(status: JobStatus) -> Result<(), PipelineError> {
    match status {
        JobStatus::SandboxError | JobStatus::InfraError => Err(PipelineError::Stage(StageError::Fault {
            stage: Stage::Refactor,
            message: format!("prepare.py: {status}; resume the run once the machine is well"),
        })),
        _ => Ok(()),
    }
}

/// Where a task is built before it gets its name in one step.
fn part_of(dir: &Path) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    dir.with_file_name(name)
}
