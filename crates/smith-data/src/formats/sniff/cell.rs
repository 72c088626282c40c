//! What a single cell looks like: a number in some notation, a date, a word, a text, or something odd.

use crate::column::{dates, value};

/// What a cell looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Missing,
    Number(Notation),
    /// A date or a time of day.
    Temporal,
    /// One word, key or path.
    Word,
    /// Several words.
    Text,
    /// Numbers with something between them that may be a delimiter.
    Numbers,
    /// Pieces with something between them that may be a delimiter, or with a quotation mark left over.
    Odd,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notation {
    /// Digits alone.
    Whole,
    /// With a decimal point.
    Point,
    /// With a decimal comma.
    Comma,
    /// `1,234`: a decimal comma or one between thousands.
    EitherComma,
    /// With this between thousands, and perhaps a decimal point.
    Thousands(u8),
    /// With points between thousands and a decimal comma.
    ThousandsAndComma,
}

/// Words for a missing value, beside those that every reader knows.
const MISSING: [&str; 12] = ["?", "-", "--", ".", "..", "\\N", "na", "none", "nil", "null", "missing", "*"];

/// True for what stands for a missing value.
pub(crate) fn is_missing(text: &str) -> bool {
    value::is_missing(text) || MISSING.contains(&text)
}

/// The class of a cell that stands between delimiters, without blanks around it.
pub(crate) fn class(text: &str) -> Class {
    let text = text.trim();
    if is_missing(text) {
        Class::Missing
    } else if let Some(notation) = notation(text) {
        Class::Number(notation)
    } else if is_temporal(text) {
        Class::Temporal
    } else {
        class_of_words(text)
    }
}

fn is_temporal(text: &str) -> bool {
    dates::date(text).is_some() || is_time_of_day(text)
}

/// `10:05`, `1:02:03.5`, with `AM` or `PM` behind it.
fn is_time_of_day(text: &str) -> bool {
    let text = text.trim_end_matches(['A', 'P', 'M', 'a', 'p', 'm', ' ']);
    let parts: Vec<&str> = text.split(':').collect();
    let is_part = |part: &&str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    match parts.as_slice() {
        [hours, minutes] => is_part(hours) && is_part(minutes),
        [hours, minutes, seconds] => {
            let (whole, part) = seconds.split_once('.').unwrap_or((seconds, "0"));
            is_part(hours) && is_part(minutes) && is_part(&whole) && part.bytes().all(|b| b.is_ascii_digit())
        }
        _ => false,
    }
}

/// How a number is written; none for what is no number. A currency or a percent sign may stand beside it.
pub(crate) fn notation(text: &str) -> Option<Notation> {
    let text = text.trim_matches(|c: char| matches!(c, '$' | '€' | '£' | '%') || c.is_whitespace());
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',')) {
        return matches!(text, "inf" | "-inf" | "Inf" | "-Inf" | "Infinity" | "-Infinity")
            .then_some(Notation::Point);
    }
    if let Some(number) = value::number(text) {
        return Some(if number.is_integer { Notation::Whole } else { Notation::Point });
    }
    let (digits, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    exponent.parse::<i32>().ok()?;
    grouped(digits)
}

fn grouped(digits: &str) -> Option<Notation> {
    if let Some(separator) = digits.chars().find(|c| matches!(c, ' ' | '\'' | '\u{a0}' | '\u{202f}')) {
        let (whole, comma) = digits.split_once(',').map_or((digits, false), |(whole, _)| (whole, true));
        let whole = whole.split_once('.').map_or(whole, |(whole, _)| whole);
        let is_ascii = u8::try_from(separator).unwrap_or(b' ');
        return (are_groups(whole, separator) && rest_is_digits(digits, whole.len())).then_some(if comma {
            Notation::Comma
        } else {
            Notation::Thousands(is_ascii)
        });
    }
    match (digits.rfind(','), digits.rfind('.')) {
        (Some(comma), None) => of_commas(digits, comma),
        (Some(comma), Some(point)) if comma < point => {
            let whole = digits.get(..point)?;
            (are_groups(whole, ',') && rest_is_digits(digits, point)).then_some(Notation::Thousands(b','))
        }
        (Some(comma), Some(_)) => {
            let whole = digits.get(..comma)?;
            (are_groups(whole, '.') && rest_is_digits(digits, comma)).then_some(Notation::ThousandsAndComma)
        }
        (None, Some(_)) => are_groups(digits, '.').then_some(Notation::Thousands(b'.')),
        (None, None) => None,
    }
}

