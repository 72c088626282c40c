//! What a dataset says about itself: readme, licence and metadata files.

use serde_json::Value;
use smith_task_schema::profile::Document;

use crate::overview::display::one_line;
use crate::source::encoding::decode_head;
use crate::source::reader;
use crate::source::walk::Found;

/// Characters of a document that are kept.
const KEPT_CHARS: usize = 1_500;
/// Bytes of a document that are read.
const READ_BYTES: usize = 64 << 10;
/// Characters of a licence's statement that are kept.
const LICENCE_CHARS: usize = 120;

const STEMS: [&str; 11] = [
    "readme",
    "license",
    "licence",
    "copying",
    "notice",
    "citation",
    "about",
    "description",
    "data_description",
    "codebook",
    "data_dictionary",
];
const ENDINGS: [&str; 6] = ["", "md", "txt", "rst", "cff", "html"];
const METADATA: [&str; 4] =
    ["dataset_info.json", "dataset_infos.json", "dataset-metadata.json", "datapackage.json"];

/// True for the name of a file about the data.
pub(crate) fn is_document(name: &str) -> bool {
    let lower = name.to_lowercase();
    let (stem, ending) = lower.split_once('.').unwrap_or((&lower, ""));
    is_metadata(&lower) || (STEMS.contains(&stem) && ENDINGS.contains(&ending))
}

/// True for the name of a machine-readable description.
pub(crate) fn is_metadata(name: &str) -> bool {
    METADATA.contains(&name)
}

/// A document's beginning and the licence that it states.
pub(crate) fn read(found: &Found) -> std::io::Result<(Document, Option<String>)> {
    let text = decode_head(&reader::head(&found.path, READ_BYTES)?);
    let licence = licence(found.name(), &text);
    let kept = text.trim().chars().take(KEPT_CHARS).collect();
    Ok((Document { path: found.relative.clone(), text: kept }, licence))
}

fn licence(name: &str, text: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let stated = if is_metadata(&lower) {
        serde_json::from_str::<Value>(text).ok().and_then(|value| from_metadata(&value))
    } else if lower.starts_with("licen") || lower.starts_with("copying") {
        text.lines().map(str::trim).find(|line| !line.is_empty()).map(ToString::to_string)
    } else {
        text.lines().find_map(from_line)
    };
    stated.map(|text| one_line(&text, LICENCE_CHARS)).filter(|text| !text.is_empty())
}

/// The value of a licence key at the top: a text, or a list of texts or of objects with a name.
fn from_metadata(value: &Value) -> Option<String> {
    ["licence", "license", "licenses", "licences"].into_iter().find_map(|key| name_of(value.get(key)?))
}

fn name_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => items.first().and_then(name_of),
        Value::Object(fields) => {
            ["name", "title", "id"].into_iter().find_map(|key| name_of(fields.get(key)?))
        }
        _ => None,
    }
}

/// `License: MIT`, `license: mit`, `**Licence:** CC0`.
fn from_line(line: &str) -> Option<String> {
    let (key, value) = line.split_once(':')?;
    let key = key.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let value = value.trim_matches(|c: char| c.is_whitespace() || "*_`\"'".contains(c));
    (matches!(key.as_str(), "license" | "licence") && !value.is_empty()).then(|| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_by_name() {
        for name in
            ["README.md", "readme", "LICENSE", "Licence.txt", "dataset_info.json", "data_description.txt"]
        {
            assert!(is_document(name), "{name}");
        }
        for name in ["readme.csv", "description.csv", "licensed_drivers.txt", "info.json"] {
            assert!(!is_document(name), "{name}");
        }
    }

    #[test]
    fn a_licence_is_found_where_it_stands() {
        let cases = [
            ("dataset_info.json", r#"{"licence": "CC0-1.0"}"#, Some("CC0-1.0")),
            ("dataset-metadata.json", r#"{"licenses": [{"name": "CC-BY-4.0"}]}"#, Some("CC-BY-4.0")),
            ("LICENSE", "\nMIT License\n\nCopyright", Some("MIT License")),
            ("README.md", "---\nlicense: mit\n---\n# Data", Some("mit")),
            ("README.md", "**Licence:** CC BY 4.0\n", Some("CC BY 4.0")),
            ("README.md", "# Data\nNothing of it.", None),
            ("dataset_info.json", "{\"licence\": ", None),
        ];
        for (name, text, expected) in cases {
            assert_eq!(licence(name, text).as_deref(), expected, "{name}: {text}");
        }
    }
}
