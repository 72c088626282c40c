//! Scoring submissions with `metric.py`.

use std::path::PathBuf;

use smith_exec::{JobStatus, Score, ScorePhase, Scoring, testing};

use crate::sandbox::seconds;

const ANSWERS: &str = "id,species\n1,a\n2,b\n3,a\n";

/// A metric in the usual form around the given body of `evaluate`.
fn metric(evaluate: &str) -> String {
    format!(
        "import numpy as np\nimport pandas as pd\n\
         from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError\n\n\
         class FlowerMetrics(CompetitionMetrics):\n\
         \x20   def __init__(self, value: str = 'species', higher_is_better: bool = True):\n\
         \x20       super().__init__(higher_is_better)\n\
         \x20       self.value = value\n\n\
         \x20   def evaluate(self, y_true, y_pred):\n\
         \x20       {evaluate}\n\n\
         \x20   def validate_submission(self, submission, ground_truth):\n\
         \x20       if 'species' not in submission.columns:\n\
         \x20           raise InvalidSubmissionError('the column species is missing')\n\
         \x20       return 'Submission is valid.'\n"
    )
}

fn accuracy() -> String {
    metric("return float((y_true['species'] == y_pred['species']).mean())")
}

async fn score(metric: &str, submissions: &[&str]) -> Scoring {
    score_within(metric, submissions, 120).await
}

