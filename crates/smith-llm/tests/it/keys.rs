//! A key goes to its endpoint and nowhere else, whatever the endpoint does with it.

use std::sync::Mutex;

use serde_json::{Value, json};
use smith_llm::{ChatRequest, ConnectOptions, HttpRequest, RateLimits, Secret, TransportError, connect};

use crate::support::{Memory, PLANTED_KEY, http, opening, options};
use crate::trace::traced;

/// An answer that says these words.
type Says = fn(&str) -> Value;

/// Kinds of specs, and how each answers.
const DIALECTS: [(&str, Says); 5] = [
    ("openai", |words| json!({"choices": [{"message": {"content": words}}]})),
    ("openai-compatible", |words| json!({"choices": [{"message": {"content": words}}]})),
    ("openai-responses", |words| json!({"output": [{"type": "message", "content": words}]})),
    ("anthropic", |words| json!({"content": [{"type": "text", "text": words}], "stop_reason": "end_turn"})),
    (
        "gemini",
        |words| json!({"candidates": [{"content": {"parts": [{"text": words}]}, "finishReason": "STOP", "finishMessage": words}]}),
    ),
];

/// Everything that calls leave behind: answers and errors in both their prints, requests, the recording.
#[derive(Default)]
struct Traces(Mutex<String>);

impl Traces {
    fn add(&self, text: impl std::fmt::Debug + std::fmt::Display) {
        let mut all = self.0.lock().unwrap();
        all.push_str(&format!("{text}\n{text:?}\n"));
    }
}

/// What an endpoint may do with a key: repeat it in an answer or an error, or break while it is on its way.
fn prying(
    number: usize,
    request: &HttpRequest,
    says: Says,
) -> Result<smith_llm::HttpResponse, TransportError> {
    let credential = request.credential.as_ref().unwrap();
    let words = format!("you sent {}{}", credential.prefix, credential.secret.expose());
    let said =
        json!({"error": {"message": words, "type": words, "code": words, "status": words}}).to_string();
    Ok(match number {
        0 => http(200, &[], says(&words).to_string()),
        1 => http(401, &[], said),
        2 => http(400, &[], said),
        3 => http(429, &[("retry-after", "0")], said),
        4 => http(503, &[("x-should-retry", "false")], words),
        5 => http(200, &[], said),
        6 => http(200, &[], words),
        7 => http(200, &[], json!({"odd": words}).to_string()),
        8 => return Err(TransportError::Network(words)),
        _ => http(404, &[], words),
    })
}

#[tokio::test(start_paused = true)]
async fn a_planted_key_is_in_nothing_that_calls_leave_behind() {
    let buffer = traced();
    for (kind, says) in DIALECTS {
        let folder = tempfile::tempdir().unwrap();
        let recording = folder.path().join("recording.jsonl");
        let transport = Memory::new(move |number, request| prying(number, request, says));
        let options = ConnectOptions {
            api_key: Some(Secret::new(PLANTED_KEY)),
            record: Some(recording.clone()),
            limits: RateLimits::default(),
            ..options(&transport)
        };
        let traces = Traces::default();
        traces.add(format!("{options:?}"));
        let connection = connect(&format!("{kind}:keyed").parse().unwrap(), options).unwrap();
        traces.add(format!("{connection:?}"));
        let request = ChatRequest { messages: opening("hi"), seed: Some(1), ..ChatRequest::default() };
        for _ in 0..9 {
            match connection.model.complete(&request).await {
                Ok(answer) => traces.add(serde_json::to_string(&answer).unwrap()),
                Err(error) => traces.add(error),
            }
        }
        let requests = transport.requests();
        assert!(requests.len() > 9, "{kind}: every answer was given");
        assert!(
            requests
                .iter()
                .all(|request| request.credential.as_ref().unwrap().secret.expose() == PLANTED_KEY)
        );
        traces.add(format!("{requests:?}"));
        traces.add(std::fs::read_to_string(&recording).unwrap());
        let traces = traces.0.into_inner().unwrap();
        assert!(
            traces.contains("you sent") && traces.contains("***"),
            "{kind}: the endpoint repeated the key"
        );
        assert!(!traces.contains(PLANTED_KEY), "{kind}: {traces}");
    }
    let traced = String::from_utf8(buffer.bytes()).unwrap();
    assert!(traced.contains("retrying a model call"), "the trace holds what was retried");
    assert!(!traced.contains(PLANTED_KEY));
}
