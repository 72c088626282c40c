//! Profiles JSON and JSON Lines as a stream: one record at a time is in memory.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use serde::Deserialize;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use smith_task_schema::profile::{JsonProfile, TableProfile};

use crate::column::gather::Column;
use crate::column::table_builder::TableBuilder;
use crate::findings::Findings;
use crate::formats::json_outline::Outline;
use crate::formats::json_record::{Element, Fields};
use crate::source::encoding::{Utf16Reader, utf16};
use crate::source::reader;
use crate::source::walk::Found;
use crate::table_data::TableData;

/// Keys of an object that are listed.
const MAX_KEYS: usize = 100;

/// Facts of a JSON file; the records also as a table when they are objects. None, with a finding, when it is no
/// JSON. `format` is the table's: `json` or `jsonl`, with `.gz` when compressed.
pub(crate) fn profile(
    found: &Found,
    format: &str,
    max_rows: u64,
    findings: &mut Findings,
) -> Option<(JsonProfile, Option<TableData>)> {
    let result = if format.starts_with("jsonl") {
        lines(found, max_rows)
    } else {
        // A second value behind the first makes JSON Lines of what is named JSON.
        document(found, max_rows).or_else(|error| lines(found, max_rows).map_err(|_| error))
    };
    let shape = match result {
        Ok(shape) => shape,
        Err(message) => {
            findings.error(&found.relative, format!("is no sound JSON: {message}"));
            return None;
        }
    };
    let mut json = JsonProfile::new(found.relative.as_str(), shape.describe());
    json.records = shape.is_sequence.then_some(shape.elements);
    json.keys = shape.keys;
    let table = (shape.objects > 0 && shape.objects == shape.elements).then(|| {
        let mut table = TableProfile::new(found.relative.as_str(), format);
        table.exact = shape.builder.rows() == shape.elements;
        shape.builder.finish(table, findings)
    });
    if let Some(table) = &table {
        json.keys = table.facts.columns.iter().take(MAX_KEYS).map(|column| column.name.clone()).collect();
    }
    Some((json, table))
}

/// What stands at the top of a file.
struct Shape {
    is_sequence: bool,
    word: &'static str,
    elements: u64,
    objects: u64,
    keys: Vec<String>,
    builder: TableBuilder,
}

impl Shape {
    fn new(word: &'static str, is_sequence: bool) -> Self {
        Self {
            is_sequence,
            word,
            elements: 0,
            objects: 0,
            keys: Vec::new(),
            builder: TableBuilder::growing(),
        }
    }

    /// Takes one record in; the cells of those beyond `max_rows` are left out.
    fn add(&mut self, element: Element, max_rows: u64) {
        self.elements += 1;
        let Element::Object(Fields(fields)) = element else { return };
        self.objects += 1;
        if self.builder.rows() == max_rows {
            return;
        }
        for (key, value) in &fields {
            if let Some(column) = self.builder.named(key) {
                push_value(column, value);
            }
        }
        self.builder.end_row();
    }

    fn describe(&self) -> String {
        match (self.is_sequence, self.elements, self.objects) {
            (false, ..) | (true, 0, _) => self.word.to_string(),
            (true, all, objects) if all == objects => format!("{} of objects", self.word),
            (true, _, 0) => format!("{} of values", self.word),
            (true, ..) => format!("{} of objects and values", self.word),
        }
    }
}

fn open(found: &Found) -> Result<BufReader<Box<dyn Read>>, String> {
    let words = |e: std::io::Error| format!("it cannot be read: {e}");
    let head = reader::head(&found.path, 3).map_err(words)?;
    let mut plain = reader::open(&found.path).map_err(words)?;
    if let Some(encoding) = utf16(&head) {
        return Ok(BufReader::new(Box::new(Utf16Reader::new(plain, encoding))));
    }
    if head == b"\xef\xbb\xbf" {
        plain.read_exact(&mut [0; 3]).map_err(words)?;
    }
    Ok(BufReader::new(plain))
}

fn document(found: &Found, max_rows: u64) -> Result<Shape, String> {
    let mut input = open(found)?;
    let first = first_byte(&mut input).map_err(|e| e.to_string())?;
    let mut deserializer = serde_json::Deserializer::from_reader(input);
    let shape = match first {
        Some(b'[') => deserializer.deserialize_seq(Records { max_rows }),
        Some(b'{') => deserializer.deserialize_map(Keys),
        _ => IgnoredAny::deserialize(&mut deserializer).map(|_| Shape::new("single value", false)),
    };
    let shape = shape.map_err(|e| e.to_string())?;
    deserializer.end().map_err(|e| e.to_string())?;
    Ok(shape)
}

/// The first byte that is no blank; it stays unread.
fn first_byte(input: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let blanks = buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if let Some(&byte) = buffer.get(blanks) {
            return Ok(Some(byte));
        }
        input.consume(blanks);
    }
}

