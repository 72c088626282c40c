//! An endpoint in memory, and what the tests send to it.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use smith_llm::{
    ChatModel, ChatRequest, ChatResponse, ConnectOptions, Connection, HttpRequest, HttpResponse,
    HttpTransport, LlmError, Message, Part, Role, ToolArguments, ToolCall, ToolResult, TransportError,
    connect,
};

/// A key of realistic length that must not turn up anywhere.
pub(crate) const PLANTED_KEY: &str = "sk-planted-4f9a8b7c6d5e4f3a2b1c";

type Answer = Result<HttpResponse, TransportError>;
type Script = dyn Fn(usize, &HttpRequest) -> Answer + Send + Sync;

/// Answers with what a function makes of each request, and keeps the requests.
pub(crate) struct Memory {
    answer: Box<Script>,
    requests: Mutex<Vec<HttpRequest>>,
}

impl Memory {
    /// `answer` gets the number of the request, from 0, and the request.
    pub(crate) fn new(answer: impl Fn(usize, &HttpRequest) -> Answer + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { answer: Box::new(answer), requests: Mutex::default() })
    }

    pub(crate) fn requests(&self) -> Vec<HttpRequest> {
        self.requests.lock().unwrap().clone()
    }
}

#[async_trait::async_trait]
impl HttpTransport for Memory {
    async fn execute(&self, request: HttpRequest) -> Answer {
        let number = {
            let mut requests = self.requests.lock().unwrap();
            requests.push(request.clone());
            requests.len() - 1
        };
        (self.answer)(number, &request)
    }
}

pub(crate) fn http(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> HttpResponse {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    HttpResponse { status, headers, body: body.into() }
}

/// A success that says `text`.
pub(crate) fn says(text: &str) -> HttpResponse {
    let body = json!({
        "model": "served",
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5},
    });
    http(200, &[("content-type", "application/json")], body.to_string())
}

/// Answers with the length and the last words of the conversation, so that every answer belongs to its request.
pub(crate) fn echo(request: &HttpRequest) -> HttpResponse {
    let body = request.json();
    let messages = body["messages"].as_array().unwrap();
    let last = messages.last().and_then(|message| message["content"].as_str()).unwrap_or_default();
    says(&format!("{} messages, last {last}", messages.len()))
}

pub(crate) fn options(transport: &Arc<Memory>) -> ConnectOptions {
    ConnectOptions {
        base_url: Some("http://secret-host.test/v1".into()),
        transport: Some(Arc::clone(transport) as Arc<dyn HttpTransport>),
        ..ConnectOptions::default()
    }
}

pub(crate) fn connected(options: ConnectOptions) -> Connection {
    connect(&"openai-compatible:m".parse().unwrap(), options).unwrap()
}

pub(crate) async fn ask(model: &Arc<dyn ChatModel>, messages: &[Message]) -> Result<ChatResponse, LlmError> {
    model.complete(&ChatRequest { messages: messages.to_vec(), ..ChatRequest::default() }).await
}

/// System prompt and one message.
pub(crate) fn opening(words: &str) -> Vec<Message> {
    vec![Message::system("You are precise."), Message::user(words)]
}

/// A call of `tool` and its result.
pub(crate) fn tool_turn(id: &str, tool: &str, output: &str) -> [Message; 2] {
    let arguments = ToolArguments::Json(Value::Object(serde_json::Map::new()));
    let call = ToolCall { id: id.into(), name: tool.into(), arguments };
    let result =
        ToolResult { call_id: id.into(), name: tool.into(), content: output.into(), is_error: false };
    [Message { role: Role::Assistant, parts: vec![Part::ToolCall(call)] }, Message::tool_result(result)]
}
