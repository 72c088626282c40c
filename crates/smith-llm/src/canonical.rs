//! JSON text that is the same for equal values, whatever order their keys came in.

use serde::Serialize;
use serde_json::Value;

/// Canonical JSON of anything that serialises; a value that JSON cannot hold counts as null.
pub(crate) fn of<T: Serialize>(value: &T) -> String {
    to_string(&serde_json::to_value(value).unwrap_or(Value::Null))
}

/// Compact JSON with sorted keys. The order of keys in `serde_json` depends on a feature that any crate of
/// the build may switch on, so it is settled here.
pub(crate) fn to_string(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                separate(i, out);
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (i, (key, item)) in entries.into_iter().enumerate() {
                separate(i, out);
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_at_every_depth() {
        let value: Value = serde_json::from_str(r#"{"b":[{"z":1,"a":"\"x"}],"a":null}"#).unwrap();
        assert_eq!(to_string(&value), r#"{"a":null,"b":[{"a":"\"x","z":1}]}"#);
        assert_eq!(of(&json!([])), "[]");
    }

    proptest! {
        #[test]
        fn canonical_text_reads_back_as_the_same_value(keys in prop::collection::vec(".{0,6}", 0..6), n in any::<i64>()) {
            let value = Value::Object(keys.into_iter().map(|key| (key.clone(), json!([n, key]))).collect());
            prop_assert_eq!(serde_json::from_str::<Value>(&to_string(&value)).unwrap(), value);
        }
    }
}
