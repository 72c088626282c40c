//! The interactive environment on a small real task.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use smith_exec::environment::{
    Action, ActionStatus, Environment, EnvironmentConfig, ErrorType, INFO_TYPES, Observation,
};
use smith_exec::{ExecError, testing};
use smith_task_schema::{LayoutKind, TaskLayout};
use tempfile::TempDir;

/// Accuracy over `species`; some predictions make it misbehave in ways that real metrics do.
const METRIC: &str = r#"
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

const ANSWERS: &str = "id,species\n101,adelie\n102,gentoo\n103,chinstrap\n104,adelie\n";

struct Fixture {
    dir: TempDir,
    task: TaskLayout,
}

impl Fixture {
    fn new() -> Self {
        Self::with_metric(METRIC)
    }

    fn with_metric(metric: &str) -> Self {
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

    fn config(&self) -> EnvironmentConfig {
        EnvironmentConfig::new("penguins", self.task.clone(), self.dir.path().join("work"))
    }

    async fn open(&self) -> Environment {
        Environment::open(testing::runtime().await, self.config()).await.unwrap()
    }

    /// No text for an agent may say where the task or the session lies.
    fn assert_hides_paths(&self, observation: &Observation) {
        let text = observation.to_text() + &observation.result.to_string();
        let dir = self.dir.path().canonicalize().unwrap();
        for secret in [dir.to_str().unwrap(), "data/private", "test_answer"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }

    async fn act(&self, environment: &mut Environment, name: &str, arguments: Value) -> Observation {
        let observation = environment.step(Action::parse(name, &arguments)).await.unwrap();
        self.assert_hides_paths(&observation);
        observation
    }

    async fn execute(&self, environment: &mut Environment, code: &str) -> Observation {
        self.act(environment, "execute_code", json!({"code": code})).await
    }

    async fn validate(&self, environment: &mut Environment, code: &str) -> Observation {
        self.act(environment, "validate_code", json!({"code": code})).await
    }

    async fn info(&self, environment: &mut Environment, info_type: &str) -> Observation {
        self.act(environment, "request_info", json!({"info_type": info_type})).await
    }
}

/// A script that predicts these species.
fn predicting(species: [&str; 4]) -> String {
    let rows: String = (101..).zip(species).map(|(id, name)| format!("{id},{name}\\n")).collect();
    format!("open('submission.csv', 'w').write('id,species\\n{rows}')")
}

const HALF_RIGHT: [&str; 4] = ["adelie", "adelie", "adelie", "adelie"];
const MOSTLY_RIGHT: [&str; 4] = ["adelie", "gentoo", "chinstrap", "gentoo"];

/// The error type of a failed observation, wherever the action's result holds it.
fn error_type(observation: &Observation) -> &str {
    assert_eq!(observation.action_status, ActionStatus::Failed, "{}", observation.feedback);
    let result = &observation.result;
    [&result["error_type"], &result["submission"]["error_type"], &result["execution"]["error_type"]]
        .into_iter()
        .chain([&result["syntax"]["error_type"], &result["runtime"]["error_type"]])
        .find_map(Value::as_str)
        .unwrap()
}

#[tokio::test]
async fn gives_every_kind_of_information() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let sample = json!({
        "columns": ["id", "species"],
        "row_count": 4,
        "head": {"id": [101, 102, 103], "species": ["adelie", "adelie", "adelie"]},
    });
    let structure = "public/\n  photos/\n    101.txt (9 B)\n  description.txt (53 B)\n  sample_submission.csv (55 B)\n  \
                     test.csv (44 B)\n  train.csv (61 B)";
    let metadata = |used: u32| {
        json!({
            "name": "penguins",
            "higher_is_better": true,
            "submission_columns": ["id", "species"],
            "steps_used": used,
            "steps_left": null,
        })
    };
    let overview = "# Penguins\nPredict the species from the bill length.\n";
    let expected = [
        ("overview", json!(overview)),
        ("sample_submission", sample),
        ("data_structure", json!(structure)),
        ("data_path", json!("public")),
        ("output_path", json!(".")),
        ("name", json!("penguins")),
        ("metadata", metadata(7)),
    ];
    for (info_type, value) in &expected {
        let observation = fixture.info(&mut environment, info_type).await;
        assert_eq!(observation.action_status, ActionStatus::Success);
        assert_eq!(observation.result, json!({"status": "SUCCESS", "data": {*info_type: value}}));
    }
    let all = fixture.info(&mut environment, "all").await;
    for (info_type, value) in &expected[..6] {
        assert_eq!(&all.result["data"][*info_type], value);
    }
    assert_eq!(all.result["data"]["metadata"], metadata(8));
    assert!(all.to_text().starts_with("status: SUCCESS\n=== Competition Info ===\noverview:\n# Penguins\n"));
}

#[tokio::test]
async fn answers_bad_requests_with_what_is_allowed() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let observation = fixture.info(&mut environment, "answers").await;
    assert_eq!(error_type(&observation), "InfoError");
    for name in INFO_TYPES {
        assert!(observation.feedback.contains(name), "{}", observation.feedback);
    }
    let observation = fixture.act(&mut environment, "submit", json!({})).await;
    assert_eq!(error_type(&observation), "MLEDojoError");
    assert!(observation.to_text().contains("execute_code"));
    for code in ["", " \n\t"] {
        assert_eq!(error_type(&fixture.execute(&mut environment, code).await), "MLEDojoError");
        assert_eq!(error_type(&fixture.validate(&mut environment, code).await), "MLEDojoError");
    }
    assert_eq!(environment.history().records().len(), 6);
    assert!(observation.result["potential_causes"].is_array());
}

