//! Numbers as text for people and models.

/// Six significant digits without trailing zeros; very large and very small numbers with an exponent.
///
/// Everything that a model is shown goes through here: the last digits of a floating-point sum differ
/// between machines, and a conversation that repeats them could not be replayed elsewhere.
///
/// ```
/// use smith_task_schema::figure::six_digits;
/// assert_eq!([six_digits(2.0 / 3.0), six_digits(200_000.4), six_digits(1.5e-9)], ["0.666667", "200000", "1.5e-9"]);
/// ```
#[must_use]
pub fn six_digits(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 { "0".to_owned() } else { value.to_string() };
    }
    // Rounded first: 999999.9 has one digit more than its logarithm says.
    let rounded = format!("{value:.5e}");
    let Some((mantissa, exponent)) = rounded.split_once('e') else { return rounded };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if !(-5..15).contains(&exponent) {
        return format!("{}e{exponent}", without_zeros(mantissa));
    }
    let decimals = usize::try_from(5 - exponent).unwrap_or(0);
    without_zeros(&format!("{value:.decimals$}")).to_owned()
}

/// A whole number with a comma between its thousands.
///
/// ```
/// use smith_task_schema::figure::grouped;
/// assert_eq!([grouped(999), grouped(1_234_567)], ["999", "1,234,567"]);
/// ```
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn without_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_are_kept() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (0.5, "0.5"),
            (43.921_929_8, "43.9219"),
            (-12.345_678_9, "-12.3457"),
            (999_999.9, "1000000"),
            (0.099_999_99, "0.1"),
            (1_234_567.8, "1234568"),
            (100_000.0, "100000"),
            (200_000.4, "200000"),
            (0.000_123_456_789, "0.000123457"),
            (1e-7, "1e-7"),
            (1.5e-9, "1.5e-9"),
            (2e300, "2e300"),
            (f64::INFINITY, "inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(six_digits(value), text);
        }
    }

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (123_456, "123,456"),
            (u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
