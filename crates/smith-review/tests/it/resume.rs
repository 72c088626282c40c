//! A review that was cut short goes on without asking for an answer twice.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use smith_llm::{ChatRequest, ChatResponse};
use smith_task_schema::Event;
use smith_testkit::ScriptedModel;

use crate::support::{Known, PASSAGE, Place, Tape, points, submit};

/// A model that hands in nothing at first and a review when it is told so, in every pass.
fn model() -> Arc<ScriptedModel> {
    let answer = |request: &ChatRequest| -> ChatResponse {
        let first = request.messages.len() == 2;
        submit(if first { json!({"points": []}) } else { points("fail", &[PASSAGE]) })
    };
    Arc::new(ScriptedModel::respond(answer))
}

async fn wherever_it_is_stopped(passes: u32) {
    let place = Place::new();
    let whole = Arc::new(Tape::default());
    let report = place.process(&model(), passes, whole.clone(), Known::of(&[])).await.unwrap();
    assert_eq!((report.steps, report.passes, report.failing().count()), (2 * passes, passes, 7));
    let events = whole.events().len();
    assert_eq!(events, 8 * passes as usize, "of each pass two calls of the model and two of the tool");
    for room in 0..=events {
        let tape = Arc::new(Tape::with_room_for(room));
        // In the last round the process ends in order; what it knew then is everything.
        let _ = place.process(&model(), passes, tape.clone(), Known::of(&[])).await;
        let known = Known::of(&tape.events());
        let asked = 2 * passes as usize - known.answered();
        let model = model();
        let again = place.process(&model, passes, Arc::default(), known).await.unwrap();
        assert_eq!((again, model.requests().len()), (report.clone(), asked), "after {room} events");
    }
}

#[tokio::test]
async fn wherever_a_process_is_stopped_the_next_one_has_the_same_review() {
    wherever_it_is_stopped(1).await;
}

#[tokio::test]
async fn passes_side_by_side_are_resumed_one_by_one() {
    wherever_it_is_stopped(3).await;
}

#[tokio::test]
async fn every_pass_is_an_attempt_of_its_own() {
    let tape = Arc::new(Tape::default());
    Place::new().process(&model(), 3, tape.clone(), Known::of(&[])).await.unwrap();
    let keys: BTreeSet<_> = tape
        .events()
        .iter()
        .filter_map(|event| match event {
            Event::ModelCallFinished(call) => Some((call.key.attempt, call.key.step)),
            _ => None,
        })
        .collect();
    assert_eq!(keys.into_iter().collect::<Vec<_>>(), [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)]);
}
