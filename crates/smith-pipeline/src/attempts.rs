//! Directories of attempts: each attempt of a stage works in a directory of its own, made from what the
//! attempt before it left, so that an attempt which was cut short is simply made anew.

use std::path::{Path, PathBuf};

use smith_task_schema::Stage;

use crate::error::PipelineError;
use crate::tree;

/// The attempts of one candidate below `candidates/<dataset>/<n>/attempts`.
pub(crate) struct Attempts {
    root: PathBuf,
    dataset: PathBuf,
}

impl Attempts {
    pub(crate) fn new(candidate_dir: &Path, dataset: &Path) -> Self {
        Self { root: candidate_dir.join("attempts"), dataset: dataset.to_path_buf() }
    }

    /// Where an attempt works, whether it exists or not.
    pub(crate) fn dir(&self, stage: Stage, round: u32, attempt: u32) -> PathBuf {
        self.root.join(format!("{stage}-round{round}-attempt{attempt}"))
    }

    /// A fresh directory with a copy of the dataset in `raw/` and everything else that `from` holds, but
    /// for what each attempt of `stage` is given anew. An agent that removed its own directory left nothing.
    pub(crate) fn begin(&self, stage: Stage, dir: &Path, from: Option<&Path>) -> Result<(), PipelineError> {
        tree::remove(dir)?;
        if let Some(from) = from.filter(|from| from.is_dir()) {
            tree::copy(from, dir, given(stage))?;
        }
        tree::copy_dataset(&self.dataset, &dir.join("raw"))
    }

    /// A fresh, empty directory.
    pub(crate) fn begin_empty(dir: &Path) -> Result<(), PipelineError> {
        tree::remove(dir)?;
        std::fs::create_dir_all(dir).map_err(crate::error::at(dir))
    }

    /// Drops the copy of the dataset once nobody works in the directory any more.
    pub(crate) fn end(dir: &Path) -> Result<(), PipelineError> {
        tree::remove(&dir.join("raw"))
    }
}

/// What stands in the work directory of a stage before its agent begins (see the inputs of the stage
/// traits). Whatever lies under such a name after an attempt, a file for a folder even, must not be in the way.
fn given(stage: Stage) -> &'static [&'static str] {
    match stage {
        Stage::Design => &["raw", "brainstorming.md"],
        Stage::Refactor => &["raw", "samples"],
        _ => &["raw"],
    }
}
