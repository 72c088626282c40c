//! What the name of a column or a file says, whatever the style it is written in.

use crate::column::key::is_key_name;

/// Types that some headers write behind a name: `user_id:token`.
const TYPES: &[&str] = &[
    "token",
    "float",
    "token_seq",
    "float_seq",
    "int",
    "integer",
    "long",
    "string",
    "str",
    "double",
    "bool",
    "boolean",
    "date",
    "datetime",
    "id",
];

/// A name without the type that is written behind it.
pub(crate) fn base(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((base, kind)) if !base.is_empty() && TYPES.contains(&kind.to_lowercase().as_str()) => base,
        _ => name,
    }
}

/// True for a name that announces keys.
pub(crate) fn is_key(name: &str) -> bool {
    is_key_name(base(name))
}

/// The words of a name in lower case: `SalePrice`, `sale_price` and `sale price` are the same; digits stand alone.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let characters: Vec<char> = base(name).chars().collect();
    for (i, &c) in characters.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| characters.get(i));
        let after = characters.get(i + 1);
        if !c.is_alphanumeric() || before.is_some_and(|&before| is_border(before, c, after)) {
            flush(&mut word, &mut words);
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    flush(&mut word, &mut words);
    words
}

fn flush(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// True where a word ends without a mark: `sale|Price`, `HTML|Page`, `class|1`.
fn is_border(before: char, c: char, after: Option<&char>) -> bool {
    let digits = before.is_numeric() != c.is_numeric() && before.is_alphanumeric();
    let rises = before.is_lowercase() && c.is_uppercase();
    let acronym =
        before.is_uppercase() && c.is_uppercase() && after.is_some_and(|after| after.is_lowercase());
    digits || rises || acronym
}

/// The words of a name with one blank between them.
pub(crate) fn plain(name: &str) -> String {
    words(name).join(" ")
}

/// The word without the ending of its plural: `users` and `user` are about the same thing.
pub(crate) fn singular(word: &str) -> &str {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return stem;
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem,
        _ => word.strip_suffix('y').filter(|stem| stem.len() > 3).unwrap_or(word),
    }
}

/// True when a name says that its values are mere numbers of rows.
pub(crate) fn is_row_number(name: &str) -> bool {
    let plain = plain(name);
    matches!(
        plain.as_str(),
        "" | "index" | "idx" | "row" | "rownames" | "row names" | "row id" | "level 0" | "unnamed 0" | "x 1"
    ) || plain.starts_with("unnamed ")
}

/// True when a table's own reader made the name up because the file names no columns.
pub(crate) fn is_made_up(name: &str) -> bool {
    name.strip_prefix("column_").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
}

/// The name of a file without its folders and extensions, and behind `!/` the name of the part.
pub(crate) fn stem_of(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    if stem.is_empty() { name } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_every_style() {
        for name in ["SalePrice", "sale_price", "sale price", "Sale.Price", "salePrice", "SALE_PRICE"] {
            assert_eq!(plain(name), "sale price", "{name}");
        }
        assert_eq!(words("Class14"), ["class", "14"]);
        assert_eq!(words("PassengerId"), ["passenger", "id"]);
        assert_eq!(words("HTMLPage"), ["html", "page"]);
        assert_eq!(words("__"), [""; 0]);
        assert_eq!(plain("user_id:token"), "user id");
        assert!(is_key("user_id:token") && !is_key("rating:float"));
    }

    #[test]
    fn plurals_meet_their_singular() {
        for (many, one) in [("users", "user"), ("categories", "category"), ("airlines", "airline")] {
            assert_eq!(singular(many), singular(one), "{many}");
        }
        assert_eq!(singular("status"), "status");
        assert_eq!(singular("class"), "class");
    }

    #[test]
    fn stems() {
        assert_eq!(stem_of("a/b/train.csv.gz"), "train");
        assert_eq!(stem_of("shop.db!/orders"), "orders");
        assert_eq!(stem_of(".hidden"), ".hidden");
    }
}
