//! Dates as people write them.

use crate::column::civil;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A date or a point in time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Date {
    /// Seconds since 1970.
    Known(f64),
    /// Day and month cannot be told apart: first and second part, year, and seconds of the day.
    Ambiguous { first: u8, second: u8, year: u16, seconds: u32 },
}

impl Date {
    /// The seconds since 1970, the day standing first or second where that has to be said; NaN when there is no
    /// such day.
    pub(crate) fn seconds(self, day_first: bool) -> f64 {
        match self {
            Self::Known(seconds) => seconds,
            Self::Ambiguous { first, second, year, seconds } => {
                let (day, month) = if day_first { (first, second) } else { (second, first) };
                civil::days(i64::from(year), i64::from(month), i64::from(day))
                    .map_or(f64::NAN, |days| days as f64 * civil::DAY + f64::from(seconds))
            }
        }
    }

    /// The parts of an ambiguous date in one number, so that they can be kept where a number is.
    pub(crate) fn packed(self) -> f64 {
        match self {
            Self::Known(seconds) => seconds,
            Self::Ambiguous { first, second, year, seconds } => {
                let day = (f64::from(year) * 32.0 + f64::from(first)) * 32.0 + f64::from(second);
                day * civil::DAY + f64::from(seconds)
            }
        }
    }

    /// Undoes [`Date::packed`] of an ambiguous date.
    pub(crate) fn unpacked(packed: f64) -> Self {
        let day = (packed / civil::DAY).floor();
        let seconds = packed - day * civil::DAY;
        let day = day as u64;
        Self::Ambiguous {
            first: (day / 32 % 32) as u8,
            second: (day % 32) as u8,
            year: (day / 1024) as u16,
            seconds: seconds as u32,
        }
    }
}

/// The date that a trimmed text writes out, with or without a time behind it.
pub(crate) fn date(text: &str) -> Option<Date> {
    if text.len() < 6
        || text.len() > 40
        || !text.is_ascii()
        || !text.as_bytes().iter().any(u8::is_ascii_digit)
    {
        return None;
    }
    if text.as_bytes()[0].is_ascii_digit() { numeric(text).or_else(|| named(text)) } else { named(text) }
}

/// `2012-01-31`, `2012/1/5 10:00`, `31.12.2012`, `1999-12`.
fn numeric(text: &str) -> Option<Date> {
    let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let seconds = time_of_day(time)?;
    let separator = day.bytes().find(|b| matches!(b, b'-' | b'/' | b'.'))?;
    let mut parts = day.split(char::from(separator));
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    match third {
        None if separator == b'-' && first.len() == 4 => known(first, second, "1", seconds),
        None => None,
        Some(day) if first.len() == 4 => known(first, second, day, seconds),
        Some(year) if year.len() == 4 || (year.len() == 2 && separator != b'.') => {
            let year = century(number(year, 0, 2999)?, year.len());
            either_order(first, second, year, seconds)
        }
        Some(_) => None,
    }
}

/// Years of two digits are those from 1970 to 2069, as the usual readers take them.
fn century(year: i64, digits: usize) -> i64 {
    match (digits, year) {
        (2, 70..) => year + 1900,
        (2, _) => year + 2000,
        _ => year,
    }
}

fn known(year: &str, month: &str, day: &str, seconds: f64) -> Option<Date> {
    let days = civil::days(number(year, 1000, 2999)?, number(month, 1, 12)?, number(day, 1, 31)?)?;
    Some(Date::Known(days as f64 * civil::DAY + seconds))
}

fn either_order(first: &str, second: &str, year: i64, seconds: f64) -> Option<Date> {
    if let Some(month) = month_number(second) {
        let days = civil::days(year, month, number(first, 1, 31)?)?;
        return Some(Date::Known(days as f64 * civil::DAY + seconds));
    }
    let (first, second) = (number(first, 1, 31)?, number(second, 1, 31)?);
    if first > 12 && second > 12 {
        return None;
    }
    Some(Date::Ambiguous {
        first: u8::try_from(first).ok()?,
        second: u8::try_from(second).ok()?,
        year: u16::try_from(year).ok()?,
        seconds: seconds as u32,
    })
}

/// `Jan 2, 2015`, `2 January 2015 10:00`, `1939 Jan`, `Apr 1976`, `1990 Q3`.
fn named(text: &str) -> Option<Date> {
    let (day, time) = match text.find(':') {
        Some(colon) => {
            let start = text[..colon].rfind([' ', 'T'])?;
            (&text[..start], &text[start + 1..])
        }
        None => (text, ""),
    };
    let seconds = time_of_day(time)?;
    let mut words = day.split([' ', ',', '-', '/']).filter(|word| !word.is_empty());
    let (first, second, third) = (words.next()?, words.next()?, words.next());
    if words.next().is_some() {
        return None;
    }
    let (year, month, day) = match (month_number(first), month_number(second), third) {
        (Some(month), _, Some(year)) if year.len() == 4 => (year, month, second),
        (None, Some(month), Some(year)) if year.len() == 4 => (year, month, first),
        (None, Some(month), Some(day)) if first.len() == 4 => (first, month, day),
        (Some(month), _, None) if second.len() == 4 => (second, month, "1"),
        (None, Some(month), None) if first.len() == 4 => (first, month, "1"),
        (None, None, None) if first.len() == 4 => (first, quarter(second)?, "1"),
        _ => return None,
    };
    let days = civil::days(number(year, 1000, 2999)?, month, number(day, 1, 31)?)?;
    Some(Date::Known(days as f64 * civil::DAY + seconds))
}

