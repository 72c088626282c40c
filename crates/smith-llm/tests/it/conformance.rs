//! One list of scenarios, run over every dialect. For each there is a server that speaks its wire: what it understands
//! of a request, and what we understand of its answer, must be the same in all of them.

mod anthropic;
mod gemini;
mod openai_chat;
mod openai_responses;
mod recorded;
mod scenarios;

use std::time::Duration;

use serde_json::Value;
use smith_llm::{
    ChatRequest, ChatResponse, ConnectOptions, FinishReason, LlmError, Message, Part, RetryPolicy, Secret,
    ToolArguments, ToolResult, Usage, connect,
};
use wiremock::ResponseTemplate;

use crate::http::serving;
use crate::support::PLANTED_KEY;
use scenarios::{Expected, Scenario};

/// What a provider answers, in no wire.
pub(crate) enum Reply {
    Says {
        pieces: Vec<Piece>,
        cut: bool,
        usage: Usage,
    },
    Refuses,
    ContextLength,
    /// With a wait of thirty milliseconds, in the provider's own way.
    RateLimited,
    /// Nothing is left until tomorrow.
    Quota,
    Overloaded,
    Key,
    UnknownModel,
}

/// A piece of an answer.
#[derive(Clone, Copy)]
pub(crate) enum Piece {
    /// The wire's own [`Wire::thought`].
    Thought,
    Text(&'static str),
    /// Name and arguments as the model wrote them.
    Call(&'static str, &'static str),
}

/// A server of one dialect.
pub(crate) trait Wire: Send + Sync {
    fn spec(&self) -> &'static str;

    /// Path of every request.
    fn path(&self) -> &'static str;

    /// Header and value that hold the key.
    fn key(&self) -> (&'static str, String);

    /// Variable that an error about the key names.
    fn key_variable(&self) -> &'static str;

    /// Whether a result can be marked as an error.
    fn marks_errors(&self) -> bool;

    /// The thought of an answer; it must come back as it is.
    fn thought(&self) -> Value;

    fn answer(&self, reply: &Reply) -> ResponseTemplate;

    /// What the server understands of a request, line by line: system, turns, tools, schema.
    fn read(&self, body: &Value) -> Vec<String>;
}

fn wires() -> Vec<Box<dyn Wire>> {
    vec![
        Box::new(openai_chat::OpenAiChat),
        Box::new(openai_responses::OpenAiResponses),
        Box::new(anthropic::Anthropic),
        Box::new(gemini::Gemini),
    ]
}

pub(crate) fn json(status: u16, body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

/// Properties of a schema that a server was given.
pub(crate) fn schema_line(schema: &Value) -> String {
    let names: Vec<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    format!("schema: {}", names.join(" "))
}

pub(crate) fn strings<'a>(list: &'a Value, pointer: &str) -> Vec<&'a str> {
    list.as_array().into_iter().flatten().filter_map(|item| item.pointer(pointer)?.as_str()).collect()
}

/// What we understand of an answer, line by line.
fn heard(wire: &dyn Wire, message: &Message) -> Vec<String> {
    let thought = wire.thought();
    message
        .parts
        .iter()
        .map(|part| match part {
            Part::Text { text } => format!("text: {text}"),
            Part::ToolCall(call) => match &call.arguments {
                ToolArguments::Json(value) => format!("call {}: {} {value}", call.id, call.name),
                ToolArguments::Malformed(text) => format!("call {}: {} broken {text}", call.id, call.name),
            },
            Part::Opaque { value, .. } if *value == thought || value.get("part") == Some(&thought) => {
                "thought".into()
            }
            other => format!("{other:?}"),
        })
        .collect()
}

/// The conversation after an answer: every call is answered.
fn continued(request: &ChatRequest, answer: &ChatResponse) -> ChatRequest {
    let mut next = request.clone();
    next.messages.push(answer.message.clone());
    next.messages.extend(answer.message.tool_calls().map(|call| {
        let (call_id, name) = (call.id.clone(), call.name.clone());
        Message::tool_result(ToolResult { call_id, name, content: "done".into(), is_error: false })
    }));
    next
}

fn kind(error: &LlmError) -> &'static str {
    match error.cause() {
        LlmError::Mistake(_) => "mistake",
        LlmError::ContextLength(_) => "context",
        LlmError::Refused(_) => "refused",
        _ => "other",
    }
}

