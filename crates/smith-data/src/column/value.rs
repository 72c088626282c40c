//! What a single value is, read as the usual readers of data frames read it.

use crate::column::dates::{Date, date};
use crate::column::key::is_key_like;

/// Words that stand for a missing value, besides nothing at all.
const MISSING: [&str; 17] = [
    "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "n/a", "<NA>", "#N/A", "#NA", "-NaN", "-nan",
    "#N/A N/A", "1.#IND", "1.#QNAN", "-1.#IND",
];
/// Words for what is greater than every number.
const INFINITE: [&str; 2] = ["inf", "infinity"];
/// Longest value that is looked at for being a path.
const LONGEST_PATH: usize = 400;

/// What a single value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum Class {
    /// A word that stands for a missing value.
    Missing,
    /// A whole number.
    Integer,
    /// A number with a fraction or an exponent.
    Decimal,
    /// A date whose order is plain.
    Date,
    /// A date where the day may be first or second.
    AmbiguousDate,
    /// A web address.
    Url,
    /// The path or name of a file.
    Path,
    /// An object or a list in JSON.
    Json,
    /// Letters, digits and a few signs, with a digit.
    Key,
    /// Any other text.
    Text,
    /// A list or a record.
    Nested,
    /// Bytes.
    Binary,
}

impl Class {
    /// How many there are.
    pub(crate) const COUNT: usize = 12;

    /// True for numbers.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal)
    }
}

/// A number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number {
    pub(crate) value: f64,
    pub(crate) is_integer: bool,
}

/// What a trimmed text is, and its number: of a date the seconds since 1970 or its parts ([`Date::packed`]), of
/// anything else that is no number NaN. `decimal` stands between whole and fraction.
pub(crate) fn classify(text: &str, decimal: u8) -> (Class, f64) {
    if is_missing(text) {
        return (Class::Missing, f64::NAN);
    }
    if let Some(number) = number_with(text, decimal) {
        return (if number.is_integer { Class::Integer } else { Class::Decimal }, number.value);
    }
    match date(text) {
        Some(Date::Known(seconds)) => return (Class::Date, seconds),
        Some(ambiguous) => return (Class::AmbiguousDate, ambiguous.packed()),
        None => {}
    }
    (class_of_words(text), f64::NAN)
}

fn class_of_words(text: &str) -> Class {
    let start = text.as_bytes().first().copied().unwrap_or_default();
    if matches!(start, b'{' | b'[') && is_json(text) {
        Class::Json
    } else if is_url(text) {
        Class::Url
    } else if is_path(text) {
        Class::Path
    } else if is_key_like(text) {
        Class::Key
    } else {
        Class::Text
    }
}

/// True for nothing, blanks, and words that stand for a missing value. `text` is trimmed.
pub(crate) fn is_missing(text: &str) -> bool {
    text.is_empty() || (text.len() <= 8 && MISSING.contains(&text))
}

/// The number that a trimmed text writes out; `inf` and `Infinity` are numbers too.
pub(crate) fn number(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if INFINITE.iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        let value = if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY };
        return Some(Number { value, is_integer: false });
    }
    let digits = unsigned.as_bytes();
    let starts_well = digits.first().is_some_and(|b| b.is_ascii_digit() || *b == b'.');
    if !starts_well || !digits.iter().any(u8::is_ascii_digit) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    Some(Number { value, is_integer: digits.iter().all(u8::is_ascii_digit) })
}

fn number_with(text: &str, decimal: u8) -> Option<Number> {
    if decimal == b',' && text.contains(',') && !text.contains('.') {
        return number(&text.replacen(',', ".", 1));
    }
    number(text)
}

fn is_json(text: &str) -> bool {
    text.ends_with(['}', ']']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

fn is_url(text: &str) -> bool {
    let after = ["http://", "https://", "ftp://", "s3://", "gs://", "www."];
    after.iter().any(|scheme| text.len() > scheme.len() && text.starts_with(scheme))
        && !text.contains(char::is_whitespace)
}

/// A name with an extension that files have, or parts between slashes that end in one.
fn is_path(text: &str) -> bool {
    if text.len() > LONGEST_PATH {
        return false;
    }
    let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let usual = (1..=5).contains(&extension.len())
        && extension.bytes().all(|b| b.is_ascii_alphanumeric())
        && extension.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    usual
        && !stem.is_empty()
        && !stem.contains(char::is_whitespace)
        && crate::source::kind::is_file_extension(extension)
}

/// True for a pair of words that say yes and no, in any case, and for `true` or `false` alone.
pub(crate) fn are_booleans<'a>(words: impl Iterator<Item = &'a str>) -> bool {
    let mut words: Vec<String> = words.map(str::to_lowercase).collect();
    words.sort_unstable();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [word] => matches!(*word, "true" | "false"),
        words => matches!(words, ["false", "true"] | ["no", "yes"] | ["f", "t"] | ["n", "y"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (text, value, is_integer) in [
            ("0", 0.0, true),
            ("-12", -12.0, true),
            ("1.50", 1.5, false),
            (".5", 0.5, false),
            ("1e3", 1000.0, false),
            ("-inf", f64::NEG_INFINITY, false),
            ("Infinity", f64::INFINITY, false),
        ] {
            assert_eq!(number(text), Some(Number { value, is_integer }), "{text}");
        }
        for text in ["", "-", ".", "info", "--inf", "nan", "1,5", "12a", "0x1f", "1 2", "e5"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn decimal_commas() {
        assert_eq!(classify("1,5", b','), (Class::Decimal, 1.5));
        assert_eq!(classify("7", b','), (Class::Integer, 7.0));
        assert_eq!(classify("1,5,2", b',').0, Class::Text);
    }

    #[test]
    fn classes() {
        for (text, class) in [
            ("NA", Class::Missing),
            ("?", Class::Text),
            ("12", Class::Integer),
            ("1e-3", Class::Decimal),
            ("2012-01-31", Class::Date),
            ("3/4/2012", Class::AmbiguousDate),
            ("https://example.org/a", Class::Url),
            ("img/00012.png", Class::Path),
            ("a1.jpg", Class::Path),
            ("v1.2", Class::Key),
            ("e.g", Class::Text),
            ("{\"a\": 1}", Class::Json),
            ("[unclear]", Class::Text),
            ("a3f-9b", Class::Key),
            ("Bell 5", Class::Text),
        ] {
            assert_eq!(classify(text, b'.').0, class, "{text}");
        }
    }

    #[test]
    fn missing_values() {
        assert!(is_missing("") && is_missing("NA") && is_missing("null"));
        assert!(!is_missing("na") && !is_missing("?") && !is_missing("0"));
    }
}
