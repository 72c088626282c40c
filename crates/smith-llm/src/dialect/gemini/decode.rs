//! From a body of success to an answer.

use serde_json::{Map, Value, json};

use super::{PART, PROVIDER, WITH_NEXT};
use crate::chat::{ChatResponse, FinishReason, Message, Usage};
use crate::dialect::DecodeError;
use crate::dialect::lenient::{Parts, arguments, count, list, shape, text_of, whole};

const PARTS: &str = "candidates[0].content.parts";

/// Ends that mean that a filter stepped in.
const FILTERED: [&str; 7] =
    ["SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "LANGUAGE"];

pub(super) fn response(body: &Value, earlier_calls: usize) -> Result<ChatResponse, DecodeError> {
    // Gateways that stream elsewhere wrap the one answer in a list.
    let body = list(Some(body)).first().unwrap_or(body);
    if let Some(reason) = text_of(body.pointer("/promptFeedback/blockReason")) {
        let words = text_of(body.pointer("/promptFeedback/blockReasonMessage"));
        return Err(DecodeError::Refusal(
            words.unwrap_or_else(|| format!("the prompt was blocked: {reason}")),
        ));
    }
    let candidate = list(body.get("candidates"))
        .first()
        .filter(|candidate| candidate.is_object())
        .ok_or_else(|| shape("candidates", "a list with at least one candidate"))?;
    let mut parts = Parts::new(PROVIDER, earlier_calls);
    for (i, part) in list(candidate.pointer("/content/parts")).iter().enumerate() {
        read(part, i, &mut parts)?;
    }
    let reason = candidate.get("finishReason").and_then(Value::as_str).unwrap_or_default();
    let words = text_of(candidate.get("finishMessage"));
    if parts.says_nothing() && FILTERED.contains(&reason) {
        return Err(DecodeError::Refusal(
            words.unwrap_or_else(|| format!("the answer was stopped: {reason}")),
        ));
    }
    let mut warnings = std::mem::take(&mut parts.warnings);
    warnings.extend(words.map(|words| format!("the provider says of the answer's end: {words}")));
    let message = parts.into_message();
    Ok(ChatResponse {
        finish: finish(reason, &message),
        message,
        usage: usage_in(body),
        model: text_of(body.get("modelVersion")).unwrap_or_default(),
        cost: None,
        warnings,
    })
}

fn read(part: &Value, index: usize, parts: &mut Parts) -> Result<(), DecodeError> {
    let Value::Object(fields) = part else {
        parts.text(part.as_str().unwrap_or_default());
        return Ok(());
    };
    let thought = fields.get("thought").and_then(Value::as_bool).unwrap_or(false);
    let plain = fields.keys().all(|name| name == "text" || name == "thought");
    let text = fields.get("text").and_then(Value::as_str).unwrap_or_default();
    if let Some(call) = fields.get("functionCall").filter(|call| call.is_object()) {
        let name = text_of(call.get("name"))
            .ok_or_else(|| shape(format!("{PARTS}[{index}].functionCall.name"), "the name of a tool"))?;
        let id = text_of(call.get("id"));
        with_next(fields, id.as_deref(), parts);
        parts.call(id, name, arguments(call.get("args")));
    } else if thought || !plain && text.trim().is_empty() {
        parts.opaque(json!({PART: part}));
    } else {
        with_next(fields, None, parts);
        parts.text(text);
    }
    Ok(())
}

/// Keeps what hangs on a part: its signature, and the identifier if Gemini gave one.
fn with_next(fields: &Map<String, Value>, id: Option<&str>, parts: &mut Parts) {
    let mut kept: Map<String, Value> = fields
        .iter()
        .filter(|(name, value)| name.as_str() == "thoughtSignature" && !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let Some(id) = id {
        kept.insert("id".into(), id.into());
    }
    if !kept.is_empty() {
        parts.opaque(json!({WITH_NEXT: kept}));
    }
}

fn finish(reason: &str, message: &Message) -> FinishReason {
    match reason {
        "" | "STOP" | "FINISH_REASON_UNSPECIFIED" => whole(message),
        "MAX_TOKENS" => FinishReason::Length,
        filtered if FILTERED.contains(&filtered) => FinishReason::ContentFilter,
        other => FinishReason::Other(other.to_owned()),
    }
}

/// Tokens, wherever in a body of success they are counted.
pub(super) fn usage_in(body: &Value) -> Usage {
    let body = list(Some(body)).first().unwrap_or(body);
    body.get("usageMetadata").map(usage).unwrap_or_default()
}

/// The wire counts thoughts apart from the answer.
fn usage(usage: &Value) -> Usage {
    let reasoning_tokens = count(usage, &["/thoughtsTokenCount"]);
    Usage {
        input_tokens: count(usage, &["/promptTokenCount"])
            .saturating_add(count(usage, &["/toolUsePromptTokenCount"])),
        cached_tokens: count(usage, &["/cachedContentTokenCount"]),
        cache_write_tokens: 0,
        output_tokens: count(usage, &["/candidatesTokenCount"]).saturating_add(reasoning_tokens),
        reasoning_tokens,
    }
}
