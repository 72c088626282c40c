//! Recording every dialect from an endpoint, and playing the recordings.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::endpoint::{Endpoint, Reply, Request};
use crate::program::{Place, run};

const KEY: &str = "sk-planted-0a1b2c3d4e5f6a7b8c9d";

/// What a model that does what it is asked says: text, paths of its calls, and whether it is cut.
fn said(request: &Request) -> (&'static str, &'static [&'static str], bool) {
    let asked = request.body.to_string();
    let has = |words: &str| asked.contains(words);
    if has("forty lines") {
        ("Rivers", &[], true)
    } else if has("legs has a spider") {
        (r#"{"n":8}"#, &[], false)
    } else if !has("Lists a folder") || has("a.csv") {
        ("Hello.", &[], false)
    } else if has("both calls") || has("Make both") {
        ("", &["a", "b"], false)
    } else {
        ("", &["."], false)
    }
}

fn answer(request: &Request) -> Reply {
    let error = |status, kind: &str, message: &str| {
        let error = json!({"type": kind, "code": kind, "message": message});
        Reply { status, body: json!({"type": "error", "error": error, "request_id": "req_0123456789"}) }
    };
    if request.authorization.as_ref().is_none_or(|key| !key.ends_with(KEY)) {
        return error(401, "authentication_error", "invalid key of org-0123456789ab");
    }
    if request.path.contains("no-such-model") || request.body.to_string().contains("no-such-model") {
        return error(404, "not_found_error", "no such model");
    }
    let (text, calls, cut) = said(request);
    let body = match request.path.as_str() {
        "/chat/completions" => chat(text, calls, cut),
        "/responses" => responses(text, calls, cut),
        "/messages" => messages(text, calls, cut),
        path => {
            assert_eq!(path, "/models/m:generateContent");
            generated(text, calls, cut)
        }
    };
    Reply { status: 200, body }
}

fn chat(text: &str, calls: &[&str], cut: bool) -> Value {
    let call = |(i, path): (usize, &&str)| {
        let function = json!({"name": "ls", "arguments": json!({"path": path}).to_string()});
        json!({"id": format!("call_{i}"), "type": "function", "function": function})
    };
    let calls: Vec<_> = calls.iter().enumerate().map(call).collect();
    let finish = if cut {
        "length"
    } else if calls.is_empty() {
        "stop"
    } else {
        "tool_calls"
    };
    json!({"id": "chatcmpl-planted", "model": "m",
        "choices": [{"message": {"role": "assistant", "content": text, "tool_calls": calls}, "finish_reason": finish}],
        "usage": {"prompt_tokens": 40, "completion_tokens": 5}})
}

fn responses(text: &str, calls: &[&str], cut: bool) -> Value {
    let mut output: Vec<_> = calls
        .iter()
        .enumerate()
        .map(|(i, path)| {
            json!({"type": "function_call", "call_id": format!("call_{i}"), "name": "ls",
                "arguments": json!({"path": path}).to_string()})
        })
        .collect();
    if !text.is_empty() {
        output.push(json!({"type": "message", "role": "assistant",
            "content": [{"type": "output_text", "text": text, "annotations": []}]}));
    }
    let reason = if cut { json!({"reason": "max_output_tokens"}) } else { Value::Null };
    json!({"id": "resp_planted", "model": "m", "output": output, "incomplete_details": reason,
        "status": if cut { "incomplete" } else { "completed" }, "usage": {"input_tokens": 40, "output_tokens": 5}})
}

fn messages(text: &str, calls: &[&str], cut: bool) -> Value {
    let mut content: Vec<_> = calls
        .iter()
        .enumerate()
        .map(|(i, path)| json!({"type": "tool_use", "id": format!("call_{i}"), "name": "ls", "input": {"path": path}}))
        .collect();
    if !text.is_empty() {
        content.push(json!({"type": "text", "text": text}));
    }
    let reason = if cut {
        "max_tokens"
    } else if calls.is_empty() {
        "end_turn"
    } else {
        "tool_use"
    };
    json!({"id": "msg_planted", "type": "message", "role": "assistant", "model": "m", "content": content,
        "stop_reason": reason, "usage": {"input_tokens": 40, "output_tokens": 5}})
}

fn generated(text: &str, calls: &[&str], cut: bool) -> Value {
    let mut parts: Vec<_> =
        calls.iter().map(|path| json!({"functionCall": {"name": "ls", "args": {"path": path}}})).collect();
    if !text.is_empty() {
        parts.push(json!({"text": text}));
    }
    json!({"responseId": "planted", "modelVersion": "m",
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": if cut { "MAX_TOKENS" } else { "STOP" }}],
        "usageMetadata": {"promptTokenCount": 40, "candidatesTokenCount": 5}})
}

fn holds(folder: &Path, words: &[&str]) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for word in words {
            assert!(!text.contains(word), "{word} is in {}", path.display());
        }
    }
}

