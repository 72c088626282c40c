//! Citations: `CITATION.cff` and BibTeX.

use crate::text::documents::stated::Stated;
use crate::text::documents::yaml;

/// Entries of a bibliography that are kept.
const ENTRIES: usize = 3;

/// What a citation file in the Citation File Format states.
pub(super) fn cff(text: &str) -> Stated {
    let mut stated = Stated::default();
    for (key, values) in yaml::top(text) {
        let joined = values.join(", ");
        match key.as_str() {
            "title" => stated.title(&joined),
            "abstract" => stated.description(&joined),
            "license" | "licence" => values.iter().for_each(|value| stated.licence(value)),
            "authors" | "doi" | "version" | "url" | "repository" | "date-released" => {
                stated.provenance(&key, &joined);
            }
            _ => {}
        }
    }
    stated
}

/// The entries of a bibliography, each in one line.
pub(super) fn bibtex(text: &str) -> Stated {
    let mut stated = Stated::default();
    for entry in text.split("\n@").take(ENTRIES + 1).filter(|entry| entry.contains('{')).take(ENTRIES) {
        if let Some(line) = bibtex_line(entry) {
            stated.provenance("citation", &line);
        }
    }
    stated
}

/// Authors, title, year and identifier of an entry.
pub(super) fn bibtex_line(entry: &str) -> Option<String> {
    let fields: Vec<String> =
        ["author", "title", "year", "doi", "url"].iter().filter_map(|name| field(entry, name)).collect();
    (!fields.is_empty()).then(|| fields.join(", "))
}

/// The value of `name = {value}` or `name = "value"`.
fn field(entry: &str, name: &str) -> Option<String> {
    let lower = entry.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let at = from + lower.get(from..)?.find(name)?;
        from = at + name.len();
        let before = lower.get(..at)?.chars().next_back();
        let rest = entry.get(from..)?.trim_start();
        if before.is_none_or(|c| !c.is_alphanumeric())
            && let Some(value) = rest.strip_prefix('=')
        {
            return braced(value.trim_start()).map(|value| value.replace(['{', '}'], ""));
        }
    }
}

fn braced(text: &str) -> Option<&str> {
    let (open, close) = match text.chars().next()? {
        '{' => ('{', '}'),
        '"' => ('"', '"'),
        _ => return text.split([',', '}', '\n']).next().map(str::trim),
    };
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        if c == close && (depth == 1 && at > 0) {
            return text.get(1..at);
        }
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.saturating_sub(1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bibliography() {
        let text = "@article{elm2020,\n author = {Elm, A. and {Oak Group}},\n booktitle = {No},\n Title = \"On trees\",\n year = 2020,\n doi={10.1/x}\n}\n";
        assert_eq!(bibtex(text).provenance, ["citation: Elm, A. and Oak Group, On trees, 2020, 10.1/x"]);
        for text in ["", "@", "@a{", "@a{title=", "@a{title={{{", "title"] {
            assert!(bibtex(text).provenance.is_empty(), "{text}");
        }
    }

    #[test]
    fn a_citation_file() {
        let stated = cff(
            "cff-version: 1.2.0\ntitle: Trees\nlicense: CC-BY-4.0\ndoi: 10.1/x\nauthors:\n  - family-names: Elm\n    given-names: A.\n",
        );
        assert_eq!(stated.title.as_deref(), Some("Trees"));
        assert_eq!(stated.licences, ["CC-BY-4.0"]);
        assert_eq!(stated.provenance, ["doi: 10.1/x", "authors: Elm A."]);
    }
}
