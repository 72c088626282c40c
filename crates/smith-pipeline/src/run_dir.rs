//! The directory of a run: who owns it, what it was started with.

use std::fs::File;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use smith_llm::{Effort, MicroUsd};

use crate::error::{PipelineError, at};
use crate::options::BudgetLimits;

/// One dataset of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetEntry {
    /// Name, unique in the run and fit for a folder.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// `run.toml`: what a run was started with, without secrets. A resumed run must be started with the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunConfig {
    /// Identifies the run among others on this machine.
    pub run: String,
    /// Specification of the model.
    pub model: String,
    /// Endpoint, if it is not the provider's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Proposals per dataset at most.
    pub candidates: u32,
    /// Model calls per attempt.
    pub max_steps: u32,
    /// Attempts of Designer and Refactor each.
    pub attempts: u32,
    /// Model calls of the validation agent.
    pub validation_steps: u32,
    /// Independent passes of a review; runs of before there was a choice have one.
    #[serde(default = "one")]
    pub review_passes: u32,
    /// Sampling temperature, if one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Seed, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
    /// Tokens that the model's window holds, where the caller said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u32>,
    /// How hard the model thinks, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<Effort>,
    /// Whether the agents of a model have the built-in proposals and checks as tools.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub assist: bool,
    /// What may be spent on the run, in millionths of a US dollar. A resumed run may be given other budgets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_micro_usd: Option<u64>,
    /// On each dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_per_dataset_micro_usd: Option<u64>,
    /// On each candidate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_per_candidate_micro_usd: Option<u64>,
    /// Python environment, if it is not the base one: a profile, or `lock:FILE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// BLAKE3 hash of that lock file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env_lock: Option<String>,
    /// The datasets.
    pub datasets: Vec<DatasetEntry>,
}

fn one() -> u32 {
    1
}

impl RunConfig {
    /// A configuration with the paper's bounds (section 4.1).
    #[must_use]
    pub fn new(run: String, model: String, datasets: Vec<DatasetEntry>) -> Self {
        Self {
            run,
            model,
            base_url: None,
            candidates: 3,
            max_steps: 30,
            attempts: 3,
            validation_steps: 10,
            review_passes: 3,
            temperature: None,
            seed: None,
            context_window: None,
            effort: None,
            assist: false,
            budget_micro_usd: None,
            budget_per_dataset_micro_usd: None,
            budget_per_candidate_micro_usd: None,
            env: None,
            env_lock: None,
            datasets,
        }
    }

    /// Writes the limits of a run down.
    pub fn set_budget(&mut self, limits: BudgetLimits) {
        let BudgetLimits { run, dataset, candidate } = limits;
        let micro = |amount: Option<MicroUsd>| amount.map(|amount| amount.0);
        self.budget_micro_usd = micro(run);
        self.budget_per_dataset_micro_usd = micro(dataset);
        self.budget_per_candidate_micro_usd = micro(candidate);
    }

    /// The limits that the run was started with.
    #[must_use]
    pub fn budget(&self) -> BudgetLimits {
        BudgetLimits {
            run: self.budget_micro_usd.map(MicroUsd),
            dataset: self.budget_per_dataset_micro_usd.map(MicroUsd),
            candidate: self.budget_per_candidate_micro_usd.map(MicroUsd),
        }
    }

    /// Names of the settings in which another configuration differs; neither the run's own name nor what may be spent
    /// counts.
    fn differences(&self, other: &Self) -> Vec<String> {
        let mut other = other.clone();
        other.run.clone_from(&self.run);
        other.set_budget(self.budget());
        let (Ok(ours), Ok(theirs)) = (toml::Table::try_from(self), toml::Table::try_from(&other)) else {
            return vec!["run.toml".to_owned()];
        };
        let keys: std::collections::BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
        let show =
            |value: Option<&toml::Value>| value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
        keys.into_iter()
            .filter(|key| ours.get(*key) != theirs.get(*key))
            .map(|key| format!("{key} (run: {}, now: {})", show(ours.get(key)), show(theirs.get(key))))
            .collect()
    }
}

/// A run directory that this process owns until the value is dropped.
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
    config: RunConfig,
    resumed: bool,
    // Held for the lifetime of the run; the kernel lets go of it when the process ends, however it ends.
    _lock: File,
}

