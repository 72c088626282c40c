//! What a dataset says about itself: readme, licence, citation and metadata files.

mod citation;
mod dictionary;
mod licence;
mod metadata;
mod prose;
mod stated;
mod yaml;

use smith_task_schema::profile::Document;

use crate::source::encoding::decode_head;
use crate::source::reader;
use crate::source::walk::Found;

pub(crate) use dictionary::describe;
pub(crate) use stated::Stated;

/// Characters of a document that are kept.
const KEPT_CHARS: usize = 4_000;
/// Bytes of a document that are read.
const READ_BYTES: usize = 256 << 10;
/// Bytes of metadata that are read: they can be parsed whole or not at all.
const METADATA_BYTES: usize = 4 << 20;

/// Names of prose about data, without their ending.
const STEMS: [&str; 20] = [
    "readme",
    "license",
    "licence",
    "copying",
    "notice",
    "citation",
    "about",
    "description",
    "data_description",
    "dataset_description",
    "codebook",
    "data_dictionary",
    "datasheet",
    "dataset_card",
    "datacard",
    "data_card",
    "terms",
    "attribution",
    "copyright",
    "credits",
];
/// Those that may have more in their names: `README_images.txt`, `LICENSE-MIT`.
const OPEN_STEMS: [&str; 5] = ["readme", "data_description", "data_dictionary", "codebook", "datasheet"];
/// What may follow the word for a licence.
const LICENCES: [&str; 12] =
    ["mit", "apache", "apache2", "bsd", "cc0", "cc", "cc_by", "cc_by_sa", "data", "code", "gpl", "odbl"];
const ENDINGS: [&str; 9] = ["", "md", "txt", "rst", "cff", "html", "htm", "markdown", "bib"];
const METADATA: [&str; 9] = [
    "dataset_info.json",
    "dataset_infos.json",
    "dataset-metadata.json",
    "datapackage.json",
    "croissant.json",
    "mlcroissant.json",
    ".zenodo.json",
    "zenodo.json",
    "codemeta.json",
];

/// True for the name of a file about the data.
pub(crate) fn is_document(name: &str) -> bool {
    let lower = name.to_lowercase();
    // The description of a data set in the archive of the University of California at Irvine: `iris.names`.
    if is_metadata(&lower) || lower.ends_with(".names") || lower.ends_with(".bib") {
        return true;
    }
    let (stem, ending) = lower.rsplit_once('.').unwrap_or((&lower, ""));
    let stem = stem.replace(['-', ' ', '.'], "_");
    let of_licence = |word: &str| {
        stem.strip_prefix(word)
            .and_then(|rest| rest.strip_prefix('_'))
            .is_some_and(|rest| LICENCES.contains(&rest))
            || stem
                .strip_suffix(word)
                .and_then(|rest| rest.strip_suffix('_'))
                .is_some_and(|rest| LICENCES.contains(&rest))
    };
    let of_prose = |word: &&str| stem.starts_with(&format!("{word}_")) || stem.ends_with(&format!("_{word}"));
    // A licence may be called `LICENSE.data`, a readme `README.first`: what stands behind the point is no ending then.
    let bare = lower.split('.').next().unwrap_or_default();
    ENDINGS.contains(&ending)
        && (STEMS.contains(&stem.as_str())
            || OPEN_STEMS.iter().any(of_prose)
            || of_licence("license")
            || of_licence("licence"))
        || (ending == "data" || ending == "first") && matches!(bare, "license" | "licence" | "readme")
}

/// True for the name of a machine-readable description.
pub(crate) fn is_metadata(name: &str) -> bool {
    METADATA.contains(&name) || name.ends_with(".croissant.json") || name.ends_with("-croissant.json")
}

/// Which document is believed first: metadata, which state things more plainly than prose does, then readmes; among
/// them those that lie higher, which speak for more.
pub(crate) fn standing(relative: &str) -> (u8, usize, String) {
    let name = relative.rsplit('/').next().unwrap_or(relative).to_lowercase();
    let rank = if is_metadata(&name) { 0 } else { 2 - u8::from(name.starts_with("readme")) };
    (rank, relative.matches('/').count(), relative.to_string())
}

/// A document's beginning and what it states.
pub(crate) fn read(found: &Found) -> std::io::Result<(Document, Stated)> {
    let lower = found.name().to_lowercase();
    let limit = if is_metadata(&lower) { METADATA_BYTES } else { READ_BYTES };
    let text = decode_head(&reader::head(&found.path, limit)?);
    let kept = text.trim().chars().take(KEPT_CHARS).collect();
    Ok((Document { path: found.relative.clone(), text: kept }, stated(&lower, &text)))
}

