//! One task under test, with everything about it that is expensive to find out kept for the next rule.

mod battery;
mod copies;
mod runs;
mod submissions;
mod tables;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use smith_exec::Runtime;
use smith_task_schema::TaskLayout;
use tokio::sync::OnceCell;

use crate::AssertError;
use crate::pysrc::{self, Module, Problem};

pub use battery::Scores;
pub(crate) use battery::{Battery, better};
pub(crate) use copies::{Tree, differing, list_files, listed};
pub(crate) use runs::{DesignRun, PrepareRun, TestRun, Which};
pub(crate) use submissions::{NEEDED_ROWS, Trial};
pub(crate) use tables::{Pair, Tables, cell, number, read_table};

/// One task under test.
///
/// Its files must not change while rules look at it: what was read or run once is kept. Scripts run on copies in
/// the scratch directory only; the copies are removed when the subject is dropped.
pub struct Subject {
    layout: TaskLayout,
    runtime: Option<Runtime>,
    scratch: PathBuf,
    sources: [OnceLock<Source>; 3],
    tables: OnceLock<Tables>,
    design: OnceCell<DesignRun>,
    prepare: [OnceCell<PrepareRun>; 2],
    test: OnceCell<TestRun>,
    battery: OnceCell<Battery>,
}

/// The scripts of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    Prepare,
    Metric,
    Test,
}

/// A script as far as it could be read.
#[derive(Debug)]
pub(crate) enum Source {
    Missing,
    Broken(Vec<Problem>),
    Parsed(Module),
}

impl Subject {
    /// A task at `layout`. Without a runtime, rules that run scripts are skipped. `scratch` is made when it is not
    /// there; it needs room for two copies of the raw dataset.
    #[must_use]
    pub fn new(layout: TaskLayout, runtime: Option<Runtime>, scratch: PathBuf) -> Self {
        Self {
            layout,
            runtime,
            scratch,
            sources: Default::default(),
            tables: OnceLock::new(),
            design: OnceCell::new(),
            prepare: Default::default(),
            test: OnceCell::new(),
            battery: OnceCell::new(),
        }
    }

    /// Where the task's parts lie.
    #[must_use]
    pub fn layout(&self) -> &TaskLayout {
        &self.layout
    }

    /// What runs scripts, if anything does.
    #[must_use]
    pub fn runtime(&self) -> Option<&Runtime> {
        self.runtime.as_ref()
    }

    /// What performance validation compares an agent's scores with; `None` when the submissions could not be scored
    /// (the task's own defect, or no runtime).
    ///
    /// # Errors
    /// Faults of the machine.
    pub async fn scores(&self) -> Result<Option<Scores>, AssertError> {
        match self.battery().await {
            Ok(battery) => Ok(battery.scores()),
            Err(AssertError::NotRun(_)) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// The path of a script.
    pub(crate) fn script(&self, script: Script) -> &Path {
        match script {
            Script::Prepare => &self.layout.prepare,
            Script::Metric => &self.layout.metric,
            Script::Test => &self.layout.test,
        }
    }

    /// `path` as it stands in findings.
    pub(crate) fn name(&self, path: &Path) -> String {
        self.layout.relative(path)
    }

    /// A place in a script as it stands in findings: `prepare.py:12`.
    pub(crate) fn place(&self, script: Script, line: u32) -> String {
        format!("{}:{line}", self.name(self.script(script)))
    }

    /// A script, read once.
    pub(crate) fn source(&self, script: Script) -> Result<&Source, AssertError> {
        let cell = &self.sources[script as usize];
        if let Some(source) = cell.get() {
            return Ok(source);
        }
        let source = read_source(self.script(script))?;
        Ok(cell.get_or_init(|| source))
    }

    /// A script's facts; not run when it is missing or broken, which other rules report.
    pub(crate) fn module(&self, script: Script) -> Result<&Module, AssertError> {
        match self.source(script)? {
            Source::Parsed(module) => Ok(module),
            _ => {
                let name = self.name(self.script(script));
                Err(AssertError::not_run(format!("{name} is missing or cannot be parsed")))
            }
        }
    }

    /// `sample_submission.csv` and `test_answer.csv`, read once.
    pub(crate) fn tables(&self) -> Result<&Tables, AssertError> {
        if let Some(tables) = self.tables.get() {
            return Ok(tables);
        }
        let (sample, answers) = (self.layout.sample_submission(), self.layout.test_answer());
        for path in [&sample, &answers] {
            if !path.is_file() {
                return Err(AssertError::not_run(format!("{} is missing", self.name(path))));
            }
        }
        let tables = Tables::read(&sample, &answers)?;
        Ok(self.tables.get_or_init(|| tables))
    }

    /// The sample submission and the answers; not run when they do not belong together.
    pub(crate) fn pair(&self) -> Result<&Pair, AssertError> {
        self.tables()?.pair.as_ref().ok_or_else(|| {
            AssertError::not_run("sample_submission.csv and test_answer.csv do not belong together (S101)")
        })
    }

    /// The runtime, for what cannot do without one.
    pub(crate) fn needed_runtime(&self) -> Result<&Runtime, AssertError> {
        self.runtime.as_ref().ok_or_else(|| AssertError::not_run("no Python runtime"))
    }

    /// A new directory in the scratch directory.
    pub(crate) fn scratch_dir(&self, prefix: &str) -> Result<tempfile::TempDir, AssertError> {
        std::fs::create_dir_all(&self.scratch)
            .and_then(|()| tempfile::Builder::new().prefix(prefix).tempdir_in(&self.scratch))
            .map_err(AssertError::io(&self.scratch))
    }
}

fn read_source(path: &Path) -> Result<Source, AssertError> {
    if path.is_dir() {
        let message = "this is a directory; a script of this name is needed".to_owned();
        return Ok(Source::Broken(vec![Problem { line: None, message }]));
    }
    match pysrc::read(path) {
        Ok(Ok(module)) => Ok(Source::Parsed(module)),
        Ok(Err(problems)) => Ok(Source::Broken(problems)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Source::Missing),
        Err(error) => Err(AssertError::io(path)(error)),
    }
}
