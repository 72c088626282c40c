//! How pandas reads a table, from what the profile found out about it.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;
use smith_task_schema::profile::TableProfile;

use crate::plan::{Layout, Reader};

/// What pandas takes for a missing value by itself.
const KNOWN_MISSING: [&str; 18] = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
    "NA", "NULL", "NaN", "None", "n/a", "nan",
];
/// Types that the second line of a typed header names.
const TYPE_WORDS: [&str; 12] =
    ["continuous", "c", "numeric", "n", "discrete", "d", "categorical", "string", "text", "s", "time", "t"];
/// Largest JSON document that is looked into.
const DOCUMENT_BYTES: u64 = 48 << 20;
/// Bytes in which a header is looked for.
const HEAD_BYTES: u64 = 1 << 20;

/// The file of a table, and the part of it for a file that holds several.
pub(crate) fn file_and_part(path: &str) -> (&str, Option<&str>) {
    match path.split_once("!/") {
        Some((file, part)) => (file, Some(part)),
        None => (path, None),
    }
}

/// Whether a file is an archive that Python reads member by member.
pub(crate) fn is_zip(file: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("zip"))
}

/// How the table is read.
///
/// # Errors
/// Why pandas cannot read it as it lies there, in words.
pub(crate) fn reader(root: &Path, table: &TableProfile) -> Result<Reader, String> {
    let (file, part) = file_and_part(&table.path);
    let (format, packed) = match table.format.rsplit_once('.') {
        Some((format, packing)) => (format, Some(packing)),
        None => (table.format.as_str(), None),
    };
    if packed.is_some_and(|packing| packing == "zst" || !file.ends_with(packing)) {
        return Err(format!(
            "its compression ({}) is not one that pandas reads by the file's name",
            table.format
        ));
    }
    match (format, part, packed) {
        ("csv", None, _) => {
            Ok(csv(table, |delimiter, skip| has_typed_header(&root.join(file), delimiter, skip)))
        }
        ("csv", Some(part), None) if is_member(file, part) => Ok(csv(table, |_, _| false)),
        ("parquet", None, None) => Ok(Reader::Parquet),
        ("parquet", Some(part), None) if is_member(file, part) => Ok(Reader::Parquet),
        ("arrow" | "feather", None, None) => Ok(Reader::Feather),
        ("xlsx", sheet, None) => Ok(Reader::Excel { sheet: sheet.map(str::to_owned) }),
        ("sqlite", Some(part), None) => Ok(Reader::Sqlite { table: part.to_owned() }),
        ("jsonl", None, _) => Ok(Reader::JsonLines),
        ("json", part, None) => {
            let keys = part.map(keys).unwrap_or_default();
            let layout = layout(&root.join(file), &keys);
            Ok(Reader::Json { keys, layout })
        }
        ("ts", None, None) => cases(table),
        ("arff", None, None) => Ok(Reader::Arff { names: names(table) }),
        (_, Some(_), _) => Err("it lies in an archive".to_owned()),
        _ => Err(format!("there is no template for the format {}", table.format)),
    }
}

/// Cases whose series all have the same channels and steps.
fn cases(table: &TableProfile) -> Result<Reader, String> {
    let always = |name: &str| {
        let column = table.column(name).filter(|column| column.constant && column.missing == 0);
        column.and_then(|column| column.min.as_deref()).and_then(|text| text.parse::<u64>().ok())
    };
    match (always("channels"), always("length")) {
        (Some(channels), Some(length)) if channels > 0 && length > 0 => {
            Ok(Reader::Cases { channels, length })
        }
        _ => Err("its series are of different lengths".to_owned()),
    }
}

/// Whether a table is one file of an archive.
fn is_member(file: &str, part: &str) -> bool {
    is_zip(file) && !part.contains("!/")
}

fn keys(part: &str) -> Vec<String> {
    part.split('/').map(str::to_owned).collect()
}

/// How the records lie below these keys; a list of them where the document is too large to look.
fn layout(path: &Path, keys: &[String]) -> Layout {
    let document = std::fs::metadata(path)
        .ok()
        .filter(|found| found.len() <= DOCUMENT_BYTES)
        .and_then(|_| std::fs::read(path).ok())
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let found = document
        .as_ref()
        .and_then(|document| keys.iter().try_fold(document, |below, key| below.get(key.as_str())));
    let Some(Value::Object(fields)) = found else { return Layout::Records };
    let is_list = |key: &str| fields.get(key).is_some_and(Value::is_array);
    let is_column = |value: &Value| match value {
        Value::Array(cells) => !cells.iter().any(Value::is_object),
        Value::Object(cells) => cells.keys().enumerate().all(|(at, key)| *key == at.to_string()),
        _ => false,
    };
    if fields.len() >= 2 && is_list("columns") && is_list("data") {
        Layout::Split
    } else if fields.values().all(is_column) {
        Layout::Columns
    } else {
        Layout::Keyed
    }
}

