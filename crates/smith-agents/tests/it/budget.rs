//! The step budget is an exact number of model calls.

use serde_json::json;
use smith_task_schema::{Stage, StageEnd};
use smith_testkit::answer;

use crate::support::{Process, last_text, scripted};

fn looking() -> smith_llm::ChatResponse {
    answer::call("list_directory", json!({"path": "."}))
}

#[tokio::test]
async fn as_many_calls_are_made_as_the_budget_says_and_no_more() {
    for budget in [1, 2, 30] {
        let process = Process::fresh(Stage::Design);
        let model = scripted((0..budget).map(|_| looking()));
        let end = process.run(&model, budget).await.unwrap();
        assert_eq!(end.end, StageEnd::StepsSpent);
        assert_eq!(model.requests().len(), budget as usize);
        assert_eq!(process.tape.count("model_call_finished"), budget as usize);
        // The tools of the last answer are carried out too: they may be what completes the work.
        assert_eq!(process.tape.count("tool_call_finished"), budget as usize);
    }
}

#[tokio::test]
async fn the_last_call_of_the_budget_may_still_finish() {
    let process = Process::fresh(Stage::Design);
    let model = scripted([looking(), looking(), answer::text("All is done.")]);
    let end = process.run(&model, 3).await.unwrap();
    assert_eq!((end.end, end.note.as_str()), (StageEnd::Finished, "All is done."));
}

#[tokio::test]
async fn answers_that_do_not_count_use_up_steps_like_all_others() {
    let process = Process::fresh(Stage::Design);
    let model = scripted((0..4).map(|_| answer::text("")));
    assert_eq!(process.run(&model, 4).await.unwrap().end, StageEnd::StepsSpent);
    assert_eq!(model.requests().len(), 4);
}

#[tokio::test]
async fn the_model_is_told_once_that_few_steps_are_left() {
    let process = Process::fresh(Stage::Design);
    let model = scripted((0..6).map(|_| looking()));
    process.run(&model, 6).await.unwrap();
    let requests = model.requests();
    let warned: Vec<usize> =
        (0..6).filter(|&i| last_text(&requests[i]).contains("3 model calls left")).collect();
    assert_eq!(warned, [3], "three calls are left when the fourth is made");
}
