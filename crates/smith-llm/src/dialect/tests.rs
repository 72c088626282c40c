//! What holds for every dialect.

use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;
use crate::chat::{
    Effort, Image, Message, OutputSchema, Part, PromptCache, Reasoning, Role, ToolArguments, ToolCall,
    ToolResult, ToolSpec,
};
use crate::spec::ModelSpec;

const SPECS: [&str; 4] = ["openai:m", "openai-responses:m", "anthropic:m", "gemini:m"];

fn dialect(spec: &str) -> Box<dyn Dialect> {
    spec.parse::<ModelSpec>().unwrap().dialect()
}

fn call(id: &str, arguments: ToolArguments) -> Part {
    Part::ToolCall(ToolCall { id: id.into(), name: "run_python".into(), arguments })
}

fn result(id: &str, content: &str, is_error: bool) -> Part {
    let (call_id, name) = (id.into(), "run_python".into());
    Part::ToolResult(ToolResult { call_id, name, content: content.into(), is_error })
}

fn text(text: &str) -> Part {
    Part::Text { text: text.into() }
}

fn opaque(provider: &str, value: Value) -> Part {
    Part::Opaque { provider: provider.into(), value }
}

/// A part of each maker.
fn thoughts() -> Vec<Part> {
    vec![
        opaque(
            openai_chat::PROVIDER,
            json!({"reasoning_details": [{"type": "reasoning.encrypted", "data": "c"}]}),
        ),
        opaque(
            openai_responses::PROVIDER,
            json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "r"}),
        ),
        opaque(anthropic::PROVIDER, json!({"type": "thinking", "thinking": "hm", "signature": "a"})),
        opaque(gemini::PROVIDER, json!({"part": {"text": "hm", "thought": true}})),
    ]
}

fn message(role: Role, parts: Vec<Part>) -> Message {
    Message { role, parts }
}

/// A conversation with everything in it.
fn conversation() -> ChatRequest {
    let mut first_turn = thoughts();
    first_turn.extend([
        text("Let me see."),
        opaque(gemini::PROVIDER, json!({"with_next": {"thoughtSignature": "g", "id": "a"}})),
        call("a", ToolArguments::Json(json!({"z": 1, "code": "1 + 2"}))),
        call("b", ToolArguments::Malformed("{\"code\": 1 +".into())),
    ]);
    let image = Image { media_type: "image/png".into(), data: "iVBORw0KGgo=".into() };
    ChatRequest {
        messages: vec![
            Message::system("You write Python."),
            Message::system("Be brief."),
            message(Role::User, vec![text("What is drawn here?"), Part::Image(image)]),
            message(Role::Assistant, first_turn),
            message(Role::Tool, vec![result("a", "3", false)]),
            message(Role::Tool, vec![result("b", "error: the arguments are no JSON", true)]),
            Message::user("Few steps are left."),
            message(Role::Assistant, vec![call("c", ToolArguments::Json(json!({})))]),
            message(Role::Tool, vec![result("c", "", false)]),
        ],
        tools: vec![
            ToolSpec {
                name: "run_python".into(),
                description: "Runs code.".into(),
                parameters: json!({"type": "object", "properties": {"code": {"type": "string", "format": "uri"}},
                    "required": ["code"], "additionalProperties": false}),
            },
            ToolSpec {
                name: "finish".into(),
                description: "Ends.".into(),
                parameters: json!({"type": "object", "properties": {}}),
            },
        ],
        temperature: Some(0.25),
        seed: Some(7),
        max_output_tokens: Some(512),
        parallel_tool_calls: Some(false),
        output_schema: Some(OutputSchema {
            name: "answer".into(),
            schema: json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": 0}},
                "required": ["n"], "additionalProperties": false}),
        }),
        reasoning: Some(Reasoning::Effort(Effort::Low)),
        cache: PromptCache::Auto,
        label: Some("never sent".into()),
        expected_input: None,
    }
}

/// A body as it is read.
fn tree(body: &str) -> Map<String, Value> {
    serde_json::from_str(body).unwrap()
}

