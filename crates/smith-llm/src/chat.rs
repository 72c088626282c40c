//! What goes to a model and what comes back, independent of any provider's wire format.

mod options;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::money::MicroUsd;

pub(crate) use options::DEFAULT_OUTPUT_TOKENS;
pub use options::{Effort, Image, OutputSchema, PromptCache, Reasoning};

/// Who speaks in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Instructions that hold for the whole conversation.
    System,
    /// The caller.
    User,
    /// The model.
    Assistant,
    /// A tool that answers the model's call.
    Tool,
}

/// One message of a conversation. Its parts stay in the order in which they were made: some providers
/// reject a history whose parts were regrouped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// Content, in order.
    pub parts: Vec<Part>,
}

impl Message {
    /// A system prompt.
    pub fn system(text: impl Into<String>) -> Self {
        Self::of_text(Role::System, text.into())
    }

    /// A message of the caller.
    pub fn user(text: impl Into<String>) -> Self {
        Self::of_text(Role::User, text.into())
    }

    /// An answer of the model that calls no tool.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::of_text(Role::Assistant, text.into())
    }

    /// The answer to one tool call.
    #[must_use]
    pub fn tool_result(result: ToolResult) -> Self {
        Self { role: Role::Tool, parts: vec![Part::ToolResult(result)] }
    }

    /// The text parts, joined with a line feed.
    #[must_use]
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self
            .parts
            .iter()
            .filter_map(|part| if let Part::Text { text } = part { Some(text.as_str()) } else { None })
            .collect();
        texts.join("\n")
    }

    /// The tool calls, in order.
    pub fn tool_calls(&self) -> impl Iterator<Item = &ToolCall> {
        self.parts.iter().filter_map(|part| if let Part::ToolCall(call) = part { Some(call) } else { None })
    }

    fn of_text(role: Role, text: String) -> Self {
        Self { role, parts: vec![Part::Text { text }] }
    }
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Part {
    /// Plain text.
    Text {
        /// The text.
        text: String,
    },
    /// An image, in a message of the caller.
    Image(Image),
    /// The model asks for a tool.
    ToolCall(ToolCall),
    /// A tool answers.
    ToolResult(ToolResult),
    /// Something that only its provider understands (a signature, an encrypted thought). It is sent back
    /// to that provider in its place and left out for every other one.
    Opaque {
        /// The wire format that made it and alone can read it.
        provider: String,
        /// As it came.
        value: Value,
    },
}

/// The model's wish to have a tool run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Identifier within the conversation; the answering [`ToolResult`] repeats it.
    pub id: String,
    /// Name of the tool as the model wrote it; it need not exist.
    pub name: String,
    /// Arguments.
    pub arguments: ToolArguments,
}

/// Arguments of a tool call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolArguments {
    /// Well-formed JSON; whether it satisfies the tool's schema is the caller's check.
    Json(Value),
    /// Text that is not JSON, or JSON nested too deeply to be kept, as the model wrote it. Sent back as a string
    /// inside an object: endpoints refuse a history whose arguments they cannot parse.
    Malformed(String),
}

/// A tool's answer to one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolResult {
    /// [`ToolCall::id`] of the call that this answers.
    pub call_id: String,
    /// Name of the tool.
    pub name: String,
    /// What the model reads. Not every wire format marks errors, so the text must say that it is one.
    pub content: String,
    /// Whether the tool refused or failed.
    pub is_error: bool,
}

/// A tool that the model may call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// Name.
    pub name: String,
    /// What it does and when to use it, for the model.
    pub description: String,
    /// JSON Schema of the arguments: an object.
    pub parameters: Value,
}

/// How answers are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sampling {
    /// See [`ChatRequest::temperature`].
    pub temperature: Option<f64>,
    /// See [`ChatRequest::seed`].
    pub seed: Option<u32>,
    /// See [`ChatRequest::reasoning`].
    pub effort: Option<Effort>,
}

impl Sampling {
    /// Writes itself into a request.
    pub fn apply(self, request: &mut ChatRequest) {
        request.temperature = self.temperature;
        request.seed = self.seed;
        request.reasoning = self.effort.map(Reasoning::Effort);
    }
}

/// One question to a model: the whole conversation so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ChatRequest {
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// Tools on offer.
    pub tools: Vec<ToolSpec>,
    /// Sampling temperature; absent means the endpoint's own default.
    pub temperature: Option<f64>,
    /// Seed of the sampling, for endpoints that honour one; absent means that none is sent.
    pub seed: Option<u32>,
    /// Upper bound of tokens in the answer; absent means the endpoint's own default.
    pub max_output_tokens: Option<u32>,
    /// Whether several tool calls may come in one answer. Sent only together with tools.
    pub parallel_tool_calls: Option<bool>,
    /// The JSON that the answer must be; absent means text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<OutputSchema>,
    /// How hard to think; absent means the endpoint's own default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Reasoning>,
    /// Whether to ask for the beginning of the conversation to be kept.
    #[serde(default, skip_serializing_if = "PromptCache::is_default")]
    pub cache: PromptCache,
    /// Name of the conversation, for recordings alone: two conversations may begin alike and go on differently.
    /// It is not sent and not part of the fingerprint.
    #[serde(skip)]
    pub label: Option<String>,
    /// What [`TokenCounter::default`](crate::TokenCounter) makes of this request, where whoever asks keeps count of a
    /// growing conversation; absent, it is counted for every call. Neither sent nor part of the fingerprint.
    #[serde(skip)]
    pub expected_input: Option<u64>,
}

