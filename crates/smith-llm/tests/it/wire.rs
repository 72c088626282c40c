//! Odd but real bodies of many servers, each with what is made of it. The bodies are written after the servers'
//! documentation and bug reports, shortened; they are not captures.

use smith_llm::RetryPolicy;

use crate::support::{Memory, ask, connected, http, opening, options, tool_turn};

#[tokio::test]
async fn each_body_of_the_corpus_gives_its_snapshot() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wire");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    assert!(files.len() > 20, "the corpus is gone");
    for file in files {
        let body = std::fs::read(&file).unwrap();
        let transport = Memory::new(move |_, _| Ok(http(200, &[], body.clone())));
        let mut options = options(&transport);
        options.retry = RetryPolicy { max_attempts: 1, ..RetryPolicy::default() };
        let outcome = ask(&connected(options).model, &opening("hi")).await;
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        insta::with_settings!({snapshot_path => "../../fixtures/wire", prepend_module_to_snapshot => false}, {
            insta::assert_debug_snapshot!(name, outcome);
        });
    }
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
        transport.requests()[1].body["messages"][2],
        serde_json::json!({"role": "assistant", "content": "ok", "tool_calls": [
            {"id": "x", "type": "function", "function": {"name": "read",
                "arguments": r#"{"malformed_arguments":"{\"path\": \"a"}"#}}]})
    );
}
