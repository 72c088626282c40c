//! Two small tasks, made of rows of a formula: which ponds have frogs, and how many.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::endpoint::{Endpoint, Reply};
use crate::model::{NAME, Turn, completion};

/// What a model does: ask, submit a rule that is right, say a last word.
pub(crate) const RULE: &str = "import pandas as pd\ntest = pd.read_csv('public/test.csv')\n\
    sample = pd.read_csv('public/sample_submission.csv')\n\
    sample[sample.columns[1]] = (test['depth'] > 5).astype(int) * (7 if 'count' in sample else 1)\n\
    sample.to_csv('submission.csv', index=False)\n";

fn metric(score: &str, higher: bool) -> String {
    let direction = if higher { "True" } else { "False" };
    format!(
        "from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError\n\n\n\
         class PondMetrics(CompetitionMetrics):\n\
         \x20   def __init__(self, value='ponds', higher_is_better={direction}):\n\
         \x20       super().__init__(higher_is_better)\n\
         \x20       self.value = value\n\n\
         \x20   def evaluate(self, y_true, y_pred):\n\
         \x20       a, b = y_true.iloc[:, 1].to_numpy(), y_pred.iloc[:, 1].to_numpy()\n\
         \x20       return float({score})\n\n\
         \x20   def validate_submission(self, submission, ground_truth):\n\
         \x20       if list(submission.columns) != list(ground_truth.columns):\n\
         \x20           raise InvalidSubmissionError('columns')\n"
    )
}

/// Writes the tasks `frogs` (accuracy) and `count` (absolute error) into a folder.
pub(crate) fn tasks(folder: &Path) -> PathBuf {
    for (name, score, higher, answer) in
        [("frogs", "(a == b).mean()", true, 1), ("count", "abs(a - b).mean()", false, 7)]
    {
        let root = folder.join(name);
        let row = |pond: u32| (pond, pond * 7 % 11, u32::from(pond * 7 % 11 > 5) * answer);
        let mut files = [
            format!("pond,depth,{name}\n"),
            "pond,depth\n".to_owned(),
            format!("pond,{name}\n"),
            format!("pond,{name}\n"),
        ];
        for (pond, depth, found) in (1..=90).map(row) {
            files[0] += &format!("{pond},{depth},{found}\n");
        }
        for (pond, depth, found) in (91..=130).map(row) {
            files[1] += &format!("{pond},{depth}\n");
            files[2] += &format!("{pond},0\n");
            files[3] += &format!("{pond},{found}\n");
        }
        std::fs::create_dir_all(root.join("public")).unwrap();
        std::fs::create_dir_all(root.join("private")).unwrap();
        let places = [
            "public/train.csv",
            "public/test.csv",
            "public/sample_submission.csv",
            "private/test_answer.csv",
        ];
        for (place, text) in places.iter().zip(&files) {
            std::fs::write(root.join(place), text).unwrap();
        }
        std::fs::write(root.join("description.txt"), format!("Predict {name} of ponds by their depth."))
            .unwrap();
        std::fs::write(root.join("prepare.py"), "").unwrap();
        std::fs::write(root.join("metric.py"), metric(score, higher)).unwrap();
    }
    folder.to_path_buf()
}

/// An endpoint that solves both tasks in three calls.
pub(crate) fn endpoint(delay: std::time::Duration) -> Endpoint {
    Endpoint::start(delay, |request| Reply { status: 200, body: answer(&request.body) })
}

fn answer(request: &Value) -> Value {
    let messages = request["messages"].as_array().unwrap();
    let step = messages.iter().filter(|message| message["role"] == "assistant").count();
    let turn = match step {
        0 => Turn::Calls(vec![("request_info", json!({"info_type": "overview"}))]),
        1 => Turn::Calls(vec![("execute_code", json!({"code": RULE}))]),
        _ => Turn::Text("Deep ponds have frogs."),
    };
    completion(request, step, turn)
}

/// For `--model`.
pub(crate) fn model() -> String {
    format!("openai-compatible:{NAME}")
}
