//! Writes computed numbers.

/// A number with six significant digits, without an exponent where that stays short.
pub(crate) fn figure(value: f64) -> String {
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    if rounded != 0.0 && !(1e-6..1e15).contains(&rounded.abs()) {
        format!("{rounded:e}")
    } else {
        rounded.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits() {
        let cases =
            [(0.0, "0"), (2.0, "2"), (1.0 / 3.0, "0.333333"), (123_456_789.0, "123457000"), (1e-9, "1e-9")];
        for (value, expected) in cases {
            assert_eq!(figure(value), expected);
        }
    }
}
