//! What becomes of a model call that fails for good.

use std::sync::Arc;

use smith_llm::{LlmError, MicroUsd};
use smith_task_schema::{Stage, StageEnd, StageError};
use smith_testkit::ScriptedModel;

use crate::support::{Process, kinds};

async fn after(error: LlmError) -> (Process, Result<smith_agents::LoopEnd, StageError>) {
    let process = Process::fresh(Stage::Refactor);
    let model = Arc::new(ScriptedModel::results([Err(error)]));
    let end = process.run(&model, 5).await;
    (process, end)
}

#[tokio::test]
async fn each_failure_has_its_kind_and_is_recorded() {
    let (process, end) = after(LlmError::Fault("the endpoint is down".to_owned())).await;
    let error = end.unwrap_err();
    assert!(matches!(error, StageError::Fault { stage: Stage::Refactor, .. }), "{error}");
    assert_eq!(error.to_string(), "refactor: the endpoint is down");
    assert_eq!(kinds(&process.tape.events()), ["model_call_started", "model_call_failed"]);

    let (_, end) = after(LlmError::Mistake("the key is refused".to_owned())).await;
    assert!(matches!(end, Err(StageError::Mistake(text)) if text == "the key is refused"));

    let (_, end) = after(LlmError::Drift("not in the recording".to_owned())).await;
    assert!(matches!(end, Err(StageError::Fault { .. })), "a replay that drifts says nothing of the task");

    let usd = MicroUsd;
    let spent = LlmError::BudgetReached { limit: usd(5), spent: usd(4), reserved: usd(0), needed: usd(2) };
    let (_, end) = after(spent).await;
    assert!(matches!(end, Err(StageError::BudgetReached(_))));
}

/// What the model wrote can make a server refuse a history; a first request holds nothing of it.
#[tokio::test]
async fn a_request_that_is_not_accepted_is_a_mistake_only_at_the_beginning() {
    let refused = || Err(LlmError::NotAccepted("bad arguments".to_owned()));
    let model = Arc::new(ScriptedModel::results([refused()]));
    let end = Process::fresh(Stage::Refactor).run(&model, 5).await;
    assert!(matches!(end, Err(StageError::Mistake(text)) if text == "bad arguments"));

    let first = smith_testkit::answer::call("list_directory", serde_json::json!({}));
    let model = Arc::new(ScriptedModel::results([Ok(first), refused()]));
    let end = Process::fresh(Stage::Refactor).run(&model, 5).await.unwrap();
    assert_eq!((end.end, end.note.as_str()), (StageEnd::StepsSpent, "bad arguments"));
}

/// They would come again with the same conversation, so the attempt is over and not the run.
#[tokio::test]
async fn a_full_window_and_a_refusal_end_the_attempt_alone() {
    for error in [LlmError::ContextLength("too long".to_owned()), LlmError::Refused("too bold".to_owned())] {
        let said = error.to_string();
        let (process, end) = after(error).await;
        let end = end.unwrap();
        assert!(end.end == StageEnd::StepsSpent && end.note.starts_with(&said), "{}", end.note);
        assert_eq!(process.tape.count("model_call_failed"), 1);
    }
}