#[tokio::test]
async fn scores_submissions_and_keeps_the_best() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let first = fixture.execute(&mut environment, &predicting(MOSTLY_RIGHT)).await;
    assert_eq!(first.action_status, ActionStatus::Success, "{}", first.feedback);
    assert_eq!(first.current_raw_score, Some(0.75));
    assert_eq!(first.best_raw_score, Some(0.75));
    assert_eq!(first.result["submission"], json!({"status": "SUCCESS", "raw_score": 0.75}));
    let worse = fixture.execute(&mut environment, &predicting(HALF_RIGHT)).await;
    assert_eq!((worse.current_raw_score, worse.best_raw_score), (Some(0.5), Some(0.75)));
    assert!(worse.to_text().contains("\nRaw Score: 0.5\nBest Raw Score: 0.75\n"), "{}", worse.to_text());
    assert_eq!(environment.best(), Some(0.75));
    let archive = fixture.dir.path().join("work/session-1/archive");
    assert!(fs::read_to_string(archive.join("submission_1.csv")).unwrap().contains("104,gentoo"));
    assert!(fs::read_to_string(archive.join("submission_2.csv")).unwrap().contains("104,adelie"));
}

#[tokio::test]
async fn a_lower_score_is_better_when_the_metric_says_so() {
    let fixture = Fixture::with_metric(
        &METRIC.replace("higher_is_better: bool = True", "higher_is_better: bool = False"),
    );
    let mut environment = fixture.open().await;
    assert!(!environment.higher_is_better());
    fixture.execute(&mut environment, &predicting(HALF_RIGHT)).await;
    let second = fixture.execute(&mut environment, &predicting(MOSTLY_RIGHT)).await;
    assert_eq!((second.current_raw_score, second.best_raw_score), (Some(0.75), Some(0.5)));
}

#[tokio::test]
async fn no_script_is_scored_on_the_submission_of_another() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let failed =
        fixture.execute(&mut environment, &(predicting(MOSTLY_RIGHT) + "\nraise KeyError('late')")).await;
    assert_eq!(error_type(&failed), "CodeRuntimeError");
    assert_eq!(failed.result["submission"], Value::Null);
    assert_eq!(failed.result["execution"]["details"], "KeyError: 'late'");
    assert_eq!((failed.current_raw_score, failed.best_raw_score), (None, None));
    let idle = fixture.execute(&mut environment, "print('nothing')").await;
    assert_eq!(error_type(&idle), "SubmissionNotFoundError");
    let validated = fixture.validate(&mut environment, &predicting(MOSTLY_RIGHT)).await;
    assert_eq!(validated.action_status, ActionStatus::Success, "{}", validated.feedback);
    assert_eq!(validated.current_raw_score, None);
    assert_eq!(error_type(&fixture.execute(&mut environment, "pass").await), "SubmissionNotFoundError");
    fixture.execute(&mut environment, &predicting(MOSTLY_RIGHT)).await;
    assert_eq!(error_type(&fixture.execute(&mut environment, "pass").await), "SubmissionNotFoundError");
}

