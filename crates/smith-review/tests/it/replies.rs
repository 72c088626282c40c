//! Whatever the model answers: it is told what is wrong, a few times, and then the review abstains.

use serde_json::{Value, json};
use smith_llm::{ChatResponse, LlmError, MicroUsd};
use smith_task_schema::{Criterion, Event, ReviewReport, ReviewVerdict, StageError};
use smith_testkit::{ScriptedModel, answer};
use std::sync::Arc;

use crate::support::{Known, Place, points, results, scripted, submit};

/// A review without its last point, with one twice, and so on.
fn changed(change: impl Fn(&mut Value)) -> ChatResponse {
    let mut arguments = points("pass", &[]);
    change(&mut arguments["points"]);
    submit(arguments)
}

#[tokio::test]
async fn a_malformed_review_comes_back_as_an_error_and_can_be_mended() {
    let drop_last = |points: &mut Value| drop(points.as_array_mut().unwrap().pop());
    let cases: Vec<(ChatResponse, &str)> = vec![
        (changed(drop_last), "leakage"),
        (changed(|points| points[0]["criterion"] = json!("metric")), "alignment, metric"),
        (changed(|points| points[0]["criterion"] = json!("style")), "style"),
        (changed(|points| points[0]["verdict"] = json!("maybe")), "maybe"),
        (changed(|points| points[0]["route"] = json!("validate")), "validate"),
        (changed(|points| points[0]["evidence"] = json!("a passage")), "a passage"),
        (changed(|points| points[0]["evidence"] = json!(["a passage"])), "a passage"),
        (changed(|points| points[0]["criterion"] = json!("usefulness")), "usefulness"),
        (changed(|points| drop(points[0].as_object_mut().unwrap().remove("reason"))), "reason"),
        (changed(|points| *points = json!([])), "[]"),
        (submit(json!({"review": "good"})), "points"),
        (answer::malformed_call("submit_review", "{\"points\": ["), "not valid JSON"),
        (answer::call("accept_task", json!({})), "submit_review"),
    ];
    for (wrong, part) in cases {
        let model = scripted([wrong, submit(points("pass", &[]))]);
        let report = Place::new().review(&model).await;
        let told = results(&model.requests()[1]);
        assert!(told.len() == 1 && told[0].is_error && told[0].content.contains(part), "{part}: {told:?}");
        assert_eq!((report.steps, report.points.len()), (2, Criterion::ALL.len()));
        assert!(report.points.iter().all(|point| point.verdict == ReviewVerdict::Pass));
    }
}

fn abstains(report: &ReviewReport) {
    let criteria: Vec<_> = report.points.iter().map(|point| point.criterion).collect();
    assert_eq!(criteria, Criterion::ALL);
    assert!(report.points.iter().all(|point| point.verdict == ReviewVerdict::CannotTell), "{report:?}");
}

#[tokio::test]
async fn a_reviewer_that_never_hands_in_a_review_could_not_tell() {
    let wrong = || submit(json!({"points": []}));
    let model = scripted([wrong(), wrong(), wrong(), wrong()]);
    let report = Place::new().review(&model).await;
    // The scripted model panics when it is asked a fifth time.
    assert_eq!((report.steps, model.requests().len()), (4, 4));
    abstains(&report);

    let model = scripted([answer::text("The task is good. APPROVED.")]);
    let report = Place::new().review(&model).await;
    assert_eq!(report.steps, 1);
    abstains(&report);
}

#[tokio::test]
async fn the_first_review_that_is_accepted_ends_the_conversation() {
    let both =
        answer::calls([("submit_review", json!({"points": []})), ("submit_review", points("pass", &[]))]);
    let report = Place::new().review(&scripted([both])).await;
    assert_eq!((report.steps, report.points.len()), (1, Criterion::ALL.len()));
}

#[tokio::test]
async fn faults_mistakes_and_a_spent_budget_are_no_reviews() {
    let (limit, spent) = (MicroUsd(5), MicroUsd(4));
    let budget = LlmError::BudgetReached { limit, spent, reserved: MicroUsd(0), needed: MicroUsd(2) };
    for (error, kind) in [
        (LlmError::Fault("down".into()), "fault"),
        (LlmError::Mistake("no key".into()), "mistake"),
        (budget, "budget"),
    ] {
        let model = Arc::new(ScriptedModel::results([Err(error)]));
        let tape = Arc::default();
        let failed = Place::new().process(&model, 1, Arc::clone(&tape), Known::of(&[])).await.unwrap_err();
        let found = match failed {
            StageError::Fault { .. } => "fault",
            StageError::Mistake(_) => "mistake",
            StageError::BudgetReached(_) => "budget",
            other => panic!("{other}"),
        };
        assert_eq!(found, kind);
        let last = tape.events().pop();
        assert!(matches!(last, Some(Event::ModelCallFailed { .. })), "{last:?}");
    }
}
