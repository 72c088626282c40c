//! A small real task to act on.

use std::fs;

use serde_json::{Value, json};
use smith_exec::environment::{Action, ActionStatus, Environment, EnvironmentConfig, Observation};
use smith_exec::testing;
use smith_task_schema::{LayoutKind, TaskLayout};
use tempfile::TempDir;

/// Accuracy over `species`; some predictions make it misbehave in ways that real metrics do.
pub(crate) const METRIC: &str = r#"
from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError


class SpeciesMetrics(CompetitionMetrics):
    def __init__(self, value: str = "species", higher_is_better: bool = True):
        super().__init__(higher_is_better)
        self.value = value

    def evaluate(self, y_true, y_pred):
        first = y_pred[self.value].iloc[0]
        if first == "crash":
            raise ValueError(f"cannot compare with {y_true[self.value].tolist()}\nsecond line")
        if first == "undefined":
            return float("nan")
        return float((y_true[self.value] == y_pred[self.value]).mean())

    def validate_submission(self, submission, ground_truth):
        if list(submission.columns) != list(ground_truth.columns):
            raise InvalidSubmissionError(
                f"Expected the columns {list(ground_truth.columns)},\n  but got {list(submission.columns)}."
            )
        return "Submission is valid."
"#;

pub(crate) const ANSWERS: &str = "id,species\n101,adelie\n102,gentoo\n103,chinstrap\n104,adelie\n";

pub(crate) struct Fixture {
    pub(crate) dir: TempDir,
    pub(crate) task: TaskLayout,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with_metric(METRIC)
    }

    pub(crate) fn with_metric(metric: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let task = TaskLayout::at(LayoutKind::Package, &dir.path().join("penguins"));
        fs::create_dir_all(task.public.join("photos")).unwrap();
        fs::create_dir_all(&task.private).unwrap();
        let public = |name: &str, text: &str| fs::write(task.public.join(name), text).unwrap();
        public("description.txt", "# Penguins\nPredict the species from the bill length.\n");
        public("train.csv", "id,bill,species\n1,39.1,adelie\n2,46.5,chinstrap\n3,50.0,gentoo\n");
        public("test.csv", "id,bill\n101,38.9\n102,49.9\n103,47.0\n104,40.3\n");
        public("sample_submission.csv", "id,species\n101,adelie\n102,adelie\n103,adelie\n104,adelie\n");
        public("photos/101.txt", "a penguin");
        fs::write(task.test_answer(), ANSWERS).unwrap();
        fs::write(&task.metric, metric).unwrap();
        Self { dir, task }
    }

    pub(crate) fn config(&self) -> EnvironmentConfig {
        EnvironmentConfig::new("penguins", self.task.clone(), self.dir.path().join("work"))
    }

    pub(crate) async fn open(&self) -> Environment {
        Environment::open(testing::runtime().await, self.config()).await.unwrap()
    }

    /// No text for an agent may say where the task or the session lies.
    pub(crate) fn assert_hides_paths(&self, observation: &Observation) {
        let text = observation.to_text() + &observation.result.to_string();
        let dir = self.dir.path().canonicalize().unwrap();
        for secret in [dir.to_str().unwrap(), "data/private", "test_answer"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }

    pub(crate) async fn act(
        &self,
        environment: &mut Environment,
        name: &str,
        arguments: Value,
    ) -> Observation {
        let observation = environment.step(Action::parse(name, &arguments)).await.unwrap();
        self.assert_hides_paths(&observation);
        observation
    }

    pub(crate) async fn execute(&self, environment: &mut Environment, code: &str) -> Observation {
        self.act(environment, "execute_code", json!({"code": code})).await
    }

    pub(crate) async fn validate(&self, environment: &mut Environment, code: &str) -> Observation {
        self.act(environment, "validate_code", json!({"code": code})).await
    }

    pub(crate) async fn info(&self, environment: &mut Environment, info_type: &str) -> Observation {
        self.act(environment, "request_info", json!({"info_type": info_type})).await
    }
}

/// A script that predicts these species.
pub(crate) fn predicting(species: [&str; 4]) -> String {
    let rows: String = (101..).zip(species).map(|(id, name)| format!("{id},{name}\\n")).collect();
    format!("open('submission.csv', 'w').write('id,species\\n{rows}')")
}

pub(crate) const HALF_RIGHT: [&str; 4] = ["adelie", "adelie", "adelie", "adelie"];
pub(crate) const MOSTLY_RIGHT: [&str; 4] = ["adelie", "gentoo", "chinstrap", "gentoo"];

/// The error type of a failed observation, wherever the action's result holds it.
pub(crate) fn error_type(observation: &Observation) -> &str {
    assert_eq!(observation.action_status, ActionStatus::Failed, "{}", observation.feedback);
    let result = &observation.result;
    [&result["error_type"], &result["submission"]["error_type"], &result["execution"]["error_type"]]
        .into_iter()
        .chain([&result["syntax"]["error_type"], &result["runtime"]["error_type"]])
        .find_map(Value::as_str)
        .unwrap()
}
