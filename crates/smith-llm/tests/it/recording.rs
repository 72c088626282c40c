//! A run is recorded and played again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use smith_llm::{
    ChatModel, ChatRequest, ConnectOptions, Connection, Effort, HttpRequest, Lenient, LlmError, Message,
    MicroUsd, Reasoning, RecordingInfo, Secret, connect, header_of,
};

use crate::support::{Memory, PLANTED_KEY, ask, connected, echo, http, opening, options, says, tool_turn};

pub(crate) fn info(python: &str) -> RecordingInfo {
    let environment = BTreeMap::from([("python".to_owned(), python.to_owned())]);
    RecordingInfo { program: "smith 0.1.0".into(), environment, ..RecordingInfo::default() }
}

pub(crate) fn recorder(file: &Path, transport: &Arc<Memory>, append: bool) -> Connection {
    connected(recording_options(file, transport, append))
}

fn recording_options(file: &Path, transport: &Arc<Memory>, append: bool) -> ConnectOptions {
    ConnectOptions {
        record: Some(file.to_owned()),
        record_append: append,
        recording_info: info("3.11"),
        api_key: Some(Secret::new(PLANTED_KEY)),
        ..options(transport)
    }
}

pub(crate) fn player(file: &Path, python: &str, lenient_tools: &[&str]) -> Connection {
    let options = ConnectOptions {
        recording_info: info(python),
        lenient: Lenient {
            tools: lenient_tools.iter().map(|&tool| tool.to_owned()).collect(),
            ..Lenient::default()
        },
        ..ConnectOptions::default()
    };
    connect(&format!("replay:{}", file.display()).parse().unwrap(), options).unwrap()
}

/// A run with a budget bounds its answers; its replay has none to keep.
#[tokio::test]
async fn the_bound_of_an_answer_is_no_difference_and_the_effort_is_kept() {
    let (_folder, file) = temporary();
    let transport = Memory::new(|_, request| Ok(echo(request)));
    let mut options = recording_options(&file, &transport, false);
    options.recording_info.effort = Some(Effort::Low);
    let request = ChatRequest {
        messages: opening("hi"),
        reasoning: Some(Reasoning::Effort(Effort::Low)),
        ..ChatRequest::default()
    };
    let bounded = ChatRequest { max_output_tokens: Some(9), ..request.clone() };
    let said = connected(options).model.complete(&bounded).await.unwrap();
    assert_eq!(header_of(&file).unwrap().info.effort, Some(Effort::Low));
    let player = player(&file, "3.11", &[]);
    assert_eq!(player.model.complete(&request).await.unwrap().message, said.message);
    let other = ChatRequest { reasoning: None, ..request };
    assert!(player.model.complete(&other).await.is_err(), "the effort is a difference");
}

fn temporary() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.jsonl");
    (folder, file)
}

