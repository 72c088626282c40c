//! Requests that do not match their recording, and those that may differ.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;
use smith_llm::{
    ChatRequest, Connection, HttpRequest, HttpTransport, Lenient, LlmError, Message, ReplayTransport,
    ToolSpec,
};

use crate::recording::{player, recorder};
use crate::support::{Memory, ask, connected, echo, opening, options, says, tool_turn};

const SCORES: &str = "fold 1\nfold 2\nscore 0.81234567891 in 0.59s\nmodel <Net at 0x7f12ab34cd56>\n";

/// A conversation whose program printed `output`.
fn ran(output: &str) -> Vec<Message> {
    let mut messages = opening("Train a model.");
    messages.extend(tool_turn("c1", "run_python", output));
    messages
}

fn request(messages: Vec<Message>) -> ChatRequest {
    let tool = |name: &str| ToolSpec { name: name.into(), description: "d".into(), parameters: json!({}) };
    ChatRequest {
        messages,
        tools: vec![tool("run_python"), tool("finish")],
        temperature: Some(0.2),
        ..ChatRequest::default()
    }
}

/// Records one run of two requests.
async fn recorded() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.jsonl");
    let model = recorder(&file, &Memory::new(|_, request| Ok(echo(request))), false).model;
    for messages in [opening("Train a model."), ran(SCORES)] {
        model.complete(&request(messages)).await.unwrap();
    }
    (folder, file)
}

async fn drift(connection: &Connection, request: &ChatRequest, file: &std::path::Path) -> String {
    match connection.model.complete(request).await {
        Err(LlmError::Drift(text)) => text.replace(&file.display().to_string(), "RECORDING"),
        other => panic!("no drift: {other:?}"),
    }
}

#[tokio::test]
async fn noise_in_the_results_of_tools_is_no_drift() {
    let (_folder, file) = recorded().await;
    let replay = player(&file, "3.11", &[]);
    let noisy = "fold 1\nfold 2\nscore 0.81234567123 in 1.2 ms\nmodel <Net at 0x7fffffffffff>\n";
    let response = replay.model.complete(&request(ran(noisy))).await.unwrap();
    assert!(response.message.text().contains("0.81234567891"), "the recorded answer");
    assert_eq!(replay.drift.unwrap().count(), 0);
}

#[tokio::test]
async fn each_kind_of_drift_names_its_first_difference() {
    let (_folder, file) = recorded().await;
    let long = format!("{}score 0.9 was reached{}", "a line of output\n".repeat(40), " and more".repeat(60));
    let mut renamed = request(opening("Train a model."));
    renamed.tools[1].name = "stop".into();
    let mut redefined = request(opening("Train a model."));
    redefined.tools[1].description = "other words ".repeat(20);
    let mut reordered = request(opening("Train a model."));
    reordered.tools.swap(0, 1);
    let mut other_call = ran(SCORES);
    other_call[2] = tool_turn("c1", "finish", "").into_iter().next().unwrap();
    let mut hotter = request(opening("Train a model."));
    hotter.temperature = None;
    hotter.max_output_tokens = Some(100);
    let mut other_speaker = ran(SCORES);
    other_speaker[3] = Message::user(SCORES);
    let mut longer = ran(SCORES);
    longer.push(Message::user("Go on."));
    let mut shorter = opening("Train a model.");
    shorter.truncate(1);
    for (name, request) in [
        ("text_of_a_tool", request(ran(&SCORES.replace("0.8123", "0.8124")))),
        ("long_text", request(ran(&long))),
        ("system_prompt", request(vec![Message::system("You are vague."), Message::user("Train a model.")])),
        ("tools_renamed", renamed),
        ("tools_redefined", redefined),
        ("tools_reordered", reordered),
        ("other_call", request(other_call)),
        ("parameters", hotter),
        ("other_speaker", request(other_speaker)),
        ("longer_conversation", request(longer)),
        ("shorter_conversation", request(shorter)),
    ] {
        let text = drift(&player(&file, "3.11", &[]), &request, &file).await;
        insta::assert_snapshot!(name, text);
    }
}

#[tokio::test]
async fn an_empty_recording_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.jsonl");
    drop(recorder(&file, &Memory::new(|_, request| Ok(echo(request))), false));
    let text = drift(&player(&file, "3.11", &[]), &request(opening("x")), &file).await;
    assert!(text.contains("the recording holds no entry"), "{text}");
}

#[tokio::test]
async fn the_output_of_programs_may_differ_and_is_noted() {
    let (_folder, file) = recorded().await;
    let replay = player(&file, "3.12", &["run_python"]);
    let drift_log = replay.drift.clone().unwrap();
    replay.model.complete(&request(opening("Train a model."))).await.unwrap();
    assert_eq!((drift_log.count(), drift_log.first()), (0, None));
    let response = replay.model.complete(&request(ran("fold 1\nfold zwei\n"))).await.unwrap();
    assert!(response.message.text().contains("0.81234567891"), "the recorded answer");
    assert_eq!(drift_log.count(), 1);
    insta::assert_snapshot!("noted", drift_log.first().unwrap());
}

