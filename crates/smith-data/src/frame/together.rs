//! Which names stand together in a file: a key and what is listed under it, the ends of an edge, the cells of a line.

use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::{json, line_frame, pickled};
use crate::error::DataError;
use crate::frame::FrameLimits;
use crate::source::encoding::decode;
use crate::source::reader;

/// Largest document that is held, in bytes.
const MAX_DOCUMENT: u64 = 48 << 20;
/// Depth to which documents are looked into.
const MAX_DEPTH: usize = 24;
/// Names above a value that it stands together with: keys, and values of the objects around.
const CONTEXT: usize = 8;
/// Values of a pickle that stand together.
const NEAR: usize = 3;
/// Words of a line.
const WORDS: usize = 16;

/// Calls `each` with every two names that stand together in a JSON document, in a line of a text (an edge, a list of
/// neighbours, a tag of GraphML), or behind each other in a pickle; the one that stands first or above comes first.
/// Blocks.
///
/// # Errors
/// [`DataError`] when the file cannot be read or is none of these.
pub fn together(path: &Path, each: &mut dyn FnMut(&str, &str)) -> Result<(), DataError> {
    let mut bytes = Vec::new();
    let input = reader::open(path).map_err(|error| DataError::io(path, error))?;
    input.take(MAX_DOCUMENT).read_to_end(&mut bytes).map_err(|error| DataError::io(path, error))?;
    let start = bytes.trim_ascii_start();
    if start.starts_with(b"{") || start.starts_with(b"[") {
        let text = decode(&bytes).0;
        let text = text.trim_start_matches('\u{feff}');
        if let Some(document) = json::loose(text) {
            walk(&document, &mut Vec::new(), 0, each);
            return Ok(());
        }
        let records: Vec<Value> = text.lines().filter_map(json::loose).collect();
        if !records.is_empty() {
            records.iter().for_each(|record| walk(record, &mut Vec::new(), 0, each));
            return Ok(());
        }
    }
    if bytes.starts_with(b"\x80") {
        let values = pickled(path)?;
        for window in values.windows(NEAR) {
            if let Some((first, others)) = window.split_first() {
                others.iter().for_each(|other| each(first, other));
            }
        }
        return Ok(());
    }
    let frame = line_frame(path, &FrameLimits::default())?;
    for row in 0..frame.rows() {
        let words: Vec<&str> =
            (0..WORDS).map(|at| frame.cell(row, at)).take_while(|word| !word.is_empty()).collect();
        pairs(&words, each);
    }
    Ok(())
}

fn pairs(names: &[&str], each: &mut dyn FnMut(&str, &str)) {
    for (at, first) in names.iter().enumerate() {
        names.iter().skip(at + 1).for_each(|other| each(first, other));
    }
}

/// A value with the names around it.
fn walk<'v>(value: &'v Value, above: &mut Vec<&'v str>, depth: usize, each: &mut dyn FnMut(&str, &str)) {
    if depth > MAX_DEPTH {
        return;
    }
    let before = above.len();
    match value {
        Value::Object(fields) => {
            let own: Vec<&str> = fields.values().filter_map(Value::as_str).take(CONTEXT).collect();
            pairs(&own, each);
            above.extend(&own);
            for (key, value) in fields {
                if value.is_string() {
                    // The values of this object are known to each other already.
                    with_context(above.get(..before).unwrap_or_default(), value, each);
                    with_context(&[key], value, each);
                    continue;
                }
                above.push(key);
                walk(value, above, depth + 1, each);
                above.pop();
            }
        }
        Value::Array(items) => {
            let own: Vec<&str> = items.iter().filter_map(Value::as_str).take(CONTEXT).collect();
            if items.len() <= CONTEXT {
                pairs(&own, each);
            }
            items.iter().for_each(|item| walk(item, above, depth + 1, each));
        }
        other => with_context(above, other, each),
    }
    above.truncate(before);
}

fn with_context(above: &[&str], value: &Value, each: &mut dyn FnMut(&str, &str)) {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return,
    };
    above.iter().rev().take(CONTEXT).for_each(|name| each(name, &text));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<(String, String)> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        std::fs::write(&path, bytes).unwrap();
        let mut pairs = Vec::new();
        together(&path, &mut |a, b| pairs.push((a.to_owned(), b.to_owned()))).unwrap();
        pairs
    }

    #[test]
    fn neighbours_in_every_layout() {
        let layouts = [
            r#"{"oak": ["elm", "ash"], "fir": ["yew"]}"#,
            r#"{"oak": [["near", "elm"], ["near", "ash"]], "fir": []}"#,
            r#"{"oak": {"near": ["elm"], "far": {"w": "ash"}}}"#,
            r#"{"nodes": [{"id": "oak", "neighbours": ["elm", "ash"]}]}"#,
            r#"{"links": [{"source": "oak", "target": "elm"}, {"source": "oak", "target": "ash"}]}"#,
            "{\"from\": \"oak\", \"to\": \"elm\"}\n{\"from\": \"oak\", \"to\": \"ash\"}\n",
            "oak elm\noak ash\n",
            "oak: elm, ash\n",
            "<edge source=\"oak\" target=\"elm\"/>\n<edge source=\"oak\" target=\"ash\"/>\n",
        ];
        for text in layouts {
            let pairs = read(text.as_bytes());
            for other in ["elm", "ash"] {
                assert!(pairs.iter().any(|(a, b)| a == "oak" && b == other), "{text}: {pairs:?}");
            }
            assert!(!pairs.iter().any(|(a, b)| a == "oak" && b == "yew"), "{text}: {pairs:?}");
        }
    }
}
