//! What a single value is, read as the usual readers of data frames read it.

/// Words that stand for a missing value, besides nothing at all.
const MISSING: [&str; 17] = [
    "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "n/a", "<NA>", "#N/A", "#NA", "-NaN", "-nan",
    "#N/A N/A", "1.#IND", "1.#QNAN", "-1.#IND",
];

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number {
    pub(crate) value: f64,
    pub(crate) is_integer: bool,
}

/// A date or a point in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Date {
    /// Year first: its text orders in time.
    Ordered,
    /// Day and month cannot be told apart, or the year has no century.
    Unordered,
}

/// True for nothing, blanks, and words that stand for a missing value. `text` is trimmed.
pub(crate) fn is_missing(text: &str) -> bool {
    text.is_empty() || MISSING.contains(&text)
}

/// The number that a trimmed text writes out; words such as `inf` are none.
pub(crate) fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text).as_bytes();
    let starts_well = digits.first().is_some_and(|b| b.is_ascii_digit() || *b == b'.');
    if !starts_well || !digits.iter().any(u8::is_ascii_digit) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    Some(Number { value, is_integer: digits.iter().all(u8::is_ascii_digit) })
}

/// The date that a trimmed text writes out, with or without a time behind it.
pub(crate) fn date(text: &str) -> Option<Date> {
    if text.len() < 6 || text.len() > 40 || !text.is_ascii() {
        return None;
    }
    let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    if !is_time(time) {
        return None;
    }
    let separator = day.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
    let parts: Vec<&str> = day.split(separator).collect();
    match parts.as_slice() {
        [year, month] if separator == '-' && year.len() == 4 => {
            (within(year, 1000, 2999) && within(month, 1, 12)).then_some(Date::Ordered)
        }
        [year, month, day] if year.len() == 4 => {
            (within(year, 1000, 2999) && within(month, 1, 12) && within(day, 1, 31)).then_some(Date::Ordered)
        }
        [first, second, year] if year.len() == 4 || (year.len() == 2 && separator != '.') => {
            (is_day_and_month(first, second) && within(year, 0, 2999)).then_some(Date::Unordered)
        }
        _ => None,
    }
}

/// True for a pair of words that say yes and no, in any case, and for `true` or `false` alone.
pub(crate) fn are_booleans<'a>(words: impl Iterator<Item = &'a Box<str>>) -> bool {
    let mut words: Vec<String> = words.map(|word| word.to_lowercase()).collect();
    words.sort_unstable();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [word] => matches!(*word, "true" | "false"),
        words => matches!(words, ["false", "true"] | ["no", "yes"] | ["f", "t"] | ["n", "y"]),
    }
}

fn is_time(text: &str) -> bool {
    text.is_empty()
        || (text.starts_with(|c: char| c.is_ascii_digit())
            && text.contains(':')
            && text.chars().all(|c| c.is_ascii_digit() || ":.,+- ZAPMUTC".contains(c)))
}

fn is_day_and_month(first: &str, second: &str) -> bool {
    let day = |text| within(text, 1, 31);
    let month = |text| within(text, 1, 12);
    let named = |text: &str| {
        text.get(..3).is_some_and(|start| MONTHS.contains(&start.to_ascii_lowercase().as_str()))
            && text.bytes().all(|b| b.is_ascii_alphabetic())
    };
    (day(first) && month(second)) || (month(first) && day(second)) || (day(first) && named(second))
}

/// True for one to four digits that write a number between two others.
fn within(text: &str, least: u32, greatest: u32) -> bool {
    (1..=4).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_digit())
        && text.parse().is_ok_and(|n: u32| (least..=greatest).contains(&n))
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
        ] {
            assert_eq!(number(text), Some(Number { value, is_integer }), "{text}");
        }
        for text in ["", "-", ".", "inf", "nan", "1,5", "12a", "0x1f", "1 2", "e5"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn dates() {
        for text in ["2012-01-31", "2012/1/5", "2012-01-31T10:00:00Z", "2012-01-31 10:00:00.5", "1999-12"] {
            assert_eq!(date(text), Some(Date::Ordered), "{text}");
        }
        for text in ["31/12/2012", "12/31/2012", "11/11/07", "16-Jul-1977", "5.6.2007"] {
            assert_eq!(date(text), Some(Date::Unordered), "{text}");
        }
        for text in [
            "2012-13-01",
            "32/13/2012",
            "555-1234",
            "192.168.0.1",
            "1.2.3",
            "2012-01-31 maybe",
            "10-20-30-40",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn missing_values() {
        assert!(is_missing("") && is_missing("NA") && is_missing("null"));
        assert!(!is_missing("na") && !is_missing("?") && !is_missing("0"));
    }
}