/// Path, headers, body and warnings, with sorted keys.
fn sent(spec: &str, request: &ChatRequest) -> Value {
    let dialect = dialect(spec);
    let Encoded { body, warnings } = dialect.encode("m", request, request.max_output_tokens).unwrap();
    let all = json!({"path": dialect.path("m"), "headers": dialect.headers(), "body": tree(&body), "warnings": warnings});
    serde_json::from_str(&crate::canonical::to_string(&all)).unwrap()
}

#[test]
fn a_whole_conversation_in_every_dialect() {
    for spec in SPECS {
        let name = spec.replace([':', '-'], "_");
        insta::with_settings!({sort_maps => true}, {
            insta::assert_json_snapshot!(name, sent(spec, &conversation()));
        });
    }
}

#[test]
fn nothing_is_sent_that_was_not_asked_for() {
    let request = ChatRequest {
        messages: vec![Message::user("hi")],
        parallel_tool_calls: Some(true),
        ..ChatRequest::default()
    };
    let item = json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]});
    for (spec, body) in [
        ("openai:m", json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]})),
        ("openai-responses:m", json!({"model": "m", "store": false, "input": [item]})),
        (
            "anthropic:m",
            json!({"model": "m", "max_tokens": 8192,
                "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]}),
        ),
        ("gemini:m", json!({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]})),
    ] {
        let sent = sent(spec, &request);
        assert_eq!((&sent["body"], &sent["warnings"]), (&body, &json!([])), "{spec}");
    }
}

#[test]
fn marks_for_the_cache_are_four_at_most_and_stand_where_the_last_request_ended() {
    let body = |cache, turns: usize| {
        let mut request = conversation();
        request.cache = cache;
        request.messages.truncate(turns);
        tree(&dialect("anthropic:m").encode("m", &request, request.max_output_tokens).unwrap().body)
    };
    let marked = |body: &Map<String, Value>| {
        let turns = body["messages"].as_array().unwrap().iter().enumerate();
        let is_marked = |turn: &Value| turn["content"].to_string().contains("cache_control");
        turns.filter(|(_, turn)| is_marked(turn)).map(|(i, _)| i).collect::<Vec<_>>()
    };
    let (first, second) = (body(PromptCache::Auto, 3), body(PromptCache::On, 9));
    assert_eq!((marked(&first), marked(&second)), (vec![0], vec![2, 4]));
    assert_eq!(Value::from(second).to_string().matches("cache_control").count(), 4);
    let off = Value::from(body(PromptCache::Off, 9)).to_string();
    assert!(!off.contains("cache_control"), "{off}");
}

#[test]
fn parts_in_the_wrong_message_are_a_mistake_in_every_dialect() {
    for spec in SPECS {
        for (role, part) in [
            (Role::User, call("a", ToolArguments::Json(json!({})))),
            (Role::System, result("a", "x", false)),
            (Role::Tool, text("x")),
        ] {
            let messages = vec![Message::user("first"), message(role, vec![part])];
            let error = dialect(spec)
                .encode("m", &ChatRequest { messages, ..ChatRequest::default() }, None)
                .unwrap_err();
            assert!(error.to_string().starts_with("message 1 of the request: "), "{spec}: {error}");
        }
    }
}

/// The assistant's turn of a request as the answer that it would have been.
fn as_answer(spec: &str, mut body: Map<String, Value>) -> Value {
    let mut turns = |name: &str| {
        let Some(Value::Array(turns)) = body.remove(name) else { panic!("no {name}") };
        turns.into_iter().skip(1).collect::<Vec<_>>()
    };
    match spec {
        "openai:m" => json!({"choices": [{"message": turns("messages")[0]}]}),
        "openai-responses:m" => json!({"output": turns("input")}),
        "anthropic:m" => {
            let content = turns("messages").first().map(|turn| turn["content"].clone());
            json!({"content": content, "stop_reason": "end_turn"})
        }
        _ => json!({"candidates": [{"content": turns("contents").first()}]}),
    }
}

