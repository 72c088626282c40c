//! Tables in JSON, however they are laid out: records, columns, values by key, and any of them inside a document.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::Gather;
use crate::source::encoding::decode;
use crate::source::reader;

/// Largest document that is held, in bytes.
const MAX_DOCUMENT: u64 = 48 << 20;
/// Depth to which tables are looked for, and to which records are flattened.
const MAX_DEPTH: usize = 6;
/// Columns of one table.
const MAX_COLUMNS: usize = 2_000;
/// Values of a document that is shown by its names.
const MAX_LEAVES: usize = 256;
/// Series that a list of columns may have.
const MAX_SERIES: usize = 512;

/// Reads a document, or a document on each line.
pub(super) fn read(path: &Path, gather: &mut Gather<'_>) -> Result<(), String> {
    let mut bytes = Vec::new();
    let input = reader::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    input
        .take(MAX_DOCUMENT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("cannot be read: {error}"))?;
    let is_whole = bytes.len() as u64 <= MAX_DOCUMENT;
    let text = decode(&bytes).0;
    let text = text.trim_start_matches('\u{feff}');
    if let Some(document) = is_whole.then(|| loose(text)).flatten() {
        tables(&document, "", 0, gather);
        leaves(&document, gather);
        return Ok(());
    }
    let records: Vec<Value> = text.lines().filter_map(loose).collect();
    if records.is_empty() {
        return Err(if is_whole {
            "is no JSON".to_owned()
        } else {
            "is larger than what is held".to_owned()
        });
    }
    tables(&Value::Array(records), "", 0, gather);
    Ok(())
}

/// The values of a small document that is nested, by their dotted names.
fn leaves(document: &Value, gather: &mut Gather<'_>) {
    let Value::Object(fields) = document else { return };
    let (mut rows, mut count) = (Vec::new(), 0_usize);
    flatten(document, "", 0, &mut |name, cell| {
        count += 1;
        if count <= MAX_LEAVES {
            rows.push(vec![name.to_owned(), cell]);
        }
    });
    if count <= MAX_LEAVES && !fields.values().all(is_scalar) {
        gather.add("", vec!["key".to_owned(), "value".to_owned()], rows.into_iter());
    }
}

/// A document; what Python writes for a number that is none counts as missing.
pub(super) fn loose(text: &str) -> Option<Value> {
    let parse = |text: &str| serde_json::from_str(text).ok();
    parse(text).or_else(|| text.contains("NaN").then(|| parse(&text.replace("NaN", "null"))).flatten())
}

/// Adds every table that is found in a value.
pub(super) fn tables(value: &Value, part: &str, depth: usize, gather: &mut Gather<'_>) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Array(items) => list(items, part, depth, gather),
        Value::Object(fields) => object(fields, part, depth, gather),
        _ => {}
    }
}

fn inside(part: &str, key: &str) -> String {
    if part.is_empty() { key.to_owned() } else { format!("{part}.{key}") }
}

fn list(items: &[Value], part: &str, depth: usize, gather: &mut Gather<'_>) {
    if items.iter().all(is_scalar) {
        let name = part.rsplit('.').next().filter(|name| !name.is_empty()).unwrap_or("value");
        gather.add(part, vec![name.to_owned()], items.iter().map(|item| vec![scalar(item)]));
    } else if items.iter().any(Value::is_array) && items.iter().all(|item| item.is_array() || item.is_null())
    {
        let width =
            items.iter().filter_map(Value::as_array).map(Vec::len).max().unwrap_or(0).min(MAX_COLUMNS);
        let names = (1..=width).map(|at| format!("column_{at}")).collect();
        let cells = |item: &Value| -> Vec<String> {
            item.as_array().map_or_else(Vec::new, |cells| cells.iter().take(width).map(scalar).collect())
        };
        gather.add(part, names, items.iter().map(cells));
    } else {
        records(part, items.iter().map(|item| (None, item)), gather);
        for (at, item) in items.iter().enumerate().take(4) {
            if let Value::Object(fields) = item {
                for (key, value) in fields.iter().filter(|(_, value)| value.is_array()) {
                    tables(value, &inside(part, &format!("{at}.{key}")), depth + 1, gather);
                }
            }
        }
    }
}