async fn score_within(metric: &str, submissions: &[&str], wall: u64) -> Scoring {
    let task = tempfile::tempdir().unwrap();
    let write = |name: String, text: &str| -> PathBuf {
        let path = task.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let metric = write("metric.py".into(), metric);
    let answers = write("test_answer.csv".into(), ANSWERS);
    let submissions: Vec<PathBuf> =
        submissions.iter().enumerate().map(|(n, text)| write(format!("submission_{n}.csv"), text)).collect();
    let runtime = testing::runtime().await.with_limits(seconds(wall));
    runtime.score(&metric, &answers, &submissions).await.unwrap()
}

/// The single score of a metric with this `evaluate`, for perfect answers.
async fn one(evaluate: &str) -> Score {
    let scoring = score(&metric(evaluate), &[ANSWERS]).await;
    assert_eq!(scoring.metric_error, None);
    scoring.scores.into_iter().next().unwrap()
}

/// The scores of a metric whose `evaluate` returns each of `values` in turn.
async fn returning(values: &[&str]) -> Vec<Score> {
    let cases: Vec<String> = values.iter().map(|value| format!("lambda: {value}")).collect();
    let source = metric(&format!("return [{}][y_pred['case'].iloc[0]]()", cases.join(", ")));
    let submissions: Vec<String> =
        (0..values.len()).map(|case| format!("id,species,case\n1,a,{case}\n")).collect();
    let submissions: Vec<&str> = submissions.iter().map(String::as_str).collect();
    let scoring = score(&source, &submissions).await;
    assert_eq!(scoring.metric_error, None);
    scoring.scores
}

#[tokio::test]
async fn a_valid_submission_gets_its_score() {
    let scoring = score(&accuracy(), &["id,species\n1,a\n2,b\n3,b\n"]).await;
    assert_eq!((scoring.status, scoring.metric_error), (JobStatus::Ok, None));
    assert_eq!(scoring.class_name.as_deref(), Some("FlowerMetrics"));
    assert_eq!(scoring.higher_is_better, Some(true));
    let [score] = &scoring.scores[..] else { panic!("{:?}", scoring.scores) };
    assert!(score.valid && score.error.is_none() && score.seconds > 0.0);
    assert_eq!((score.score, score.python_type.as_deref()), (Some(2.0 / 3.0), Some("float")));
    assert_eq!(score.validator_returned, None);
}

#[tokio::test]
async fn every_digit_arrives() {
    let values = ["0.1 + 0.2", "5e-324", "1.7976931348623157e308", "-2.2250738585072011e-308"];
    let scores: Vec<_> = returning(&values).await.into_iter().map(|score| score.score).collect();
    let expected = [0.1 + 0.2, 5e-324, f64::MAX, -2.225_073_858_507_201e-308];
    assert_eq!(scores, expected.map(Some));
}

#[tokio::test]
async fn only_an_exception_of_the_validator_rejects() {
    let scoring = score(&accuracy(), &["id,label\n1,a\n", ANSWERS]).await;
    let error = scoring.scores[0].error.as_ref().unwrap();
    assert_eq!((error.kind.as_str(), error.phase), ("InvalidSubmissionError", ScorePhase::Validate));
    assert_eq!(error.message, "the column species is missing");
    assert!(error.traceback.contains("File \"./metric.py\", line 1"), "{}", error.traceback);
    assert!(!scoring.scores[0].valid && scoring.scores[0].score.is_none());
    assert_eq!(scoring.scores[1].score, Some(1.0));
}

#[tokio::test]
async fn a_verdict_that_is_only_returned_is_noted() {
    for (returned, noted) in [
        ("False, 'duplicate ids'", Some(false)),
        ("False", Some(false)),
        ("True, ''", Some(true)),
        ("None", None),
    ] {
        let metric = accuracy().replace("return 'Submission is valid.'", &format!("return {returned}"));
        let score = &score(&metric, &[ANSWERS]).await.scores[0];
        assert_eq!((score.valid, score.validator_returned), (true, noted), "{returned}");
        assert_eq!(score.score, Some(1.0));
    }
}

#[tokio::test]
async fn numbers_that_are_not_finite_are_no_scores() {
    let scores = returning(&["float('nan')", "np.inf", "np.float64('-inf')"]).await;
    for (score, told) in scores.into_iter().zip(["nan", "inf", "-inf"]) {
        let error = score.error.unwrap();
        assert_eq!((error.kind.as_str(), error.phase), ("NonFiniteScore", ScorePhase::Evaluate));
        assert_eq!(error.message, format!("evaluate returned {told}"));
        assert!(score.valid && score.score.is_none());
    }
}

#[tokio::test]
async fn numpy_numbers_count_and_are_named() {
    let scores = returning(&["np.float32(0.5)", "np.int64(3)", "3"]).await;
    let names: Vec<_> = scores.iter().map(|score| score.python_type.as_deref().unwrap()).collect();
    assert_eq!(names, ["numpy.float32", "numpy.int64", "int"]);
    let values: Vec<_> = scores.iter().map(|score| score.score).collect();
    assert_eq!(values, [Some(0.5), Some(3.0), Some(3.0)]);
}

#[tokio::test]
async fn what_is_no_number_is_refused() {
    let values = ["True", "None", "'0.5'", "(0.5,)", "y_true", "np.array([0.5])", "np.bool_(True)", "1j"];
    for (score, value) in returning(&values).await.into_iter().zip(values) {
        assert_eq!(score.error.unwrap().kind, "NotANumber", "{value}");
        assert_eq!(score.score, None);
    }
}

#[tokio::test]
async fn a_crash_in_evaluate_is_told_from_a_bad_submission() {
    for (crash, kind) in [("1 / 0", "ZeroDivisionError"), ("raise SystemExit(0)", "SystemExit")] {
        let score = one(crash).await;
        let error = score.error.unwrap();
        assert_eq!((error.kind.as_str(), error.phase), (kind, ScorePhase::Evaluate));
        assert!(score.valid, "the validator had nothing against it");
    }
}

#[tokio::test]
async fn a_submission_that_pandas_cannot_read_is_named() {
    let scoring = score(&accuracy(), &["", "id,species\n1,\"a\n", ANSWERS]).await;
    let kinds: Vec<_> = scoring.scores.iter().map(|s| s.error.as_ref().map(|e| e.kind.as_str())).collect();
    assert_eq!(kinds, [Some("EmptyDataError"), Some("ParserError"), None]);
    let error = scoring.scores[0].error.as_ref().unwrap();
    assert_eq!(error.phase, ScorePhase::Read);
    assert!(error.message.starts_with("submission_0.csv: "), "{}", error.message);
    assert!(!scoring.scores[0].valid);
}

#[tokio::test]
async fn a_metric_that_cannot_be_used_says_why() {
    let needs_argument = accuracy().replace("value: str = 'species'", "value");
    for (source, told) in [
        ("x = 1\n", "defines no class derived from CompetitionMetrics"),
        ("def broken(:\n", "SyntaxError"),
        ("import no_such_module\n", "No module named 'no_such_module'"),
        ("raise ValueError('early')\n", "File \"./metric.py\", line 1"),
        (needs_argument.as_str(), "missing 1 required positional argument"),
        ("import os\nos._exit(0)\n", "ended before its result was written (exit code 0)"),
        ("import os\nos._exit(3)\n", "(exit code 3)"),
    ] {
        let scoring = score(source, &[ANSWERS]).await;
        let error = scoring.metric_error.unwrap();
        assert!(error.contains(told), "{error}");
        assert!(scoring.scores.is_empty());
    }
}

#[tokio::test]
async fn the_first_class_of_the_file_itself_counts() {
    let source = "from mledojo.metrics.base import CompetitionMetrics\n\
                  class Zeta(CompetitionMetrics):\n    pass\n\
                  class Alpha(CompetitionMetrics):\n\
                  \x20   def __init__(self): super().__init__(higher_is_better=False)\n\
                  \x20   def evaluate(self, y_true, y_pred): return 0.5\n\
                  \x20   def validate_submission(self, submission, ground_truth): pass\n";
    let scoring = score(source, &[ANSWERS]).await;
    assert_eq!(scoring.class_name.as_deref(), Some("Alpha"));
    assert_eq!(scoring.higher_is_better, Some(false));
}

#[tokio::test]
async fn a_metric_that_never_returns_is_stopped() {
    let source = metric("\n        while True: pass");
    let scoring = score_within(&source, &[ANSWERS], 4).await;
    assert_eq!(scoring.status, JobStatus::TimeoutWall);
    assert!(scoring.scores.is_empty() && scoring.metric_error.is_none());
}

#[tokio::test]
async fn submissions_do_not_influence_each_other() {
    // Spoils its tables and its instance in both methods; fresh ones make every call the first.
    let source = metric(
        "self.calls = getattr(self, 'calls', 0) + 1\n\
         \x20       score = float((y_true['species'] == y_pred['species']).mean()) * self.calls\n\
         \x20       y_true['species'] = 'z'\n\
         \x20       y_pred['species'] = 'z'\n\
         \x20       return score",
    )
    .replace("return 'Submission is valid.'", "ground_truth.drop(columns='species', inplace=True)");
    let worse = "id,species\n1,b\n2,b\n3,b\n";
    let scoring = score(&source, &[ANSWERS, worse, ANSWERS]).await;
    let scores: Vec<_> = scoring.scores.iter().map(|score| score.score).collect();
    assert_eq!(scores, [Some(1.0), Some(1.0 / 3.0), Some(1.0)]);
}

#[tokio::test]
async fn what_the_metric_prints_is_not_its_score() {
    let score = one("print('{\"score\": \"1.0\"}'); return 0.25").await;
    assert_eq!(score.score, Some(0.25));
}

#[tokio::test]
async fn messages_with_broken_characters_arrive() {
    let error = one("raise ValueError('\\ud800 bad')").await.error.unwrap();
    assert_eq!(error.message, "? bad");
}