/// Why the model stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FinishReason {
    /// It had said everything.
    Stop,
    /// It waits for tools.
    ToolCalls,
    /// The limit of tokens cut the answer off.
    Length,
    /// A content filter cut the answer off.
    ContentFilter,
    /// A word that this version does not know, as the endpoint gave it.
    Other(String),
}

/// Tokens of one call, as the endpoint counted them; all zero if it did not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens sent, cached ones included.
    pub input_tokens: u64,
    /// Of these, read from the provider's cache.
    pub cached_tokens: u64,
    /// Of the tokens sent, written to the provider's cache where that costs extra; never among the cached ones.
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_write_tokens: u64,
    /// Tokens received, reasoning included.
    pub output_tokens: u64,
    /// Of these, spent on reasoning that is not part of the answer.
    pub reasoning_tokens: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl std::ops::Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            cached_tokens: self.cached_tokens.saturating_add(other.cached_tokens),
            cache_write_tokens: self.cache_write_tokens.saturating_add(other.cache_write_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            reasoning_tokens: self.reasoning_tokens.saturating_add(other.reasoning_tokens),
        }
    }
}

/// A model's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChatResponse {
    /// What it said; append it to the conversation as it is.
    pub message: Message,
    /// Why it stopped.
    pub finish: FinishReason,
    /// Tokens.
    pub usage: Usage,
    /// The model that answered, as the endpoint names it.
    pub model: String,
    /// Cost; absent when the price is not known.
    pub cost: Option<MicroUsd>,
    /// What of the request could not be sent to this provider, and what is odd about the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(arguments: ToolArguments) -> Part {
        Part::ToolCall(ToolCall { id: "c1".into(), name: "ls".into(), arguments })
    }

    #[test]
    fn every_part_keeps_its_shape_in_json() {
        let message = Message {
            role: Role::Assistant,
            parts: vec![
                Part::Text { text: "look".into() },
                call(ToolArguments::Json(json!({"path": "."}))),
                call(ToolArguments::Malformed("{".into())),
                Part::Opaque { provider: "acme".into(), value: json!([1]) },
            ],
        };
        let value = serde_json::to_value(&message).unwrap();
        assert_eq!(
            value,
            json!({"role": "assistant", "parts": [
                {"type": "text", "text": "look"},
                {"type": "tool_call", "id": "c1", "name": "ls", "arguments": {"json": {"path": "."}}},
                {"type": "tool_call", "id": "c1", "name": "ls", "arguments": {"malformed": "{"}},
                {"type": "opaque", "provider": "acme", "value": [1]},
            ]})
        );
        assert_eq!(serde_json::from_value::<Message>(value).unwrap(), message);
    }

    #[test]
    fn text_and_calls_are_picked_in_order() {
        let mut message = Message::assistant("a");
        message.parts.push(call(ToolArguments::Json(json!({}))));
        message.parts.push(Part::Text { text: "b".into() });
        assert_eq!(message.text(), "a\nb");
        assert_eq!(message.tool_calls().map(|call| call.name.as_str()).collect::<Vec<_>>(), ["ls"]);
    }

    #[test]
    fn sampling_that_says_nothing_changes_nothing() {
        let mut request = ChatRequest::default();
        Sampling::default().apply(&mut request);
        assert_eq!(request, ChatRequest::default());
        Sampling { temperature: Some(0.5), seed: Some(3), effort: Some(Effort::High) }.apply(&mut request);
        let reasoning = Some(Reasoning::Effort(Effort::High));
        assert_eq!((request.temperature, request.seed, request.reasoning), (Some(0.5), Some(3), reasoning));
    }

    /// Journals hold requests, answers and fingerprints that were made before these fields were there.
    #[test]
    fn what_is_not_used_leaves_no_trace_in_json() {
        let request = serde_json::to_string(&ChatRequest::default()).unwrap();
        for field in ["output_schema", "reasoning", "cache"] {
            assert!(!request.contains(field), "{request}");
        }
        assert_eq!(serde_json::from_str::<ChatRequest>(&request).unwrap(), ChatRequest::default());
        let old = json!({"input_tokens": 3, "cached_tokens": 1, "output_tokens": 2, "reasoning_tokens": 0});
        let usage: Usage = serde_json::from_value(old.clone()).unwrap();
        assert_eq!(serde_json::to_value(usage).unwrap(), old);
        let answer = json!({"message": {"role": "assistant", "parts": []}, "finish": "stop", "usage": old,
            "model": "m", "cost": null});
        let read: ChatResponse = serde_json::from_value(answer.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), answer);
    }
}
