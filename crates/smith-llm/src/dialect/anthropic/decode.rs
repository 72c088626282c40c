//! From a body of success to an answer.

use serde_json::Value;

use super::PROVIDER;
use crate::chat::{ChatResponse, FinishReason, Message, Usage};
use crate::dialect::DecodeError;
use crate::dialect::lenient::{Parts, arguments, count, shape, text_of, whole};

/// Ends that mean that there would have been more.
const CUT: [&str; 2] = ["max_tokens", "model_context_window_exceeded"];

pub(super) fn response(body: &Value, earlier_calls: usize) -> Result<ChatResponse, DecodeError> {
    let mut parts = Parts::new(PROVIDER, earlier_calls);
    match body.get("content") {
        Some(Value::String(text)) => parts.text(text),
        Some(Value::Array(blocks)) => {
            for (i, block) in blocks.iter().enumerate() {
                read(block, i, &mut parts)?;
            }
        }
        // An answer that says nothing may come without content.
        Some(Value::Null) | None if body.get("stop_reason").is_some() => {}
        _ => return Err(shape("content", "a list of blocks")),
    }
    let reason = body.get("stop_reason").and_then(Value::as_str).unwrap_or_default();
    if reason == "refusal" {
        return Err(DecodeError::Refusal(refusal(body, parts)));
    }
    if CUT.contains(&reason) {
        parts.cut_off();
    }
    let warnings = std::mem::take(&mut parts.warnings);
    let message = parts.into_message();
    Ok(ChatResponse {
        finish: finish(reason, &message),
        message,
        usage: usage_in(body),
        model: text_of(body.get("model")).unwrap_or_default(),
        cost: None,
        warnings,
    })
}

fn read(block: &Value, index: usize, parts: &mut Parts) -> Result<(), DecodeError> {
    match block.get("type").and_then(Value::as_str) {
        Some("text") | None => {
            parts.text(block.as_str().or_else(|| block.get("text")?.as_str()).unwrap_or_default());
        }
        Some("tool_use") => {
            let name = text_of(block.get("name"))
                .ok_or_else(|| shape(format!("content[{index}].name"), "the name of a tool"))?;
            parts.call(text_of(block.get("id")), name, arguments(block.get("input")));
        }
        Some(_) => parts.opaque(block.clone()),
    }
    Ok(())
}

/// What the model said when it declined, or else the category that stopped it.
fn refusal(body: &Value, parts: Parts) -> String {
    let said = parts.into_message().text();
    let explained = || {
        text_of(body.pointer("/stop_details/explanation"))
            .or_else(|| text_of(body.pointer("/stop_details/category")))
    };
    Some(said)
        .filter(|said| !said.trim().is_empty())
        .or_else(explained)
        .unwrap_or_else(|| "(no words)".into())
}

fn finish(reason: &str, message: &Message) -> FinishReason {
    match reason {
        "" | "end_turn" | "stop_sequence" | "stop" => whole(message),
        "tool_use" => FinishReason::ToolCalls,
        cut if CUT.contains(&cut) => FinishReason::Length,
        other => FinishReason::Other(other.to_owned()),
    }
}

/// Tokens, wherever in a body of success they are counted.
pub(super) fn usage_in(body: &Value) -> Usage {
    body.get("usage").map(usage).unwrap_or_default()
}

/// The wire counts what went through the cache apart from other input, and thoughts only as part of the output.
fn usage(usage: &Value) -> Usage {
    let cached_tokens = count(usage, &["/cache_read_input_tokens"]);
    let cache_write_tokens = count(usage, &["/cache_creation_input_tokens"]);
    let fresh = count(usage, &["/input_tokens"]);
    Usage {
        input_tokens: fresh.saturating_add(cached_tokens).saturating_add(cache_write_tokens),
        cached_tokens,
        cache_write_tokens,
        output_tokens: count(usage, &["/output_tokens"]),
        reasoning_tokens: count(
            usage,
            &["/output_tokens_details/thinking_tokens", "/output_tokens_details/reasoning_tokens"],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn input_includes_what_was_read_from_and_written_to_the_cache() {
        let wire = json!({"input_tokens": 7, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20,
            "output_tokens": 5});
        let expected = Usage {
            input_tokens: 127,
            cached_tokens: 100,
            cache_write_tokens: 20,
            output_tokens: 5,
            reasoning_tokens: 0,
        };
        assert_eq!(usage(&wire), expected);
        assert_eq!(usage(&json!({"input_tokens": 7, "cache_read_input_tokens": null})).input_tokens, 7);
    }
}