/// What a document of a name in lower case states.
fn stated(lower: &str, text: &str) -> Stated {
    let is = |starts: &[&str]| starts.iter().any(|start| lower.starts_with(start));
    if is_metadata(lower) {
        metadata::stated(text)
    } else if lower.ends_with(".cff") {
        citation::cff(text)
    } else if lower.ends_with(".bib") {
        citation::bibtex(text)
    } else if is(&["licen", "copying"]) {
        let mut stated = Stated::default();
        stated.add_licence(licence::of_text(text));
        stated
    } else if lower.ends_with(".html") || lower.ends_with(".htm") || is(&["notice", "terms", "copyright"]) {
        Stated::default()
    } else {
        prose::stated(text)
    }
}

/// True for a file of data that may describe other files: a dictionary of columns, or metadata under a free name.
pub(crate) fn may_describe(name: &str, bytes: u64) -> bool {
    let lower = name.to_lowercase();
    let is_table = [".csv", ".tsv", ".txt"].iter().any(|ending| lower.ends_with(ending));
    let is_json = lower.ends_with(".json") && (lower.contains("metadata") || lower.contains("croissant"));
    bytes <= METADATA_BYTES as u64 && (is_json || (is_table && dictionary::is_dictionary(&lower)))
}

/// What such a file states; nothing when it is data after all, or cannot be read (its reader says so).
pub(crate) fn stated_in_data(found: &Found) -> Stated {
    let Ok(head) = reader::head(&found.path, METADATA_BYTES) else { return Stated::default() };
    let text = decode_head(&head);
    if found.name().to_lowercase().ends_with(".json") {
        if metadata::is_description(&text) { metadata::stated(&text) } else { Stated::default() }
    } else {
        dictionary::in_table(&text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn documents_by_name() {
        for name in [
            "README.md",
            "readme",
            "LICENSE",
            "Licence.txt",
            "dataset_info.json",
            "data_description.txt",
            "LICENSE-MIT",
            "README_images.txt",
            "iris.names",
            "CITATION.cff",
            "refs.bib",
            "Data Dictionary.txt",
            "croissant.json",
            "ml-100k-README",
            "LICENSE.data",
        ] {
            assert!(is_document(name), "{name}");
        }
        for name in [
            "readme.csv",
            "description.csv",
            "licensed_drivers.txt",
            "info.json",
            "licence_plates.txt",
            "names.csv",
            "codebook.csv",
            "images-metadata.json",
        ] {
            assert!(!is_document(name), "{name}");
        }
        assert!(may_describe("codebook.csv", 10) && may_describe("x-metadata.json", 10));
        assert!(!may_describe("codebook.csv", 1 << 30) && !may_describe("people.csv", 10));
    }

    #[test]
    fn a_licence_is_found_where_it_stands() {
        let cases = [
            ("dataset_info.json", r#"{"licence": "CC0-1.0"}"#, Some("CC0-1.0")),
            ("dataset-metadata.json", r#"{"licenses": [{"name": "CC-BY-4.0"}]}"#, Some("CC-BY-4.0")),
            ("license", "\nMIT License\n\nCopyright", Some("MIT")),
            ("readme.md", "---\nlicense: mit\n---\n# Data", Some("MIT")),
            ("readme.md", "**Licence:** For study only\n", Some("For study only")),
            ("readme.md", "# Data\nNothing of it.", None),
            ("dataset_info.json", "{\"licence\": ", None),
            ("citation.cff", "license: Apache-2.0\n", Some("Apache-2.0")),
        ];
        for (name, text, expected) in cases {
            assert_eq!(stated(name, text).licences.first().map(String::as_str), expected, "{name}: {text}");
        }
    }

    proptest! {
        #[test]
        fn no_document_is_too_odd(
            name in proptest::sample::select(vec!["readme.md", "license", "datapackage.json", "citation.cff", "a.bib", "x.names"]),
            text in "([-#|:*@{}=\"'\\[\\]a-z \n\t]|[^a-z]){0,200}",
        ) {
            let _ = stated(name, &text);
            let _ = dictionary::in_table(&text);
        }

        #[test]
        fn no_metadata_are_too_odd(json in json()) {
            let text = json.to_string();
            let _ = metadata::is_description(&text);
            let _ = metadata::stated(&text);
        }
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let key = proptest::sample::select(vec![
            "resources",
            "schema",
            "fields",
            "name",
            "description",
            "recordSet",
            "field",
            "source",
            "extract",
            "column",
            "licenses",
            "info",
            "features",
            "@context",
            "fileObject",
            "@id",
        ]);
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            ".{0,8}".prop_map(Into::into),
        ];
        leaf.prop_recursive(5, 40, 4, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                proptest::collection::btree_map(key.clone(), inner, 0..5).prop_map(|fields| {
                    fields
                        .into_iter()
                        .map(|(key, value)| (key.to_string(), value))
                        .collect::<serde_json::Map<_, _>>()
                        .into()
                }),
            ]
        })
    }
}
