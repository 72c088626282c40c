//! What an evaluation consists of, as it stands in `evaluation.toml`, and the file of models that a caller writes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use smith_llm::{Effort, MicroUsd};

use crate::error::PipelineError;

/// Most models, tasks and runs of a cell's coordinates together.
const MAX_CELLS: usize = 1_000_000;
/// Longest name of a model, in characters.
const MAX_NAME: usize = 120;

/// One model, or whatever else plays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ModelEntry {
    /// Its name in tables and plots; that of the specification unless given.
    #[serde(default)]
    pub name: String,
    /// `builtin:NAME` for an agent without a model, or the specification of a model that the built-in agent asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// Instead of that: a program with its arguments, which acts on the environment over HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<Vec<String>>,
    /// Endpoint instead of the provider's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Sampling temperature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Seed of the first run, one more for each later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
    /// How hard the model thinks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<Effort>,
    /// Tokens that its window holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u32>,
    /// What may be spent on it, in US dollars over all processes of the evaluation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_usd: Option<f64>,
}

impl ModelEntry {
    /// A model of this specification, under the same name.
    #[must_use]
    pub fn of_spec(spec: &str) -> Self {
        Self { name: spec.to_owned(), spec: Some(spec.to_owned()), ..Self::default() }
    }

    /// Its own limit.
    #[must_use]
    pub fn budget(&self) -> Option<MicroUsd> {
        self.budget_usd.map(|dollars| MicroUsd((dollars * 1e6).round() as u64))
    }

    /// The same without what may be changed from process to process.
    fn settled(&self) -> Self {
        Self { budget_usd: None, ..self.clone() }
    }

    fn check(&self) -> Result<(), String> {
        if self.name.trim().is_empty()
            || self.name.chars().count() > MAX_NAME
            || self.name.chars().any(char::is_control)
        {
            return Err(format!(
                "the name {:?} must be one line of 1 to {MAX_NAME} characters",
                short(&self.name)
            ));
        }
        match (&self.spec, &self.program) {
            (Some(_), None) => {}
            (None, Some(program)) if !program.is_empty() => {}
            (None, Some(_)) => return Err(format!("{:?}: program names no program", self.name)),
            _ => return Err(format!("{:?} needs either spec or program", self.name)),
        }
        if self.budget_usd.is_some_and(|dollars| !(0.0..=1e9).contains(&dollars)) {
            return Err(format!("{:?}: budget_usd is not an amount of money", self.name));
        }
        Ok(())
    }
}

fn short(text: &str) -> String {
    text.chars().take(MAX_NAME).collect()
}

/// The file of models: `[[model]]` tables.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelsFile {
    #[serde(default)]
    model: Vec<ModelEntry>,
}

