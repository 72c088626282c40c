//! The first record of a JSON file, shortened so that it can be quoted.

use serde_json::{Map, Value};

use crate::overview::display::{one_line, prefix};
use crate::source::encoding::decode_head;
use crate::source::reader;
use crate::source::walk::Found;

/// Bytes in which the first record has to end; of a longer one the beginning is quoted as it is written.
const HEAD_BYTES: usize = 256 << 10;
/// Bytes of a beginning that is quoted as it is written.
const BEGINNING: usize = 600;
/// Characters of a text in a record.
const TEXT_CHARS: usize = 120;
/// Elements of a list in a record.
const ELEMENTS: usize = 3;
/// Fields of an object in a record.
const FIELDS: usize = 40;
/// Objects within objects that are written out.
const DEPTH: usize = 4;
/// Bytes of the whole sample.
const SAMPLE_BYTES: usize = 3_000;

/// The first record of a list or of JSON Lines, or the beginning of the value; empty when the file cannot be read,
/// which its reader reports.
pub(crate) fn sample(found: &Found) -> String {
    let Ok(head) = reader::head(&found.path, HEAD_BYTES) else { return String::new() };
    of_text(&decode_head(&head))
}

fn of_text(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let first = text.strip_prefix('[').unwrap_or(text);
    // A stream ends with the first value: what is behind it is never parsed.
    let record = serde_json::Deserializer::from_str(first).into_iter::<Value>().next();
    let sample = match record {
        Some(Ok(value)) => shortened(value, 0).to_string(),
        _ => one_line(prefix(text, BEGINNING), BEGINNING),
    };
    if sample.len() <= SAMPLE_BYTES { sample } else { format!("{}…", prefix(&sample, SAMPLE_BYTES)) }
}

/// Long texts are cut, long lists and objects end with `…`, and what is nested too deep is left out.
fn shortened(value: Value, depth: usize) -> Value {
    match value {
        Value::String(text) => Value::String(one_line(&text, TEXT_CHARS)),
        Value::Array(items) if depth >= DEPTH && !items.is_empty() => {
            Value::String(format!("… {} elements", items.len()))
        }
        Value::Object(fields) if depth >= DEPTH && !fields.is_empty() => {
            Value::String(format!("… {} fields", fields.len()))
        }
        Value::Array(items) => {
            let more = items.len().saturating_sub(ELEMENTS);
            let mut shown: Vec<Value> =
                items.into_iter().take(ELEMENTS).map(|item| shortened(item, depth + 1)).collect();
            if more > 0 {
                shown.push(Value::String(format!("… {more} more")));
            }
            Value::Array(shown)
        }
        Value::Object(fields) => {
            let more = fields.len().saturating_sub(FIELDS);
            let mut shown: Map<String, Value> = fields
                .into_iter()
                .take(FIELDS)
                .map(|(key, value)| (one_line(&key, TEXT_CHARS), shortened(value, depth + 1)))
                .collect();
            if more > 0 {
                shown.insert(String::from("…"), Value::String(format!("{more} more")));
            }
            Value::Object(shown)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn first_records() {
        let long = "x".repeat(200);
        let table = [
            ("[{\"a\": 1}, {\"a\": 2}]", "{\"a\":1}"),
            ("{\"a\": 1}\n{\"a\": 2}\n", "{\"a\":1}"),
            ("\u{feff} {\"a\": [1,2,3,4,5]}", "{\"a\":[1,2,3,\"… 2 more\"]}"),
            ("[[[[[[1,2]]]]]]", "[[[[\"… 2 elements\"]]]]"),
            ("[]", "[]"),
            ("", ""),
            ("{\"a\": ", "{\"a\":"),
            ("[1, 2]", "1"),
        ];
        for (text, expected) in table {
            assert_eq!(of_text(text), expected, "{text}");
        }
        assert_eq!(of_text(&format!("{{\"a\":\"{long}\"}}")), format!("{{\"a\":\"{}…\"}}", "x".repeat(120)));
    }

    proptest! {
        #[test]
        fn samples_are_short(text in "([\\[\\]{}\",:0-9a-z \n]|.){0,300}") {
            prop_assert!(of_text(&text).len() <= SAMPLE_BYTES + 4);
        }
    }
}
