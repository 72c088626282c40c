//! The validation agent on a real task in the interactive environment.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use smith_agents::ValidationAgent;
use smith_llm::ChatResponse;
use smith_task_schema::{LayoutKind, Stage, TaskLayout, Validate, ValidateInput, ValidationReport};
use smith_testkit::{ScriptedModel, answer};

use crate::support::{Known, Process, Tape, last_result, scripted, setup};

const METRIC: &str = "\
from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError


class FrogMetrics(CompetitionMetrics):
    def __init__(self, value='frogs', higher_is_better=True):
        super().__init__(higher_is_better)
        self.value = value

    def evaluate(self, y_true, y_pred):
        both = y_true.merge(y_pred, on='pond', suffixes=('_true', '_pred'))
        return float((both['frogs_true'] == both['frogs_pred']).mean())

    def validate_submission(self, submission, ground_truth):
        if list(submission.columns) != ['pond', 'frogs']:
            raise InvalidSubmissionError('the columns must be pond, frogs')
";

/// A task whose ponds have frogs when they are deep.
fn task(root: &Path) -> TaskLayout {
    let task = TaskLayout::at(LayoutKind::Workdir, root);
    std::fs::create_dir_all(&task.public).unwrap();
    std::fs::create_dir_all(&task.private).unwrap();
    for (path, text) in [
        (&task.metric, METRIC),
        (&task.description, "Predict which ponds have frogs."),
        (&task.public.join("train.csv"), "pond,depth,frogs\n1,9,yes\n2,1,no\n3,8,yes\n"),
        (&task.public.join("test.csv"), "pond,depth\n4,7\n5,2\n6,9\n7,1\n"),
        (&task.sample_submission(), "pond,frogs\n4,no\n5,no\n6,no\n7,no\n"),
        (&task.test_answer(), "pond,frogs\n4,yes\n5,no\n6,yes\n7,no\n"),
    ] {
        std::fs::write(path, text).unwrap();
    }
    task
}

fn predict(rule: &str) -> ChatResponse {
    let code = format!(
        "import pandas as pd\ntest = pd.read_csv('public/test.csv')\n\
         test['frogs'] = ['yes' if {rule} else 'no' for depth in test['depth']]\n\
         test[['pond', 'frogs']].to_csv('submission.csv', index=False)\n"
    );
    answer::call("execute_code", json!({"code": code}))
}

fn script() -> Vec<ChatResponse> {
    vec![
        answer::call("request_info", json!({"info_type": "overview"})),
        predict("depth > 8"),
        answer::call("execute_code", json!({"code": "open('submission.csv', 'w').write('a,b\\n1,2\\n')"})),
        predict("depth > 5"),
        predict("False"),
        answer::text("A threshold on depth is perfect."),
    ]
}

async fn validate(process: &Process, model: &Arc<ScriptedModel>, task: TaskLayout) -> ValidationReport {
    let input = ValidateInput { name: "ponds".to_owned(), task };
    ValidationAgent::new(setup(model, 10).await).validate(&process.cx, input).await.unwrap()
}

#[tokio::test]
async fn every_submission_is_reported_with_its_score_and_the_best_counts() {
    let task_dir = tempfile::tempdir().unwrap();
    let process = Process::fresh(Stage::Validate);
    let model = scripted(script());
    let report = validate(&process, &model, task(task_dir.path())).await;

    let made: Vec<_> =
        report.submissions.iter().map(|made| (made.step, made.score, made.error.as_deref())).collect();
    assert_eq!(
        made,
        [
            (2, Some(0.75), None),
            (3, None, Some("InvalidSubmissionError")),
            (4, Some(1.0), None),
            (5, Some(0.5), None)
        ]
    );
    assert_eq!((report.best, report.higher_is_better, report.steps), (Some(1.0), true, 6));
    assert_eq!(report.note, "A threshold on depth is perfect.");
    let requests = model.requests();
    assert!(last_result(&requests[1]).content.contains("Predict which ponds have frogs."));
    let shown = last_result(&requests[3]).content;
    // The gate says it before the metric is asked.
    assert!(shown.contains("missing: \"pond\", \"frogs\"; not expected: \"a\", \"b\""), "{shown}");
}

#[tokio::test]
async fn a_resumed_validation_has_every_submission_again() {
    let task_dir = tempfile::tempdir().unwrap();
    let task = task(task_dir.path());
    // Four events a step: the process ends when the first submission is scored and written down.
    let first = Process::new(Stage::Validate, Tape::with_room_for(8), Known::nothing());
    let input = ValidateInput { name: "ponds".to_owned(), task: task.clone() };
    let agent = ValidationAgent::new(setup(&scripted(script()), 10).await);
    agent.validate(&first.cx, input).await.unwrap_err();

    let second = Process::new(Stage::Validate, Arc::default(), Known::of(&first.tape.events()));
    let model = scripted(script().split_off(2));
    let report = validate(&second, &model, task).await;
    let scores: Vec<_> = report.submissions.iter().map(|made| (made.step, made.score)).collect();
    assert_eq!(scores, [(2, Some(0.75)), (3, None), (4, Some(1.0)), (5, Some(0.5))]);
}

#[tokio::test]
async fn a_task_that_cannot_be_opened_is_reported_without_asking_the_model() {
    let task_dir = tempfile::tempdir().unwrap();
    let task = task(task_dir.path());
    std::fs::write(&task.metric, "raise RuntimeError('no metric today')\n").unwrap();
    let process = Process::fresh(Stage::Validate);
    let report = validate(&process, &scripted([]), task).await;
    assert_eq!((report.best, report.submissions.len(), report.steps), (None, 0, 0));
    assert!(report.note.contains("no metric today"), "{}", report.note);
}
