//! A review that was cut short goes on without asking for an answer twice.

use std::sync::Arc;

use serde_json::json;
use smith_llm::ChatResponse;

use crate::support::{Known, PASSAGE, Place, Tape, points, scripted, submit};

fn script() -> Vec<ChatResponse> {
    vec![submit(json!({"points": []})), submit(points("fail", &[PASSAGE]))]
}

#[tokio::test]
async fn wherever_a_process_is_stopped_the_next_one_has_the_same_review() {
    let place = Place::new();
    let whole = Arc::new(Tape::default());
    let report = place.process(&scripted(script()), whole.clone(), Known::of(&[])).await.unwrap();
    assert_eq!((report.steps, report.failing().count()), (2, 5));
    let events = whole.events().len();
    assert_eq!(events, 8, "two calls of the model and two of the tool");
    for room in 0..=events {
        let tape = Arc::new(Tape::with_room_for(room));
        // In the last round the process ends in order; what it knew then is everything.
        let _ = place.process(&scripted(script()), tape.clone(), Known::of(&[])).await;
        let known = Known::of(&tape.events());
        // A model that was answered is not asked again: the script holds only what is left.
        let model = scripted(script()[known.answered()..].to_vec());
        let asked = 2 - known.answered();
        let again = place.process(&model, Arc::default(), known).await.unwrap();
        assert_eq!((again, model.requests().len()), (report.clone(), asked), "after {room} events");
    }
}
