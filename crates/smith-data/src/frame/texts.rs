//! Texts within texts as tables: what HTML and XML say, the strings of a JSON document, and lines of cells.

use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::lines::line_rows;
use super::markup::{is_markup, without_marks};
use super::{FrameLimits, Gather, json};
use crate::Frame;
use crate::error::DataError;
use crate::source::encoding::{decode, looks_binary};
use crate::source::kind::SNIFF_BYTES;
use crate::source::reader;

/// Bytes of a file that are looked through.
const MAX_TEXT: u64 = 32 << 20;
/// Texts that lie within each other, and texts of one file.
const MAX_DEPTH: usize = 3;
const MAX_TEXTS: usize = 24;
/// Shortest string of a document that is looked at as a text, in bytes.
const MIN_STRING: usize = 40;
/// Cells of a line.
const MAX_CELLS: usize = 16;
/// Places of a script at which a document may begin.
const MAX_STARTS: usize = 12;

/// The tables that texts hold which are no tables as they stand: rows of HTML and XML, tables and lines within the
/// strings of a JSON document such as a notebook, and lines whose cells tabs, bars or wide gaps part. No more than the
/// first 32 MiB of a file are looked at. Blocks.
///
/// # Errors
/// [`DataError::Malformed`] when the file is no text.
pub fn text_frames(path: &Path, limits: &FrameLimits) -> Result<Vec<Frame>, DataError> {
    let head = reader::head(path, SNIFF_BYTES).map_err(|error| DataError::io(path, error))?;
    if looks_binary(&head) {
        return Err(DataError::malformed(path, 1, String::from("is no text")));
    }
    let mut bytes = Vec::new();
    reader::open(path)
        .and_then(|input| input.take(MAX_TEXT).read_to_end(&mut bytes))
        .map_err(|error| DataError::io(path, error))?;
    let text = decode(&bytes).0;
    let mut gather = Gather::new(limits);
    let mut left = MAX_TEXTS;
    unfold(text.trim_start_matches('\u{feff}'), 0, &mut left, &mut gather);
    Ok(gather.finish())
}

fn unfold(text: &str, depth: usize, left: &mut usize, gather: &mut Gather<'_>) {
    if depth > MAX_DEPTH || *left == 0 {
        return;
    }
    *left -= 1;
    let start = text.trim_start();
    if start.starts_with(['{', '[']) {
        if let Some(document) = json::loose(text) {
            if depth > 0 {
                json::tables(&document, "", 0, gather);
            }
            strings(&document, depth, left, gather);
            return;
        }
        if depth == 0 {
            return records(text, left, gather);
        }
    }
    if is_markup(text) {
        for document in scripts(text) {
            json::tables(&document, "", 0, gather);
            strings(&document, depth, left, gather);
        }
        let plain = without_marks(text);
        words(&plain, gather);
        cells(&plain, gather);
        return;
    }
    if depth > 0 {
        words(text, gather);
    }
    cells(text, gather);
}

/// Documents one on each line.
fn records(text: &str, left: &mut usize, gather: &mut Gather<'_>) {
    for document in text.lines().take(MAX_TEXTS).filter_map(json::loose) {
        strings(&document, 0, left, gather);
    }
}

/// The texts in a document: long strings, and lists of lines.
fn strings(document: &Value, depth: usize, left: &mut usize, gather: &mut Gather<'_>) {
    let mut todo = vec![document];
    while let Some(value) = todo.pop() {
        if *left == 0 {
            return;
        }
        match value {
            Value::String(text) if is_text(text) => unfold(text, depth + 1, left, gather),
            Value::Array(items) if items.len() > 1 && items.iter().all(Value::is_string) => {
                let lines: Vec<&str> = items
                    .iter()
                    .filter_map(Value::as_str)
                    .map(|line| line.trim_end_matches(['\n', '\r']))
                    .collect();
                // A list of names is a table already; lines have parts.
                if lines.iter().take(50).any(|line| line.trim().contains([' ', '\t', ',', '|', '<'])) {
                    unfold(&lines.join("\n"), depth + 1, left, gather);
                }
            }
            Value::Array(items) => todo.extend(items.iter().rev()),
            Value::Object(fields) => todo.extend(fields.values().rev()),
            _ => {}
        }
    }
}