#[tokio::test]
async fn the_first_of_several_notes_is_kept() {
    let (_folder, file) = recorded().await;
    let model = recorder(&file, &Memory::new(|_, request| Ok(echo(request))), true).model;
    model.complete(&request(ran(SCORES))).await.unwrap();
    let replay = player(&file, "3.12", &["run_python"]);
    for output in ["one", "two"] {
        replay.model.complete(&request(ran(output))).await.unwrap();
    }
    let log = replay.drift.unwrap();
    assert_eq!(log.count(), 2);
    let first = log.first().unwrap();
    assert!(first.contains("\"one") && !first.contains("\"two"), "{first}");
}

#[tokio::test]
async fn leniency_ends_at_the_named_tools() {
    let (_folder, file) = recorded().await;
    let other_output = request(ran("other"));
    let text = drift(&player(&file, "3.11", &["read_file"]), &other_output, &file).await;
    assert!(text.contains("result of run_python") && !text.contains("environment"), "{text}");
    drift(&player(&file, "3.12", &["read_file"]), &other_output, &file).await;

    let mut other_prompt = ran("other");
    other_prompt[1] = Message::user("Train two models.");
    let text = drift(&player(&file, "3.12", &["run_python"]), &request(other_prompt), &file).await;
    insta::assert_snapshot!("elsewhere", text);
}

#[tokio::test]
async fn an_equal_request_is_preferred_to_a_lenient_match() {
    let (_folder, file) = recorded().await;
    let model = recorder(&file, &Memory::new(|_, request| Ok(echo(request))), true).model;
    model.complete(&request(ran("second"))).await.unwrap();
    let replay = player(&file, "3.12", &["run_python"]);
    let response = replay.model.complete(&request(ran("second"))).await.unwrap();
    assert_eq!(response.message.text(), "4 messages, last second");
    assert_eq!(replay.drift.as_ref().unwrap().count(), 0);
    let response = replay.model.complete(&request(ran("third"))).await.unwrap();
    assert!(response.message.text().contains("0.81234567891"), "the one that is left");
    assert!(ask(&replay.model, &ran("third")).await.is_err());
}

#[tokio::test]
async fn conversations_that_begin_alike_are_told_apart_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.jsonl");
    let named = |label: &str| ChatRequest { label: Some(label.into()), ..request(opening("Begin.")) };
    let count = std::sync::atomic::AtomicU32::new(0);
    let numbered = Memory::new(move |_, _| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(says(&format!("answer {number}")))
    });
    let model = recorder(&file, &numbered, false).model;
    for label in ["one", "two", "two"] {
        model.complete(&named(label)).await.unwrap();
    }
    let replay = player(&file, "3.11", &[]);
    // Asked in another order; of two answers to one request of one conversation the later was followed.
    for (label, answer) in [("two", "answer 2"), ("one", "answer 0")] {
        assert_eq!(replay.model.complete(&named(label)).await.unwrap().message.text(), answer);
    }
    let text = drift(&replay, &named("three"), &file).await;
    assert!(text.contains("given out already") || text.contains("another conversation"), "{text}");
}

#[tokio::test]
async fn an_entry_that_still_waits_is_the_closest() {
    let (_folder, file) = recorded().await;
    let model = recorder(&file, &Memory::new(|_, request| Ok(echo(request))), true).model;
    model.complete(&request(ran("second"))).await.unwrap();
    let replay = player(&file, "3.11", &[]);
    replay.model.complete(&request(ran(SCORES))).await.unwrap();
    let text = drift(&replay, &request(ran("third")), &file).await;
    assert!(text.contains("closest is entry 2") && text.contains("recorded: \"second\""), "{text}");
}

#[tokio::test]
async fn the_same_body_to_another_path_does_not_match() {
    let (_folder, file) = recorded().await;
    let sent = Memory::new(|_, request| Ok(echo(request)));
    connected(options(&sent)).model.complete(&request(opening("Train a model."))).await.unwrap();
    let elsewhere = HttpRequest { path: "/responses".into(), ..sent.requests()[0].clone() };
    let replay = ReplayTransport::open(&file, &BTreeMap::new(), &Lenient::default()).unwrap();
    let error = replay.execute(elsewhere).await.unwrap_err().to_string();
    assert!(
        error.contains("the call differs: recorded POST /chat/completions, now POST /responses"),
        "{error}"
    );
    assert!(replay.execute(sent.requests()[0].clone()).await.is_ok());
}
