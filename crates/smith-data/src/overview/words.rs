//! Writes texts, JSON and what the dataset says about itself, as quotations.

use std::collections::BTreeSet;

use smith_task_schema::profile::{DatasetProfile, Document, JsonProfile, TextProfile};

use crate::overview::display::{number_of, size};
use crate::overview::quote;
use crate::overview::section::{Item, Section};
use crate::source::kind::extension;
use crate::text::documents::is_metadata;

/// Characters of a line of a document.
const DOCUMENT_LINE: usize = 1_200;
/// Characters of a line of a text.
const TEXT_LINE: usize = 300;
/// Characters of a JSON record.
const RECORD_CHARS: usize = 1_500;
/// Texts that are quoted.
const TEXTS: usize = 6;
/// JSON files that are told one by one.
const JSON_FILES: usize = 8;

/// JSON that is no table.
pub(crate) fn json(profile: &DatasetProfile) -> Vec<Section> {
    let is_table = |json: &JsonProfile| {
        let sheet = format!("{}!/", json.path);
        profile.tables.iter().any(|table| table.path == json.path || table.path.starts_with(&sheet))
    };
    let mut seen = BTreeSet::new();
    let others = profile.json.iter().filter(|json| !is_table(json));
    let different = others.filter(|json| seen.insert((json.shape.as_str(), json.keys.as_slice())));
    different.take(JSON_FILES).enumerate().map(|(index, json)| one_json(json, index)).collect()
}

fn one_json(json: &JsonProfile, index: usize) -> Section {
    let records =
        json.records.map_or_else(String::new, |records| format!(", {}", number_of(records, "record")));
    let path = quote::name(&json.path);
    let keys: Vec<String> = json.keys.iter().flat_map(|key| quote::lines(key, 200)).collect();
    let mut items: Vec<Item> = Item::quotation(&format!("keys of {}", json.path), keys)
        .map(|item| item.rank(0))
        .into_iter()
        .collect();
    items.extend(Item::quotation(&json.path, quote::lines(&json.sample, RECORD_CHARS)));
    Section::new(format!("## JSON {path}: {}{records}", quote::sentence(&json.shape, 200)), items)
        .noun("quotation")
        .label(format!("JSON {path}"))
        .priority(4 + u8::from(index > 0) * 2, 4)
}

/// The beginnings of some texts.
pub(crate) fn texts(profile: &DatasetProfile) -> Vec<Section> {
    telling(&profile.texts).into_iter().enumerate().map(|(index, text)| one_text(text, index)).collect()
}

/// The first text of each directory and ending.
fn telling(texts: &[TextProfile]) -> Vec<&TextProfile> {
    let sort_of = |text: &TextProfile| {
        let (directory, name) = text.path.rsplit_once('/').unwrap_or(("", &text.path));
        (directory.to_string(), extension(name))
    };
    let mut seen = BTreeSet::new();
    texts.iter().filter(|text| seen.insert(sort_of(text))).take(TEXTS).collect()
}

fn one_text(text: &TextProfile, index: usize) -> Section {
    let path = quote::name(&text.path);
    let title = format!("## Text {path}: {}, {}", number_of(text.lines, "line"), size(text.bytes));
    let items = Item::quotation(&text.path, quote::lines(&text.excerpt, TEXT_LINE)).into_iter().collect();
    Section::new(title, items).label(format!("text {path}")).priority(5 + u8::from(index > 0), 2)
}

/// What the dataset says about itself. Prose comes first: what metadata say stands in the head already.
pub(crate) fn documents(profile: &DatasetProfile) -> Vec<Section> {
    let name = |document: &Document| document.path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let mut documents: Vec<&Document> = profile.documents.iter().collect();
    documents.sort_by_key(|document| (is_metadata(&name(document)), is_licence(&name(document))));
    let section = |document: &Document| {
        let items = Item::quotation(
            &document.path,
            quote::lines(without_front_matter(&document.text), DOCUMENT_LINE),
        )
        .into_iter()
        .collect();
        let path = quote::name(&document.path);
        let minor = is_metadata(&name(document)) || is_licence(&name(document));
        let (priority, weight) = if minor { (8, 1) } else { (3, 5) };
        Section::new(format!("## What {path} says"), items)
            .label(format!("document {path}"))
            .priority(priority, weight)
    };
    documents
        .into_iter()
        .filter(|document| !is_told(document))
        .map(section)
        .filter_map(Section::unless_empty)
        .collect()
}

/// True for metadata that state nothing but what the head of the overview says.
fn is_told(document: &Document) -> bool {
    let name = document.path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let fields = is_metadata(&name)
        .then(|| serde_json::from_str::<serde_json::Map<_, serde_json::Value>>(&document.text));
    let told = |key: &str| {
        matches!(
            key,
            "name"
                | "id"
                | "title"
                | "description"
                | "licence"
                | "license"
                | "licenses"
                | "source"
                | "url"
                | "homepage"
        )
    };
    matches!(fields, Some(Ok(fields)) if fields.keys().all(|key| told(key)))
}

/// A readme without the keys above its text, which the head of the overview tells as far as they are understood.
fn without_front_matter(text: &str) -> &str {
    let inside = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n"));
    let body = inside.and_then(|rest| rest.split_once("\n---")).map(|(_, body)| body.trim_start_matches('-'));
    body.filter(|body| !body.trim().is_empty()).unwrap_or(text)
}

fn is_licence(name: &str) -> bool {
    ["licen", "copying", "notice"].iter().any(|start| name.starts_with(start))
}
