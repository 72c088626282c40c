//! What looks like a key rather than a feature.

/// Letters, digits and `-_.:/`, with a digit: a key or a file name rather than a word or a formula.
pub(crate) fn is_key_like(text: &str) -> bool {
    text.len() <= 80
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.chars().all(|c| c.is_alphanumeric() || "-_.:/".contains(c))
}

/// A column name that announces keys.
pub(crate) fn is_key_name(name: &str) -> bool {
    let lower = name.trim().to_lowercase();
    let ends = ["_id", " id", "-id", ".id", "_key", "_index", " number"];
    let camel = name.ends_with("Id") || name.ends_with("ID");
    matches!(
        lower.as_str(),
        "" | "id" | "key" | "index" | "uuid" | "no" | "nr" | "row" | "rownames" | "unnamed: 0"
    ) || camel
        || ends.iter().any(|end| lower.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_names() {
        for name in ["id", "Patient ID", "passengerId", "track_id", "", "Unnamed: 0"] {
            assert!(is_key_name(name), "{name}");
        }
        for name in ["age", "humid", "paid", "grid", "number_of_rooms"] {
            assert!(!is_key_name(name), "{name}");
        }
    }

    #[test]
    fn keys_are_neither_words_nor_formulas() {
        assert!(is_key_like("img/00012.png") && is_key_like("a3f-9b"));
        assert!(!is_key_like("rain") && !is_key_like("C1CC(=O)1") && !is_key_like("Bell 5"));
    }
}
