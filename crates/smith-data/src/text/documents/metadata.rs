//! Machine-readable descriptions: Hugging Face's `dataset_info.json`, data packages, Kaggle's metadata, Croissant.

use serde_json::{Map, Value};

use crate::text::documents::stated::Stated;

/// Keys under which a source stands.
const SOURCES: [&str; 14] = [
    "source",
    "sources",
    "homepage",
    "url",
    "website",
    "repository",
    "doi",
    "identifier",
    "citation",
    "citeAs",
    "version",
    "creator",
    "authors",
    "contributors",
];

/// What a metadata file states; nothing when it is no JSON object.
pub(super) fn stated(text: &str) -> Stated {
    let mut stated = Stated::default();
    if let Ok(Value::Object(fields)) = serde_json::from_str(text) {
        of_object(&fields, &mut stated);
    }
    stated
}

/// True for an object that is a description of data: a data package, a Croissant or other JSON-LD of a data set.
pub(super) fn is_description(text: &str) -> bool {
    let Ok(Value::Object(fields)) = serde_json::from_str(text) else { return false };
    let has = |key: &str| fields.contains_key(key);
    let is_dataset = ["@type", "type"].iter().any(|key| {
        fields
            .get(*key)
            .and_then(Value::as_str)
            .is_some_and(|kind| kind.rsplit(['/', ':']).next() == Some("Dataset"))
    });
    (has("@context") && (is_dataset || has("recordSet") || has("distribution")))
        || (has("resources") && (has("licenses") || has("profile") || has("title")))
}

fn of_object(fields: &Map<String, Value>, stated: &mut Stated) {
    // Kaggle wraps its metadata, Hugging Face its configurations.
    if let Some(Value::Object(inner)) = fields.get("info") {
        of_object(inner, stated);
    }
    let title = ["title", "pretty_name", "dataset_name"].iter().find_map(|key| string(fields, key));
    let is_ld = fields.contains_key("@context");
    if let Some(title) = title.or_else(|| string(fields, "name").filter(|_| is_ld)) {
        stated.title(title);
    }
    if let Some(text) = ["description", "subtitle", "summary"].iter().find_map(|key| string(fields, key)) {
        stated.description(text);
    }
    for key in ["licence", "license", "licenses", "licences"] {
        texts(fields.get(key), &["name", "id", "@id", "url", "path", "title"])
            .iter()
            .for_each(|text| stated.licence(text));
    }
    for key in SOURCES {
        for text in texts(fields.get(key), &["title", "name", "path", "url", "@id", "email"]) {
            stated.provenance(key, &text);
        }
        if let Some(Value::Number(number)) = fields.get(key) {
            stated.provenance(key, &number.to_string());
        }
    }
    columns(fields, stated);
    let is_configurations = !fields.is_empty()
        && fields
            .values()
            .all(|value| value.get("features").is_some() || value.get("dataset_size").is_some());
    if is_configurations {
        fields.values().filter_map(Value::as_object).for_each(|inner| of_object(inner, stated));
    }
}

fn string<'a>(fields: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    fields.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// The texts of a value: itself, those of a list, or the first of some keys of an object.
fn texts(value: Option<&Value>, keys: &[&str]) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => items.iter().take(8).flat_map(|item| one_text(item, keys)).collect(),
        Some(value @ Value::Object(_)) => one_text(value, keys).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn one_text(value: &Value, keys: &[&str]) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(fields) => keys.iter().find_map(|key| string(fields, key)).map(str::to_string),
        _ => None,
    }
}

/// What is said of columns: `resources[].schema.fields[]` of a data package, `recordSet[].field[]` of a Croissant.
fn columns(fields: &Map<String, Value>, stated: &mut Stated) {
    for resource in list(fields.get("resources")) {
        let table = ["path", "name"].iter().find_map(|key| resource.get(*key)?.as_str()).unwrap_or_default();
        let schema = resource.get("schema").unwrap_or(resource);
        for field in list(schema.get("fields")) {
            let text = ["description", "title"].iter().find_map(|key| field.get(*key)?.as_str());
            if let (Some(name), Some(text)) = (field.get("name").and_then(Value::as_str), text) {
                stated.column(table, name, text, false);
            }
        }
    }
    for records in list(fields.get("recordSet")).iter().chain(list(fields.get("cr:recordSet"))) {
        for field in list(records.get("field")).iter().chain(list(records.get("cr:field"))) {
            croissant_field(field, stated);
        }
    }
}

