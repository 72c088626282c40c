//! Answers for a script, with a little made-up usage.

use serde_json::Value;
use smith_llm::{ChatResponse, FinishReason, Message, MicroUsd, Part, Role, ToolArguments, ToolCall, Usage};

/// The model says `text` and calls no tool.
pub fn text(text: impl Into<String>) -> ChatResponse {
    respond(vec![Part::Text { text: text.into() }], FinishReason::Stop)
}

/// The model calls one tool.
pub fn call(name: impl Into<String>, arguments: Value) -> ChatResponse {
    calls([(name, arguments)])
}

/// The model calls several tools at once.
pub fn calls<N: Into<String>>(calls: impl IntoIterator<Item = (N, Value)>) -> ChatResponse {
    let parts =
        calls.into_iter().map(|(name, arguments)| tool_call(name.into(), ToolArguments::Json(arguments)));
    respond(parts.collect(), FinishReason::ToolCalls)
}

/// The model calls a tool with arguments that are not JSON.
pub fn malformed_call(name: impl Into<String>, arguments: impl Into<String>) -> ChatResponse {
    let part = tool_call(name.into(), ToolArguments::Malformed(arguments.into()));
    respond(vec![part], FinishReason::ToolCalls)
}

/// Without an identifier: [`ScriptedModel`](crate::ScriptedModel) gives one that is new in the conversation.
fn tool_call(name: String, arguments: ToolArguments) -> Part {
    Part::ToolCall(ToolCall { id: String::new(), name, arguments })
}

fn respond(parts: Vec<Part>, finish: FinishReason) -> ChatResponse {
    ChatResponse {
        message: Message { role: Role::Assistant, parts },
        finish,
        usage: Usage { input_tokens: 100, output_tokens: 10, ..Usage::default() },
        model: "scripted".into(),
        cost: Some(MicroUsd(0)),
        warnings: Vec::new(),
    }
}