#[tokio::test]
async fn validation_checks_syntax_and_really_runs() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let broken = fixture.validate(&mut environment, "print('a')\nx = (1,\n").await;
    assert_eq!(error_type(&broken), "CodeSyntaxError");
    assert_eq!(broken.result["runtime"], Value::Null);
    assert!(broken.feedback.contains("SyntaxError: '(' was never closed"), "{}", broken.feedback);
    assert!(broken.feedback.contains("script.py\", line 2"), "{}", broken.feedback);
    let crashing = fixture.validate(&mut environment, "print('before')\n1 / 0").await;
    assert_eq!(error_type(&crashing), "CodeRuntimeError");
    assert_eq!(crashing.result["syntax"]["status"], "SUCCESS");
    assert!(crashing.feedback.contains("before"));
    assert!(crashing.feedback.contains("ZeroDivisionError"));
}

#[tokio::test]
async fn passes_on_the_validators_own_words() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let code = "open('submission.csv', 'w').write('id,kind\\n101,adelie\\n')";
    let observation = fixture.execute(&mut environment, code).await;
    assert_eq!(error_type(&observation), "InvalidSubmissionError");
    let words = "Expected the columns ['id', 'species'],\n  but got ['id', 'kind'].";
    assert_eq!(observation.result["submission"]["error"], words);
    assert!(observation.feedback.contains(words));
    assert_eq!(observation.result["execution"]["status"], "SUCCESS");
    assert_eq!(observation.current_raw_score, None);
}

#[tokio::test]
async fn a_crashing_metric_betrays_no_answers() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let observation = fixture.execute(&mut environment, &predicting(["crash"; 4])).await;
    assert_eq!(error_type(&observation), "EvaluationError");
    let error = &observation.result["submission"]["error"];
    assert_eq!(error, "ValueError: cannot compare with ['***', '***', '***', '***']");
    let text = observation.to_text() + &observation.result.to_string();
    for secret in ["adelie", "gentoo", "chinstrap", "second line"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn a_score_that_is_no_number_is_no_success() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let observation = fixture.execute(&mut environment, &predicting(["undefined"; 4])).await;
    assert_eq!(error_type(&observation), "EvaluationError");
    assert_eq!((observation.current_raw_score, environment.best()), (None, None));
}

#[tokio::test]
async fn a_submission_that_is_no_table_is_invalid() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let code = r#"open('submission.csv', 'w').write('id,species\n1,"a\n')"#;
    let observation = fixture.execute(&mut environment, code).await;
    assert_eq!(error_type(&observation), "InvalidSubmissionError");
    assert!(observation.feedback.contains("ParserError: submission.csv: "), "{}", observation.feedback);
}

#[tokio::test]
async fn refuses_a_link_as_submission() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let code = "import os\nos.symlink('public/sample_submission.csv', 'submission.csv')";
    let observation = fixture.execute(&mut environment, code).await;
    assert_eq!(error_type(&observation), "InvalidSubmissionError");
    assert!(observation.feedback.contains("submission.csv is a link"), "{}", observation.feedback);
}

#[tokio::test]
async fn cuts_long_output() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let code = "import sys\nprint('first' + 'x' * 5_000_000 + 'last')\nprint('warned', file=sys.stderr)";
    let observation = fixture.execute(&mut environment, &format!("{code}\n{}", predicting(HALF_RIGHT))).await;
    assert_eq!(observation.current_raw_score, Some(0.5), "{}", observation.feedback);
    let output = observation.result["execution"]["output"].as_str().unwrap();
    assert!((4_000..6_000).contains(&output.len()), "{}", output.len());
    assert!(output.starts_with("firstx") && output.contains("xlast\n"));
    assert!(output.ends_with("[stderr]\nwarned\n"), "{output}");
    assert!(observation.to_text().len() < 7_000);
}

