//! Reading of what servers leave out, null, rename and retype.

use serde_json::{Map, Value};

use super::DecodeError;
use crate::canonical;
use crate::chat::{FinishReason, Message, Part, Role, ToolArguments, ToolCall};

/// Levels of nesting that arguments and opaque parts may have. A reader of JSON stops at 128 levels, and they are
/// written inside of other values wherever they are kept.
const MOST_LEVELS: usize = 64;

/// The parts of an answer, in the making.
pub(super) struct Parts {
    parts: Vec<Part>,
    /// Wire format of the opaque ones.
    provider: &'static str,
    /// Number of the next call without an identifier.
    next_call: usize,
    pub(super) warnings: Vec<String>,
}

impl Parts {
    pub(super) fn new(provider: &'static str, earlier_calls: usize) -> Self {
        Self { parts: Vec::new(), provider, next_call: earlier_calls, warnings: Vec::new() }
    }

    /// Adds text. Pieces that follow each other are pieces of one text.
    pub(super) fn text(&mut self, more: &str) {
        if let Some(Part::Text { text }) = self.parts.last_mut() {
            text.push_str(more);
        } else if !more.is_empty() {
            self.parts.push(Part::Text { text: more.to_owned() });
        }
    }

    /// Adds a call. Every call has its number, and those without an identifier are named by it.
    pub(super) fn call(&mut self, id: Option<String>, name: String, arguments: ToolArguments) {
        let id = id.unwrap_or_else(|| format!("call_{}", self.next_call));
        self.next_call = self.next_call.saturating_add(1);
        self.parts.push(Part::ToolCall(ToolCall { id, name, arguments }));
    }

    /// The answer was cut off. On wires that give arguments as an object, what is left of the last call looks whole and
    /// is not: it must not be carried out.
    pub(super) fn cut_off(&mut self) {
        if let Some(Part::ToolCall(ToolCall { arguments, .. })) = self.parts.last_mut()
            && let ToolArguments::Json(value) = arguments
        {
            *arguments = ToolArguments::Malformed(format!("{} (cut off)", canonical::to_string(value)));
        }
    }

    /// Keeps what only its maker understands, in its place.
    pub(super) fn opaque(&mut self, value: Value) {
        if levels(&value) > MOST_LEVELS {
            self.warnings.push("a part of the answer is nested too deeply to be kept".into());
            return;
        }
        self.parts.push(Part::Opaque { provider: self.provider.into(), value });
    }

    /// Whether nothing was said: opaque parts say nothing to us.
    pub(super) fn says_nothing(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Opaque { .. }))
    }

    pub(super) fn into_message(self) -> Message {
        Message { role: Role::Assistant, parts: self.parts }
    }
}

/// Arguments as they are kept: what is nested too deeply is text.
pub(super) fn arguments(value: Option<&Value>) -> ToolArguments {
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

/// The end of an answer that its wire calls whole. Some servers say so although the model waits for tools.
pub(super) fn whole(message: &Message) -> FinishReason {
    if message.tool_calls().next().is_some() { FinishReason::ToolCalls } else { FinishReason::Stop }
}

/// The first count among these places; 0 if there is none.
pub(super) fn count(usage: &Value, pointers: &[&str]) -> u64 {
    pointers.iter().find_map(|pointer| tokens(usage.pointer(pointer)?)).unwrap_or(0)
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
pub(super) fn text_of(value: Option<&Value>) -> Option<String> {
    value?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The items of a list; none of anything else.
pub(super) fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

pub(super) fn shape(path: impl Into<String>, problem: &'static str) -> DecodeError {
    DecodeError::Shape { path: path.into(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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

    fn nested(levels: usize) -> String {
        format!("{}1{}", "[".repeat(levels), "]".repeat(levels))
    }

    #[test]
    fn arguments_that_are_nested_too_deeply_are_text() {
        let read = |levels| arguments(Some(&Value::String(nested(levels))));
        assert!(matches!(read(MOST_LEVELS), ToolArguments::Json(_)));
        for levels in [MOST_LEVELS + 1, 120, 200, 100_000] {
            assert_eq!(read(levels), ToolArguments::Malformed(nested(levels)));
        }
    }

    #[test]
    fn opaque_parts_that_are_nested_too_deeply_are_left_out_with_a_warning() {
        for (levels, kept) in [(MOST_LEVELS, 1), (MOST_LEVELS + 1, 0)] {
            let mut parts = Parts::new("p", 0);
            parts.opaque(serde_json::from_str(&nested(levels)).unwrap());
            assert_eq!((parts.parts.len(), parts.warnings.len()), (kept, 1 - kept));
        }
    }

    #[test]
    fn pieces_of_text_are_joined_until_something_else_comes() {
        let mut parts = Parts::new("p", 3);
        for piece in ["a", "", "b"] {
            parts.text(piece);
        }
        parts.call(None, "t".into(), arguments(None));
        parts.text("c");
        parts.call(Some("x".into()), "t".into(), arguments(None));
        parts.call(None, "t".into(), arguments(None));
        let message = parts.into_message();
        assert_eq!(message.text(), "ab\nc");
        assert_eq!(
            message.tool_calls().map(|call| call.id.as_str()).collect::<Vec<_>>(),
            ["call_3", "x", "call_5"]
        );
    }
}