/// First month of `Q1` … `Q4`.
fn quarter(text: &str) -> Option<i64> {
    let quarter = number(text.strip_prefix(['Q', 'q'])?, 1, 4)?;
    Some(quarter * 3 - 2)
}

/// The month of its English name or the first three letters of it.
fn month_number(text: &str) -> Option<i64> {
    let word = text.trim_end_matches('.').to_ascii_lowercase();
    let index =
        MONTHS.iter().position(|month| word == *month || (word.len() == 3 && month.starts_with(&word)))?;
    i64::try_from(index + 1).ok()
}

/// Seconds since midnight of `10:00`, `10:00:01.5`, `1:05 PM`, `10:00Z`, `10:00:00 +02:00`, less their zone; nothing
/// written is midnight.
fn time_of_day(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.is_empty() {
        return Some(0.0);
    }
    let upper = text.to_ascii_uppercase();
    let clock_end =
        upper.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.' | ',')).unwrap_or(upper.len());
    let (clock, rest) = upper.split_at(clock_end);
    let seconds = clock_seconds(clock)?;
    let rest = rest.trim();
    let (seconds, zone) = match (rest.strip_prefix("AM"), rest.strip_prefix("PM")) {
        (Some(zone), _) => (if seconds >= 43_200.0 { seconds - 43_200.0 } else { seconds }, zone),
        (_, Some(zone)) => (if seconds < 43_200.0 { seconds + 43_200.0 } else { seconds }, zone),
        _ => (seconds, rest),
    };
    Some(seconds - zone_seconds(zone.trim())?)
}

fn clock_seconds(clock: &str) -> Option<f64> {
    let mut parts = clock.splitn(3, ':');
    let hour = number(parts.next()?, 0, 24)?;
    let minute = number(parts.next()?, 0, 59)?;
    let second: f64 = match parts.next() {
        None => 0.0,
        Some(second) => {
            second.replace(',', ".").parse().ok().filter(|second| (0.0..61.0).contains(second))?
        }
    };
    Some((hour * 3_600 + minute * 60) as f64 + second)
}

fn zone_seconds(zone: &str) -> Option<f64> {
    match zone {
        "" | "Z" | "UTC" | "GMT" => return Some(0.0),
        _ => {}
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1.0,
        b'-' => -1.0,
        _ => return None,
    };
    let digits: String = zone[1..].split(' ').next()?.chars().filter(|&c| c != ':').collect();
    let (hour, minute) = match digits.len() {
        2 => (number(&digits, 0, 14)?, 0),
        4 => (number(digits.get(..2)?, 0, 14)?, number(digits.get(2..)?, 0, 59)?),
        _ => return None,
    };
    Some(sign * (hour * 3_600 + minute * 60) as f64)
}

/// One to four digits that write a number between two others.
fn number(text: &str, least: i64, greatest: i64) -> Option<i64> {
    let well_formed = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let value: i64 = if well_formed { text.parse().ok()? } else { return None };
    (least..=greatest).contains(&value).then_some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> Option<String> {
        date(text).map(|date| civil::written(date.seconds(true)))
    }

    #[test]
    fn dates_that_say_their_order() {
        for (text, expected) in [
            ("2012-01-31", "2012-01-31"),
            ("2012/1/5", "2012-01-05"),
            ("2012.01.05", "2012-01-05"),
            ("2012-01-31T10:00:00Z", "2012-01-31 10:00:00"),
            ("2012-01-31 10:00:00.5", "2012-01-31 10:00:00.5"),
            ("2012-01-31 00:30:00+01:00", "2012-01-30 23:30:00"),
            ("2012-01-31 1:05 PM", "2012-01-31 13:05:00"),
            ("2012-01-31 12:05 AM", "2012-01-31 00:05:00"),
            ("1999-12", "1999-12-01"),
            ("16-Jul-1977", "1977-07-16"),
            ("16-Jul-77", "1977-07-16"),
            ("Jan 2, 2015", "2015-01-02"),
            ("2 January 2015 10:00", "2015-01-02 10:00:00"),
            ("1939 Jan", "1939-01-01"),
            ("Apr 1976", "1976-04-01"),
            ("1990 Q3", "1990-07-01"),
        ] {
            assert_eq!(written(text).as_deref(), Some(expected), "{text}");
            assert!(matches!(date(text), Some(Date::Known(_))), "{text}");
        }
    }

    #[test]
    fn dates_whose_order_the_column_has_to_say() {
        for (text, day_first, month_first) in [
            ("31/12/2012", "2012-12-31", "NaN"),
            ("12/31/2012", "NaN", "2012-12-31"),
            ("11/10/07", "2007-10-11", "2007-11-10"),
            ("5.6.2007", "2007-06-05", "2007-05-06"),
            ("5/6/1999 10:00", "1999-06-05 10:00:00", "1999-05-06 10:00:00"),
        ] {
            let date = date(text).unwrap();
            assert_eq!(civil::written(date.seconds(true)), day_first, "{text}");
            assert_eq!(civil::written(date.seconds(false)), month_first, "{text}");
            assert_eq!(Date::unpacked(date.packed()), date, "{text}");
        }
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "2012-13-01",
            "32/13/2012",
            "555-1234",
            "192.168.0.1",
            "1.2.3",
            "2012-01-31 maybe",
            "10-20-30-40",
            "2011-02-29",
            "Marching 12",
            "Version 1.2.3",
            "may be 2012",
            "12345678",
            "3:45 PM",
            "Q3 1990 x",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[0-9A-Za-z:/., +-]{0,30}") {
            let _ = date(&text);
        }
    }
}