#[tokio::test]
async fn the_step_budget_is_exact() {
    let fixture = Fixture::new();
    let mut config = fixture.config();
    config.max_steps = Some(3);
    let mut environment = Environment::open(testing::runtime().await, config).await.unwrap();
    let first = fixture.act(&mut environment, "nonsense", json!({})).await;
    assert_eq!((first.steps_used, first.steps_left), (1, Some(2)));
    let metadata = fixture.info(&mut environment, "metadata").await;
    assert_eq!(metadata.result["data"]["metadata"]["steps_left"], 1);
    for free in ["get_history", "reset"] {
        assert_eq!(fixture.act(&mut environment, free, json!({})).await.steps_used, 2);
    }
    let last = fixture.execute(&mut environment, &predicting(MOSTLY_RIGHT)).await;
    assert_eq!((last.steps_used, last.steps_left, last.current_raw_score), (3, Some(0), Some(0.75)));
    assert!(last.to_text().ends_with("\nsteps used: 3, left: 0\n"));
    let records = environment.history().records().len();
    for name in ["request_info", "get_history", "reset", "execute_code", "nonsense"] {
        let arguments = json!({"info_type": "name", "code": "pass"});
        let refused = fixture.act(&mut environment, name, arguments).await;
        assert_eq!(error_type(&refused), "StepBudgetSpent");
        assert_eq!((refused.steps_used, refused.best_raw_score), (3, Some(0.75)));
    }
    assert_eq!(environment.history().records().len(), records);
}

#[tokio::test]
async fn the_history_only_grows_and_does_not_hold_itself() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let code = predicting(MOSTLY_RIGHT);
    fixture.info(&mut environment, "name").await;
    fixture.execute(&mut environment, &code).await;
    fixture.act(&mut environment, "reset", json!({})).await;
    fixture.execute(&mut environment, "1 / 0").await;
    let first = fixture.act(&mut environment, "get_history", json!({})).await;
    let second = fixture.act(&mut environment, "get_history", json!({})).await;
    assert_eq!(first, second);
    assert_eq!(
        first.to_text(),
        "status: SUCCESS\n=== History ===\n4 of 4 records\nstep 1: request_info: SUCCESS\n\
         step 2: execute_code: SUCCESS, raw score 0.75\nstep 2: reset: SUCCESS\n\
         step 3: execute_code: CodeRuntimeError\nsteps used: 3\n"
    );
    assert_eq!(first.result["data"][1]["raw_score"], 0.75);
    let records = environment.history().records();
    assert_eq!(records[1].code.as_deref(), Some(&*code));
    assert_eq!(records[1].argument_bytes, code.len() as u64);
    assert!(records.is_sorted_by(|a, b| a.at_seconds <= b.at_seconds));
}

#[tokio::test]
async fn a_reset_forgets_files_and_the_best_score_but_no_steps() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    fixture.execute(&mut environment, &(predicting(MOSTLY_RIGHT) + "\nopen('model.bin', 'w')")).await;
    let reset = fixture.act(&mut environment, "reset", json!({})).await;
    assert_eq!((reset.action_status, reset.best_raw_score), (ActionStatus::Success, None));
    assert_eq!(reset.steps_used, 1);
    let listing = "import os\nprint(sorted(os.listdir('.')))\n";
    let next = fixture.execute(&mut environment, &format!("{listing}{}", predicting(HALF_RIGHT))).await;
    assert!(next.feedback.contains("\n['public']\n"), "{}", next.feedback);
    assert_eq!(next.best_raw_score, Some(0.5));
}

#[tokio::test]
async fn files_of_earlier_scripts_stay_but_public_files_are_restored() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let vandal = "import shutil\nopen('model.bin', 'w')\nopen('public/train.csv', 'w').write('gone')\n\
                  shutil.rmtree('public/photos')";
    fixture.validate(&mut environment, vandal).await;
    let reader = "import os\nprint(open('public/train.csv').read(), os.listdir('public/photos'), os.path.exists('model.bin'))";
    let next = fixture.validate(&mut environment, reader).await;
    assert!(next.feedback.contains("1,39.1,adelie"), "{}", next.feedback);
    assert!(next.feedback.contains("['101.txt'] True"), "{}", next.feedback);
    let note = "Note: an earlier script changed public/photos/101.txt and 1 more; public/ was restored.";
    assert!(next.feedback.contains(note), "{}", next.feedback);
    assert!(!fixture.validate(&mut environment, reader).await.feedback.contains("Note:"));
    assert_eq!(fs::read_to_string(fixture.task.public.join("photos/101.txt")).unwrap(), "a penguin");
}

#[tokio::test]
async fn scripts_are_not_told_where_they_are() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let code = "import os\nprint('here', os.getcwd(), os.path.dirname(os.getcwd()), os.listdir('.'))\n\
                open('/nowhere/' + os.path.dirname(os.getcwd()))";
    let observation = fixture.execute(&mut environment, code).await;
    assert_eq!(error_type(&observation), "CodeRuntimeError");
    assert!(observation.feedback.contains("here . <session> ['public']"), "{}", observation.feedback);
}

