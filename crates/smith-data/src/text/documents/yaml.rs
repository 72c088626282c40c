//! The top of a YAML document, as front matter and citation files write it: keys with texts or lists of texts.
//!
//! This is no YAML reader: anchors, nested maps and tags are passed over. What stands at the top of such a file is
//! written simply, and what is not is not needed.

/// The top-level keys with their texts, in order. A list of maps gives the texts of each map joined by a blank.
pub(super) fn top(text: &str) -> Vec<(String, Vec<String>)> {
    let mut keys: Vec<(String, Vec<String>)> = Vec::new();
    let mut folded = false;
    for line in text.lines() {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') || content == "---" {
            continue;
        }
        let is_top = !line.starts_with([' ', '\t', '-']);
        match (is_top, content.split_once(':'), keys.last_mut()) {
            (true, Some((key, value)), _) => {
                let value = value.trim();
                folded = matches!(value, "|" | ">" | "|-" | ">-" | "|+" | ">+");
                let values = if folded { vec![String::new()] } else { inline(value) };
                keys.push((key.trim().to_lowercase(), values));
            }
            (false, _, Some((_, values))) if folded => append(values.last_mut(), content),
            (_, _, Some((_, values))) if content.starts_with("- ") => {
                values.push(map_value(content.trim_start_matches("- ")));
            }
            (false, Some(_), Some((_, values))) => append(values.last_mut(), &map_value(content)),
            (false, None, Some((_, values))) => append(values.last_mut(), &unquoted(content)),
            _ => {}
        }
    }
    keys.iter_mut().for_each(|(_, values)| values.retain(|value| !value.is_empty()));
    keys
}

fn append(place: Option<&mut String>, text: &str) {
    if let Some(place) = place {
        if !place.is_empty() {
            place.push(' ');
        }
        place.push_str(text);
    }
}

/// A text, or a list in brackets.
fn inline(value: &str) -> Vec<String> {
    match value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(list) => list.split(',').map(unquoted).collect(),
        None => vec![unquoted(value)],
    }
}

/// The value of `key: value`, or the text itself.
fn map_value(text: &str) -> String {
    match text.split_once(": ") {
        Some((key, value)) if !key.contains(' ') => unquoted(value),
        _ => unquoted(text),
    }
}

fn unquoted(text: &str) -> String {
    text.trim().trim_matches(['"', '\'']).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_texts_and_lists() {
        let text = "---\nlicense: 'mit'\ntags: [a, \"b\"]\nlanguage:\n- en\n- de\nabstract: >\n  Two\n  lines.\n\
                    authors:\n  - family-names: Elm\n    given-names: \"A.\"\n  - name: Town\n# end\n";
        let expected: [(&str, &[&str]); 5] = [
            ("license", &["mit"]),
            ("tags", &["a", "b"]),
            ("language", &["en", "de"]),
            ("abstract", &["Two lines."]),
            ("authors", &["Elm A.", "Town"]),
        ];
        let top = top(text);
        assert_eq!(top.len(), expected.len(), "{top:?}");
        for ((key, values), (name, texts)) in top.iter().zip(expected) {
            assert_eq!(
                (key.as_str(), values.iter().map(String::as_str).collect::<Vec<_>>()),
                (name, texts.to_vec())
            );
        }
    }
}
