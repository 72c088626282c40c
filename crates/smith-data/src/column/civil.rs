//! Days of the calendar and seconds since 1970, in the proleptic Gregorian calendar.

/// Seconds of a day.
pub(crate) const DAY: f64 = 86_400.0;

/// Days from 1970-01-01 to a date; none when there is no such day.
pub(crate) fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    // March is the first month, so that the leap day is the last day of the year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Year, month and day of a number of days since 1970-01-01.
pub(crate) fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// A point in time as text: the day alone at midnight, otherwise with its time.
pub(crate) fn written(seconds: f64) -> String {
    if !seconds.is_finite() || seconds.abs() > 1e14 {
        return seconds.to_string();
    }
    let days = (seconds / DAY).floor();
    let rest = seconds - days * DAY;
    let (year, month, day) = date_of(days as i64);
    let date = format!("{year:04}-{month:02}-{day:02}");
    if rest == 0.0 {
        return date;
    }
    let whole = rest.floor() as i64;
    let (hour, minute, second) = (whole / 3_600, whole / 60 % 60, whole % 60);
    let fraction = rest - whole as f64;
    let time = format!("{date} {hour:02}:{minute:02}:{second:02}");
    if fraction < 5e-7 { time } else { time + format!("{fraction:.6}")[1..].trim_end_matches('0') }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_days() {
        for (date, expected) in
            [((1970, 1, 1), 0), ((2000, 2, 29), 11_016), ((1969, 12, 31), -1), ((2026, 11, 26), 20_783)]
        {
            assert_eq!(days(date.0, date.1, date.2), Some(expected), "{date:?}");
        }
        assert_eq!(days(2001, 2, 29), None);
        assert_eq!(days(2001, 13, 1), None);
    }

    #[test]
    fn points_in_time_are_written() {
        assert_eq!(written(0.0), "1970-01-01");
        assert_eq!(written(-1.0), "1969-12-31 23:59:59");
        assert_eq!(written(86_400.5), "1970-01-02 00:00:00.5");
    }

    proptest! {
        #[test]
        fn days_and_dates_are_inverse(day in -1_000_000_i64..1_000_000) {
            let (year, month, in_month) = date_of(day);
            prop_assert_eq!(days(year, month, in_month), Some(day));
        }
    }
}
