//! Odd but real bodies of many servers, each with what is made of it. The bodies are written after the servers'
//! documentation and bug reports, shortened; they are not captures.

use smith_llm::{ChatResponse, ConnectOptions, LlmError, RetryPolicy, Secret, connect};

use crate::support::{Memory, ask, connected, http, opening, options, tool_turn};

/// Folders of the corpus, and the spec whose dialect reads them.
const CORPUS: [(&str, &str, usize); 4] = [
    ("openai_chat", "openai-compatible:m", 20),
    ("openai_responses", "openai-responses:m", 15),
    ("anthropic", "anthropic:m", 15),
    ("gemini", "gemini:m", 15),
];

#[tokio::test]
async fn each_body_of_the_corpus_gives_its_snapshot() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wire");
    for (folder, spec, at_least) in CORPUS {
        let entries = std::fs::read_dir(corpus.join(folder)).unwrap();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        assert!(files.len() > at_least, "the corpus of {folder} is gone");
        for file in files {
            let body = std::fs::read(&file).unwrap();
            let outcome = outcome(spec, body).await;
            let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
            let place = format!("../../fixtures/wire/{folder}");
            insta::with_settings!({snapshot_path => place, prepend_module_to_snapshot => false}, {
                insta::assert_debug_snapshot!(name, outcome);
            });
        }
    }
}

async fn outcome(spec: &str, body: Vec<u8>) -> Result<ChatResponse, LlmError> {
    let transport = Memory::new(move |_, _| Ok(http(200, &[], body.clone())));
    let options = ConnectOptions {
        api_key: Some(Secret::new("a key")),
        retry: RetryPolicy { max_attempts: 1, ..RetryPolicy::default() },
        ..options(&transport)
    };
    ask(&connect(&spec.parse().unwrap(), options).unwrap().model, &opening("hi")).await
}

#[tokio::test]
async fn generated_identifiers_go_on_through_a_conversation() {
    let body =
        r#"{"choices":[{"message":{"tool_calls":[{"function":{"name":"a"}},{"function":{"name":"b"}}]}}]}"#;
    let transport = Memory::new(move |_, _| Ok(http(200, &[], body)));
    let model = connected(options(&transport)).model;
    for (turns, expected) in [(0, ["call_0", "call_1"]), (2, ["call_2", "call_3"])] {
        let mut messages = opening("hi");
        for turn in 0..turns {
            messages.extend(tool_turn(&format!("call_{turn}"), "a", "ok"));
        }
        let response = ask(&model, &messages).await.unwrap();
        let ids: Vec<&str> = response.message.tool_calls().map(|call| call.id.as_str()).collect();
        assert_eq!(ids, expected);
    }
}

/// Broken arguments go back inside an object, because servers refuse a history that they cannot parse.
#[tokio::test]
async fn an_answer_goes_back_as_it_came() {
    let broken = r#"{"path": "a"#;
    let body = serde_json::json!({"choices": [{"message": {"content": "ok", "tool_calls": [
        {"id": "x", "function": {"name": "read", "arguments": broken}}]}}]});
    let transport = Memory::new(move |_, _| Ok(http(200, &[], body.to_string())));
    let model = connected(options(&transport)).model;
    let mut messages = opening("hi");
    messages.push(ask(&model, &messages).await.unwrap().message);
    ask(&model, &messages).await.unwrap();
    assert_eq!(
        transport.requests()[1].json()["messages"][2],
        serde_json::json!({"role": "assistant", "content": "ok", "tool_calls": [
            {"id": "x", "type": "function", "function": {"name": "read",
                "arguments": r#"{"malformed_arguments":"{\"path\": \"a"}"#}}]})
    );
}