fn object(fields: &serde_json::Map<String, Value>, part: &str, depth: usize, gather: &mut Gather<'_>) {
    let scalars = fields.values().filter(|value| is_scalar(value)).count();
    let objects = fields.values().filter(|value| value.is_object()).count();
    if scalars > 1 {
        let pairs = fields.iter().filter(|(_, value)| is_scalar(value));
        let rows = pairs.map(|(key, value)| vec![key.clone(), scalar(value)]);
        gather.add(part, vec!["key".to_owned(), "value".to_owned()], rows);
    }
    let are_records = objects > 1 && objects == fields.len();
    if are_records {
        records(part, fields.iter().map(|(key, value)| (Some(key.as_str()), value)), gather);
        by_column(fields, part, gather);
    }
    columns(fields, part, gather);
    let is_few = fields.len() <= MAX_SERIES;
    // More records than each has fields: a table of which no row is a table again.
    let is_row = |value: &Value| {
        are_records
            && value.as_object().is_some_and(|row| row.len() < fields.len() && row.values().all(is_scalar))
    };
    for (key, value) in fields.iter().filter(|(_, value)| is_few && !is_scalar(value) && !is_row(value)) {
        tables(value, &inside(part, key), depth + 1, gather);
    }
}

/// Rows that are objects, flattened; the key of each comes first where there is one.
fn records<'v>(
    part: &str,
    rows: impl Iterator<Item = (Option<&'v str>, &'v Value)>,
    gather: &mut Gather<'_>,
) {
    let (mut names, mut places) = (Vec::<String>::new(), HashMap::<String, usize>::new());
    let mut table: Vec<Vec<(usize, String)>> = Vec::new();
    for (key, value) in rows {
        let mut cells = Vec::new();
        let mut put = |name: &str, cell: String| {
            let place = places.get(name).copied().or_else(|| {
                (names.len() < MAX_COLUMNS).then(|| {
                    names.push(name.to_owned());
                    places.insert(name.to_owned(), names.len() - 1);
                    names.len() - 1
                })
            });
            cells.extend(place.map(|place| (place, cell)));
        };
        if let Some(key) = key {
            put("key", key.to_owned());
        }
        flatten(value, "", 0, &mut put);
        table.push(cells);
    }
    let width = names.len();
    let spread = |cells: Vec<(usize, String)>| {
        let mut row = vec![String::new(); width];
        for (place, cell) in cells {
            if let Some(target) = row.get_mut(place) {
                *target = cell;
            }
        }
        row
    };
    gather.add(part, names, table.into_iter().map(spread));
}

fn flatten(value: &Value, name: &str, depth: usize, put: &mut impl FnMut(&str, String)) {
    match value {
        Value::Object(fields) if depth < MAX_DEPTH => {
            for (key, value) in fields {
                flatten(value, &inside(name, key), depth + 1, put);
            }
        }
        // A short list is so many columns, as a bounding box or a list of one label.
        Value::Array(items) if items.len() <= 8 && depth < MAX_DEPTH => {
            for (at, item) in items.iter().enumerate() {
                flatten(item, &inside(name, &at.to_string()), depth + 1, put);
            }
        }
        _ => put(if name.is_empty() { "value" } else { name }, scalar(value)),
    }
}

/// Columns that are objects, each with its cells by the key of their row.
fn by_column(fields: &serde_json::Map<String, Value>, part: &str, gather: &mut Gather<'_>) {
    let few = fields.len() <= MAX_SERIES;
    let are_series = fields.values().all(|value| {
        value.as_object().is_some_and(|cells| cells.len() > fields.len() && cells.values().all(is_scalar))
    });
    if !few || !are_series {
        return;
    }
    let mut rows: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (at, cells) in fields.values().filter_map(Value::as_object).enumerate() {
        for (key, cell) in cells {
            let row = rows.entry(key).or_insert_with(|| vec![String::new(); fields.len()]);
            if let Some(target) = row.get_mut(at) {
                *target = scalar(cell);
            }
        }
    }
    let names = std::iter::once("key".to_owned()).chain(fields.keys().cloned()).collect();
    let rows = rows.into_iter().map(|(key, cells)| std::iter::once(key.to_owned()).chain(cells).collect());
    gather.add(part, names, rows);
}

