//! An attempt that was cut short at any event goes on where it was, without asking for an answer twice.

use serde_json::json;
use smith_llm::{ChatRequest, ChatResponse};
use smith_task_schema::{Event, Stage, StageEnd, hash};
use smith_testkit::answer;

use crate::support::{Known, Process, Tape, last_result, scripted, told, write_file};

const STEPS: u32 = 8;

/// Several calls in one answer, errors, and steps that build upon what earlier ones left.
fn script() -> Vec<ChatResponse> {
    vec![
        answer::calls([
            ("write_file", json!({"path": "a", "content": "one\n"})),
            ("read_file", json!({"path": "raw/ponds.csv"})),
            ("no_such_tool", json!({})),
        ]),
        answer::text(""),
        answer::call("run_shell", json!({"command": "cat a >> b; wc -l raw/ponds.csv >> b; cat b"})),
        answer::call("edit_file", json!({"path": "a", "old": "one", "new": "two"})),
        answer::call("run_python", json!({"code": "open('c', 'w').write(open('a').read() * 2)"})),
        answer::text("Done."),
    ]
}

/// The requests that answer the steps after the first `answered`.
fn rest(answers: &[ChatResponse], answered: usize) -> Vec<ChatResponse> {
    answers[answered..].to_vec()
}

#[tokio::test]
async fn wherever_a_process_is_stopped_the_next_one_goes_on_as_if_nothing_had_been() {
    let whole = Process::fresh(Stage::Design);
    let model = scripted(script());
    assert_eq!(whole.run(&model, STEPS).await.unwrap().end, StageEnd::Finished);
    let (files, requests) = (hash::tree(whole.dir.path()).unwrap(), model.requests());
    let events = whole.tape.events().len();
    assert!(events > 15);

    for room in 0..=events {
        let first = Process::new(Stage::Design, Tape::with_room_for(room), Known::nothing());
        // In the last round the process ends in order; what it knew then is everything.
        let _ = first.run(&scripted(script()), STEPS).await;
        let known = Known::of(&first.tape.events());
        let answered = known.answered();

        let second = Process::new(Stage::Design, std::sync::Arc::default(), known);
        let model = scripted(rest(&script(), answered));
        let end = second.run(&model, STEPS).await.unwrap();

        assert_eq!((end.end, end.note.as_str()), (StageEnd::Finished, "Done."), "after {room} events");
        assert_eq!(model.requests(), requests[answered..], "after {room} events");
        assert_eq!(hash::tree(second.dir.path()).unwrap(), files, "after {room} events");
        let twice = second.tape.events().iter().any(|event| match event {
            Event::ToolCallFinished(call) => known_tool(&first.tape.events(), call),
            _ => false,
        });
        assert!(!twice, "after {room} events a tool result was recorded again");
    }
}

fn known_tool(events: &[Event], call: &smith_task_schema::ToolCall) -> bool {
    events.iter().any(|event| matches!(event, Event::ToolCallFinished(known) if known.key == call.key && known.id == call.id))
}

/// A program that is run again may print something else; the model must not be told another story.
#[tokio::test]
async fn the_model_is_shown_again_what_it_was_shown_and_not_what_a_second_run_prints() {
    let random = || answer::call("run_shell", json!({"command": "od -An -N8 -tx8 /dev/urandom | tee drawn"}));
    let first = Process::new(Stage::Design, Tape::with_room_for(4), Known::nothing());
    first.run(&scripted([random()]), STEPS).await.unwrap_err();
    let events = first.tape.events();
    let Some(Event::ToolCallFinished(shown)) = events.last() else { panic!("{events:?}") };

    let second = Process::new(Stage::Design, std::sync::Arc::default(), Known::of(&events));
    let model = scripted([answer::text("Done.")]);
    second.run(&model, STEPS).await.unwrap();
    let request: &ChatRequest = &model.requests()[0];
    assert_eq!(last_result(request).content, shown.output);
    assert!(second.has("drawn"), "the program ran again, for what it leaves behind");

    let both: Vec<Event> = events.into_iter().chain(second.tape.events()).collect();
    assert_eq!(told(&both), request.messages, "the journals of both tell one conversation");
}

/// Some endpoints number the calls of each answer alike.
#[tokio::test]
async fn calls_with_equal_identifiers_keep_their_own_results() {
    let mut twins = answer::calls([
        ("write_file", json!({"path": "a", "content": "1"})),
        ("write_file", json!({"path": "b", "content": "22"})),
    ]);
    for part in &mut twins.message.parts {
        if let smith_llm::Part::ToolCall(call) = part {
            call.id = "0".to_owned();
        }
    }
    // The conversation check of the scripted model refuses equal identifiers, so the model is not asked again.
    let first = Process::fresh(Stage::Design);
    first.run(&scripted([twins]), 1).await.unwrap();
    let events = first.tape.events();
    let second = Process::new(Stage::Design, std::sync::Arc::default(), Known::of(&events[..4]));
    second.run(&scripted([]), 1).await.unwrap();
    let Some(Event::ToolCallFinished(result)) = second.tape.events().pop() else {
        panic!("nothing was done")
    };
    assert_eq!(result.output, "Wrote b (1 lines, 2 bytes).");
    assert_eq!(second.tape.count("tool_call_finished"), 1, "only the second call was still open");
}

#[tokio::test]
async fn an_answer_to_another_request_is_not_recalled() {
    let first = Process::fresh(Stage::Design);
    first.run(&scripted([write_file("a", "1"), answer::text("Done.")]), STEPS).await.unwrap();
    let mut events = first.tape.events();
    for event in &mut events {
        if let Event::ModelCallFinished(call) = event {
            call.fingerprint = "of something else".to_owned();
        }
    }
    let second = Process::new(Stage::Design, std::sync::Arc::default(), Known::of(&events));
    let model = scripted([answer::text("Nothing to do.")]);
    let end = second.run(&model, STEPS).await.unwrap();
    assert_eq!(end.note, "Nothing to do.");
    assert!(!second.has("a"));
}