fn lines(file: &Path) -> Vec<Value> {
    std::fs::read_to_string(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The conversation of one worker up to a turn.
fn conversation(worker: usize, turns: usize) -> Vec<Message> {
    let mut messages = opening(&format!("worker {worker}"));
    for turn in 0..turns {
        messages.extend(tool_turn(&format!("c{turn}"), "run", &format!("output {worker} {turn}")));
    }
    messages
}

/// Has several workers hold their conversations side by side; gives what each heard.
async fn work(model: &Arc<dyn ChatModel>) -> Vec<Vec<String>> {
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..6 {
        let model = Arc::clone(model);
        workers.spawn(async move {
            let mut heard = Vec::new();
            for turns in 0..5 {
                heard.push(ask(&model, &conversation(worker, turns)).await.unwrap().message.text());
                tokio::task::yield_now().await;
            }
            (worker, heard)
        });
    }
    let mut all = workers.join_all().await;
    all.sort();
    all.into_iter().map(|(_, heard)| heard).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorded_run_plays_again_in_any_order_at_no_cost() {
    let (_folder, file) = temporary();
    let transport = Memory::new(|_, request| Ok(echo(request)));
    let heard = work(&recorder(&file, &transport, false).model).await;
    assert_eq!(heard[2][1], "4 messages, last output 2 0");

    let replay = player(&file, "3.11", &[]);
    assert_eq!((replay.live, replay.name.as_str()), (false, "m"));
    assert_eq!(work(&replay.model).await, heard);
    assert_eq!(replay.drift.unwrap().count(), 0);

    let replay = player(&file, "3.11", &[]);
    for worker in (0..6).rev() {
        let response = ask(&replay.model, &conversation(worker, 4)).await.unwrap();
        assert_eq!((response.message.text(), response.cost), (heard[worker][4].clone(), Some(MicroUsd(0))));
    }
    assert_eq!(transport.requests().len(), 30);
}

#[tokio::test]
async fn a_conversation_is_written_once() {
    let (_folder, file) = temporary();
    let transport = Memory::new(|_, _| Ok(says("ok")));
    let model = recorder(&file, &transport, false).model;
    for turns in 0..20 {
        ask(&model, &conversation(0, turns)).await.unwrap();
    }
    let text = std::fs::read_to_string(&file).unwrap();
    for words in ["You are precise.", "worker 0", "output 0 0"] {
        assert_eq!(text.matches(words).count(), 1, "{words}");
    }
    let lines = lines(&file);
    assert_eq!(lines[0]["smith_recording"], 1);
    assert_eq!(lines[0]["spec"], "openai-compatible:m");
    assert_eq!(lines[0]["program"], "smith 0.1.0");
    assert_eq!(lines[0]["environment"]["python"], "3.11");
    insta::with_settings!({sort_maps => true}, { insta::assert_json_snapshot!(lines[3]); });
}

#[tokio::test]
async fn equal_requests_get_their_answers_in_recorded_order_and_no_more() {
    let (_folder, file) = temporary();
    let transport = Memory::new(|number, _| Ok(says(&format!("answer {number}"))));
    let model = recorder(&file, &transport, false).model;
    for _ in 0..3 {
        ask(&model, &opening("hi")).await.unwrap();
    }
    let replay = player(&file, "3.11", &[]).model;
    for number in 0..3 {
        let text = ask(&replay, &opening("hi")).await.unwrap().message.text();
        assert_eq!(text, format!("answer {number}"));
    }
    let error = ask(&replay, &opening("hi")).await.unwrap_err();
    assert!(matches!(&error, LlmError::Drift(text) if text.contains("given out already")), "{error}");
}

#[tokio::test]
async fn a_killed_run_leaves_a_recording_that_can_be_played_and_continued() {
    let (_folder, file) = temporary();
    let transport = Memory::new(|_, request| Ok(echo(request)));
    let model = recorder(&file, &transport, false).model;
    for turns in 0..3 {
        ask(&model, &conversation(0, turns)).await.unwrap();
    }
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() - 20]).unwrap();

    let replay = player(&file, "3.11", &[]).model;
    assert!(ask(&replay, &conversation(0, 1)).await.is_ok());
    assert!(matches!(ask(&replay, &conversation(0, 2)).await, Err(LlmError::Drift(_))));

    let model = recorder(&file, &transport, true).model;
    ask(&model, &conversation(0, 2)).await.unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), whole);
    ask(&model, &conversation(0, 3)).await.unwrap();
    let replay = player(&file, "3.11", &[]).model;
    for turns in 0..4 {
        let text = ask(&replay, &conversation(0, turns)).await.unwrap().message.text();
        assert!(text.starts_with(&format!("{} messages", 2 + 2 * turns)), "{text}");
    }
}

#[tokio::test]
async fn a_recording_is_continued_and_never_replaced() {
    let (_folder, file) = temporary();
    let transport = Memory::new(|_, request| Ok(echo(request)));
    for expected in [2, 3] {
        let model = recorder(&file, &transport, true).model;
        ask(&model, &opening("hi")).await.unwrap();
        assert_eq!(lines(&file).len(), expected);
    }
    let spec = "openai-compatible:m".parse().unwrap();
    let error = connect(&spec, recording_options(&file, &transport, false)).unwrap_err();
    assert!(matches!(&error, LlmError::Mistake(text) if text.contains("already")), "{error}");
    assert_eq!(lines(&file).len(), 3);
    // A kill in the midst of the first line leaves nothing worth keeping.
    std::fs::write(&file, "{\"smith_rec").unwrap();
    ask(&recorder(&file, &transport, true).model, &opening("hi")).await.unwrap();
    assert_eq!(lines(&file).len(), 2);
}