#[tokio::test]
async fn two_sessions_do_not_meet() {
    let fixture = Fixture::new();
    let (mut first, mut second) = (fixture.open().await, fixture.open().await);
    let (good, idle) = (predicting(MOSTLY_RIGHT), "import time\ntime.sleep(0.2)");
    let (scored, unscored) =
        tokio::join!(fixture.execute(&mut first, &good), fixture.execute(&mut second, idle));
    assert_eq!(scored.current_raw_score, Some(0.75));
    assert_eq!(error_type(&unscored), "SubmissionNotFoundError");
    assert_eq!(second.best(), None);
    assert_eq!(second.history().records().len(), 1);
}

#[tokio::test]
async fn equal_sessions_give_equal_texts() {
    let fixture = Fixture::new();
    let mut texts = Vec::new();
    for _ in 0..2 {
        let mut environment = fixture.open().await;
        let observation = fixture.execute(&mut environment, &predicting(MOSTLY_RIGHT)).await;
        let text = observation.to_text();
        texts.push(
            text.lines()
                .filter(|line| !line.starts_with("execution time: "))
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(texts[0], texts[1]);
    assert_eq!(texts[0][0], "status: SUCCESS");
}

#[tokio::test]
async fn an_observation_survives_serialisation() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let observation = fixture.execute(&mut environment, &predicting(MOSTLY_RIGHT)).await;
    let value = serde_json::to_value(&observation).unwrap();
    assert_eq!(value["action_status"], "SUCCESS");
    assert_eq!(value["current_raw_score"], 0.75);
    assert_eq!(serde_json::from_value::<Observation>(value).unwrap(), observation);
}

async fn defect(fixture: &Fixture) -> String {
    match Environment::open(testing::runtime().await, fixture.config()).await {
        Err(ExecError::Task { message }) => message,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the task was opened"),
    }
}

#[tokio::test]
async fn a_task_that_cannot_be_played_is_not_opened() {
    assert!(defect(&Fixture::with_metric("raise RuntimeError('broken')")).await.contains("broken"));
    let undirected = METRIC.replace("super().__init__(higher_is_better)", "super().__init__(None)");
    assert!(defect(&Fixture::with_metric(&undirected)).await.contains("higher_is_better"));
    let fixture = Fixture::new();
    fs::write(fixture.task.test_answer(), "id,species\n1,\"open\n").unwrap();
    assert!(defect(&fixture).await.contains("test_answer.csv"));
    let without = |find: fn(&TaskLayout) -> &Path| {
        let fixture = Fixture::new();
        let path = find(&fixture.task).to_path_buf();
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        fixture
    };
    assert!(defect(&without(|task| &task.public)).await.contains("public"));
    assert!(defect(&without(|task| &task.private)).await.contains("private"));
    let fixture = Fixture::new();
    fs::remove_file(fixture.task.sample_submission()).unwrap();
    assert!(defect(&fixture).await.contains("sample_submission.csv"));
}

#[tokio::test]
async fn the_description_beside_the_scripts_stands_in_for_a_missing_one() {
    let fixture = Fixture::new();
    fs::remove_file(fixture.task.public.join("description.txt")).unwrap();
    assert!(defect(&fixture).await.contains("description.txt"));
    fs::write(&fixture.task.description, "from the root").unwrap();
    fs::write(fixture.task.public.join("data_structure.txt"), "by hand").unwrap();
    let mut environment = fixture.open().await;
    assert_eq!(fixture.info(&mut environment, "overview").await.result["data"]["overview"], "from the root");
    let structure = fixture.info(&mut environment, "data_structure").await;
    assert_eq!(structure.result["data"]["data_structure"], "by hand");
}

#[tokio::test]
async fn a_script_is_stopped_at_its_limit() {
    let fixture = Fixture::new();
    let mut config = fixture.config();
    config.limits.wall = std::time::Duration::from_secs(2);
    let mut environment = Environment::open(testing::runtime().await, config).await.unwrap();
    let observation = fixture.execute(&mut environment, "print('begun', flush=True)\nwhile True: pass").await;
    assert_eq!(error_type(&observation), "CodeRuntimeError");
    assert_eq!(observation.result["execution"]["error"], "killed at the wall time limit");
    assert!(observation.feedback.contains("begun"));
    assert_eq!(environment.history().records()[0].outcome, ErrorType::Runtime.as_str());
}
