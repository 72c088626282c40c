//! JSON text that is the same for equal values, whatever order their keys came in.

use serde::Serialize;
use serde_json::Value;

/// Canonical JSON of anything that serialises; a value that JSON cannot hold counts as null.
///
/// Every call of a model is known by its canonical JSON, and a conversation is long: the text is sorted as it stands,
/// which costs a small part of what a tree of its values would.
pub(crate) fn of<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
    let mut sorter = Sorter { rest: &text, sorted: String::with_capacity(text.len()) };
    sorter.value();
    sorter.sorted
}

/// Copies compact JSON, as `serde_json` writes it, with the entries of every object in order.
struct Sorter<'a> {
    rest: &'a str,
    sorted: String,
}

impl<'a> Sorter<'a> {
    fn value(&mut self) {
        match self.next() {
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'"') => {
                let string = self.string();
                self.sorted.push_str(string);
            }
            _ => {
                let scalar = self.take(self.rest.find([',', ']', '}']).unwrap_or(self.rest.len()));
                self.sorted.push_str(scalar);
            }
        }
    }

    fn array(&mut self) {
        self.copy();
        while self.next().is_some_and(|byte| byte != b']') {
            self.value();
            if self.next() == Some(b',') {
                self.copy();
            }
        }
        self.copy();
    }

    fn object(&mut self) {
        self.copy();
        let begin = self.sorted.len();
        // Where the entries end, without the commas between them.
        let mut entries: Vec<(&'a str, std::ops::Range<usize>)> = Vec::new();
        while self.next().is_some_and(|byte| byte != b'}') {
            let (start, key) = (self.sorted.len(), self.string());
            self.sorted.push_str(key);
            self.copy();
            self.value();
            entries.push((key, start..self.sorted.len()));
            if self.next() == Some(b',') {
                self.copy();
            }
        }
        if !entries.is_sorted_by(|(a, _), (b, _)| is_before(a, b)) {
            entries.sort_by_cached_key(|(key, _)| unquoted(key));
            let texts: Vec<&str> =
                entries.into_iter().filter_map(|(_, place)| self.sorted.get(place)).collect();
            let in_order = texts.join(",");
            self.sorted.truncate(begin);
            self.sorted.push_str(&in_order);
        }
        self.copy();
    }

    /// A string with its quotes.
    fn string(&mut self) -> &'a str {
        let mut length = 1;
        while let Some(place) =
            memchr::memchr2(b'"', b'\\', self.rest.as_bytes().get(length..).unwrap_or_default())
        {
            length += place + 1;
            if self.rest.as_bytes().get(length - 1) == Some(&b'"') {
                return self.take(length);
            }
            // What is escaped ends nothing.
            length += 1;
        }
        self.take(self.rest.len())
    }

    /// One byte of punctuation.
    fn copy(&mut self) {
        let mark = self.take(1);
        self.sorted.push_str(mark);
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn next(&self) -> Option<u8> {
        self.rest.bytes().next()
    }
}

/// Whether keys, in their quotes, stand in the order of what they say. Escapes and the end of a string change that.
fn is_before(a: &str, b: &str) -> bool {
    unquoted(a) <= unquoted(b)
}

fn unquoted(key: &str) -> std::borrow::Cow<'_, str> {
    if key.contains('\\') {
        return serde_json::from_str::<String>(key).unwrap_or_default().into();
    }
    key.get(1..key.len().saturating_sub(1)).unwrap_or_default().into()
}

/// Compact JSON of a tree with sorted keys. The order of keys in `serde_json` depends on a feature that any crate of
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

    /// What was written down before stays known by the same text.
    #[test]
    fn sorting_the_text_and_sorting_the_tree_give_the_same() {
        #[derive(Serialize)]
        struct Odd {
            z: Option<f64>,
            a: Value,
            m: Vec<(u8, &'static str)>,
        }
        let a = json!({"a\"": 1, "a": {}, "a!": [], "a\\": null, "\u{1}": "}{\"],[:", "ä": [[{"b": -0.0, "a": 1e300}]], "": "\\"});
        let odd = Odd { z: Some(f64::NAN), a, m: vec![(1, "\\\""), (2, "")] };
        assert_eq!(of(&odd), to_string(&serde_json::to_value(&odd).unwrap()));
        for scalar in [json!(1.5), json!("x,]"), json!(true), Value::Null] {
            assert_eq!(of(&scalar), to_string(&scalar));
        }
    }

    proptest! {
        #[test]
        fn canonical_text_reads_back_as_the_same_value(keys in prop::collection::vec(".{0,6}", 0..6), n in any::<i64>()) {
            let value = Value::Object(keys.into_iter().map(|key| (key.clone(), json!([n, key]))).collect());
            prop_assert_eq!(of(&value), to_string(&value));
            prop_assert_eq!(serde_json::from_str::<Value>(&to_string(&value)).unwrap(), value);
        }
    }
}