#[test]
fn each_dialect_is_recorded_and_played_again() {
    let (place, endpoint) = (Place::new(), Endpoint::start(Duration::ZERO, answer));
    for (spec, variable) in [
        ("openai:m", "OPENAI_API_KEY"),
        ("openai-responses:m", "OPENAI_API_KEY"),
        ("anthropic:m", "ANTHROPIC_API_KEY"),
        ("gemini:m", "GEMINI_API_KEY"),
        ("openai-compatible:m", "OPENAI_API_KEY"),
    ] {
        let out = place.path(spec.replace(':', "-"));
        let mut record = place.smith();
        record.env(variable, KEY).args(["record-conformance", "--json", "--model", spec]);
        record.args(["--base-url", &endpoint.url(), "--out"]).arg(&out);
        let report = run(&mut record).expect(0).json();
        // Nothing is cached, and the model shows no thought.
        let counted = (&report["as_expected"], &report["differs"], &report["skipped"]);
        assert_eq!(counted, (&json!(11), &json!(0), &json!(10)), "{spec}: {report:#}");
        holds(&out, &[KEY, "127.0.0.1", "planted", "0123456789"]);

        let mut replay = place.smith();
        let again = run(replay.args(["record-conformance", "--json", "--replay", "--out"]).arg(&out))
            .expect(0)
            .json();
        assert_eq!((&again["as_expected"], &again["differs"]), (&json!(11), &json!(0)), "{spec}: {again:#}");
    }
}

#[test]
fn what_differs_ends_with_one_and_what_cannot_begin_with_two() {
    let (place, silent) = (
        Place::new(),
        Endpoint::start(Duration::ZERO, |_| Reply { status: 200, body: chat("", &[], false) }),
    );
    let record = |spec: &str, url: &str, more: &[&str]| {
        let mut command = place.smith();
        command.env("OPENAI_API_KEY", KEY).args(["record-conformance", "--model", spec, "--base-url", url]);
        command.arg("--out").arg(place.path("out")).args(more);
        run(&mut command)
    };
    let ended = record("openai:m", &silent.url(), &["--scenario", "plain answer"]).expect(1);
    for part in ["plain answer", "differs: there is no text", "0 as expected · 1 differ · 0 skipped"] {
        assert!(ended.stdout.contains(part), "{part:?} is not in {}", ended.stdout);
    }
    record("openai:m", &silent.url(), &["--scenario", "nonsense"])
        .expect(2)
        .says(&["nonsense", "plain answer; "]);
    record("acme:m", &silent.url(), &[]).expect(2).says(&["unknown model"]);
    record("openai:m", &crate::endpoint::url_of_nobody(), &["--replay"]).expect(2);
    let mut empty = place.smith();
    run(empty.args(["record-conformance", "--replay", "--out"]).arg(place.path("none")))
        .expect(2)
        .says(&["no recording"]);
}
