//! The order of a table's rows in time.

use std::collections::HashSet;

use smith_task_schema::profile::{ColumnKind, ColumnProfile, Monotone, TableProfile, TimeAxis};

use crate::relations::calendar::{self, Frequency, MIN_POINTS};
use crate::relations::names;
use crate::relations::sample::{Sample, Sampled, mix};

/// Words for a point in time.
const TIME: &[&str] = &[
    "date",
    "time",
    "timestamp",
    "datetime",
    "ds",
    "dt",
    "day",
    "month",
    "week",
    "year",
    "period",
    "quarter",
    "hour",
    "minute",
    "epoch",
    "ts",
];
/// Words for a point that does not order what the rows are about.
const BESIDE: &[&str] = &[
    "birth",
    "dob",
    "born",
    "birthday",
    "expiry",
    "expiration",
    "expires",
    "updated",
    "modified",
    "death",
    "end",
    "renewal",
];
/// Words for steps whose unit is not known.
const STEPS: &[&str] = &["t", "time", "timestamp", "step", "tick", "frame", "seconds", "second", "sec", "ms"];
/// Least weight of a time axis: a name alone is not enough.
const MIN_WEIGHT: f64 = 1.5;
/// Most columns that are tried as those of the series.
const MAX_SERIES_COLUMNS: usize = 24;
/// Rows of a series on average, at least.
const MIN_SERIES: f64 = 4.0;
/// Columns that are points in time, at least, for a table to be one of series in rows.
const MIN_ACROSS: usize = 6;

/// A way in which the rows could be ordered.
struct Candidate<'s> {
    name: &'s str,
    with: Vec<String>,
    from: String,
    to: String,
    /// For each sampled row its point; not a number where there is none.
    numbers: std::borrow::Cow<'s, [f64]>,
    /// Different points, rising, of all rows when they are known and else of the sample.
    points: Vec<f64>,
    /// Most rows of one point.
    most: u64,
    monotone: Option<Monotone>,
    frequency: Option<Frequency>,
    /// True for dates and epochs, whose values are points in time whatever their order.
    dated: bool,
    weight: f64,
}

/// The time axis of a table, if it has one.
pub(crate) fn find(table: &TableProfile, sample: &Sample<'_>) -> Option<TimeAxis> {
    let mut candidates: Vec<Candidate<'_>> = sample.columns.iter().filter_map(single).collect();
    candidates.extend(of_parts(sample));
    candidates.retain(|candidate| candidate.weight >= MIN_WEIGHT);
    // The first of the best: `max_by` would take the last.
    let best = candidates.into_iter().reduce(|best, new| if new.weight > best.weight { new } else { best });
    let axis = best.map(|best| {
        // Years and the like are as often a trait of the rows: only an order makes them their time.
        let weak = !best.dated;
        (axis(best, sample), weak)
    });
    let axis = axis.filter(|(axis, weak)| !weak || axis.in_order || !axis.series_columns.is_empty());
    axis.map(|(axis, _)| axis).or_else(|| across(table))
}

fn single<'s>(column: &'s Sampled<'_>) -> Option<Candidate<'s>> {
    let facts = column.facts;
    let words = names::words(column.name());
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let named = has(TIME) && !has(BESIDE);
    let numbers = column.numbers(true)?;
    if (facts.missing as f64) > 0.2 * (facts.missing as f64 + numbers.len() as f64) || column.distinct() < 2 {
        return None;
    }
    let scale = match facts.kind {
        ColumnKind::Date => Some(1.0),
        _ if named && words.iter().any(|word| word == "year") && are_years(column, numbers) => {
            return years(column, numbers);
        }
        _ => epoch_scale(column, numbers, named),
    };
    match scale {
        Some(1.0) => dated(candidate(column, numbers.into(), 1.0, calendar::frequency, named)?),
        Some(scale) => {
            let seconds = numbers.iter().map(|number| number * scale).collect();
            dated(candidate(column, std::borrow::Cow::Owned(seconds), scale, calendar::frequency, named)?)
        }
        None => steps(column, numbers, &words),
    }
}