#[test]
fn only_a_recording_of_the_same_model_and_environment_is_continued() {
    let (_folder, file) = temporary();
    let transport = Memory::new(|_, request| Ok(echo(request)));
    drop(recorder(&file, &transport, false));
    let other_python =
        ConnectOptions { recording_info: info("3.12"), ..recording_options(&file, &transport, true) };
    for (spec, options, expected) in [
        ("openai-compatible:other", recording_options(&file, &transport, true), "model openai-compatible:m"),
        ("openai-compatible:m", other_python, "environment {\"python\": \"3.11\"}"),
    ] {
        let error = connect(&spec.parse().unwrap(), options).unwrap_err();
        assert!(matches!(&error, LlmError::Mistake(text) if text.contains(expected)), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_final_successes_are_recorded() {
    let (_folder, file) = temporary();
    let transport = Memory::new(|number, _| {
        Ok(match number {
            0 => http(500, &[], "down"),
            1 => http(200, &[], r#"{"error":{"message":"upstream","code":502}}"#),
            2 => says("fine"),
            3 => http(400, &[], r#"{"error":{"message":"no"}}"#),
            _ => http(200, &[], "<html>"),
        })
    });
    let model = recorder(&file, &transport, false).model;
    assert!(ask(&model, &opening("a")).await.is_ok());
    assert!(ask(&model, &opening("b")).await.is_err());
    assert!(ask(&model, &opening("c")).await.is_err());
    assert_eq!(lines(&file).len(), 2);
}

#[tokio::test]
async fn neither_key_nor_host_is_recorded() {
    let (_folder, file) = temporary();
    let transport = Memory::new(|_, request: &HttpRequest| {
        let key = request.credential.as_ref().unwrap().secret.expose().to_owned();
        Ok(says(&format!("your key is {key}")))
    });
    let model = recorder(&file, &transport, false).model;
    ask(&model, &opening(&format!("mine is {PLANTED_KEY}"))).await.unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("your key is ***") && text.contains("mine is ***"), "{text}");
    for hidden in [PLANTED_KEY, "secret-host", "Bearer", "authorization"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
}

#[test]
fn a_file_that_is_no_recording_is_a_mistake_that_names_it() {
    let (_folder, file) = temporary();
    let spec = format!("replay:{}", file.display()).parse().unwrap();
    for (content, expected) in [
        (None, "cannot be read"),
        (Some(""), "no header line"),
        (Some("{\"task\":1}\n"), "line 1 is not its header"),
        (
            Some("{\"smith_recording\":1,\"spec\":\"replay:x\",\"program\":\"\",\"environment\":{}}\n"),
            "cannot be replayed",
        ),
        (
            Some("{\"smith_recording\":1,\"spec\":\"what\",\"program\":\"\",\"environment\":{}}\n"),
            "unknown model",
        ),
    ] {
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        let error = connect(&spec, ConnectOptions::default()).unwrap_err();
        assert!(matches!(&error, LlmError::Mistake(text) if text.contains(expected)), "{error}");
    }
}

/// An answer of a dialect that calls `run`, and what else it says.
fn calls_run(spec: &str) -> Value {
    match spec {
        "openai-responses:m" => json!({"output": [
            {"type": "reasoning", "id": "rs", "encrypted_content": "sealed"},
            {"type": "function_call", "call_id": "call_0", "name": "run", "arguments": "{}"}]}),
        "anthropic:m" => json!({"stop_reason": "tool_use", "content": [
            {"type": "thinking", "thinking": "", "signature": "sealed"},
            {"type": "tool_use", "id": "call_0", "name": "run", "input": {}}]}),
        "gemini:m" => json!({"candidates": [{"content": {"parts": [
            {"functionCall": {"name": "run", "args": {}}, "thoughtSignature": "sealed"}]}}]}),
        _ => json!({"choices": [{"message": {"tool_calls": [
            {"id": "call_0", "function": {"name": "run", "arguments": "{}"}}]}}]}),
    }
}

/// Two turns; the first one's call of `run` gives `output`.
async fn go_on(model: &Arc<dyn ChatModel>, output: &str) {
    let mut messages = opening("hi");
    for _ in 0..2 {
        let answer = ask(model, &messages).await.unwrap();
        let [_, result] = tool_turn("call_0", "run", output);
        messages.extend([answer.message, result]);
    }
}

#[tokio::test]
async fn every_dialect_is_recorded_and_replayed_with_other_output_of_programs() {
    for spec in ["openai:m", "openai-responses:m", "anthropic:m", "gemini:m"] {
        let (_folder, file) = temporary();
        let transport = Memory::new(move |_, _| Ok(http(200, &[], calls_run(spec).to_string())));
        let options = recording_options(&file, &transport, false);
        let live = connect(&spec.parse().unwrap(), options).unwrap().model;
        go_on(&live, "took 1 s").await;
        let replay = player(&file, "3.11", &["run"]);
        assert_eq!(replay.name, "m");
        go_on(&replay.model, "took 22 s and more").await;
        assert_eq!(replay.drift.unwrap().count(), 1, "{spec}");
        let error = ask(&replay.model, &opening("something else")).await.unwrap_err();
        assert!(matches!(error, LlmError::Drift(_)), "{spec}: {error}");
        let kept = lines(&file)[2]["shared"]["keep"].as_u64().unwrap();
        assert!(kept >= 1, "{spec}: the conversation is written once");
    }
}