fn lines(found: &Found, max_rows: u64) -> Result<Shape, String> {
    let mut shape = Shape::new("JSON Lines", true);
    for element in serde_json::Deserializer::from_reader(open(found)?).into_iter() {
        shape.add(element.map_err(|e| e.to_string())?, max_rows);
    }
    if shape.elements == 0 { Err(String::from("there is no value")) } else { Ok(shape) }
}

fn push_value(column: &mut Column, value: &Value) {
    match value {
        Value::Null => {}
        Value::String(text) => column.push(text),
        Value::Array(_) | Value::Object(_) => column.push_nested(&value.to_string()),
        Value::Bool(_) | Value::Number(_) => column.push(&value.to_string()),
    }
}

/// Visits an array at the top.
struct Records {
    max_rows: u64,
}

impl<'de> Visitor<'de> for Records {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Shape, A::Error> {
        let mut shape = Shape::new("array", true);
        while let Some(element) = sequence.next_element()? {
            shape.add(element, self.max_rows);
        }
        Ok(shape)
    }
}

/// Visits an object at the top.
struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut shape = Shape::new("object", false);
        while let Some(key) = map.next_key::<String>()? {
            let Outline(outline) = map.next_value()?;
            if shape.keys.len() < MAX_KEYS {
                shape.keys.push(format!("{key}: {outline}"));
            }
        }
        Ok(shape)
    }
}

#[cfg(test)]
mod tests {
    use smith_task_schema::profile::ColumnKind;

    use super::*;

    type Profiled = Option<(JsonProfile, Option<TableProfile>)>;

    fn of(text: &str, format: &str, max_rows: u64) -> (Profiled, usize) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        std::fs::write(&path, text).unwrap();
        let found = Found { path, relative: "x.json".into(), bytes: text.len() as u64 };
        let mut findings = Findings::default();
        let profiled = profile(&found, format, max_rows, &mut findings);
        (profiled.map(|(json, table)| (json, table.map(|table| table.facts))), findings.finish().len())
    }

    const RECORDS: &str =
        r#"[{"name":"a","size":1,"tags":["x"]},{"name":"b","size":null},{"size":2.5,"ok":true}]"#;

    #[test]
    fn an_array_of_objects_is_a_table() {
        let (profiled, findings) = of(RECORDS, "json", 100);
        let (json, table) = profiled.unwrap();
        assert_eq!((json.shape.as_str(), json.records, findings), ("array of objects", Some(3), 0));
        assert_eq!(json.keys, ["name", "size", "tags", "ok"]);
        let table = table.unwrap();
        assert_eq!((table.rows, table.exact), (3, true));
        let kinds: Vec<_> = table.columns.iter().map(|c| (c.kind, c.missing)).collect();
        assert_eq!(kinds[1..3], [(ColumnKind::Float, 1), (ColumnKind::Nested, 2)]);
    }

    #[test]
    fn records_beyond_the_limit_are_counted_only() {
        let (json, table) = of(RECORDS, "json", 2).0.unwrap();
        let table = table.unwrap();
        assert_eq!((json.records, table.rows, table.exact), (Some(3), 2, false));
        assert!(table.column("ok").is_none());
    }

    #[test]
    fn json_lines_are_recognised_under_either_name() {
        for format in ["json", "jsonl"] {
            let (json, table) = of("\u{feff}{\"a\":1}\n\n{\"a\":2}\n", format, 100).0.unwrap();
            assert_eq!((json.shape.as_str(), json.records), ("JSON Lines of objects", Some(2)), "{format}");
            assert_eq!(table.unwrap().rows, 2);
        }
    }

    #[test]
    fn an_object_shows_what_its_keys_hold() {
        let text =
            r#"{"info":{"year":2020,"by":"x"},"images":[{"id":1,"file":"a"},{"id":2}],"ids":[1,2,3],"n":5}"#;
        let (json, table) = of(text, "json", 100).0.unwrap();
        assert!(table.is_none());
        assert_eq!((json.shape.as_str(), json.records), ("object", None));
        let keys = [
            "info: object of 2 keys",
            "images: array of 2 objects with id, file",
            "ids: array of 3",
            "n: number",
        ];
        assert_eq!(json.keys, keys);
    }

    #[test]
    fn what_is_no_json_is_a_finding() {
        for text in ["{\"a\":", "[1,2", "nope", "", "{} x"] {
            let (profiled, findings) = of(text, "json", 100);
            assert!(profiled.is_none() && findings == 1, "{text}");
        }
    }

    #[test]
    fn mixed_and_plain_arrays_are_no_tables() {
        for (text, shape) in [
            ("[1,2]", "array of values"),
            ("[{},1]", "array of objects and values"),
            (" 5 ", "single value"),
            ("[]", "array"),
        ] {
            let (json, table) = of(text, "json", 100).0.unwrap();
            assert!(table.is_none());
            assert_eq!(json.shape, shape);
        }
    }
}