impl RunDir {
    /// Makes a new run at `path`.
    ///
    /// # Errors
    /// A mistake when the directory holds something already, another process works in it, or two datasets
    /// have one name.
    pub fn create(path: &Path, config: RunConfig) -> Result<Self, PipelineError> {
        check_names(&config.datasets)?;
        if path.join(CONFIG).exists() {
            return Err(taken(path));
        }
        if let Some(entry) = std::fs::read_dir(path)
            .ok()
            .and_then(|entries| entries.flatten().find(|e| e.file_name() != LOCK && e.file_name() != PART))
        {
            return Err(PipelineError::Mistake(format!(
                "{} is not empty (it holds {}) and is no run; choose another --out",
                path.display(),
                entry.file_name().to_string_lossy()
            )));
        }
        make(path)?;
        let lock = lock(path)?;
        // Another process may have made its run here between the first look and the lock.
        if path.join(CONFIG).exists() {
            return Err(taken(path));
        }
        let text = toml::to_string(&config).map_err(|error| PipelineError::Mistake(error.to_string()))?;
        // Renamed into place: a run.toml that exists is whole.
        let part = path.join(PART);
        std::fs::write(&part, text).map_err(at(&part))?;
        std::fs::rename(&part, path.join(CONFIG)).map_err(at(&part))?;
        Ok(Self { path: path.to_path_buf(), config, resumed: false, _lock: lock })
    }

    /// Reads what a run was started with.
    ///
    /// # Errors
    /// A mistake when there is no run at `path`.
    pub fn read_config(path: &Path) -> Result<RunConfig, PipelineError> {
        let file = path.join(CONFIG);
        let text = std::fs::read_to_string(&file).map_err(|_| {
            PipelineError::Mistake(format!(
                "there is no run to resume at {}: it has no {CONFIG}",
                path.display()
            ))
        })?;
        toml::from_str(&text).map_err(|error| {
            PipelineError::Mistake(format!("{} cannot be read: {}", file.display(), error.message()))
        })
    }

    /// Takes up the run at `path` again, which must have been started with the same settings.
    ///
    /// # Errors
    /// A mistake when there is no run, another process works in it, or settings differ (all are named).
    pub fn resume(path: &Path, config: &RunConfig) -> Result<Self, PipelineError> {
        let found = Self::read_config(path)?;
        let differences = found.differences(config);
        if !differences.is_empty() {
            return Err(PipelineError::Mistake(format!(
                "the run at {} was started with other settings: {}; resume with the same, or start a new run",
                path.display(),
                differences.join(", ")
            )));
        }
        let lock = lock(path)?;
        Ok(Self { path: path.to_path_buf(), config: found, resumed: true, _lock: lock })
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the run was started with.
    #[must_use]
    pub fn config(&self) -> &RunConfig {
        &self.config
    }

    /// Whether an earlier process worked on this run.
    #[must_use]
    pub fn is_resumed(&self) -> bool {
        self.resumed
    }
}

const CONFIG: &str = "run.toml";
const LOCK: &str = "run.lock";
/// What a process that was killed while it made a run may leave behind.
const PART: &str = "run.toml.part";

/// Names become folders with one writer each.
fn check_names(datasets: &[DatasetEntry]) -> Result<(), PipelineError> {
    let fits = |name: &str| {
        let mut parts = Path::new(name).components();
        matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name)
    };
    let mut seen = std::collections::HashSet::new();
    match datasets.iter().find(|entry| !fits(&entry.name) || !seen.insert(&entry.name)) {
        Some(entry) => Err(PipelineError::Mistake(format!(
            "{:?} cannot be the name of a dataset of this run: each is the name of a folder, and given once",
            entry.name
        ))),
        None => Ok(()),
    }
}

fn taken(path: &Path) -> PipelineError {
    PipelineError::Mistake(format!(
        "{} already holds a run; add --resume to go on with it, or choose another --out",
        path.display()
    ))
}

/// A place that cannot hold a directory is the caller's to change; a full disk is not.
pub(crate) fn make(path: &Path) -> Result<(), PipelineError> {
    use std::io::ErrorKind::{AlreadyExists, NotADirectory, PermissionDenied, ReadOnlyFilesystem};
    std::fs::create_dir_all(path).map_err(|error| match error.kind() {
        AlreadyExists | NotADirectory | PermissionDenied | ReadOnlyFilesystem => PipelineError::Mistake(
            format!("{} cannot be the directory of a run: {error}; choose another --out", path.display()),
        ),
        _ => at(path)(error),
    })
}

