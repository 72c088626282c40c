//! Spans of the GenAI semantic conventions.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use smith_llm::{ChatRequest, ConnectOptions, ModelSpec, Secret, connect};
use tracing_subscriber::fmt::format::FmtSpan;

use crate::support::{Memory, http, opening, options, says};

#[derive(Clone, Default)]
pub(crate) struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What all tests of this process trace. One subscriber for all of them: those of single threads come too late for
/// call sites that another thread met before.
pub(crate) fn traced() -> &'static Buffer {
    static TRACED: OnceLock<Buffer> = OnceLock::new();
    TRACED.get_or_init(|| {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_span_events(FmtSpan::CLOSE)
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        buffer
    })
}

/// The trace of one call that is answered with `status`.
async fn trace(status: u16) -> String {
    let buffer = traced();
    let transport = Memory::new(move |_, _| Ok(http(status, &[], says("the answer's words").body)));
    let request = ChatRequest {
        messages: opening("the question's words"),
        temperature: Some(0.5),
        max_output_tokens: Some(64),
        ..ChatRequest::default()
    };
    // The name tells this call's lines from those of other tests.
    let name = format!("traced-{status}");
    let connection = connect(&ModelSpec::OpenAiCompatible(name.clone()), options(&transport)).unwrap();
    let _ = connection.model.complete(&request).await;
    let text = String::from_utf8(buffer.bytes()).unwrap();
    text.lines().filter(|line| line.contains(&name)).collect()
}

#[tokio::test]
async fn a_call_is_a_span_with_usage_and_without_content() {
    let text = trace(200).await;
    for field in [
        "chat{",
        "gen_ai.operation.name=\"chat\"",
        "gen_ai.provider.name=\"openai-compatible\"",
        "gen_ai.request.model=\"traced-200\"",
        "gen_ai.request.temperature=0.5",
        "gen_ai.request.max_tokens=64",
        "gen_ai.response.model=\"served\"",
        "gen_ai.usage.input_tokens=10",
        "gen_ai.usage.output_tokens=5",
    ] {
        assert!(text.contains(field), "{field} is not in {text}");
    }
    assert!(!text.contains("words") && !text.contains("error.type"), "{text}");
}

#[tokio::test]
async fn a_failure_is_named_by_its_kind() {
    let text = trace(404).await;
    assert!(text.contains("error.type=\"mistake\"") && !text.contains("gen_ai.usage"), "{text}");
}

#[tokio::test]
async fn what_was_not_sent_is_in_every_answer_and_traced_once() {
    let buffer = traced();
    let body = r#"{"content": [{"type": "text", "text": "ok"}], "stop_reason": "end_turn"}"#;
    let transport = Memory::new(move |_, _| Ok(http(200, &[], body)));
    let options = ConnectOptions { api_key: Some(Secret::new("a key")), ..options(&transport) };
    let model = connect(&ModelSpec::Anthropic("warned".into()), options).unwrap().model;
    let request = ChatRequest { messages: opening("hi"), seed: Some(1), ..ChatRequest::default() };
    for _ in 0..3 {
        let warnings = model.complete(&request).await.unwrap().warnings;
        assert!(
            matches!(warnings.as_slice(), [one] if one.contains("the seed 1 was not sent")),
            "{warnings:?}"
        );
    }
    let text = String::from_utf8(buffer.bytes()).unwrap();
    let lines =
        text.lines().filter(|line| line.contains("\"warned\"") && line.contains("the seed 1 was not sent"));
    assert_eq!(lines.count(), 1);
}