/// The candidate with what a date or an epoch is worth.
fn dated(candidate: Candidate<'_>) -> Option<Candidate<'_>> {
    Some(Candidate { dated: true, weight: candidate.weight + 0.5, ..candidate })
}

fn candidate<'s>(
    column: &'s Sampled<'_>,
    numbers: std::borrow::Cow<'s, [f64]>,
    scale: f64,
    frequency: fn(&[f64]) -> Option<Frequency>,
    named: bool,
) -> Option<Candidate<'s>> {
    let facts = column.facts;
    let (points, most) = points_of(column, &numbers, scale);
    let frequency = frequency(&points);
    let rises = matches!(facts.monotone, Some(Monotone::Rising | Monotone::NeverFalling));
    let falls = matches!(facts.monotone, Some(Monotone::Falling | Monotone::NeverRising));
    let is_beside = names::words(column.name()).iter().any(|word| BESIDE.contains(&word.as_str()));
    let weight = if named { 1.0 } else { 0.0 }
        + if frequency.is_some() { 1.5 } else { 0.0 }
        + if rises {
            1.5
        } else if falls {
            1.0
        } else {
            0.0
        }
        - if is_beside { 2.0 } else { 0.0 };
    Some(Candidate {
        name: column.name(),
        with: Vec::new(),
        from: facts.min.clone().unwrap_or_default(),
        to: facts.max.clone().unwrap_or_default(),
        numbers,
        points,
        most,
        monotone: facts.monotone,
        frequency,
        dated: false,
        weight,
    })
}

/// Numbers that count seconds (or parts of them) since 1970, in a column that is named or ordered like it.
fn epoch_scale(column: &Sampled<'_>, numbers: &[f64], named: bool) -> Option<f64> {
    let integer = matches!(column.facts.kind, ColumnKind::Integer | ColumnKind::Id);
    let given = || numbers.iter().copied().filter(|n| n.is_finite());
    let (min, max) = (given().fold(f64::INFINITY, f64::min), given().fold(f64::NEG_INFINITY, f64::max));
    // From 1980 to 2100.
    let seconds = 3.1e8..4.1e9;
    let scale = [1.0, 1e-3, 1e-6, 1e-9]
        .into_iter()
        .find(|scale| seconds.contains(&(min * scale)) && seconds.contains(&(max * scale)))?;
    let ordered = matches!(column.facts.monotone, Some(Monotone::Rising | Monotone::NeverFalling));
    (named || (integer && ordered)).then_some(scale)
}

fn are_years(column: &Sampled<'_>, numbers: &[f64]) -> bool {
    column.facts.kind != ColumnKind::Float
        && numbers.iter().filter(|n| n.is_finite()).all(|n| (1500.0..2200.0).contains(n) && n.fract() == 0.0)
}

fn years<'s>(column: &'s Sampled<'_>, numbers: &[f64]) -> Option<Candidate<'s>> {
    let numbers: Vec<f64> =
        numbers.iter().map(|&year| calendar::seconds(year, 1.0, 1.0).unwrap_or(f64::NAN)).collect();
    let (points, most) = distinct_points(&numbers);
    let frequency = calendar::frequency(&points);
    let words = names::words(column.name());
    // `year_built` is a feature; `year` alone is a time.
    let mut found = candidate(column, numbers.into(), 1.0, |_| None, words.len() == 1)?;
    found.weight += if frequency.is_some() && words.len() == 1 { 1.0 } else { 0.0 };
    (found.points, found.most, found.frequency) = (points, most, frequency);
    Some(found)
}

/// Rising numbers under a name for time without a calendar.
fn steps<'s>(column: &'s Sampled<'_>, numbers: &'s [f64], words: &[String]) -> Option<Candidate<'s>> {
    let named = words.first().is_some_and(|word| STEPS.contains(&word.as_str())) && words.len() == 1;
    if !named || column.facts.monotone != Some(Monotone::Rising) {
        return None;
    }
    candidate(column, numbers.into(), 1.0, calendar::steps, true)
}

/// Different points, rising, and the most rows of one.
fn points_of(column: &Sampled<'_>, numbers: &[f64], scale: f64) -> (Vec<f64>, u64) {
    if column.data.points.is_empty() {
        return distinct_points(numbers);
    }
    let most = column.data.points.iter().map(|&(_, count)| count).max().unwrap_or(0);
    (column.data.points.iter().map(|&(point, _)| point * scale).collect(), most)
}