pub(crate) fn lock(path: &Path) -> Result<File, PipelineError> {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;
    let file = path.join(LOCK);
    let handle = File::create(&file).map_err(at(&file))?;
    match flock(&handle, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(handle),
        Err(Errno::WOULDBLOCK) => Err(PipelineError::Mistake(format!(
            "another process is working on the run at {}; wait for it, or choose another --out",
            path.display()
        ))),
        Err(errno) => Err(at(&file)(errno.into())),
    }
}

/// Journal of the run itself.
pub(crate) fn run_journal(run: &Path) -> PathBuf {
    run.join("journal.jsonl")
}

/// Directory of a dataset's brainstorming.
pub(crate) fn brainstorm_dir(run: &Path, dataset: &str) -> PathBuf {
    run.join("candidates").join(dataset).join("brainstorm")
}

/// Directory of a candidate.
pub(crate) fn candidate_dir(run: &Path, dataset: &str, index: u32) -> PathBuf {
    run.join("candidates").join(dataset).join(index.to_string())
}

/// Journal of a candidate or of a brainstorming.
pub(crate) fn journal_in(dir: &Path) -> PathBuf {
    dir.join("journal.jsonl")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> RunConfig {
        let datasets = vec![DatasetEntry { name: "a".to_owned(), path: PathBuf::from("/data/a") }];
        RunConfig::new("r1".to_owned(), "openai:x".to_owned(), datasets)
    }

    #[test]
    fn a_directory_is_one_runs_and_one_processs() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run");
        let first = RunDir::create(&path, config()).unwrap();
        let again = RunDir::create(&path, config()).unwrap_err().to_string();
        assert!(again.contains("already holds a run") && again.contains("--resume"), "{again}");
        let busy = RunDir::resume(&path, &config()).unwrap_err().to_string();
        assert!(busy.contains("another process"), "{busy}");
        drop(first);
        let mut other = config();
        other.run = "r2".to_owned();
        assert_eq!(RunDir::resume(&path, &other).unwrap().config().run, "r1");
        other.max_steps = 5;
        let differs = RunDir::resume(&path, &other).unwrap_err().to_string();
        assert!(differs.contains("max_steps (run: 30, now: 5)"), "{differs}");
        other.max_steps = 30;
        other.set_budget(BudgetLimits { run: Some(MicroUsd(5)), ..BudgetLimits::default() });
        assert!(RunDir::resume(&path, &other).is_ok(), "money may be added");
        other.env = Some("image".to_owned());
        let differs = RunDir::resume(&path, &other).unwrap_err().to_string();
        assert!(differs.contains("env (run: nothing, now: \"image\")"), "{differs}");
    }

    #[test]
    fn datasets_have_names_of_their_own_that_are_folders() {
        let dir = tempfile::tempdir().unwrap();
        for names in [["a", "a"], ["a", "../b"], ["a", ""], ["a", ".."], ["a", "b/"]] {
            let entry = |name: &str| DatasetEntry { name: name.to_owned(), path: PathBuf::from("/data") };
            let mut config = config();
            config.datasets = names.map(entry).to_vec();
            let error = RunDir::create(&dir.path().join("run"), config).unwrap_err();
            assert!(error.is_mistake() && error.to_string().contains(&format!("{:?}", names[1])), "{error}");
            assert!(!dir.path().join("run").exists());
        }
    }

    #[test]
    fn what_a_kill_left_while_a_run_was_made_does_not_block_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(PART), "half a").unwrap();
        assert!(RunDir::create(dir.path(), config()).is_ok());
    }

    #[test]
    fn a_folder_with_other_things_is_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("thesis.txt"), "x").unwrap();
        let error = RunDir::create(dir.path(), config()).unwrap_err();
        assert!(error.is_mistake() && error.to_string().contains("thesis.txt"), "{error}");
        let none = RunDir::resume(&dir.path().join("nowhere"), &config()).unwrap_err();
        assert!(none.is_mistake() && none.to_string().contains("no run to resume"), "{none}");
    }
}