fn is_text(text: &str) -> bool {
    text.len() >= MIN_STRING && (text.contains(['\n', '<']) || text.trim_start().starts_with(['{', '[']))
}

/// Documents of JSON in the scripts of a page.
fn scripts(page: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for part in page.split("<script").skip(1).take(MAX_STARTS) {
        let body = part.split("</script").next().unwrap_or("");
        let mut rest = body;
        for _ in 0..MAX_STARTS {
            let Some(at) = rest.find(['{', '[']) else { break };
            rest = rest.get(at..).unwrap_or("");
            let mut read = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
            if let Some(Ok(value)) = read.next() {
                rest = rest.get(read.byte_offset()..).unwrap_or("");
                found.push(value);
            } else {
                rest = rest.get(1..).unwrap_or("");
            }
        }
    }
    found
}

/// Lines as rows of their words.
fn words(text: &str, gather: &mut Gather<'_>) {
    if gather.begin("", super::lines::names()) {
        for line in text.lines() {
            if !line_rows(line, &mut |row| gather.row(row.iter().copied())) {
                return;
            }
        }
    }
}

/// Lines as rows of their cells, where tabs, bars or wide gaps part them.
fn cells(text: &str, gather: &mut Gather<'_>) {
    let names = (1..=MAX_CELLS).map(|at| format!("cell {at}")).chain([String::from("last cell")]).collect();
    if !gather.begin("", names) {
        return;
    }
    for line in text.lines() {
        let cells = parted(line);
        if cells.len() < 2 {
            continue;
        }
        let last = cells.last().copied().unwrap_or("");
        let first = cells.iter().copied().chain(std::iter::repeat("")).take(MAX_CELLS);
        if !gather.row(first.chain([last])) {
            return;
        }
    }
}

fn parted(line: &str) -> Vec<&str> {
    let parts: Vec<&str> = if line.contains('\t') {
        line.split('\t').collect()
    } else if line.contains('|') {
        line.split('|').collect()
    } else if line.contains("  ") {
        line.split("  ").collect()
    } else {
        line.split([',', ';']).collect()
    };
    let bare = parts.into_iter().map(|cell| cell.trim().trim_matches(['"', '\'', '*', '`']).trim());
    bare.filter(|cell| !cell.is_empty()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Frame> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        std::fs::write(&path, text).unwrap();
        text_frames(&path, &FrameLimits::default()).unwrap()
    }

    /// True when a table has these two cells in one row.
    fn pairs(frames: &[Frame], a: &str, b: &str) -> bool {
        let holds =
            |frame: &Frame, row: usize, text: &str| frame.columns().iter().any(|c| c.get(row) == text);
        frames.iter().any(|frame| (0..frame.rows()).any(|row| holds(frame, row, a) && holds(frame, row, b)))
    }

    #[test]
    fn texts_of_every_kind_give_rows() {
        let notebook =
            r#"{"cells": [{"outputs": [{"text": ["   id  y\n", "  a7  very good\n", "  b8  bad\n"]}]}]}"#;
        let html = r#"{"data": {"text/html": "<table>\n<tr><td>a7</td>\n<td>very good</td></tr>\n<tr><td>b8</td><td>bad</td></tr></table>"}}"#;
        let inner = r#"{"note": "{\"rows\": [{\"id\": \"a7\", \"y\": \"very good\"}, {\"id\": \"b8\", \"y\": \"bad\"}]}"}"#;
        let csv = r#"{"note": "id,y of the whole list of them\na7,\"very good\"\nb8,bad\n"}"#;
        let markdown = "| id | y |\n|---|---|\n| a7 | **very good** |\n| b8 | bad |\n";
        let script = "<html><body><p>x</p><p>y</p><script>draw('a', [{\"id\": \"a7\", \"y\": \"very good\"}, {\"id\": \"b8\", \"y\": \"bad\"}]);</script></body></html>";
        for text in [notebook, html, inner, csv, markdown, script] {
            assert!(pairs(&read(text), "a7", "very good"), "{text}: {:?}", read(text));
        }
        assert!(read("one word a line\nand no more\n").is_empty());
    }
}