fn croissant_field(field: &Value, stated: &mut Stated) {
    let source = field.get("source");
    let extracted = source.and_then(|source| source.get("extract")?.get("column")?.as_str());
    let named = field.get("name").or_else(|| field.get("@id")).and_then(Value::as_str);
    let column = extracted.or_else(|| named.map(|name| name.rsplit('/').next().unwrap_or(name)));
    let file = source.and_then(|source| source.get("fileObject").or_else(|| source.get("fileSet")));
    let table = file.and_then(|file| file.get("@id").unwrap_or(file).as_str()).unwrap_or_default();
    if let (Some(column), Some(text)) = (column, field.get("description").and_then(Value::as_str)) {
        stated.column(table, column, text, false);
    }
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::documents::stated::ColumnNote;

    fn note(table: &str, column: &str, text: &str) -> ColumnNote {
        ColumnNote { table: table.into(), column: column.into(), text: text.into(), listed: false }
    }

    #[test]
    fn a_data_package() {
        let stated = stated(
            r#"{"name": "trees", "title": "Trees of a town", "description": "Every tree.",
                "licenses": [{"name": "ODbL-1.0", "title": "Open Database"}, {"name": "CC-BY-4.0"}],
                "sources": [{"title": "Town hall", "path": "https://town.example/trees"}], "version": "1.2",
                "resources": [{"name": "trees", "path": "trees.csv", "schema": {"fields": [
                    {"name": "h", "type": "number", "description": "Height in metres"}, {"name": "x"}]}}]}"#,
        );
        assert_eq!(stated.title.as_deref(), Some("Trees of a town"));
        assert_eq!(stated.description.as_deref(), Some("Every tree."));
        assert_eq!(stated.licences, ["ODbL-1.0", "CC-BY-4.0"]);
        assert_eq!(stated.provenance, ["sources: Town hall", "version: 1.2"]);
        assert_eq!(stated.columns, [note("trees.csv", "h", "Height in metres")]);
    }

    #[test]
    fn a_croissant() {
        let text = r#"{"@context": {"@vocab": "https://schema.org/"}, "@type": "sc:Dataset", "name": "Trees",
            "license": ["https://creativecommons.org/licenses/by-sa/4.0/"], "url": "https://trees.example",
            "citeAs": "The trees (2020)", "creator": [{"@type": "Person", "name": "A. Elm"}],
            "recordSet": [{"field": [
                {"@id": "trees/h", "description": "Height", "source": {"fileObject": {"@id": "trees.csv"}, "extract": {"column": "H"}}},
                {"@id": "trees/kind", "description": "Kind of tree"}]}]}"#;
        assert!(is_description(text));
        let stated = stated(text);
        assert_eq!(stated.title.as_deref(), Some("Trees"));
        assert_eq!(stated.licences, ["CC-BY-SA-4.0"]);
        assert_eq!(
            stated.provenance,
            ["url: https://trees.example", "citeAs: The trees (2020)", "creator: A. Elm"]
        );
        assert_eq!(stated.columns, [note("trees.csv", "H", "Height"), note("", "kind", "Kind of tree")]);
    }

    #[test]
    fn wrapped_and_configured() {
        let kaggle = stated(r#"{"info": {"title": "T", "licenses": [{"name": "CC0-1.0"}]}}"#);
        assert_eq!(
            (kaggle.title.as_deref(), kaggle.licences.as_slice()),
            (Some("T"), &[String::from("CC0-1.0")][..])
        );
        let infos = stated(
            r#"{"default": {"description": "D", "license": "mit", "features": {"a": {"dtype": "int64"}}}}"#,
        );
        assert_eq!(
            (infos.description.as_deref(), infos.licences.as_slice()),
            (Some("D"), &[String::from("MIT")][..])
        );
    }

    #[test]
    fn what_is_no_description_states_nothing() {
        for text in ["", "[1]", "{\"licence\": ", "{\"licence\": 3}", "{}"] {
            assert_eq!(stated(text), Stated::default(), "{text}");
            assert!(!is_description(text));
        }
    }
}
