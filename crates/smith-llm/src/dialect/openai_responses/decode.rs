//! From a body of success to an answer.

use serde_json::Value;

use super::PROVIDER;
use crate::chat::{ChatResponse, FinishReason, Message, Usage};
use crate::dialect::DecodeError;
use crate::dialect::lenient::{Parts, arguments, count, list, shape, text_of, whole};

pub(super) fn response(body: &Value, earlier_calls: usize) -> Result<ChatResponse, DecodeError> {
    let mut parts = Parts::new(PROVIDER, earlier_calls);
    let mut refusals = Vec::new();
    match body.get("output").and_then(Value::as_array) {
        Some(items) => {
            for (i, item) in items.iter().enumerate() {
                read(item, i, &mut parts, &mut refusals)?;
            }
        }
        // Some gateways give the text alone.
        None => {
            let text = text_of(body.get("output_text")).ok_or_else(|| shape("output", "a list of items"))?;
            parts.text(&text);
        }
    }
    if parts.says_nothing() && !refusals.is_empty() {
        return Err(DecodeError::Refusal(refusals.join("\n")));
    }
    let warnings = std::mem::take(&mut parts.warnings);
    let message = parts.into_message();
    Ok(ChatResponse {
        finish: finish(body, &message)?,
        message,
        usage: usage_in(body),
        model: text_of(body.get("model")).unwrap_or_default(),
        cost: None,
        warnings,
    })
}

fn read(
    item: &Value,
    index: usize,
    parts: &mut Parts,
    refusals: &mut Vec<String>,
) -> Result<(), DecodeError> {
    let kind = item.get("type").and_then(Value::as_str);
    match kind {
        Some("message") | None => content(item.get("content"), parts, refusals),
        Some("function_call") => {
            let name = text_of(item.get("name"))
                .ok_or_else(|| shape(format!("output[{index}].name"), "the name of a tool"))?;
            let id = text_of(item.get("call_id")).or_else(|| text_of(item.get("id")));
            parts.call(id, name, arguments(item.get("arguments")));
        }
        // Nothing is stored, so a thought that is not sealed could not be found again.
        Some("reasoning") if text_of(item.get("encrypted_content")).is_none() => {}
        Some(_) => parts.opaque(without_nulls(item)),
    }
    Ok(())
}

fn content(content: Option<&Value>, parts: &mut Parts, refusals: &mut Vec<String>) {
    if let Some(text) = content.and_then(Value::as_str) {
        parts.text(text);
    }
    for piece in list(content) {
        match piece.get("type").and_then(Value::as_str) {
            Some("refusal") => refusals.extend(text_of(piece.get("refusal"))),
            Some("output_text" | "text") | None => {
                parts.text(piece.as_str().or_else(|| piece.get("text")?.as_str()).unwrap_or_default());
            }
            Some(_) => {}
        }
    }
}

/// An item as it may be sent back: fields that came as null are refused.
fn without_nulls(item: &Value) -> Value {
    match item {
        Value::Object(map) => map
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
        other => other.clone(),
    }
}

fn finish(body: &Value, message: &Message) -> Result<FinishReason, DecodeError> {
    let reason = body.pointer("/incomplete_details/reason").and_then(Value::as_str);
    Ok(match (body.get("status").and_then(Value::as_str), reason) {
        (Some("incomplete"), Some("max_output_tokens" | "max_tokens")) => FinishReason::Length,
        (Some("incomplete"), Some("content_filter")) => FinishReason::ContentFilter,
        (Some("incomplete"), other) => FinishReason::Other(other.unwrap_or("incomplete").to_owned()),
        (Some("completed" | "") | None, _) => whole(message),
        (Some("queued" | "in_progress"), _) => {
            return Err(shape("status", "completed: nothing runs in the background"));
        }
        (Some(other), _) => FinishReason::Other(other.to_owned()),
    })
}

/// Tokens, wherever in a body of success they are counted.
pub(super) fn usage_in(body: &Value) -> Usage {
    body.get("usage").map(usage).unwrap_or_default()
}

fn usage(usage: &Value) -> Usage {
    Usage {
        input_tokens: count(usage, &["/input_tokens", "/prompt_tokens"]),
        cached_tokens: count(
            usage,
            &["/input_tokens_details/cached_tokens", "/prompt_tokens_details/cached_tokens"],
        ),
        cache_write_tokens: count(usage, &["/input_tokens_details/cache_write_tokens"]),
        output_tokens: count(usage, &["/output_tokens", "/completion_tokens"]),
        reasoning_tokens: count(
            usage,
            &["/output_tokens_details/reasoning_tokens", "/completion_tokens_details/reasoning_tokens"],
        ),
    }
}
