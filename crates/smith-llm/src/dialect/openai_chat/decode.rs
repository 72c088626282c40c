//! From a body of success to an answer. Servers that call themselves compatible leave out, null, rename and
//! retype fields, so everything is read by hand and only an answer that cannot be used is an error.

use serde_json::{Map, Value};

use crate::canonical;
use crate::chat::{ChatResponse, FinishReason, Message, Part, Role, ToolArguments, ToolCall, Usage};
use crate::dialect::DecodeError;

const MESSAGE: &str = "choices[0].message";

pub(super) fn response(body: &Value, earlier_calls: usize) -> Result<ChatResponse, DecodeError> {
    let choice = body
        .get("choices")
        .and_then(Value::as_array)
        .and_then(|choices| choices.first())
        .ok_or_else(|| shape("choices", "a list with at least one choice"))?;
    let message =
        choice.get("message").and_then(Value::as_object).ok_or_else(|| shape(MESSAGE, "an object"))?;
    let mut parts = text_parts(message.get("content"));
    parts.extend(tool_calls(message, earlier_calls)?.into_iter().map(Part::ToolCall));
    if parts.is_empty()
        && let Some(refusal) = text_of(message.get("refusal"))
    {
        return Err(DecodeError::Refusal(refusal));
    }
    let message = Message { role: Role::Assistant, parts };
    Ok(ChatResponse {
        finish: finish(choice.get("finish_reason"), &message),
        message,
        usage: body.get("usage").map(usage).unwrap_or_default(),
        model: text_of(body.get("model")).unwrap_or_default(),
        cost: None,
    })
}

/// `content` is a string, null, absent, or a list of strings and typed parts, which are pieces of one text. Parts
/// that are no text (reasoning) are not part of the answer.
fn text_parts(content: Option<&Value>) -> Vec<Part> {
    let text = match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().filter_map(text_item).collect(),
        _ => String::new(),
    };
    if text.is_empty() { Vec::new() } else { vec![Part::Text { text }] }
}

fn text_item(item: &Value) -> Option<&str> {
    match item.get("type").and_then(Value::as_str) {
        None | Some("text" | "output_text") => item.as_str().or_else(|| item.get("text")?.as_str()),
        Some(_) => None,
    }
}

fn tool_calls(message: &Map<String, Value>, earlier_calls: usize) -> Result<Vec<ToolCall>, DecodeError> {
    if let Some(calls) = message.get("tool_calls").and_then(Value::as_array).filter(|calls| !calls.is_empty())
    {
        let numbered = calls.iter().enumerate();
        return numbered
            .map(|(i, call)| {
                tool_call(call, call.get("function"), &format!("tool_calls[{i}]"), earlier_calls + i)
            })
            .collect();
    }
    // The form before `tool_calls`, which some servers still speak.
    match message.get("function_call").filter(|call| call.is_object()) {
        Some(call) => Ok(vec![tool_call(call, Some(call), "function_call", earlier_calls)?]),
        None => Ok(Vec::new()),
    }
}

fn tool_call(
    call: &Value,
    function: Option<&Value>,
    place: &str,
    number: usize,
) -> Result<ToolCall, DecodeError> {
    // Some servers leave the `function` level out.
    let function = function.filter(|function| function.is_object()).unwrap_or(call);
    let name = text_of(function.get("name")).ok_or_else(|| DecodeError::Shape {
        path: format!("{MESSAGE}.{place}.function.name"),
        problem: "the name of a tool",
    })?;
    Ok(ToolCall {
        id: text_of(call.get("id")).unwrap_or_else(|| format!("call_{number}")),
        name,
        arguments: arguments(function.get("arguments")),
    })
}

/// Levels of nesting that arguments may have. A reader of JSON stops at 128 levels, and arguments are written inside
/// of other values wherever they are kept.
const MOST_LEVELS: usize = 64;

/// Arguments as they are kept: what is nested too deeply is text.
fn arguments(value: Option<&Value>) -> ToolArguments {
    match read_arguments(value) {
        ToolArguments::Json(deep) if levels(&deep) > MOST_LEVELS => {
            ToolArguments::Malformed(canonical::to_string(&deep))
        }
        read => read,
    }
}

fn levels(value: &Value) -> usize {
    let inner = match value {
        Value::Array(items) => items.iter().map(levels).max(),
        Value::Object(map) => map.values().map(levels).max(),
        _ => return 0,
    };
    1 + inner.unwrap_or(0)
}

/// Arguments come as JSON in a string, as an object, encoded twice, or not at all for a tool without any.
fn read_arguments(value: Option<&Value>) -> ToolArguments {
    let Some(Value::String(text)) = value else {
        return ToolArguments::Json(
            value.filter(|value| !value.is_null()).cloned().unwrap_or_else(no_arguments),
        );
    };
    if text.trim().is_empty() {
        return ToolArguments::Json(no_arguments());
    }
    match serde_json::from_str(text) {
        Ok(Value::Null) => ToolArguments::Json(no_arguments()),
        Ok(Value::String(inner)) => serde_json::from_str(&inner)
            .map_or(ToolArguments::Json(Value::String(inner)), ToolArguments::Json),
        Ok(value) => ToolArguments::Json(value),
        Err(_) => ToolArguments::Malformed(text.clone()),
    }
}

