//! From a body of success to an answer. Servers that call themselves compatible leave out, null, rename and
//! retype fields, so everything is read by hand and only an answer that cannot be used is an error.

use serde_json::{Map, Value, json};

use super::{PROVIDER, REASONING_CONTENT, REASONING_DETAILS};
use crate::chat::{ChatResponse, FinishReason, Message, Usage};
use crate::dialect::DecodeError;
use crate::dialect::lenient::{Parts, arguments, count, list, shape, text_of, whole};

const MESSAGE: &str = "choices[0].message";

pub(super) fn response(body: &Value, earlier_calls: usize) -> Result<ChatResponse, DecodeError> {
    let choice = list(body.get("choices"))
        .first()
        .ok_or_else(|| shape("choices", "a list with at least one choice"))?;
    let message =
        choice.get("message").and_then(Value::as_object).ok_or_else(|| shape(MESSAGE, "an object"))?;
    let mut parts = Parts::new(PROVIDER, earlier_calls);
    reasoning(message, &mut parts);
    parts.text(&text(message.get("content")));
    tool_calls(message, &mut parts)?;
    if parts.says_nothing()
        && let Some(refusal) = text_of(message.get("refusal"))
    {
        return Err(DecodeError::Refusal(refusal));
    }
    let warnings = std::mem::take(&mut parts.warnings);
    let message = parts.into_message();
    Ok(ChatResponse {
        finish: finish(choice.get("finish_reason"), &message),
        message,
        usage: usage_in(body),
        model: text_of(body.get("model")).unwrap_or_default(),
        cost: None,
        warnings,
    })
}

/// Thoughts that their server wants back. Those that it only shows are not part of the answer.
fn reasoning(message: &Map<String, Value>, parts: &mut Parts) {
    if let Some(details) = message.get(REASONING_DETAILS).filter(|details| !list(Some(details)).is_empty()) {
        parts.opaque(json!({REASONING_DETAILS: details}));
    } else if let Some(text) = text_of(message.get(REASONING_CONTENT)) {
        parts.opaque(json!({REASONING_CONTENT: text}));
    }
}

/// `content` is a string, null, absent, or a list of strings and typed parts, which are pieces of one text. Parts
/// that are no text (reasoning) are not part of the answer.
fn text(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().filter_map(text_item).collect(),
        _ => String::new(),
    }
}

fn text_item(item: &Value) -> Option<&str> {
    match item.get("type").and_then(Value::as_str) {
        None | Some("text" | "output_text") => item.as_str().or_else(|| item.get("text")?.as_str()),
        Some(_) => None,
    }
}

fn tool_calls(message: &Map<String, Value>, parts: &mut Parts) -> Result<(), DecodeError> {
    let calls = list(message.get("tool_calls"));
    for (i, call) in calls.iter().enumerate() {
        tool_call(call, call.get("function"), &format!("tool_calls[{i}]"), parts)?;
    }
    // The form before `tool_calls`, which some servers still speak.
    match message.get("function_call").filter(|call| calls.is_empty() && call.is_object()) {
        Some(call) => tool_call(call, Some(call), "function_call", parts),
        None => Ok(()),
    }
}

fn tool_call(
    call: &Value,
    function: Option<&Value>,
    place: &str,
    parts: &mut Parts,
) -> Result<(), DecodeError> {
    // Some servers leave the `function` level out.
    let function = function.filter(|function| function.is_object()).unwrap_or(call);
    let name = text_of(function.get("name"))
        .ok_or_else(|| shape(format!("{MESSAGE}.{place}.function.name"), "the name of a tool"))?;
    parts.call(text_of(call.get("id")), name, arguments(function.get("arguments")));
    Ok(())
}

fn finish(reason: Option<&Value>, message: &Message) -> FinishReason {
    match reason.and_then(Value::as_str).unwrap_or_default() {
        "" | "stop" | "eos" | "end_turn" | "stop_sequence" => whole(message),
        "tool_calls" | "tool" | "function_call" | "tool_use" => FinishReason::ToolCalls,
        "length" | "max_tokens" => FinishReason::Length,
        "content_filter" | "safety" => FinishReason::ContentFilter,
        other => FinishReason::Other(other.to_owned()),
    }
}

/// Tokens, wherever in a body of success they are counted.
pub(super) fn usage_in(body: &Value) -> Usage {
    body.get("usage").map(usage).unwrap_or_default()
}

fn usage(usage: &Value) -> Usage {
    Usage {
        input_tokens: count(usage, &["/prompt_tokens", "/input_tokens"]),
        cached_tokens: count(usage, &["/prompt_tokens_details/cached_tokens", "/prompt_cache_hit_tokens"]),
        cache_write_tokens: count(usage, &["/prompt_tokens_details/cache_write_tokens"]),
        output_tokens: count(usage, &["/completion_tokens", "/output_tokens"]),
        reasoning_tokens: count(usage, &["/completion_tokens_details/reasoning_tokens", "/reasoning_tokens"]),
    }
}