fn names(table: &TableProfile) -> Vec<String> {
    table.columns.iter().map(|column| column.name.clone()).collect()
}

/// `is_typed` tells whether two lines behind the names speak of types.
fn csv(table: &TableProfile, is_typed: impl Fn(char, u64) -> bool) -> Reader {
    let delimiter = table.delimiter.unwrap_or(',');
    Reader::Csv {
        delimiter,
        decimal: table.decimal.filter(|decimal| *decimal != '.'),
        encoding: table.encoding.as_deref().and_then(encoding),
        names: if table.has_header { Vec::new() } else { names(table) },
        skip: table.skipped_lines,
        typed_header: table.has_header && is_typed(delimiter, table.skipped_lines),
        na: missing_words(table),
    }
}

fn encoding(name: &str) -> Option<String> {
    match name.to_ascii_lowercase().as_str() {
        "utf-8" | "ascii" | "us-ascii" => None,
        "utf-16le" | "utf-16be" => Some("utf-16".to_owned()),
        other => Some(other.to_owned()),
    }
}

fn missing_words(table: &TableProfile) -> Vec<String> {
    let words = table.columns.iter().flat_map(|column| &column.missing_words);
    let mut words: Vec<String> =
        words.map(|word| word.value.clone()).filter(|word| !KNOWN_MISSING.contains(&word.as_str())).collect();
    words.sort();
    words.dedup();
    words
}

/// Whether types and roles of the columns stand in two lines behind their names.
fn has_typed_header(path: &Path, delimiter: char, skip: u64) -> bool {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut bytes));
    if read.is_err() {
        return false;
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines().skip(usize::try_from(skip).unwrap_or(usize::MAX));
    let (Some(names), Some(types), Some(_)) = (lines.next(), lines.next(), lines.next()) else {
        return false;
    };
    let types: Vec<&str> = types.split(delimiter).map(str::trim).collect();
    let known = types.iter().filter(|word| TYPE_WORDS.contains(word)).count();
    types.iter().all(|word| !word.is_empty())
        && types.len() == names.split(delimiter).count()
        && known >= 1
        && known * 2 >= types.len()
}

#[cfg(test)]
mod tests {
    use smith_task_schema::profile::ColumnProfile;

    use super::*;

    #[test]
    fn formats_are_read_or_named() {
        let read = |path: &str, format: &str| {
            let mut table = TableProfile::new(path, format);
            table.columns.push(ColumnProfile::new("a"));
            reader(Path::new("/nowhere"), &table)
        };
        assert!(matches!(read("a.csv", "csv").unwrap(), Reader::Csv { delimiter: ',', .. }));
        assert!(matches!(read("a.csv.gz", "csv.gz").unwrap(), Reader::Csv { .. }));
        assert!(matches!(read("a.zip!/b.csv", "csv").unwrap(), Reader::Csv { .. }));
        assert_eq!(read("a.db!/t", "sqlite").unwrap(), Reader::Sqlite { table: "t".into() });
        let keys = vec!["x".into(), "y".into()];
        assert_eq!(read("a.json!/x/y", "json").unwrap(), Reader::Json { keys, layout: Layout::Records });
        for (path, format) in [
            ("a.csv.zst", "csv.zst"),
            ("a.tar!/b.csv", "csv"),
            ("a.zip!/b.zip!/c.csv", "csv"),
            ("a.ts", "ts"),
            ("a.nc", "netcdf"),
        ] {
            assert!(read(path, format).is_err(), "{path}");
        }
    }

    #[test]
    fn records_lie_in_lists_below_keys_or_in_columns() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        for (text, wanted) in [
            (r#"[{"a": 1}]"#, Layout::Records),
            (r#"{"k": {"a": 1}, "l": {"a": 2}}"#, Layout::Keyed),
            (r#"{"k": [{"a": 1}], "l": [{"a": 2}, {"a": 3}]}"#, Layout::Keyed),
            (r#"{"a": [1, 2], "b": [3, 4]}"#, Layout::Columns),
            (r#"{"a": {"0": 1, "1": 2}, "b": {"0": 3, "1": 4}}"#, Layout::Columns),
            (r#"{"columns": ["a"], "data": [[1], [2]]}"#, Layout::Split),
            ("no JSON", Layout::Records),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(layout(&path, &[]), wanted, "{text}");
            std::fs::write(&path, format!("{{\"x\": {text}}}")).unwrap();
            assert_eq!(layout(&path, &["x".to_owned()]), wanted, "below a key: {text}");
        }
    }

    #[test]
    fn a_typed_header_is_three_lines() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.tab");
        for (text, typed) in [("k\tt\nd\tstring\nclass\t\nx\ty\n", true), ("k\tt\nx\ty\nz\tw\n", false)] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(has_typed_header(&path, '\t', 0), typed);
        }
    }
}