fn no_arguments() -> Value {
    Value::Object(Map::new())
}

fn finish(reason: Option<&Value>, message: &Message) -> FinishReason {
    let calls = message.tool_calls().next().is_some();
    match reason.and_then(Value::as_str).unwrap_or_default() {
        // Some servers say "stop" although the model waits for tools.
        "" | "stop" | "eos" | "end_turn" | "stop_sequence" if calls => FinishReason::ToolCalls,
        "" | "stop" | "eos" | "end_turn" | "stop_sequence" => FinishReason::Stop,
        "tool_calls" | "tool" | "function_call" | "tool_use" => FinishReason::ToolCalls,
        "length" | "max_tokens" => FinishReason::Length,
        "content_filter" | "safety" => FinishReason::ContentFilter,
        other => FinishReason::Other(other.to_owned()),
    }
}

fn usage(usage: &Value) -> Usage {
    let count =
        |pointers: &[&str]| pointers.iter().find_map(|pointer| tokens(usage.pointer(pointer)?)).unwrap_or(0);
    Usage {
        input_tokens: count(&["/prompt_tokens", "/input_tokens"]),
        cached_tokens: count(&["/prompt_tokens_details/cached_tokens", "/prompt_cache_hit_tokens"]),
        output_tokens: count(&["/completion_tokens", "/output_tokens"]),
        reasoning_tokens: count(&["/completion_tokens_details/reasoning_tokens", "/reasoning_tokens"]),
    }
}

/// A count, which may come as a float or in a string.
fn tokens(value: &Value) -> Option<u64> {
    let number = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a small count"
    )]
    (0.0..1e12).contains(&number).then_some(number as u64)
}

/// A string that says something.
fn text_of(value: Option<&Value>) -> Option<String> {
    value?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn shape(path: &str, problem: &'static str) -> DecodeError {
    DecodeError::Shape { path: path.into(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// JSON made of the words of the format in places where they may not belong.
    fn any_body() -> impl Strategy<Value = Value> {
        let words = prop::sample::select(vec![
            "choices",
            "message",
            "content",
            "tool_calls",
            "function",
            "function_call",
            "name",
            "arguments",
            "id",
            "type",
            "text",
            "usage",
            "prompt_tokens",
            "finish_reason",
            "stop",
            "refusal",
            "{}",
            "{",
        ]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            words.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 64, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(words.clone(), inner, 0..4)
                    .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_message_is_read_or_refused_with_a_path(message in any_body(), usage in any_body()) {
            let body = json!({"choices": [{"message": message}], "usage": usage});
            match response(&body, 7) {
                Ok(answer) => prop_assert!(answer.message.tool_calls().all(|call| !call.name.is_empty() && !call.id.is_empty())),
                Err(DecodeError::Shape { path, .. }) => prop_assert!(path.starts_with(MESSAGE), "{path}"),
                Err(DecodeError::Refusal(words)) => prop_assert!(!words.is_empty()),
            }
            let _ = response(&usage, 0);
        }
    }

    #[test]
    fn counts_come_in_several_types() {
        for (value, expected) in [
            (json!(12), Some(12)),
            (json!(12.0), Some(12)),
            (json!("12"), Some(12)),
            (json!(-1), None),
            (json!(1e300), None),
            (json!("many"), None),
            (json!(null), None),
        ] {
            assert_eq!(tokens(&value), expected, "{value}");
        }
    }

    #[test]
    fn arguments_come_in_several_types() {
        for (value, expected) in [
            (Some(json!("{\"a\":1}")), ToolArguments::Json(json!({"a": 1}))),
            (Some(json!({"a": 1})), ToolArguments::Json(json!({"a": 1}))),
            (Some(json!("\"{\\\"a\\\":1}\"")), ToolArguments::Json(json!({"a": 1}))),
            (Some(json!("\"words\"")), ToolArguments::Json(json!("words"))),
            (Some(json!("{\"a\":")), ToolArguments::Malformed("{\"a\":".into())),
            (Some(json!(" ")), ToolArguments::Json(json!({}))),
            (Some(json!("null")), ToolArguments::Json(json!({}))),
            (Some(json!(null)), ToolArguments::Json(json!({}))),
            (None, ToolArguments::Json(json!({}))),
        ] {
            assert_eq!(arguments(value.as_ref()), expected, "{value:?}");
        }
    }

    #[test]
    fn arguments_that_are_nested_too_deeply_are_text() {
        let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        let read = |levels| arguments(Some(&Value::String(nested(levels))));
        assert!(matches!(read(MOST_LEVELS), ToolArguments::Json(_)));
        for levels in [MOST_LEVELS + 1, 120, 200, 100_000] {
            assert_eq!(read(levels), ToolArguments::Malformed(nested(levels)));
        }
    }
}