/// Reads a file of models (TOML): one `[[model]]` each, with `spec` or `program` and what else [`ModelEntry`] has. Blocks.
///
/// # Errors
/// A mistake that says what is wrong with the file, and where.
pub fn read_models(path: &Path) -> Result<Vec<ModelEntry>, PipelineError> {
    let mistake = |what: String| PipelineError::Mistake(format!("{}: {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| mistake(error.to_string()))?;
    let file: ModelsFile =
        toml::from_str(&text).map_err(|error| mistake(error.to_string().trim_end().to_owned()))?;
    if file.model.is_empty() {
        return Err(mistake(
            "there is no model in it; write a table [[model]] with spec = \"…\" for each".to_owned(),
        ));
    }
    Ok(file.model.into_iter().map(named).collect())
}

/// An entry without a name is called by what it is.
fn named(mut entry: ModelEntry) -> ModelEntry {
    if entry.name.is_empty() {
        let program = || entry.program.as_ref().and_then(|argv| argv.first().cloned());
        entry.name = entry.spec.clone().or_else(program).unwrap_or_default();
    }
    entry
}

/// One task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayedTask {
    /// Name, unique in the evaluation and fit for a folder.
    pub id: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// `evaluation.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EvaluationConfig {
    /// Identifies the evaluation among others on this machine.
    pub run: String,
    /// Steps of an agent on a task: model calls of the built-in agent, actions of all others.
    pub max_steps: u32,
    /// Runs of each model on each task.
    pub runs: u32,
    /// What agents are told about their submissions.
    pub feedback: String,
    /// Time of a program on a task, in seconds.
    pub program_seconds: f64,
    /// Python environment, if it is not the base one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// What may be spent, in millionths of a US dollar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_micro_usd: Option<u64>,
    /// Who plays.
    pub models: Vec<ModelEntry>,
    /// On what.
    pub tasks: Vec<PlayedTask>,
}

impl EvaluationConfig {
    /// One run of each model on each task with the paper's 15 steps (section 5.1).
    #[must_use]
    pub fn new(run: String, models: Vec<ModelEntry>, tasks: Vec<PlayedTask>) -> Self {
        Self {
            run,
            max_steps: 15,
            runs: 1,
            feedback: "test".to_owned(),
            program_seconds: 3600.0,
            env: None,
            budget_micro_usd: None,
            models,
            tasks,
        }
    }

    /// # Errors
    /// A mistake in words for the caller.
    pub(super) fn check(&self) -> Result<(), PipelineError> {
        let mistake = |what: String| Err(PipelineError::Mistake(what));
        let mut names = BTreeSet::new();
        for model in &self.models {
            if let Err(problem) = model.check() {
                return mistake(format!("models: {problem}"));
            }
            if !names.insert(&model.name) {
                return mistake(format!(
                    "models: two are called {:?}; give each a name of its own",
                    model.name
                ));
            }
        }
        let zero = [
            ("model", self.models.len()),
            ("task", self.tasks.len()),
            ("step", self.max_steps as usize),
            ("run", self.runs as usize),
        ];
        if let Some((what, _)) = zero.into_iter().find(|(_, number)| *number == 0) {
            return mistake(format!("there must be at least one {what}"));
        }
        let cells = self.models.len().saturating_mul(self.tasks.len()).saturating_mul(self.runs as usize);
        if cells > MAX_CELLS {
            return mistake(format!(
                "models × tasks × runs are {cells}; at most {MAX_CELLS} are evaluated together"
            ));
        }
        Ok(())
    }

    /// This evaluation, with what the caller adds to it: models, tasks, runs, money.
    ///
    /// # Errors
    /// A mistake that names every setting which an evaluation keeps and which now is another.
    pub(super) fn extended_by(mut self, now: &Self) -> Result<Self, PipelineError> {
        let mut differences = Vec::new();
        let mut compare = |what: &str, was: &dyn std::fmt::Display, is: &dyn std::fmt::Display| {
            if was.to_string() != is.to_string() {
                differences.push(format!("{what} (was {was}, now {is})"));
            }
        };
        let of = |env: &Option<String>| env.clone().unwrap_or_else(|| "base".to_owned());
        compare("max_steps", &self.max_steps, &now.max_steps);
        compare("feedback", &self.feedback, &now.feedback);
        compare("env", &of(&self.env), &of(&now.env));
        for model in &now.models {
            match self.models.iter_mut().find(|known| known.name == model.name) {
                Some(known) if known.settled() == model.settled() => {
                    known.budget_usd = model.budget_usd.or(known.budget_usd);
                }
                Some(_) => differences.push(format!("the model {:?}", model.name)),
                None => self.models.push(model.clone()),
            }
        }
        for task in &now.tasks {
            match self.tasks.iter().find(|known| known.id == task.id) {
                Some(known) if known.path == task.path => {}
                Some(known) => {
                    differences.push(format!("the task {} (was {})", task.id, known.path.display()));
                }
                None => self.tasks.push(task.clone()),
            }
        }
        if !differences.is_empty() {
            return Err(PipelineError::Mistake(format!(
                "the evaluation was begun with other settings: {}; resume with the same, or begin another --out",
                differences.join(", ")
            )));
        }
        self.runs = self.runs.max(now.runs);
        self.program_seconds = now.program_seconds;
        self.budget_micro_usd = now.budget_micro_usd.or(self.budget_micro_usd);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn models(text: &str) -> Result<Vec<ModelEntry>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read_models(file.path()).map_err(|error| error.to_string())
    }

    fn config(models: &[&str], tasks: &[&str]) -> EvaluationConfig {
        let task = |id: &&str| PlayedTask { id: (*id).to_owned(), path: Path::new("/t").join(id) };
        let models = models.iter().map(|spec| ModelEntry::of_spec(spec)).collect();
        EvaluationConfig::new("r".to_owned(), models, tasks.iter().map(task).collect())
    }

    #[test]
    fn a_file_of_models_names_models_and_programs() {
        let read = models(
            "[[model]]\nspec = \"openai:x\"\ntemperature = 0.5\n\n[[model]]\nname = \"mine\"\nprogram = [\"python\", \"a.py\"]\n",
        )
        .unwrap();
        assert_eq!((read[0].name.as_str(), read[0].temperature), ("openai:x", Some(0.5)));
        assert_eq!((read[1].name.as_str(), read[1].program.as_ref().unwrap().len()), ("mine", 2));
        assert!(models("").unwrap_err().contains("[[model]]"));
        assert!(models("[[model]]\nspek = \"x\"\n").unwrap_err().contains("spek"));
    }

    #[test]
    fn entries_that_cannot_play_are_named() {
        let with = |entry: ModelEntry| {
            let mut config = config(&["builtin:sample"], &["t"]);
            config.models.push(entry);
            config.check().unwrap_err().to_string()
        };
        let entry = |name: &str| ModelEntry { name: name.to_owned(), ..ModelEntry::default() };
        assert!(with(entry("x")).contains("\"x\" needs either spec or program"));
        assert!(with(ModelEntry { program: Some(vec![]), ..entry("x") }).contains("names no program"));
        assert!(with(ModelEntry::of_spec("builtin:sample")).contains("two are called \"builtin:sample\""));
        assert!(with(ModelEntry { spec: Some("a".into()), ..entry("a\nb") }).contains("one line"));
        assert!(with(ModelEntry { budget_usd: Some(-1.0), ..ModelEntry::of_spec("a") }).contains("money"));
        for (models, tasks, what) in [(&[][..], &["t"][..], "model"), (&["builtin:sample"], &[], "task")] {
            assert!(config(models, tasks).check().unwrap_err().to_string().contains(what));
        }
    }

    #[test]
    fn an_evaluation_grows_and_does_not_change() {
        let begun = config(&["openai:x"], &["a"]);
        let mut more = config(&["openai:x", "openai:y"], &["a", "b"]);
        more.runs = 3;
        let grown = begun.clone().extended_by(&more).unwrap();
        assert_eq!((grown.models.len(), grown.tasks.len(), grown.runs), (2, 2, 3));
        assert_eq!(grown.clone().extended_by(&begun).unwrap(), grown, "nothing is taken away");
        let mut other = config(&["openai:x"], &["a"]);
        other.max_steps = 3;
        other.models[0].temperature = Some(1.0);
        other.tasks[0].path = PathBuf::from("/elsewhere");
        let error = begun.extended_by(&other).unwrap_err().to_string();
        for part in ["max_steps (was 15, now 3)", "the model \"openai:x\"", "the task a (was /t/a)"] {
            assert!(error.contains(part), "{error}");
        }
    }
}
