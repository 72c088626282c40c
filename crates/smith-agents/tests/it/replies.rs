//! Whatever a model writes, something that it can act on comes back, and the run goes on to its end.

use serde_json::json;
use smith_llm::{ChatResponse, FinishReason};
use smith_task_schema::{Stage, StageEnd};
use smith_testkit::answer;

use crate::support::{Process, last_result, last_text, read, scripted};

fn cut_off(mut answer: ChatResponse) -> ChatResponse {
    answer.finish = FinishReason::Length;
    answer
}

#[tokio::test]
async fn wrong_calls_come_back_as_errors_of_their_tool() {
    for (what, wrong, says) in [
        ("unknown tool", answer::call("open_file", json!({"path": "a"})), "no tool \"open_file\""),
        ("malformed arguments", answer::malformed_call("write_file", "{\"path\": \"a"), "not valid JSON"),
        ("missing argument", answer::call("write_file", json!({"path": "a"})), "\"content\" is a required"),
        (
            "path outside",
            answer::call("read_file", json!({"path": "../a"})),
            "leads out of your work directory",
        ),
        (
            "absolute path",
            answer::call("write_file", json!({"path": "/etc/x", "content": ""})),
            "is an absolute path",
        ),
        (
            "dataset changed",
            answer::call("write_file", json!({"path": "raw/ponds.csv", "content": ""})),
            "must not be changed",
        ),
        (
            "cut off in a call",
            cut_off(answer::malformed_call("run_python", "{\"code\": \"pri")),
            "not valid JSON",
        ),
    ] {
        let process = Process::fresh(Stage::Design);
        let model = scripted([wrong, answer::text("Understood.")]);
        let end = process.run(&model, 5).await.unwrap();
        assert_eq!((end.end, end.note.as_str()), (StageEnd::Finished, "Understood."), "{what}");
        let reply = last_result(&model.requests()[1]);
        assert!(reply.is_error && reply.content.contains(says), "{what}: {}", reply.content);
        assert_eq!(process.tape.count("tool_call_finished"), 1, "{what}");
        assert_eq!(read(&process.path("raw/ponds.csv")), "pond,frogs\n1,yes\n2,no\n", "{what}");
    }
}

#[tokio::test]
async fn answers_that_end_nothing_are_answered() {
    for (what, answer, says) in [
        ("empty", answer::text(""), "neither text nor a tool call"),
        ("blank", answer::text(" \n"), "neither text nor a tool call"),
        ("cut off", cut_off(answer::text("Next I shall")), "was cut off"),
        ("cut off before the first word", cut_off(answer::text("")), "was cut off"),
    ] {
        let process = Process::fresh(Stage::Design);
        let model = scripted([answer, answer::text("Done.")]);
        let end = process.run(&model, 5).await.unwrap();
        assert_eq!((end.end, end.note.as_str()), (StageEnd::Finished, "Done."), "{what}");
        let requests = model.requests();
        assert!(last_text(&requests[1]).contains(says), "{what}: {}", last_text(&requests[1]));
    }
}

#[tokio::test]
async fn one_wrong_call_among_several_does_not_hold_up_the_others() {
    let process = Process::fresh(Stage::Design);
    let model = scripted([
        answer::calls([
            ("write_file", json!({"path": "a", "content": "1"})),
            ("erase_all", json!({})),
            ("write_file", json!({"path": "b", "content": "2"})),
        ]),
        answer::text("Done."),
    ]);
    process.run(&model, 5).await.unwrap();
    assert_eq!((read(&process.path("a")), read(&process.path("b"))), ("1".to_owned(), "2".to_owned()));
}
