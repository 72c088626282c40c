//! A run directory, datasets, and what a run left in its journals.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use smith_exec::{Runtime, Sandbox};
use smith_pipeline::{
    DatasetEntry, Observer, PipelineError, RunConfig, RunDir, RunOptions, RunSummary, Seen, Unobserved,
    journal, run, summarize,
};
use smith_task_schema::Event;
use tempfile::TempDir;

use super::{Actors, FakePython};

/// A folder of the fixture: `raw`, `design` or `refactor`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ferries").join(name)
}

/// Everything around the stages of one run.
pub(crate) struct Setting {
    dir: TempDir,
    datasets: Vec<DatasetEntry>,
    pub(crate) options: RunOptions,
    pub(crate) python: Arc<FakePython>,
    pub(crate) observer: Arc<dyn Observer>,
}

impl Setting {
    /// A run on the ferries.
    pub(crate) fn new() -> Self {
        let mut setting = Self::without_datasets();
        setting.add("ferries", &fixture("raw"));
        setting
    }

    pub(crate) fn without_datasets() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            datasets: Vec::new(),
            options: RunOptions::default(),
            python: Arc::default(),
            observer: Arc::new(Unobserved),
        }
    }

    pub(crate) fn add(&mut self, name: &str, path: &Path) {
        self.datasets.push(DatasetEntry { name: name.to_owned(), path: path.to_path_buf() });
    }

    /// A place beside the run.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("run")
    }

    pub(crate) fn config(&self) -> RunConfig {
        RunConfig::new("test".to_owned(), "replay:folder/tape.jsonl".to_owned(), self.datasets.clone())
    }

    /// One process on the run: begins it, or goes on with it.
    pub(crate) async fn run(&self, actors: &Arc<Actors>) -> Result<RunSummary, PipelineError> {
        self.run_in(actors, self.python.clone()).await
    }

    pub(crate) async fn run_in(
        &self,
        actors: &Arc<Actors>,
        sandbox: Arc<dyn Sandbox>,
    ) -> Result<RunSummary, PipelineError> {
        let dir = if self.path().join("run.toml").exists() {
            RunDir::resume(&self.path(), &self.config())?
        } else {
            RunDir::create(&self.path(), self.config())?
        };
        let python = smith_exec::testing::runtime().await.python().clone();
        let runtime = Runtime::new(python, sandbox);
        run(&dir, actors.cast(), runtime, self.options.clone(), self.observer.clone()).await?;
        summarize(&self.path())
    }

    /// A process that is killed as soon as a stage hangs.
    pub(crate) async fn killed(&self, actors: &Arc<Actors>) {
        tokio::select! {
            ended = self.run(actors) => panic!("no stage hung: {ended:?}"),
            () = actors.hung() => {}
        }
    }

    pub(crate) fn summary(&self) -> RunSummary {
        summarize(&self.path()).unwrap()
    }

    /// Journal of a dataset's candidate; index 0 is the brainstorming.
    pub(crate) fn journal(&self, dataset: &str, index: u32) -> PathBuf {
        let folder = if index == 0 { "brainstorm".to_owned() } else { index.to_string() };
        self.path().join("candidates").join(dataset).join(folder).join("journal.jsonl")
    }

    /// Events of the first candidate of the ferries.
    pub(crate) fn events(&self) -> Vec<Event> {
        events(&self.journal("ferries", 1))
    }
}

pub(crate) fn events(path: &Path) -> Vec<Event> {
    journal::read(path).unwrap().into_iter().map(|line| line.event).collect()
}

/// The words under which events stand in a journal.
pub(crate) fn kinds_of(events: &[Event]) -> Vec<String> {
    let word = |event: &Event| serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned();
    events.iter().map(word).collect()
}

/// [`kinds_of`] a journal.
pub(crate) fn kinds(path: &Path) -> Vec<String> {
    kinds_of(&events(path))
}

/// Remembers what it saw: whose, what, and whether an earlier process wrote it.
#[derive(Default)]
pub(crate) struct Watcher(pub(crate) Mutex<Vec<(String, Event, bool)>>);

impl Observer for Watcher {
    fn seen(&self, seen: Seen<'_>) {
        self.0.lock().unwrap().push((seen.candidate.to_string(), seen.event.clone(), seen.earlier));
    }
}