/// What a turn may consist of.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Piece {
    Text,
    Call,
    Thought,
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    prop::collection::vec(prop::sample::select(vec![Piece::Text, Piece::Call, Piece::Thought]), 0..9)
}

/// The parts of a turn in the order of `pieces`, as a dialect would have read them: no text beside a text.
fn turn(spec: &str, mut pieces: Vec<Piece>) -> Vec<Part> {
    pieces.dedup_by(|a, b| *a == Piece::Text && *b == Piece::Text);
    let own = SPECS.iter().position(|other| *other == spec).unwrap();
    if own == 0 {
        // This wire has one text, with thoughts before it and calls behind it.
        pieces.sort_by_key(|piece| match piece {
            Piece::Thought => 0,
            Piece::Text => 1,
            Piece::Call => 2,
        });
        pieces.dedup_by(|a, b| *a == *b && *a != Piece::Call);
    }
    let mut calls = 0;
    let mut part = |(i, piece): (usize, Piece)| match piece {
        Piece::Text => text(&format!("text {i}")),
        Piece::Thought => thoughts()[own].clone(),
        Piece::Call => {
            calls += 1;
            call(&format!("call_{}", calls - 1), ToolArguments::Json(json!({"i": i})))
        }
    };
    pieces.into_iter().enumerate().map(&mut part).collect()
}

/// JSON made of the words of all formats in places where they may not belong.
fn any_body() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(
        "choices message content tool_calls function function_call name arguments id type text usage finish_reason stop \
         refusal output output_text reasoning encrypted_content status incomplete incomplete_details reason call_id \
         stop_reason tool_use input thinking signature input_tokens candidates parts functionCall args thought \
         thoughtSignature finishReason SAFETY promptFeedback blockReason usageMetadata promptTokenCount error code { {}"
            .split_whitespace()
            .collect::<Vec<_>>(),
    );
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(words.clone(), inner, 0..5)
                .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn every_body_is_read_or_refused_with_a_path(inner in any_body(), usage in any_body()) {
        let bodies = [
            ("openai:m", json!({"choices": [{"message": inner}], "usage": usage})),
            ("openai-responses:m", json!({"output": [inner], "usage": usage})),
            ("anthropic:m", json!({"content": [inner], "usage": usage, "stop_reason": "tool_use"})),
            ("gemini:m", json!({"candidates": [{"content": {"parts": [inner]}}], "usageMetadata": usage})),
        ];
        for (spec, body) in bodies {
            for body in [&body, &inner, &usage] {
                match dialect(spec).decode(body, 7) {
                    Ok(answer) => {
                        prop_assert!(answer.message.tool_calls().all(|call| !call.name.is_empty() && !call.id.is_empty()));
                        prop_assert_eq!(answer.message.role, Role::Assistant);
                        let messages = vec![Message::user("hi"), answer.message];
                        let again = ChatRequest { messages, ..ChatRequest::default() };
                        let encoded = dialect(spec).encode("m", &again, None);
                        prop_assert!(encoded.is_ok());
                    }
                    Err(DecodeError::Shape { path, .. }) => prop_assert!(!path.is_empty()),
                    Err(DecodeError::Refusal(words)) => prop_assert!(!words.is_empty()),
                }
            }
        }
    }

    #[test]
    fn a_turn_that_goes_back_is_the_turn_that_came(pieces in pieces()) {
        for spec in SPECS {
            let parts = turn(spec, pieces.clone());
            let messages = vec![Message::user("hi"), message(Role::Assistant, parts.clone())];
            let request = ChatRequest { messages, ..ChatRequest::default() };
            let body = tree(&dialect(spec).encode("m", &request, request.max_output_tokens).unwrap().body);
            if let Ok(answer) = dialect(spec).decode(&as_answer(spec, body), 0) {
                prop_assert_eq!(answer.message.parts, parts, "{}", spec);
            } else {
                prop_assert!(parts.is_empty(), "{}", spec);
            }
        }
    }
}
