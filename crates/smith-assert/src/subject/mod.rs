//! One task under test, with everything about it that is expensive to find out kept for the next rule.

mod battery;
mod compared;
mod copies;
mod descriptions;
mod desk;
mod differences;
mod keys;
mod ladder;
mod public;
mod raw;
mod runs;
mod shaped;
mod shown;
mod shuffled;
mod split;
mod standing;
mod submissions;
mod tables;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use smith_exec::Runtime;
use smith_task_schema::TaskLayout;
use tokio::sync::{OnceCell, Semaphore};

use crate::AssertError;
use crate::ladder::{Climb, Ladder};
use crate::origin::Origin;
use crate::pysrc::{self, Module, Problem};
use crate::rule::Report;

pub use battery::Scores;
pub(crate) use battery::{Battery, Reaction, better};
pub(crate) use compared::Compared;
pub(crate) use copies::{Tree, list_files, listed, odd_entries};
pub(crate) use descriptions::Description;
pub(crate) use differences::compare;
pub(crate) use ladder::{Corruption, STEPS};
pub(crate) use public::{Public, PublicFile, PublicTable, holds_table, stem};
pub(crate) use raw::Raw;
pub(crate) use runs::{DesignRun, PrepareRun, TestRun, Which};
pub(crate) use shaped::Shapes;
pub(crate) use shown::ShownRow;
pub(crate) use split::{Beside, Directories, Examples, Feature, Ids, Split};
pub(crate) use submissions::{
    BLENDS, CROSSINGS, HEDGES, NEEDED_ROWS, Notation, PARTS, PERMUTATIONS, Submissions, Trial,
};
pub(crate) use tables::{Pair, Tables, cell, number, read_table};

/// One task under test.
///
/// Its files must not change while rules look at it: what was read or run once is kept. Scripts run on copies in
/// the scratch directory only; the copies are removed when the last clone is dropped. Clones are cheap and share
/// everything.
#[derive(Clone)]
pub struct Subject(Arc<Inner>);

struct Inner {
    layout: TaskLayout,
    runtime: Option<Runtime>,
    scratch: PathBuf,
    sources: [Once<Source>; 3],
    tables: Once<Tables>,
    public: Once<Public>,
    split: Once<Split>,
    raw: Once<Raw>,
    origin: Once<Option<Origin>>,
    /// Why there is none stands in its place.
    climb: Once<Result<Box<Climb>, String>>,
    ladder: OnceCell<Result<Arc<Ladder>, String>>,
    design: OnceCell<DesignRun>,
    prepare: [OnceCell<PrepareRun>; 2],
    test: OnceCell<TestRun>,
    desk: OnceCell<desk::Desk>,
    battery: OnceCell<Battery>,
    /// As many checks compute side by side as there are cores.
    cores: Semaphore,
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
    Parsed(Box<Module>),
}

