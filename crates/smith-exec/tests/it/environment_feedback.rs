//! The feedback modes `validation` and `none`: what is told, and that nothing else is.

use std::fs;

use serde_json::json;
use smith_exec::environment::{Environment, FeedbackMode, Observation};
use smith_exec::{ExecError, testing};

use crate::environment_fixture::{Fixture, METRIC, error_type};

pub(crate) const ROWS: usize = 41;

fn truth(row: usize) -> &'static str {
    ["adelie", "gentoo", "chinstrap"][row * row % 7 % 3]
}

/// `right` decides which rows are predicted as they are.
pub(crate) fn rows(right: impl Fn(usize) -> bool) -> String {
    let name = |row: usize| if right(row) { truth(row) } else { "nothing" };
    (0..ROWS).map(|row| format!("p{row},{}\n", name(row))).collect()
}

pub(crate) fn code(right: impl Fn(usize) -> bool) -> String {
    format!("open('submission.csv', 'w').write({:?})", format!("id,species\n{}", rows(right)))
}

/// A task whose shares of right rows have long decimals, so that a score can be looked for in texts.
pub(crate) fn fixture(metric: &str) -> Fixture {
    let fixture = Fixture::with_metric(metric);
    fs::write(fixture.task.test_answer(), format!("id,species\n{}", rows(|_| true))).unwrap();
    let sample: String = (0..ROWS).map(|row| format!("p{row},adelie\n")).collect();
    fs::write(fixture.task.sample_submission(), format!("id,species\n{sample}")).unwrap();
    fixture
}

async fn try_open(
    fixture: &Fixture,
    feedback: FeedbackMode,
    seed: Option<u64>,
) -> Result<Environment, ExecError> {
    let mut config = fixture.config();
    config.feedback = feedback;
    config.seed = seed;
    Environment::open(testing::runtime().await, config).await
}

async fn open(fixture: &Fixture, feedback: FeedbackMode) -> Environment {
    try_open(fixture, feedback, Some(5)).await.unwrap()
}

/// Everything of an observation that can reach an agent.
fn all_of(observation: &Observation) -> String {
    observation.to_text() + &serde_json::to_string(observation).unwrap()
}

/// Whether a number is in a text, in any of the forms in which scores are written.
pub(crate) fn has_number(text: &str, number: f64) -> bool {
    let is_part = |c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | 'e'));
    text.split(is_part).filter_map(|word| word.parse::<f64>().ok()).any(|found| (found - number).abs() < 1e-5)
}

#[tokio::test]
async fn validation_shows_one_part_and_counts_the_other() {
    let fixture = fixture(METRIC);
    let mut environment = open(&fixture, FeedbackMode::validation()).await;
    let mut seen = String::new();
    let mut shown = Vec::new();
    let whole = |right: fn(usize) -> bool| (0..ROWS).filter(|row| right(*row)).count() as f64 / ROWS as f64;
    let predictions: [fn(usize) -> bool; 3] = [|row| row % 4 != 0, |row| row % 7 != 0, |row| row % 2 != 0];
    for right in predictions {
        let observation = fixture.execute(&mut environment, &code(right)).await;
        let score = observation.current_raw_score.unwrap_or_else(|| panic!("{}", observation.feedback));
        assert!(observation.feedback.contains("\nValidation Score: "), "{}", observation.feedback);
        assert!(!observation.feedback.contains("Raw Score"), "{}", observation.feedback);
        shown.push(score);
        seen += &all_of(&observation);
    }
    for name in ["get_history", "request_info"] {
        seen += &all_of(&fixture.act(&mut environment, name, json!({"info_type": "all"})).await);
    }
    seen += &serde_json::to_string(environment.history()).unwrap().replace(&rows(|_| true), "");
    let score = environment.finish().await.unwrap();
    let (best, last) = (score.submission.unwrap(), score.last.unwrap());
    assert_eq!((best.step, last.step), (2, 3));
    assert_eq!((best.validation_score, last.validation_score), (Some(shown[1]), Some(shown[2])));
    // 20 or 21 rows are in each part, and the two scores make up the whole one.
    for (submission, right) in [(&best, predictions[1]), (&last, predictions[2])] {
        let (validation, test) = (submission.validation_score.unwrap(), submission.score.unwrap());
        let together = (validation * 21.0 + test * 20.0, validation * 20.0 + test * 21.0);
        let all = whole(right) * ROWS as f64;
        assert!((together.0 - all).abs() < 1e-9 || (together.1 - all).abs() < 1e-9, "{submission:?}");
        for hidden in [test, whole(right)] {
            assert!(shown.iter().all(|shown| (shown - hidden).abs() > 1e-5), "choose other predictions");
            assert!(!has_number(&seen, hidden), "{hidden} in {seen}");
        }
    }
}

#[tokio::test]
async fn equal_seeds_divide_equally() {
    let fixture = fixture(METRIC);
    let mut scores = Vec::new();
    for seed in [Some(1), Some(1), Some(2), Some(3), Some(4)] {
        let mut environment = try_open(&fixture, FeedbackMode::validation(), seed).await.unwrap();
        let observation = fixture.execute(&mut environment, &code(|row| row < 20)).await;
        scores.push(observation.current_raw_score.unwrap());
    }
    assert_eq!(scores[0], scores[1]);
    assert!(scores[2..].iter().any(|score| *score != scores[0]), "{scores:?}");
}

