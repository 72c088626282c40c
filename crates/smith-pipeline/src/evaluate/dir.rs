//! The directory of an evaluation, which one process at a time works in.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::config::EvaluationConfig;
use crate::error::{PipelineError, at};
use crate::run_dir::{lock, make};

const CONFIG: &str = "evaluation.toml";
const LOCK: &str = "run.lock";
const PART: &str = "evaluation.toml.part";

/// A directory that this process owns until the value is dropped.
#[derive(Debug)]
pub struct EvaluationDir {
    path: PathBuf,
    config: EvaluationConfig,
    resumed: bool,
    _lock: File,
}

impl EvaluationDir {
    /// Begins an evaluation at `path`.
    ///
    /// # Errors
    /// A mistake when the directory holds something already, another process works in it, or the configuration cannot be
    /// played.
    pub fn create(path: &Path, config: EvaluationConfig) -> Result<Self, PipelineError> {
        config.check()?;
        if path.join(CONFIG).exists() {
            return Err(PipelineError::Mistake(format!(
                "{} already holds an evaluation; add --resume to go on with it, or choose another --out",
                path.display()
            )));
        }
        let held = std::fs::read_dir(path).ok().into_iter().flatten().flatten();
        if let Some(name) = held.map(|entry| entry.file_name()).find(|name| name != LOCK && name != PART) {
            return Err(PipelineError::Mistake(format!(
                "{} is not empty (it holds {}) and is no evaluation; choose another --out",
                path.display(),
                name.to_string_lossy()
            )));
        }
        make(path)?;
        let lock = lock(path)?;
        let dir = Self { path: path.to_path_buf(), config, resumed: false, _lock: lock };
        dir.keep()?;
        Ok(dir)
    }

    /// Goes on with the evaluation at `path`, to which `more` may add models, tasks, runs and money.
    ///
    /// # Errors
    /// A mistake when there is none, another process works in it, or settings differ (all are named).
    pub fn resume(path: &Path, more: &EvaluationConfig) -> Result<Self, PipelineError> {
        let lock = {
            Self::read_config(path)?;
            lock(path)?
        };
        let config = Self::read_config(path)?.extended_by(more)?;
        config.check()?;
        let dir = Self { path: path.to_path_buf(), config, resumed: true, _lock: lock };
        dir.keep()?;
        Ok(dir)
    }

    /// Reads what an evaluation consists of.
    ///
    /// # Errors
    /// A mistake when there is none at `path`.
    pub fn read_config(path: &Path) -> Result<EvaluationConfig, PipelineError> {
        let file = path.join(CONFIG);
        let text = std::fs::read_to_string(&file).map_err(|_| {
            PipelineError::Mistake(format!(
                "there is no evaluation at {}: it has no {CONFIG}",
                path.display()
            ))
        })?;
        toml::from_str(&text).map_err(|error| {
            PipelineError::Mistake(format!("{} cannot be read: {}", file.display(), error.message()))
        })
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is evaluated.
    #[must_use]
    pub fn config(&self) -> &EvaluationConfig {
        &self.config
    }

    /// Whether an earlier process worked on it.
    #[must_use]
    pub fn is_resumed(&self) -> bool {
        self.resumed
    }

    /// Renamed into place: a configuration that is there is whole.
    fn keep(&self) -> Result<(), PipelineError> {
        let text =
            toml::to_string(&self.config).map_err(|error| PipelineError::Mistake(error.to_string()))?;
        let part = self.path.join(PART);
        std::fs::write(&part, text).map_err(at(&part))?;
        std::fs::rename(&part, self.path.join(CONFIG)).map_err(at(&part))
    }
}

#[cfg(test)]
mod tests {
    use super::super::config::{ModelEntry, PlayedTask};
    use super::*;

    fn config() -> EvaluationConfig {
        let task = PlayedTask { id: "t".to_owned(), path: PathBuf::from("/t") };
        EvaluationConfig::new("r".to_owned(), vec![ModelEntry::of_spec("builtin:sample")], vec![task])
    }

    #[test]
    fn a_directory_is_one_evaluations_and_one_processs() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("e");
        let none = EvaluationDir::resume(&path, &config()).unwrap_err().to_string();
        assert!(none.contains("no evaluation"), "{none}");
        let first = EvaluationDir::create(&path, config()).unwrap();
        let busy = EvaluationDir::resume(&path, &config()).unwrap_err().to_string();
        assert!(busy.contains("another process"), "{busy}");
        let again = EvaluationDir::create(&path, config()).unwrap_err().to_string();
        assert!(again.contains("--resume"), "{again}");
        std::fs::create_dir(path.join("cells")).unwrap();
        let again = EvaluationDir::create(&path, config()).unwrap_err().to_string();
        assert!(again.contains("--resume"), "whatever else is there: {again}");
        drop(first);
        let mut more = config();
        more.models.push(ModelEntry::of_spec("builtin:linear"));
        assert_eq!(EvaluationDir::resume(&path, &more).unwrap().config().models.len(), 2);
        assert_eq!(EvaluationDir::read_config(&path).unwrap().models.len(), 2, "it is written down");
        std::fs::write(dir.path().join("thesis.txt"), "x").unwrap();
        let foreign = EvaluationDir::create(dir.path(), config()).unwrap_err();
        assert!(foreign.is_mistake() && foreign.to_string().contains("not empty"), "{foreign}");
    }
}