fn distinct_points(numbers: &[f64]) -> (Vec<f64>, u64) {
    let mut sorted: Vec<f64> = numbers.iter().copied().filter(|n| n.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let (mut points, mut most, mut count) = (Vec::new(), 0, 0);
    for number in sorted {
        if points.last() == Some(&number) {
            count += 1;
        } else {
            points.push(number);
            count = 1;
        }
        most = most.max(count);
    }
    (points, most)
}

/// A year, a month and perhaps a day in columns of their own.
fn of_parts<'s>(sample: &'s Sample<'_>) -> Option<Candidate<'s>> {
    let named = |wanted: &[&str]| {
        sample.columns.iter().find(|column| wanted.contains(&names::plain(column.name()).as_str()))
    };
    let numbers = |column: Option<&'s Sampled<'_>>| column.and_then(|column| column.numbers(false));
    let year = named(&["year", "yr", "yyyy"])?;
    let month = named(&["month", "mo", "mon", "mm"])?;
    let day = named(&["day", "dd", "day of month", "dom"]);
    let hour = named(&["hour", "hr", "hh"]);
    let (years, months) = (numbers(Some(year))?, numbers(Some(month))?);
    let (days, hours) = (numbers(day), numbers(hour));
    let at = |list: Option<&[f64]>, row: usize, or: f64| list.map_or(Some(or), |list| list.get(row).copied());
    let whole: Vec<f64> = (0..sample.rows)
        .map(|row| {
            let point = calendar::seconds(*years.get(row)?, *months.get(row)?, at(days, row, 1.0)?)?;
            let hour = at(hours, row, 0.0).filter(|hour| (0.0..=24.0).contains(hour))?;
            Some(point + hour * 3_600.0)
        })
        .map(|point| point.unwrap_or(f64::NAN))
        .collect();
    let given = whole.iter().filter(|point| point.is_finite()).count();
    if given * 5 < sample.rows * 4 {
        return None;
    }
    let (points, most) = distinct_points(&whole);
    let (first, last) = (*points.first()?, *points.last()?);
    let with = [Some(month), days.and(day), hours.and(hour)].into_iter().flatten();
    let text = |point: f64| {
        let date = calendar::date(point).map(|date| date.to_string()).unwrap_or_default();
        if days.is_some() { date } else { date.get(..7).unwrap_or_default().to_string() }
    };
    let monotone = whole.windows(2).all(|pair| pair.first() <= pair.last()).then_some(Monotone::NeverFalling);
    Some(Candidate {
        name: year.name(),
        with: with.map(|column| column.name().to_string()).collect(),
        from: text(first),
        to: text(last),
        frequency: calendar::frequency(&points),
        numbers: whole.into(),
        points,
        most,
        monotone,
        dated: true,
        // Less than a column that holds the whole, more than the year alone.
        weight: 2.9,
    })
}

fn axis(candidate: Candidate<'_>, sample: &Sample<'_>) -> TimeAxis {
    let mut axis = TimeAxis::default();
    let series = (candidate.most > 1).then(|| series_of(&candidate, sample)).flatten();
    axis.in_order = in_order(&candidate, series, sample);
    // Whatever has many values tells apart what happens now and then: a series has a rhythm or an order.
    let series = series.filter(|_| candidate.frequency.is_some() || axis.in_order);
    axis.series_columns = series.iter().map(|column| column.name().to_string()).collect();
    axis.series =
        series.map(|column| if sample.whole { column.distinct() as u64 } else { column.facts.distinct });
    axis.column = candidate.name.to_string();
    axis.with_columns = candidate.with;
    axis.from = candidate.from;
    axis.to = candidate.to;
    axis.gaps = candidate.frequency.as_ref().map(|frequency| frequency.gaps);
    axis.frequency = candidate.frequency.map(|frequency| frequency.words);
    axis
}

/// The column that makes a point in time occur once in every series: of several the one with the fewest series.
fn series_of<'s, 'a>(candidate: &Candidate<'_>, sample: &'s Sample<'a>) -> Option<&'s Sampled<'a>> {
    let mut columns: Vec<&Sampled<'_>> =
        sample.columns.iter().filter(|column| may_tell_series(column, candidate, sample.rows)).collect();
    columns.sort_by_key(|column| (column.counts.len(), column.index));
    columns.truncate(MAX_SERIES_COLUMNS);
    columns.into_iter().find(|column| {
        let mut seen = HashSet::with_capacity(sample.rows.min(1 << 17));
        let points =
            column.codes().iter().zip(candidate.numbers.iter()).filter(|(_, point)| point.is_finite());
        points.into_iter().all(|(&code, point)| seen.insert(mix(point.to_bits(), u64::from(code) + 1)))
    })
}

fn may_tell_series(column: &Sampled<'_>, candidate: &Candidate<'_>, rows: usize) -> bool {
    let kind = matches!(
        column.facts.kind,
        ColumnKind::Category | ColumnKind::Integer | ColumnKind::Text | ColumnKind::Id | ColumnKind::Boolean
    );
    let distinct = column.distinct();
    let is_time = column.name() == candidate.name || candidate.with.iter().any(|name| name == column.name());
    kind && !is_time
        && distinct >= 2
        && distinct as u64 >= candidate.most.min(rows as u64)
        && column.facts.missing == 0
        && rows as f64 >= MIN_SERIES * distinct as f64
}

fn in_order(candidate: &Candidate<'_>, series: Option<&Sampled<'_>>, sample: &Sample<'_>) -> bool {
    if matches!(candidate.monotone, Some(Monotone::Rising | Monotone::NeverFalling)) {
        return true;
    }
    let Some(series) = series else { return false };
    let mut last = vec![f64::NEG_INFINITY; series.counts.len()];
    (0..sample.rows).all(|row| {
        let (Some(&code), Some(&point)) = (series.codes().get(row), candidate.numbers.get(row)) else {
            return true;
        };
        let Some(last) = last.get_mut(code as usize).filter(|_| point.is_finite()) else { return true };
        let follows = point >= *last;
        *last = point;
        follows
    })
}

/// A table whose columns are points in time: `2001`, `2002`, … or `1/22/20`, `1/23/20`, ….
fn across(table: &TableProfile) -> Option<TimeAxis> {
    let points: Vec<(f64, &ColumnProfile)> =
        table.columns.iter().filter_map(|column| Some((name_as_point(&column.name)?, column))).collect();
    let numeric = points.iter().filter(|(_, column)| column.kind.is_numeric()).count();
    let rises = points.windows(2).all(|pair| pair.first().map(|p| p.0) < pair.last().map(|p| p.0));
    if points.len() < MIN_ACROSS || numeric * 10 < points.len() * 9 || !rises || table.rows < 2 {
        return None;
    }
    let seconds: Vec<f64> = points.iter().map(|(point, _)| *point).collect();
    let frequency = (seconds.len() >= MIN_POINTS).then(|| calendar::frequency(&seconds)).flatten();
    let mut axis = TimeAxis::default();
    axis.from = points.first().map(|(_, column)| column.name.clone()).unwrap_or_default();
    axis.to = points.last().map(|(_, column)| column.name.clone()).unwrap_or_default();
    axis.across_columns = Some(points.len() as u64);
    axis.in_order = true;
    axis.series = Some(table.rows);
    axis.gaps = frequency.as_ref().map(|frequency| frequency.gaps);
    axis.frequency = frequency.map(|frequency| frequency.words);
    Some(axis)
}

/// Seconds of a column name that is a year or a date.
fn name_as_point(name: &str) -> Option<f64> {
    let text = name.trim().trim_start_matches(['X', 'x', 'F', 'Y', 'y', '_']);
    let text = text.split([' ', 'T', '[']).next().unwrap_or(text);
    let parts: Vec<Option<f64>> = text.split(['-', '/', '.', '_']).map(|part| part.parse().ok()).collect();
    let digits = |text: &str, at: usize| text.split(['-', '/', '.', '_']).nth(at).map_or(0, str::len);
    match parts.as_slice() {
        [Some(year)] if text.len() == 4 && (1800.0..2200.0).contains(year) => {
            calendar::seconds(*year, 1.0, 1.0)
        }
        [Some(year), Some(month)] if digits(text, 0) == 4 => calendar::seconds(*year, *month, 1.0),
        [Some(year), Some(month), Some(day)] if digits(text, 0) == 4 => {
            calendar::seconds(*year, *month, *day)
        }
        [Some(a), Some(b), Some(year)] => {
            let year = if digits(text, 2) == 2 { year + 2000.0 } else { *year };
            calendar::seconds(year, *a, *b).or_else(|| calendar::seconds(year, *b, *a))
        }
        _ => None,
    }
}

/// True when an axis orders a series (or several) rather than merely dating rows.
pub(crate) fn is_series(axis: &TimeAxis, table: &TableProfile) -> bool {
    if axis.across_columns.is_some() {
        return true;
    }
    let single = axis.series_columns.is_empty()
        && axis.with_columns.is_empty()
        && table.column(&axis.column).is_some_and(|column| column.unique || column.distinct == table.rows);
    axis.frequency.is_some()
        && (single || !axis.series_columns.is_empty())
        && axis.gaps.unwrap_or(0) < table.rows * 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::civil::DAY;
    use crate::relations::testing;

    fn axis(header: &str, rows: &[String]) -> Option<TimeAxis> {
        let table = testing::table("t.csv", header, rows);
        find(&table.facts, &Sample::of(&table))
    }

    fn day(i: u32) -> String {
        calendar::date(f64::from(i) * DAY + 1.5e9).unwrap().to_string()
    }

    #[test]
    fn a_single_daily_series() {
        let rows: Vec<String> =
            (0..60).filter(|i| *i != 9).map(|i| format!("{},{}", day(i), i * 7 % 13)).collect();
        let found = axis("date,load", &rows).unwrap();
        assert_eq!(
            (found.column.as_str(), found.frequency.as_deref(), found.gaps),
            ("date", Some("1 day"), Some(1))
        );
        assert!(found.in_order && found.series_columns.is_empty());
        assert_eq!((found.from, found.to), (day(0), day(59)));
    }

    #[test]
    fn a_panel_of_stores() {
        let rows: Vec<String> =
            (0..120).map(|i| format!("s{},{},{}", i / 30, day(i % 30), i * 7 % 13)).collect();
        let found = axis("store,date,sales", &rows).unwrap();
        assert_eq!(
            (found.series_columns.as_slice(), found.series),
            (["store".to_string()].as_slice(), Some(4))
        );
        assert!(found.in_order);
        assert_eq!(found.frequency.as_deref(), Some("1 day"));
    }

    #[test]
    fn year_month_and_day_in_columns_of_their_own() {
        let rows: Vec<String> =
            (0..40).map(|i| format!("2019,{},{},{}", 1 + i / 20, 1 + i % 20, i * 7 % 13)).collect();
        let found = axis("year,month,day,count", &rows).unwrap();
        assert_eq!((found.column.as_str(), found.with_columns.join(" ")), ("year", "month day".to_string()));
        assert_eq!((found.from.as_str(), found.to.as_str()), ("2019-01-01", "2019-02-20"));
    }

    #[test]
    fn epochs_are_recognised_and_other_numbers_are_not() {
        let rows: Vec<String> =
            (0..40).map(|i| format!("{},{}", 1_600_000_000_000_u64 + i * 60_000, i * 7 % 13)).collect();
        assert_eq!(axis("timestamp,x", &rows).unwrap().frequency.as_deref(), Some("1 minute"));
        let rows: Vec<String> = (0..40).map(|i| format!("{},{}", 500 + i, i * 7 % 13)).collect();
        assert_eq!(axis("altitude,x", &rows), None);
        assert_eq!(axis("time,x", &rows).unwrap().frequency.as_deref(), Some("1 (unit not stated)"));
    }

    #[test]
    fn a_date_of_birth_orders_nothing() {
        let rows: Vec<String> = (0..40).map(|i| format!("{},{}", day(i * 37 % 40 * 11), i % 3)).collect();
        assert_eq!(axis("birth_date,x", &rows), None);
    }

    #[test]
    fn time_across_the_columns() {
        let header = format!("country,{}", (2000..2012).map(|y| y.to_string()).collect::<Vec<_>>().join(","));
        let rows: Vec<String> = (0..5)
            .map(|i| {
                format!("c{i},{}", (0..12).map(|j| (i * j + j).to_string()).collect::<Vec<_>>().join(","))
            })
            .collect();
        let found = axis(&header, &rows).unwrap();
        assert_eq!((found.across_columns, found.frequency.as_deref()), (Some(12), Some("1 year")));
    }
}