/// A number with commas alone.
fn of_commas(digits: &str, last: usize) -> Option<Notation> {
    let (whole, part) = (digits.get(..last)?, digits.get(last + 1..)?);
    if whole.contains(',') {
        return are_groups(digits, ',').then_some(Notation::Thousands(b','));
    }
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(part) || part.is_empty() {
        return None;
    }
    let either = part.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
    Some(if either { Notation::EitherComma } else { Notation::Comma })
}

/// `1,234,567`: groups of three digits, the first of one to three.
fn are_groups(text: &str, separator: char) -> bool {
    let mut groups = text.split(separator);
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    let is_group = |group: &str, least: usize| {
        (least..=3).contains(&group.len()) && group.bytes().all(|b| b.is_ascii_digit())
    };
    rest.peek().is_some() && is_group(first, 1) && rest.all(|group| is_group(group, 3))
}

fn rest_is_digits(text: &str, from: usize) -> bool {
    text.get(from..).is_some_and(|rest| rest.bytes().skip(1).all(|b| b.is_ascii_digit()))
}

fn class_of_words(text: &str) -> Class {
    let stray_quote = text.starts_with(['"', '\'']) || text.ends_with('"');
    if stray_quote {
        return Class::Odd;
    }
    if joins_pieces(text) {
        let numbers = text.split([',', ';', '|', '\t']).all(|piece| value::number(piece.trim()).is_some());
        return if numbers { Class::Numbers } else { Class::Odd };
    }
    if text.contains(char::is_whitespace) { Class::Text } else { Class::Word }
}

/// True when something that may be a delimiter stands between two pieces as it does not in prose.
fn joins_pieces(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().any(|(i, byte)| match byte {
        b'\t' | b'|' => true,
        b',' | b';' => bytes.get(i + 1).is_none_or(|next| *next != b' ' && *next != b'\n'),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_their_notations() {
        let cases = [
            ("12", Notation::Whole),
            ("-1.5e3", Notation::Point),
            ("1,5", Notation::Comma),
            (",5", Notation::Comma),
            ("0,123", Notation::Comma),
            ("1,5e-3", Notation::Comma),
            ("1,234", Notation::EitherComma),
            ("1,234,567", Notation::Thousands(b',')),
            ("1,234.50", Notation::Thousands(b',')),
            ("1.234.567", Notation::Thousands(b'.')),
            ("1.234,56", Notation::ThousandsAndComma),
            ("1 234 567", Notation::Thousands(b' ')),
            ("1 234,5", Notation::Comma),
            ("1'234.5", Notation::Thousands(b'\'')),
            ("$1,200.00", Notation::Thousands(b',')),
            ("45%", Notation::Whole),
        ];
        for (text, expected) in cases {
            assert_eq!(notation(text), Some(expected), "{text}");
        }
        for text in ["", ",", "1,", "1,23,4", "12 34", "a1", "1-2", "1.2.3", "1,5x", "--1", "10:05"] {
            assert_eq!(notation(text), None, "{text}");
        }
    }

    #[test]
    fn classes() {
        let cases = [
            ("?", Class::Missing),
            ("", Class::Missing),
            ("2012-01-31", Class::Temporal),
            ("10:05", Class::Temporal),
            ("1:02:03.5", Class::Temporal),
            ("setosa", Class::Word),
            ("a/b_c.png", Class::Word),
            ("It was, in a way, odd.", Class::Text),
            ("0.1,0.2,0.3", Class::Numbers),
            ("a;b", Class::Odd),
            ("\"a", Class::Odd),
            ("x\ty", Class::Odd),
        ];
        for (text, expected) in cases {
            assert_eq!(class(text), expected, "{text}");
        }
    }
}