/// A wait of our own would be over after the deadline: only one that the provider named can be kept.
fn policy(scenario: &Scenario) -> RetryPolicy {
    let base_delay =
        if scenario.names_its_wait { Duration::from_secs(3600) } else { Duration::from_millis(1) };
    RetryPolicy {
        base_delay,
        max_delay: base_delay,
        total_deadline: Duration::from_secs(30),
        ..RetryPolicy::default()
    }
}

async fn play(wire: &dyn Wire, scenario: &Scenario) {
    let place = format!("{}: {}", wire.spec(), scenario.name);
    let server = serving(scenario.replies.iter().map(|reply| wire.answer(reply)).collect()).await;
    let options = ConnectOptions {
        base_url: Some(server.uri()),
        api_key: Some(Secret::new(PLANTED_KEY)),
        retry: policy(scenario),
        ..ConnectOptions::default()
    };
    let model = connect(&wire.spec().parse().unwrap(), options).unwrap().model;
    let mut outcome = model.complete(&scenario.request).await;
    if scenario.goes_on {
        let next = continued(&scenario.request, outcome.as_ref().unwrap());
        outcome = model.complete(&next).await;
    }
    match (&outcome, &scenario.expected) {
        (Ok(answer), Expected::Answer(lines, finish, usage)) => {
            assert_eq!(heard(wire, &answer.message), *lines, "{place}");
            assert_eq!((&answer.finish, &answer.usage), (finish, usage), "{place}");
        }
        (Err(error), Expected::Error(expected, words)) => {
            let words = words.replace("KEY_VARIABLE", wire.key_variable());
            assert_eq!(kind(error), *expected, "{place}: {error}");
            assert!(error.to_string().contains(&words), "{place}: {error}");
        }
        (outcome, _) => panic!("{place}: {outcome:?}"),
    }
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), scenario.replies.len(), "{place}");
    let (header, value) = wire.key();
    for request in &requests {
        assert_eq!(
            (request.url.path(), request.headers[header].to_str().unwrap()),
            (wire.path(), value.as_str())
        );
    }
    let body: Value = serde_json::from_slice(&requests.last().unwrap().body).unwrap();
    let asked: Vec<String> = scenario.asked.iter().map(|line| unmarked(wire, line)).collect();
    assert_eq!(wire.read(&body), asked, "{place}");
}

fn unmarked(wire: &dyn Wire, line: &str) -> String {
    if wire.marks_errors() { line.to_owned() } else { line.replacen("failed: ", "result: ", 1) }
}

#[tokio::test]
async fn every_scenario_is_the_same_in_every_dialect() {
    let scenarios = scenarios::all();
    let names = |list: &[&'static str]| list.iter().copied().collect::<std::collections::BTreeSet<_>>();
    let ours: Vec<_> = scenarios.iter().map(|scenario| scenario.name).collect();
    let all: Vec<_> = smith_llm::conformance::scenarios().iter().map(|scenario| scenario.name).collect();
    assert_eq!((names(&ours), ours.len()), (names(&all), all.len()));
    for wire in wires() {
        for scenario in &scenarios {
            play(&*wire, scenario).await;
        }
    }
}

/// The end of an answer on a wire, by words for a whole one, one that waits for tools, and a cut one.
pub(crate) fn end(pieces: &[Piece], cut: bool, words: [&'static str; 3]) -> &'static str {
    let calls = pieces.iter().any(|piece| matches!(piece, Piece::Call(..)));
    match (cut, calls) {
        (true, _) => words[2],
        (false, true) => words[1],
        (false, false) => words[0],
    }
}

pub(crate) fn finished(pieces: &[Piece], cut: bool) -> FinishReason {
    match end(pieces, cut, ["stop", "calls", "cut"]) {
        "stop" => FinishReason::Stop,
        "calls" => FinishReason::ToolCalls,
        _ => FinishReason::Length,
    }
}
