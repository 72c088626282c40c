//! What the bank holds: sound tasks, defects as their files describe them, and the cases that both make.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smith_core::schema::Layer;

/// Why a bank or a case cannot be used: always a fault of the bank, never an answer about a defect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankError(pub String);

impl BankError {
    /// A file that could not be read or written.
    pub(crate) fn io(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        Self(format!("cannot {doing} {}: {error}", path.display()))
    }
}

impl std::fmt::Display for BankError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BankError {}

/// What verification owes a defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// The task must be rejected, for an error that the sound task does not have.
    MustReject,
    /// A judgement: at least one finding more than the sound task has.
    MustWarn,
}

impl Weight {
    /// As `defect.toml` writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MustReject => "must-reject",
            Self::MustWarn => "must-warn",
        }
    }
}

/// One `defect.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defect {
    /// The name of its folder.
    #[serde(skip)]
    pub name: String,
    /// Its folder, which may hold `files/` and `plant.py`.
    #[serde(skip)]
    pub folder: PathBuf,
    /// The sound tasks that it is planted in.
    pub of: Vec<String>,
    /// The layer that ought to find it.
    pub layer: Layer,
    /// What verification owes it.
    pub severity: Weight,
    /// What is wrong, in one sentence.
    pub says: String,
    /// Whether the data is that of the sound task, and only the sources are planted.
    #[serde(default)]
    pub sound_data: bool,
    /// Changes of the sources.
    #[serde(default)]
    pub edits: Vec<Edit>,
    /// Lines added at the end of a source.
    #[serde(default)]
    pub appends: Vec<Append>,
    /// Files taken away before `prepare.py` runs, or after it when they lie in `public` or `private`.
    #[serde(default)]
    pub removes: Vec<String>,
}

/// A passage that stands in a file exactly once, and what takes its place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The tasks that it is made in; all of the defect's when there are none.
    #[serde(default)]
    pub of: Vec<String>,
    /// The file, by its name in any layout: `metric.py`, `raw/a.csv`.
    pub file: String,
    /// The passage.
    pub find: String,
    /// What replaces it.
    pub replace: String,
}

/// Text added at the end of a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Append {
    /// The tasks that it is made in; all of the defect's when there are none.
    #[serde(default)]
    pub of: Vec<String>,
    /// The file, by its name in any layout.
    pub file: String,
    /// The text.
    pub text: String,
}

/// One sound task, or one defect in it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The sound task's name.
    pub task: String,
    /// What is planted in it.
    pub defect: Option<Arc<Defect>>,
}

impl Case {
    /// `defect@task`, or the task alone.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.defect {
            Some(defect) => format!("{}@{}", defect.name, self.task),
            None => self.task.clone(),
        }
    }
}

/// Which cases are wanted; by default all.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Texts, one of which must be in the name of a case; any name will do when there are none.
    pub patterns: Vec<String>,
    /// Each defect in the first of its tasks only.
    pub first: bool,
}

/// The folder `fixtures/bank` as it was read.
#[derive(Debug, Clone)]
pub struct Bank {
    root: PathBuf,
    /// Names of the sound tasks, sorted.
    pub sound: Vec<String>,
    /// Defects, sorted by name.
    pub defects: Vec<Arc<Defect>>,
}

impl Bank {
    /// Reads every task's name and every defect.
    ///
    /// # Errors
    /// A folder that cannot be read, a `defect.toml` that does not parse, or one that names a task that is not there.
    pub fn read(root: &Path) -> Result<Self, BankError> {
        let sound = folders(&root.join("sound"))?;
        let mut defects = Vec::new();
        for name in folders(&root.join("defects"))? {
            let defect = read_defect(&root.join("defects").join(&name), name)?;
            check(&defect, &sound)?;
            defects.push(Arc::new(defect));
        }
        Ok(Self { root: root.to_path_buf(), sound, defects })
    }

    /// The folder of a sound task.
    #[must_use]
    pub fn task(&self, name: &str) -> PathBuf {
        self.root.join("sound").join(name)
    }

