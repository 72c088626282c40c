//! What pandas makes of one value.

/// A value as `pandas.read_csv` reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// A finite number.
    Number,
    /// Missing: empty, or one of the spellings of a missing value.
    Missing,
    /// `inf`, `-Infinity`, …
    Infinite,
    /// A number beyond the range of a float, or with more digits before the point than 64 bits hold.
    OutOfRange,
    /// Anything else.
    Text,
}

/// Shorter runs of digits fit into 64 bits.
const FITTING_DIGITS: usize = 18;

/// Reads one value, unquoted.
pub(super) fn read(text: &str) -> Value {
    if is_missing(text) {
        return Value::Missing;
    }
    let bare = text.trim_matches(is_space);
    match bare.parse::<f64>() {
        // Only the exact spellings above are missing; with others pandas reads the column as text.
        Ok(number) if number.is_nan() => Value::Text,
        Ok(number) if number.is_infinite() && bare.contains(['i', 'I']) => Value::Infinite,
        Ok(number) if number.is_infinite() || is_huge(bare) => Value::OutOfRange,
        Ok(_) => Value::Number,
        Err(_) => Value::Text,
    }
}

/// Whether pandas reads the value as missing whatever the column holds: the default `na_values` of `read_csv`.
pub(super) fn is_missing(text: &str) -> bool {
    matches!(
        text,
        "" | "#N/A"
            | "#N/A N/A"
            | "#NA"
            | "-1.#IND"
            | "-1.#QNAN"
            | "-NaN"
            | "-nan"
            | "1.#IND"
            | "1.#QNAN"
            | "<NA>"
            | "N/A"
            | "NA"
            | "NULL"
            | "NaN"
            | "None"
            | "n/a"
            | "nan"
            | "null"
    )
}

/// What pandas skips around a number: the white space of C, of which Rust leaves out the vertical tab.
fn is_space(character: char) -> bool {
    character.is_ascii_whitespace() || character == '\x0b'
}

/// Whether 64 bits cannot hold the digits before the point or the exponent. pandas reads a column as integers
/// first, and gives up numbers altogether when one is too large for them, even one with a fraction.
fn is_huge(number: &str) -> bool {
    let unsigned = number.trim_start_matches(['+', '-']);
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    let whole = &number[..number.len() - unsigned.len() + digits];
    digits > FITTING_DIGITS && whole.parse::<i64>().is_err() && whole.parse::<u64>().is_err()
}

/// What to write in place of something that is no number.
pub(super) fn hint(text: &str) -> &'static str {
    let lower = text.trim().to_ascii_lowercase();
    let sign = |c| matches!(c, '+' | '-');
    if lower == "true" || lower == "false" {
        "write 1 for true and 0 for false"
    } else if lower.starts_with('=') {
        "write the value in place of the formula"
    } else if lower.trim_start_matches(sign).starts_with("0x") {
        "write numbers in decimal"
    } else if lower.contains([',', '_']) && lower.contains(|c: char| c.is_ascii_digit()) {
        "write numbers without separators of thousands and with a decimal point"
    } else {
        "write a number"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_pandas_reads_them() {
        let table: [(Value, &[&str]); 5] = [
            (
                Value::Number,
                &[
                    "0",
                    "-1",
                    "+1",
                    "00012",
                    ".5",
                    "1.",
                    "1.e5",
                    "1E+05",
                    " 1.5\t",
                    "\x0b2",
                    "\x0c2",
                    "1e308",
                    "1e-400",
                    "9223372036854775807",
                    "18446744073709551615",
                    "-9223372036854775808",
                    "18446744073709551615.5",
                    "00000000000000000000001.5",
                    "0.99999999999999999999",
                    "1e20",
                ],
            ),
            (Value::Missing, &["", "NA", "nan", "None", "<NA>", "-1.#IND", "-NaN"]),
            (Value::Infinite, &["inf", "-inf", "+inf", "Infinity", "-INFINITY", " inf "]),
            (
                Value::OutOfRange,
                &[
                    "1e400",
                    "-1e309",
                    "18446744073709551616",
                    "-9223372036854775809",
                    "+99999999999999999999.5",
                    "100000000000000000000e-5",
                ],
            ),
            (
                Value::Text,
                &[
                    "a",
                    "NAN",
                    " nan",
                    "  ",
                    "1,000",
                    "1,5",
                    "0x10",
                    "1_000",
                    "True",
                    "1e",
                    "1 2",
                    "--1",
                    ".",
                    "1d5",
                    "50%",
                    "=1+1",
                    "infinit",
                    "\u{2212}1",
                    "\u{a0}1",
                    "\u{661}",
                ],
            ),
        ];
        for (value, texts) in table {
            for text in texts {
                assert_eq!(read(text), value, "{text:?}");
            }
        }
    }

    #[test]
    fn hints_name_the_spelling() {
        for (text, words) in [
            ("True", "1 for true"),
            ("FALSE ", "1 for true"),
            ("=A1", "formula"),
            ("0x1F", "decimal"),
            ("-0X1F", "decimal"),
            ("1,000", "thousands"),
            ("1_000", "thousands"),
            ("a,b", "a number"),
            ("cat", "a number"),
        ] {
            assert!(hint(text).contains(words), "{text:?}: {}", hint(text));
        }
    }
}
