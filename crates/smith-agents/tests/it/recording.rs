//! Every event is recorded before it is acted on.

use serde_json::json;
use smith_llm::ChatResponse;
use smith_task_schema::{Event, Stage, StageError};
use smith_testkit::answer;

use crate::support::{Known, Process, Tape, kinds, scripted, told, write_file};

/// Writes `a`, then lets a program make `b`, then says that it is done.
fn script() -> Vec<ChatResponse> {
    vec![
        write_file("a", "by a tool\n"),
        answer::call("run_shell", json!({"command": "echo by a program > b"})),
        answer::text("Done."),
    ]
}

const EVENTS: [&str; 10] = [
    "model_call_started",
    "model_call_finished",
    "tool_call_started",
    "tool_call_finished",
    "model_call_started",
    "model_call_finished",
    "tool_call_started",
    "tool_call_finished",
    "model_call_started",
    "model_call_finished",
];

#[tokio::test]
async fn nothing_is_done_that_could_not_be_recorded() {
    for room in 0..=EVENTS.len() {
        let process = Process::new(Stage::Design, Tape::with_room_for(room), Known::nothing());
        let model = scripted(script());
        let end = process.run(&model, 5).await;
        assert_eq!(kinds(&process.tape.events()), EVENTS[..room]);
        if room < EVENTS.len() {
            assert!(matches!(end, Err(StageError::Record(_))), "room for {room}: {end:?}");
        }
        assert_eq!(model.requests().len(), process.tape.count("model_call_started"), "room for {room}");
        let carried_out = usize::from(process.has("a")) + usize::from(process.has("b"));
        assert_eq!(carried_out, process.tape.count("tool_call_started"), "room for {room}");
    }
}

#[tokio::test]
async fn a_journal_tells_the_whole_conversation_without_repeating_it() {
    let process = Process::fresh(Stage::Design);
    let mut answers = script();
    answers.insert(1, answer::calls([("list_directory", json!({"path": "."})), ("nothing", json!({}))]));
    let model = scripted(answers);
    process.run(&model, 5).await.unwrap();
    let (events, requests) = (process.tape.events(), model.requests());
    let last = requests.last().unwrap();
    assert_eq!(told(&events), last.messages);

    let calls = events.iter().filter_map(|event| match event {
        Event::ModelCallFinished(call) => Some(call),
        _ => None,
    });
    for (step, call) in (1..).zip(calls) {
        let request = &requests[step as usize - 1];
        assert_eq!((call.key.stage, call.key.attempt, call.key.step), (Stage::Design, 1, step));
        assert_eq!(call.fingerprint, request.fingerprint());
        let once = step == 1;
        assert_eq!(call.appended.get("tools").is_some(), once, "tools stand in the first call alone");
        assert_eq!(call.appended.get("temperature").is_some(), once);
    }
}