    /// The chosen cases: sound tasks first, among them those that a chosen defect must be compared with.
    #[must_use]
    pub fn cases(&self, choice: &Choice) -> Vec<Case> {
        let Choice { patterns, first } = choice;
        let is_chosen =
            |case: &Case| patterns.is_empty() || patterns.iter().any(|part| case.name().contains(part));
        let planted = self.defects.iter().flat_map(|defect| {
            let most = if *first { 1 } else { defect.of.len() };
            let case = |task: &String| Case { task: task.clone(), defect: Some(Arc::clone(defect)) };
            defect.of.iter().take(most).map(case)
        });
        let planted: Vec<Case> = planted.filter(is_chosen).collect();
        let is_compared = |task: &str| planted.iter().any(|case| case.task == task);
        let sound = self.sound.iter().map(|task| Case { task: task.clone(), defect: None });
        let mut cases: Vec<Case> = sound.filter(|case| is_chosen(case) || is_compared(&case.task)).collect();
        cases.extend(planted);
        cases
    }
}

fn read_defect(folder: &Path, name: String) -> Result<Defect, BankError> {
    let path = folder.join("defect.toml");
    let text = fs::read_to_string(&path).map_err(|error| BankError::io("read", &path, &error))?;
    let defect: Defect =
        toml::from_str(&text).map_err(|error| BankError(format!("{}: {error}", path.display())))?;
    Ok(Defect { name, folder: folder.to_path_buf(), ..defect })
}

/// What the type of a defect does not say.
fn check(defect: &Defect, sound: &[String]) -> Result<(), BankError> {
    let named = defect.edits.iter().flat_map(|edit| &edit.of);
    let named = named.chain(defect.appends.iter().flat_map(|append| &append.of));
    if let Some(task) = named.clone().find(|task| !defect.of.contains(task)) {
        return Err(BankError(format!("{}: a change is for {task}, which `of` does not name", defect.name)));
    }
    match defect.of.iter().find(|task| !sound.contains(task)) {
        Some(task) => Err(BankError(format!("{}: there is no sound task {task}", defect.name))),
        None if defect.of.is_empty() => Err(BankError(format!("{}: `of` names no task", defect.name))),
        None => Ok(()),
    }
}

/// Names of the folders in `folder`, sorted.
fn folders(folder: &Path) -> Result<Vec<String>, BankError> {
    let entries = fs::read_dir(folder).map_err(|error| BankError::io("read", folder, &error))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| BankError::io("read", folder, &error))?;
        if entry.path().is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bank(defects: &[(&str, &str)]) -> (tempfile::TempDir, Result<Bank, BankError>) {
        let place = tempfile::tempdir().unwrap();
        for task in ["apples", "pears"] {
            fs::create_dir_all(place.path().join("sound").join(task)).unwrap();
        }
        fs::create_dir(place.path().join("defects")).unwrap();
        for (name, text) in defects {
            let folder = place.path().join("defects").join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("defect.toml"), text).unwrap();
        }
        let bank = Bank::read(place.path());
        (place, bank)
    }

    const HARD: &str =
        "of = [\"apples\", \"pears\"]\nlayer = \"data\"\nseverity = \"must-reject\"\nsays = \"x\"\n";
    const SOFT: &str = "of = [\"pears\"]\nlayer = \"static\"\nseverity = \"must-warn\"\nsays = \"x\"\n";

    #[test]
    fn a_defect_is_a_case_in_each_of_its_tasks_after_the_sound_ones() {
        let (_place, bank) = bank(&[("hard", HARD), ("soft", SOFT)]);
        let bank = bank.unwrap();
        let names = |patterns: &[&str], first| -> Vec<String> {
            let patterns = patterns.iter().map(|part| (*part).to_owned()).collect();
            bank.cases(&Choice { patterns, first }).iter().map(Case::name).collect()
        };
        assert_eq!(names(&[], false), ["apples", "pears", "hard@apples", "hard@pears", "soft@pears"]);
        assert_eq!(names(&[], true), ["apples", "pears", "hard@apples", "soft@pears"]);
        // What is found counts only beside what the sound task has already.
        assert_eq!(names(&["hard"], true), ["apples", "hard@apples"]);
        assert_eq!(names(&["soft"], false), ["pears", "soft@pears"]);
    }

    #[test]
    fn what_is_not_a_defect_is_refused_by_name() {
        let table = [
            (HARD.replace("pears", "plums"), "a: there is no sound task plums"),
            (SOFT.replace("[\"pears\"]", "[]"), "a: `of` names no task"),
            (format!("{SOFT}why = 1\n"), "unknown field `why`"),
            (SOFT.replace("must-warn", "may-warn"), "unknown variant `may-warn`"),
            (
                format!("{SOFT}[[appends]]\nof = [\"apples\"]\nfile = \"x\"\ntext = \"\"\n"),
                "a: a change is for apples, which `of` does not name",
            ),
        ];
        for (text, message) in table {
            let error = bank(&[("a", &text)]).1.unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
