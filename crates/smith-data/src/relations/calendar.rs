//! Points in time and the distances between them.

use time::{Date, Month, OffsetDateTime, Weekday};

use crate::column::civil::DAY;

/// Share of the distances that a usual one must have at least.
const USUAL: f64 = 0.6;
/// Share of the distances that must be a whole number of usual ones.
const WHOLE: f64 = 0.9;
/// Fewest points that show a frequency.
pub(crate) const MIN_POINTS: usize = 8;

/// A usual distance in words, and how many points are wanting at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frequency {
    pub(crate) words: String,
    pub(crate) gaps: u64,
}

/// The frequency of rising points in seconds since 1970; none when they have no usual distance.
pub(crate) fn frequency(points: &[f64]) -> Option<Frequency> {
    if points.len() < MIN_POINTS {
        return None;
    }
    months(points).or_else(|| business_days(points)).or_else(|| {
        let (distance, gaps) = regular(points)?;
        Some(Frequency { words: words(distance), gaps })
    })
}

/// The frequency of rising numbers whose unit is not known.
pub(crate) fn steps(points: &[f64]) -> Option<Frequency> {
    if points.len() < MIN_POINTS {
        return None;
    }
    let (distance, gaps) = regular(points)?;
    let figure = smith_task_schema::figure::six_digits(distance);
    Some(Frequency { words: format!("{figure} (unit not stated)"), gaps })
}

/// The usual distance, and how many points are wanting at it.
fn regular(points: &[f64]) -> Option<(f64, u64)> {
    let mut distances: Vec<f64> =
        points.windows(2).filter_map(|pair| Some(pair.last()? - pair.first()?)).collect();
    distances.retain(|distance| distance.is_finite() && *distance > 0.0);
    let usual = mode(&distances)?;
    let (mut equal, mut whole, mut gaps) = (0_usize, 0_usize, 0.0);
    for distance in &distances {
        let times = distance / usual;
        equal += usize::from((times - 1.0).abs() < 0.02);
        if (times - times.round()).abs() < 0.02 * times.max(1.0) && times >= 0.98 {
            whole += 1;
            gaps += times.round() - 1.0;
        }
    }
    let count = distances.len() as f64;
    // More gaps than points are no frequency with gaps.
    let fits = gaps <= count && equal as f64 >= USUAL * count && whole as f64 >= WHOLE * count;
    if fits { Some((usual, gaps as u64)) } else { jittered(&distances) }
}

/// Distances about a middle one: a clock that was rounded or trembles.
fn jittered(distances: &[f64]) -> Option<(f64, u64)> {
    let mut sorted = distances.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = *sorted.get(sorted.len() / 2)?;
    let near: Vec<f64> = distances.iter().copied().filter(|d| (d / middle - 1.0).abs() <= 0.1).collect();
    let gaps: f64 =
        distances.iter().map(|distance| (distance / middle).round() - 1.0).filter(|gap| *gap >= 1.0).sum();
    let count = distances.len() as f64;
    let usual = near.iter().sum::<f64>() / near.len().max(1) as f64;
    (near.len() as f64 >= WHOLE * count && gaps <= count).then_some((usual, gaps as u64))
}

/// The most frequent distance, of equally frequent ones the least.
fn mode(distances: &[f64]) -> Option<f64> {
    let mut sorted = distances.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut best: Option<(usize, f64)> = None;
    let mut from = 0;
    while let Some(&first) = sorted.get(from) {
        // Sums of fractions such as 0.1 differ in their last digits.
        let to = from + sorted.iter().skip(from).take_while(|d| **d <= first * 1.000_1).count().max(1);
        if best.is_none_or(|(count, _)| to - from > count) {
            best = Some((to - from, first));
        }
        from = to;
    }
    best.map(|(_, distance)| distance)
}

/// Points on the same day of their months (or on the last one): months, quarters, years.
fn months(points: &[f64]) -> Option<Frequency> {
    let dates: Vec<Date> = points.iter().map(|&point| date(point)).collect::<Option<_>>()?;
    if points.iter().any(|point| point.rem_euclid(DAY) != 0.0) {
        return None;
    }
    let first = dates.first()?.day();
    let same_day = dates.iter().all(|date| date.day() == first);
    let last_day = dates.iter().all(|date| date.next_day().is_some_and(|next| next.day() == 1));
    if !same_day && !last_day {
        return None;
    }
    let counted: Vec<f64> = dates.iter().map(|date| f64::from(date.year() * 12 + month_of(*date))).collect();
    let (distance, gaps) = regular(&counted)?;
    let words = match distance as u64 {
        12 => String::from("1 year"),
        3 => String::from("1 quarter"),
        1 => String::from("1 month"),
        n if n % 12 == 0 => format!("{} years", n / 12),
        n => format!("{n} months"),
    };
    Some(Frequency { words, gaps })
}

fn month_of(date: Date) -> i32 {
    i32::from(u8::from(date.month())) - 1
}

