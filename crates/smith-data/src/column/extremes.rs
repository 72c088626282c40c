//! Least and greatest of a stream of numbers.

use std::cmp::Ordering;

use crate::column::gather::EXACT;

/// Least and greatest of what was seen, as it was written.
#[derive(Debug)]
pub(crate) struct Extremes {
    pub(crate) min: (f64, String),
    pub(crate) max: (f64, String),
}

impl Extremes {
    /// Takes a further value in; of equal ones the first stays.
    pub(crate) fn add(extremes: &mut Option<Self>, value: f64, text: &str) {
        let Some(seen) = extremes else {
            *extremes = Some(Self { min: (value, text.into()), max: (value, text.into()) });
            return;
        };
        if order((value, text), &seen.min) == Ordering::Less {
            seen.min = (value, text.into());
        } else if order((value, text), &seen.max) == Ordering::Greater {
            seen.max = (value, text.into());
        }
    }
}

/// How a value stands to one that was seen. Long whole numbers with one `f64` are told apart by their digits.
fn order(value: (f64, &str), seen: &(f64, String)) -> Ordering {
    let by_number = value.0.partial_cmp(&seen.0).unwrap_or(Ordering::Equal);
    if by_number != Ordering::Equal || value.0.abs() < EXACT {
        return by_number;
    }
    let (Some(digits), Some(others)) = (digits(value.1), digits(&seen.1)) else { return by_number };
    let by_digits = digits.len().cmp(&others.len()).then_with(|| digits.cmp(others));
    if value.0 < 0.0 { by_digits.reverse() } else { by_digits }
}

/// The digits of a whole number without its sign; none of anything else.
fn digits(text: &str) -> Option<&str> {
    let digits = text.trim_start_matches(['+', '-']);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_whole.then(|| digits.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> (String, String) {
        let mut extremes = None;
        for text in values {
            Extremes::add(&mut extremes, text.parse().unwrap(), text);
        }
        let seen = extremes.unwrap();
        (seen.min.1, seen.max.1)
    }

    #[test]
    fn values_are_kept_as_they_were_written() {
        for (values, min, max) in [
            (&["1", "-2.50", "1.0", "0"][..], "-2.50", "1"),
            (
                &["9007199254740993", "9007199254740992", "9007199254740992"],
                "9007199254740992",
                "9007199254740993",
            ),
            (
                &["18446744073709551614", "18446744073709551615"],
                "18446744073709551614",
                "18446744073709551615",
            ),
            (
                &["-9223372036854775807", "-9223372036854775808"],
                "-9223372036854775808",
                "-9223372036854775807",
            ),
            (&["1e400", "1e500", "7"], "7", "1e400"),
        ] {
            assert_eq!(of(values), (min.into(), max.into()), "{values:?}");
        }
    }
}
