//! A bank of cases on disk.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use smith_task_schema::{Criterion, LayoutError, Proposal, TaskLayout, proposal};

/// The file that makes a task's directory a case.
const EXPECTED: &str = "expected.toml";
/// The proposal of a case, if it has one.
const PROPOSAL: &str = "proposal.md";

/// What a reviewer should say of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Criteria that must fail; none for a sound task.
    pub fails: Vec<Criterion>,
    /// Criteria under which the same defect may be seen as well; they are in no figure of this case.
    #[serde(default)]
    pub may_fail: Vec<Criterion>,
    /// The defect in a sentence, or why the task is sound.
    pub says: String,
}

/// A task whose defects are known.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Case {
    /// Name of its directory.
    pub name: String,
    /// The task.
    pub task: TaskLayout,
    /// The proposal that it was built from, if it is known.
    pub proposal: Option<Proposal>,
    /// What a reviewer should say.
    pub expected: Expected,
}

/// Why a directory is no bank. All of these are the caller's to put right.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BankError {
    /// There is not one case in it.
    #[error("{}: there is no case in it; a case is a folder of a prepared task with a file {EXPECTED}", .0.display())]
    Empty(PathBuf),
    /// Something cannot be read.
    #[error("{} cannot be read: {problem}", path.display())]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// A case is no task.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A case is a task without data.
    #[error("{} is not prepared: {} holds no file; run its prepare.py first", case.display(), dir.display())]
    NotPrepared {
        /// The case.
        case: PathBuf,
        /// Its `public` or `private` directory.
        dir: PathBuf,
    },
}

/// The cases of a bank, by name: every folder in `dir` that holds an `expected.toml`.
///
/// # Errors
/// [`BankError`], for the first case that cannot be used.
pub fn read_bank(dir: &Path) -> Result<Vec<Case>, BankError> {
    let entries = std::fs::read_dir(dir).map_err(|error| unreadable(dir, &error))?;
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(dir, &error))?.path();
        if path.join(EXPECTED).is_file() {
            folders.push(path);
        }
    }
    folders.sort();
    if folders.is_empty() {
        return Err(BankError::Empty(dir.to_path_buf()));
    }
    folders.iter().map(|folder| read_case(folder)).collect()
}

fn read_case(folder: &Path) -> Result<Case, BankError> {
    let task = TaskLayout::detect(folder)?;
    for dir in [&task.public, &task.private] {
        let has_files = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
        if !has_files {
            return Err(BankError::NotPrepared { case: folder.to_path_buf(), dir: dir.clone() });
        }
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Case { name, task, proposal: proposal_of(folder)?, expected: expected_of(folder)? })
}

fn expected_of(folder: &Path) -> Result<Expected, BankError> {
    let path = folder.join(EXPECTED);
    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
    let expected: Expected = toml::from_str(&text).map_err(|error| unreadable(&path, &error.message()))?;
    let named = expected.fails.iter().chain(&expected.may_fail);
    for criterion in named {
        if !Criterion::ALL.contains(criterion) {
            let problem = format!("no review asks for `{}` any more", criterion.as_str());
            return Err(BankError::Unreadable { path, problem });
        }
    }
    Ok(expected)
}

fn proposal_of(folder: &Path) -> Result<Option<Proposal>, BankError> {
    let path = folder.join(PROPOSAL);
    if !path.is_file() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
    let proposal = proposal::parse(&text).map_err(|problem| unreadable(&path, &problem))?;
    Ok(Some(proposal))
}

fn unreadable(path: &Path, problem: &dyn std::fmt::Display) -> BankError {
    BankError::Unreadable { path: path.to_path_buf(), problem: problem.to_string() }
}