/// Days without Saturdays and Sundays.
fn business_days(points: &[f64]) -> Option<Frequency> {
    if points.iter().any(|point| point.rem_euclid(DAY) != 0.0) {
        return None;
    }
    let dates: Vec<Date> = points.iter().map(|&point| date(point)).collect::<Option<_>>()?;
    if dates.iter().any(|date| matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)) {
        return None;
    }
    let counted: Vec<f64> = dates.iter().map(|date| business_number(*date)).collect();
    let (distance, gaps) = regular(&counted)?;
    // Points of one weekday alone are weeks.
    let weekdays =
        dates.iter().any(|date| date.weekday() != dates.first().map_or(Weekday::Monday, |d| d.weekday()));
    (distance == 1.0 && weekdays).then(|| Frequency { words: String::from("1 business day"), gaps })
}

fn business_number(date: Date) -> f64 {
    let day = date.to_julian_day();
    f64::from(day.div_euclid(7) * 5 + day.rem_euclid(7))
}

pub(crate) fn date(seconds: f64) -> Option<Date> {
    if !seconds.is_finite() || seconds.abs() > 1e12 {
        return None;
    }
    OffsetDateTime::from_unix_timestamp(seconds as i64).ok().map(OffsetDateTime::date)
}

/// Seconds since 1970 of a year, a month and a day.
pub(crate) fn seconds(year: f64, month: f64, day: f64) -> Option<f64> {
    let is_whole = |n: f64, least: f64, most: f64| n.fract() == 0.0 && (least..=most).contains(&n);
    if !is_whole(year, 1.0, 9999.0) || !is_whole(month, 1.0, 12.0) || !is_whole(day, 1.0, 31.0) {
        return None;
    }
    let month = Month::try_from(month as u8).ok()?;
    let date = Date::from_calendar_date(year as i32, month, day as u8).ok()?;
    Some(date.midnight().assume_utc().unix_timestamp() as f64)
}

fn words(seconds: f64) -> String {
    const UNITS: [(f64, &str); 5] =
        [(7.0 * DAY, "week"), (DAY, "day"), (3_600.0, "hour"), (60.0, "minute"), (1.0, "second")];
    for (size, unit) in UNITS {
        let count = (seconds / size).round();
        if count >= 1.0 && (seconds / size - count).abs() < 0.01 && !(unit == "week" && count > 4.0) {
            let plural = if count == 1.0 { "" } else { "s" };
            return format!("{count} {unit}{plural}");
        }
    }
    if seconds < 1.0 {
        return format!("{} milliseconds", smith_task_schema::figure::six_digits(seconds * 1_000.0));
    }
    format!("{} seconds", smith_task_schema::figure::six_digits(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(points: impl IntoIterator<Item = (i32, u8, u8)>) -> Option<(String, u64)> {
        let points: Vec<f64> = points
            .into_iter()
            .filter_map(|(y, m, d)| seconds(f64::from(y), f64::from(m), f64::from(d)))
            .collect();
        frequency(&points).map(|f| (f.words, f.gaps))
    }

    #[test]
    fn months_quarters_years_whatever_their_length() {
        assert_eq!(of((1..=12).map(|m| (2020, m, 1))), Some(("1 month".into(), 0)));
        assert_eq!(of((1..=12).filter(|m| *m != 5).map(|m| (2020, m, 15))), Some(("1 month".into(), 1)));
        let quarters = (2018..2022).flat_map(|y| [(y, 3, 31), (y, 6, 30), (y, 9, 30), (y, 12, 31)]);
        assert_eq!(of(quarters), Some(("1 quarter".into(), 0)));
        assert_eq!(of((1990..2010).map(|y| (y, 7, 1))), Some(("1 year".into(), 0)));
    }

    #[test]
    fn days_with_and_without_weekends() {
        assert_eq!(of((1..=28).map(|d| (2021, 2, d))), Some(("1 day".into(), 0)));
        // 2021-02-01 is a Monday.
        let trading = (1..=28).filter(|d| d % 7 != 6 && d % 7 != 0 && *d != 10).map(|d| (2021, 2, d));
        assert_eq!(of(trading), Some(("1 business day".into(), 1)));
        assert_eq!(
            of((0..8).map(|w| (2021, 1 + w / 4, 1 + w % 4 * 7))),
            None,
            "January's fifth week is skipped oddly"
        );
    }

    #[test]
    fn clocks() {
        let minutes: Vec<f64> =
            (0..50).filter(|i| *i != 20 && *i != 21).map(|i| f64::from(i) * 900.0).collect();
        let found = frequency(&minutes).unwrap();
        assert_eq!((found.words.as_str(), found.gaps), ("15 minutes", 2));
        let random: Vec<f64> = (0..50).map(|i| f64::from(i * i * 37 + i)).collect();
        assert_eq!(frequency(&random), None);
        let trembling: Vec<f64> = (0..60).map(|i| (f64::from(i) * 15.625).round() / 1_000.0).collect();
        assert!(frequency(&trembling).unwrap().words.starts_with("15.6"), "{:?}", frequency(&trembling));
        let fractions: Vec<f64> = (0..50).map(|i| f64::from(i) * 0.1).collect();
        assert_eq!(steps(&fractions).unwrap().words, "0.1 (unit not stated)");
    }
}