#[tokio::test]
async fn without_feedback_no_score_is_told_and_the_last_counts() {
    let fixture = fixture(METRIC);
    let mut environment = open(&fixture, FeedbackMode::None).await;
    let mut seen = String::new();
    for divisor in [4, 7, 2] {
        let right = |row: usize| !row.is_multiple_of(divisor);
        let observation = fixture.execute(&mut environment, &code(right)).await;
        assert_eq!(observation.result["submission"], json!({"status": "SUCCESS"}));
        assert!(observation.feedback.contains("The submission is valid."), "{}", observation.feedback);
        let numbers = (observation.current_raw_score, observation.best_raw_score, observation.improvement);
        assert_eq!(numbers, (None, None, None));
        seen += &all_of(&observation);
    }
    let invalid =
        fixture.execute(&mut environment, "open('submission.csv', 'w').write('id,species\\np0,a\\n')").await;
    assert_eq!(error_type(&invalid), "InvalidSubmissionError");
    seen += &all_of(&fixture.act(&mut environment, "get_history", json!({})).await);
    seen += &serde_json::to_string(environment.history()).unwrap();
    assert_eq!(environment.best(), None);
    let score = environment.finish().await.unwrap();
    let submission = score.submission.unwrap();
    assert_eq!((submission.step, submission.score), (3, Some(20.0 / 41.0)));
    for hidden in [20.0 / 41.0, 30.0 / 41.0, 35.0 / 41.0] {
        assert!(!has_number(&seen, hidden), "{hidden} in {seen}");
    }
}

/// A metric that says its score, and something of the rows it has seen, wherever it can.
const TALKATIVE: &str = r#"
from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError


class TalkativeMetrics(CompetitionMetrics):
    def evaluate(self, y_true, y_pred):
        score = float((y_true["species"] == y_pred["species"]).mean())
        first = y_pred["species"].iloc[0]
        if "crash" in set(y_pred["species"]):
            raise ValueError(f"scored {score} over {len(y_true)} rows from {y_true['id'].iloc[0]}")
        if "invalid" in set(y_pred["species"]):
            raise InvalidSubmissionError(f"scored {score} over {len(y_true)} rows from {y_true['id'].iloc[0]}")
        if "small" in set(y_pred["species"]) and len(y_true) < 30:
            raise ValueError(f"scored {score} over {len(y_true)} rows from {y_true['id'].iloc[0]}")
        return score

    def validate_submission(self, submission, ground_truth):
        if "refuse" in set(submission["species"]):
            raise InvalidSubmissionError(f"refuse is no species ({len(ground_truth)} rows)")
"#;

#[tokio::test]
async fn what_a_metric_says_betrays_neither_scores_nor_parts() {
    let fixture = fixture(TALKATIVE);
    for feedback in [FeedbackMode::validation(), FeedbackMode::None] {
        let mut environment = open(&fixture, feedback).await;
        for (word, kind) in
            [("crash", "EvaluationError"), ("invalid", "EvaluationError"), ("small", "EvaluationError")]
        {
            if word == "small" && feedback == FeedbackMode::None {
                continue;
            }
            let everywhere = code(|row| row % 3 != 0).replace("nothing", word);
            let observation = fixture.execute(&mut environment, &everywhere).await;
            assert_eq!(error_type(&observation), kind, "{word}");
            let text = all_of(&observation);
            for secret in ["scored", " rows", "p0"] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
        }
        // The validator sees the whole submission, so that its words say nothing of the parts.
        let refused =
            fixture.execute(&mut environment, &code(|row| row > 0).replace("nothing", "refuse")).await;
        assert_eq!(error_type(&refused), "InvalidSubmissionError");
        assert_eq!(refused.result["submission"]["error"], "refuse is no species (41 rows)");
        assert_eq!(environment.finish().await.unwrap().submission, None);
    }
}

async fn refusal(fixture: &Fixture, share: f64) -> String {
    match try_open(fixture, FeedbackMode::Validation { share }, None).await {
        Err(error @ ExecError::Mistake(_)) => error.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the mode was taken"),
    }
}

#[tokio::test]
async fn validation_is_refused_where_it_cannot_work() {
    let fixture_of_four = Fixture::new();
    assert!(refusal(&fixture_of_four, 0.5).await.contains("its 4 ids cannot be divided"));
    for share in [0.0, 1.0, -1.0, f64::NAN] {
        assert!(refusal(&fixture(METRIC), share).await.contains("above 0 and below 1"));
    }
    let stranger = fixture(METRIC);
    fs::write(stranger.task.sample_submission(), "id,species\nx,adelie\n").unwrap();
    assert!(refusal(&stranger, 0.5).await.contains("sample_submission.csv: the id \"x\" is unknown"));
    let whole_only = METRIC.replace(
        "        first = y_pred",
        "        if len(y_true) < 30:\n            raise ValueError('too few rows')\n        first = y_pred",
    );
    let told = refusal(&fixture(&whole_only), 0.5).await;
    assert!(told.contains("cannot score the sample submission on the validation part"), "{told}");
    assert!(told.contains("(ValueError; the log says more)") && !told.contains("too few rows"), "{told}");
    assert!(told.contains("use `test` or `none`"), "{told}");
}

#[tokio::test]
async fn the_parts_are_not_where_scripts_look_and_go_with_the_session() {
    let fixture = fixture(METRIC);
    let mut environment = open(&fixture, FeedbackMode::validation()).await;
    let session = fixture.dir.path().join("work/session-1");
    let parts = || {
        fs::read_dir(&session)
            .unwrap()
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("smith-parts-"))
    };
    assert_eq!(parts().count(), 1);
    let listing = fixture.execute(&mut environment, "import os\nprint(sorted(os.listdir('.')))").await;
    assert!(listing.feedback.contains("\n['public']\n"), "{}", listing.feedback);
    drop(environment);
    assert_eq!(parts().count(), 0);
}