impl Subject {
    /// A task at `layout`. Without a runtime, rules that run scripts are skipped. `scratch` is made when it is not
    /// there; it needs room for two copies of the raw dataset.
    #[must_use]
    pub fn new(layout: TaskLayout, runtime: Option<Runtime>, scratch: PathBuf) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self(Arc::new(Inner {
            layout,
            runtime,
            scratch,
            sources: Default::default(),
            tables: Once::default(),
            public: Once::default(),
            split: Once::default(),
            raw: Once::default(),
            origin: Once::default(),
            climb: Once::default(),
            ladder: OnceCell::new(),
            design: OnceCell::new(),
            prepare: Default::default(),
            test: OnceCell::new(),
            desk: OnceCell::new(),
            battery: OnceCell::new(),
            cores: Semaphore::new(cores),
        }))
    }

    /// What `check` says, computed where blocking is allowed. At most one such check runs on each core.
    pub(crate) async fn compute(
        &self,
        check: impl FnOnce(&Self) -> Result<Report, AssertError> + Send + 'static,
    ) -> Result<Report, AssertError> {
        // The semaphore is never closed.
        let _core = self.0.cores.acquire().await;
        let subject = self.clone();
        match tokio::task::spawn_blocking(move || check(&subject)).await {
            Ok(result) => result,
            Err(error) => Err(AssertError::Broken(error.to_string())),
        }
    }

    /// Where the task's parts lie.
    #[must_use]
    pub fn layout(&self) -> &TaskLayout {
        &self.0.layout
    }

    /// What runs scripts, if anything does.
    #[must_use]
    pub fn runtime(&self) -> Option<&Runtime> {
        self.0.runtime.as_ref()
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
            Script::Prepare => &self.0.layout.prepare,
            Script::Metric => &self.0.layout.metric,
            Script::Test => &self.0.layout.test,
        }
    }

    /// `path` as it stands in findings.
    pub(crate) fn name(&self, path: &Path) -> String {
        self.0.layout.relative(path)
    }

    /// A file of `public/`, by its path there, as it stands in findings.
    pub(crate) fn name_in_public(&self, path: &str) -> String {
        self.name(&self.0.layout.public.join(path))
    }

    /// A place in a script as it stands in findings: `prepare.py:12`.
    pub(crate) fn place(&self, script: Script, line: u32) -> String {
        format!("{}:{line}", self.name(self.script(script)))
    }

    /// A script, read once.
    pub(crate) fn source(&self, script: Script) -> Result<&Source, AssertError> {
        self.0.sources[script as usize].get(|| read_source(self.script(script)))
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
        self.0.tables.get(|| self.read_tables())
    }

    fn read_tables(&self) -> Result<Tables, AssertError> {
        let (sample, answers) = (self.0.layout.sample_submission(), self.0.layout.test_answer());
        for path in [&sample, &answers] {
            if !path.is_file() {
                return Err(AssertError::not_run(format!("{} is missing", self.name(path))));
            }
        }
        let mut tables = Tables::read(&sample, &answers)?;
        if let Some(pair) = &mut tables.pair {
            let given = self.given_columns(pair);
            pair.add_keys(&given);
        }
        Ok(tables)
    }

    /// Columns of a submission that only repeat what the test data say of a row: sample, answers and test data agree on them,
    /// and the metric's `value` names others.
    fn given_columns(&self, pair: &Pair) -> Vec<usize> {
        let agreeing = pair.agreeing();
        if agreeing.is_empty() {
            return Vec::new();
        }
        let Some(value) = self.module(Script::Metric).ok().and_then(metric_value) else {
            return Vec::new();
        };
        let is_named = |at: usize| {
            let name = pair.sample.headers.get(at).map(String::as_str);
            value == name.unwrap_or_default() || value.split(',').any(|part| Some(part.trim()) == name)
        };
        if !pair.predicted_at().into_iter().any(is_named) {
            return Vec::new();
        }
        let Ok(Ok(test)) = tables::read_table(&self.0.layout.public.join("test.csv")) else {
            return Vec::new();
        };
        agreeing.into_iter().filter(|&at| !is_named(at) && pair.is_said_in(&test, at)).collect()
    }

    /// The sample submission and the answers; not run when they do not belong together.
    pub(crate) fn pair(&self) -> Result<&Pair, AssertError> {
        self.tables()?.pair.as_ref().ok_or_else(|| {
            AssertError::not_run("sample_submission.csv and test_answer.csv do not belong together (S101)")
        })
    }

    /// Files and tables of `public/`, read once. Blocks.
    pub(crate) fn public(&self) -> Result<&Public, AssertError> {
        self.0.public.get(|| {
            std::fs::create_dir_all(&self.0.scratch).map_err(AssertError::io(&self.0.scratch))?;
            Public::read(&self.0.layout.public, Some(&self.0.scratch))
        })
    }

    /// The examples on both sides of the split, found once. Blocks.
    pub(crate) fn split(&self) -> Result<&Split, AssertError> {
        self.0.split.get(|| Ok(Split::find(self.public()?, self.pair()?)))
    }

    /// Tables and files of `raw/`, read once. Blocks.
    pub(crate) fn raw(&self) -> Result<&Raw, AssertError> {
        self.0.raw.get(|| {
            std::fs::create_dir_all(&self.0.scratch).map_err(AssertError::io(&self.0.scratch))?;
            Raw::read(&self.0.layout.raw, &self.0.scratch)
        })
    }

    /// The raw rows of the examples, where they can be told, found once. Blocks.
    pub(crate) fn origin(&self) -> Result<Option<&Origin>, AssertError> {
        let find = || Ok(Origin::find(self.raw()?, self.split()?, self.public()?));
        Ok(self.0.origin.get(find)?.as_ref())
    }

    /// The runtime, for what cannot do without one.
    pub(crate) fn needed_runtime(&self) -> Result<&Runtime, AssertError> {
        self.0.runtime.as_ref().ok_or_else(|| AssertError::not_run("no Python runtime"))
    }

    /// A new directory in the scratch directory.
    pub(crate) fn scratch_dir(&self, prefix: &str) -> Result<tempfile::TempDir, AssertError> {
        std::fs::create_dir_all(&self.0.scratch)
            .and_then(|()| tempfile::Builder::new().prefix(prefix).tempdir_in(&self.0.scratch))
            .map_err(AssertError::io(&self.0.scratch))
    }
}

/// Something that is made once, by whoever needs it first; others wait.
struct Once<T> {
    made: OnceLock<T>,
    making: Mutex<()>,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self { made: OnceLock::new(), making: Mutex::new(()) }
    }
}

impl<T> Once<T> {
    /// What was made, or what `make` makes now. A fault is not kept.
    fn get(&self, make: impl FnOnce() -> Result<T, AssertError>) -> Result<&T, AssertError> {
        if let Some(made) = self.made.get() {
            return Ok(made);
        }
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = self.made.get() {
            return Ok(made);
        }
        let made = make()?;
        Ok(self.made.get_or_init(|| made))
    }
}

fn read_source(path: &Path) -> Result<Source, AssertError> {
    if path.is_dir() {
        let message = "this is a directory; a script of this name is needed".to_owned();
        return Ok(Source::Broken(vec![Problem { line: None, message }]));
    }
    match pysrc::read(path) {
        Ok(Ok(module)) => Ok(Source::Parsed(Box::new(module))),
        Ok(Err(problems)) => Ok(Source::Broken(problems)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Source::Missing),
        Err(error) => Err(AssertError::io(path)(error)),
    }
}

/// The default of the argument `value` of the metric's class: the predicted columns, as far as it names them.
fn metric_value(module: &Module) -> Option<String> {
    let class = module.classes.iter().find(|class| class.name.ends_with("Metrics"))?;
    let default = class.method("__init__")?.parameters.get(1)?.default.as_ref()?;
    match module.settled(None, default) {
        pysrc::Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}