/// Lists beside each other: of one length they are columns, of different lengths members by key.
fn columns(fields: &serde_json::Map<String, Value>, part: &str, gather: &mut Gather<'_>) {
    let lists: Vec<(&String, &Vec<Value>)> = fields
        .iter()
        .filter_map(|(key, value)| Some((key, value.as_array()?)))
        .filter(|(_, items)| items.iter().all(is_scalar))
        .collect();
    let mut by_length: BTreeMap<usize, Vec<(&String, &Vec<Value>)>> = BTreeMap::new();
    for &(key, items) in lists.iter().filter(|(_, items)| items.len() > 1) {
        by_length.entry(items.len()).or_default().push((key, items));
    }
    for (length, group) in by_length.into_iter().filter(|(_, group)| (2..=MAX_SERIES).contains(&group.len()))
    {
        let names = group.iter().map(|(key, _)| (*key).clone()).collect();
        let row = |at: usize| {
            group.iter().map(|(_, items)| items.get(at).map_or_else(String::new, scalar)).collect()
        };
        gather.add(part, names, (0..length).map(row));
    }
    if lists.len() > 1 {
        let members =
            lists.iter().flat_map(|(key, items)| items.iter().map(|item| vec![(*key).clone(), scalar(item)]));
        gather.add(part, vec!["key".to_owned(), "member".to_owned()], members);
    }
}

fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.len() > 64 => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Frame, FrameLimits, frames};

    fn read(name: &str, text: &str) -> Vec<Frame> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        frames(&path, &FrameLimits::default()).unwrap()
    }

    /// True when a table has these two cells in one row.
    fn pairs(frames: &[Frame], a: &str, b: &str) -> bool {
        let holds =
            |frame: &Frame, row: usize, text: &str| frame.columns().iter().any(|c| c.get(row) == text);
        frames.iter().any(|frame| (0..frame.rows()).any(|row| holds(frame, row, a) && holds(frame, row, b)))
    }

    #[test]
    fn every_layout_gives_rows() {
        let layouts = [
            r#"[{"id": "a7", "y": 1}, {"id": "b8", "y": 0}]"#,
            r#"{"a7": 1, "b8": 0}"#,
            r#"{"a7": {"y": 1}, "b8": {"y": 0}}"#,
            r#"{"id": ["a7", "b8"], "y": [1, 0]}"#,
            r#"{"id": {"0": "a7", "1": "b8", "2": "c9"}, "y": {"0": 1, "1": 0, "2": 0}}"#,
            r#"{"columns": ["id", "y"], "index": [0, 1], "data": [["a7", 1], ["b8", 0]]}"#,
            r#"{"1": ["a7", "c9"], "0": ["b8"]}"#,
            r#"{"meta": {"v": 2}, "splits": {"test": [{"id": "a7", "t": {"y": 1}}, {"id": "b8", "t": {"y": NaN}}]}}"#,
            "{\"id\": \"a7\", \"y\": 1}\n{\"id\": \"b8\", \"y\": 0}\n",
        ];
        for text in layouts {
            assert!(pairs(&read("x.json", text), "a7", "1"), "{text}: {:?}", read("x.json", text));
        }
    }

    #[test]
    fn what_only_begins_like_json_is_read_as_text() {
        let frames = read("x.txt", "{a} 1\n{b} 2\n{c} 3\n{d} 4\n");
        assert_eq!(frames.len(), 1);
    }

    #[test]
    fn deep_nesting_ends() {
        let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("x.json"), deep).unwrap();
        let _ = frames(&dir.path().join("x.json"), &FrameLimits::default());
    }
}
