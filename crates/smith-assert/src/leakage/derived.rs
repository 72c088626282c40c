//! What two columns make together that decides the target: the time between two clock times or dates, differences and
//! quotients of numbers.

use smith_data::signal::date_seconds;

use super::arithmetic::{Numbers, is_measured, rounding, scaled};
use super::target::{Target, Values};
use crate::rank::auc;
use crate::subject::number;

/// Columns of numbers and of times that are tried in pairs.
const MAX_COLUMNS: usize = 24;
/// Share of the cells that must be read.
const WHOLE: f64 = 0.9;
/// Minutes of a day.
const DAY: f64 = 1_440.0;
/// Different clock times that a column must have to be one of clock times.
const MIN_TIMES: usize = 30;
/// How well two classes are parted, by all rows and by the rows that are tried first.
const PARTED: f64 = 0.995;
const PROMISING: f64 = 0.97;
const TRIED: usize = 400;
/// Rows of the rare class.
const MIN_RARE: usize = 25;

/// What two columns make.
pub(crate) struct Derived {
    /// `the minutes from `a` to `b``.
    pub(crate) how: String,
}

/// A column of times in minutes.
struct Times<'n> {
    name: &'n str,
    minutes: Vec<f64>,
    /// True for times of a day, which begin again at midnight.
    of_day: bool,
}

/// How two columns decide the target, if they do.
pub(crate) fn derived(columns: &[(&str, Vec<&str>)], target: &Target) -> Option<Derived> {
    let times: Vec<Times<'_>> =
        columns.iter().filter_map(|(name, cells)| times(name, cells)).take(MAX_COLUMNS).collect();
    for (at, a) in times.iter().enumerate() {
        for b in times.iter().skip(at + 1).filter(|b| b.of_day == a.of_day) {
            let minutes: Vec<f64> =
                a.minutes.iter().zip(&b.minutes).map(|(a, b)| between(*a, *b, a_day(&times, at))).collect();
            if decides(&minutes, target) {
                return Some(Derived { how: format!("the time from `{}` to `{}`", a.name, b.name) });
            }
        }
    }
    of_numbers(columns, target)
}

fn a_day(times: &[Times<'_>], at: usize) -> bool {
    times.get(at).is_some_and(|times| times.of_day)
}

/// Minutes from one time to another; of clock times the shorter way around midnight.
fn between(a: f64, b: f64, of_day: bool) -> f64 {
    let apart = b - a;
    if of_day { (apart + DAY / 2.0).rem_euclid(DAY) - DAY / 2.0 } else { apart }
}

fn times<'n>(name: &'n str, cells: &[&str]) -> Option<Times<'n>> {
    let whole = |minutes: &Vec<f64>| {
        minutes.iter().filter(|minute| minute.is_finite()).count() as f64 >= WHOLE * minutes.len() as f64
    };
    let read = |of: &dyn Fn(&str) -> Option<f64>| -> Vec<f64> {
        cells.iter().map(|cell| of(cell).unwrap_or(f64::NAN)).collect()
    };
    if let Some(minutes) = Some(read(&written)).filter(whole).or_else(|| digits(cells).filter(whole)) {
        return Some(Times { name, minutes, of_day: true });
    }
    let is_date = |cell: &&str| number(cell).is_none() && date_seconds(cell).is_some();
    let first = cells.iter().find(|cell| !cell.is_empty())?;
    let dates = is_date(first).then(|| read(&|cell| date_seconds(cell).map(|seconds| seconds / 60.0)));
    dates.filter(whole).map(|minutes| Times { name, minutes, of_day: false })
}

/// `9:29`, `09:29:30`.
fn written(cell: &str) -> Option<f64> {
    let mut parts = cell.split(':');
    let (hours, minutes, seconds, more) = (parts.next()?, parts.next()?, parts.next(), parts.next());
    let part = |text: &str, below: f64| {
        (text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
            .then(|| text.parse::<f64>().ok())
            .flatten()
            .filter(|value| *value < below)
    };
    let seconds = seconds.map_or(Some(0.0), |seconds| part(seconds, 61.0))?;
    more.is_none().then_some(())?;
    Some(part(hours, 25.0)? * 60.0 + part(minutes, 60.0)? + seconds / 60.0)
}

/// `929` for half past nine, where all numbers of a column can be read so.
fn digits(cells: &[&str]) -> Option<Vec<f64>> {
    let mut seen: Vec<u32> = Vec::new();
    let mut minutes = Vec::with_capacity(cells.len());
    for cell in cells {
        let Some(value) = number(cell) else {
            minutes.push(f64::NAN);
            continue;
        };
        let (hours, rest) = ((value / 100.0).floor(), value % 100.0);
        if value.fract() != 0.0 || !(0.0..=2_400.0).contains(&value) || rest >= 60.0 {
            return None;
        }
        seen.push(value as u32);
        minutes.push(hours * 60.0 + rest);
    }
    seen.sort_unstable();
    seen.dedup();
    let is_long = seen.last().is_some_and(|last| *last >= 1_200);
    (seen.len() >= MIN_TIMES && is_long).then_some(minutes)
}

/// Differences and quotients of numbers that part two classes which neither number parts.
fn of_numbers(columns: &[(&str, Vec<&str>)], target: &Target) -> Option<Derived> {
    let yes = two_classes(target)?;
    let numbers: Vec<(&str, Vec<f64>)> = columns
        .iter()
        .filter_map(|(name, cells)| {
            let values: Vec<f64> = cells.iter().map(|cell| number(cell).unwrap_or(f64::NAN)).collect();
            let known = values.iter().filter(|value| value.is_finite()).count() as f64;
            let varies = values.iter().any(|value| Some(value) != values.first());
            (known >= WHOLE * values.len() as f64 && varies).then_some((*name, values))
        })
        .take(MAX_COLUMNS)
        .collect();
    if numbers.iter().any(|(_, values)| parts(values, &yes, 1) >= PARTED) {
        return None;
    }
    for (at, (a, x)) in numbers.iter().enumerate() {
        for (b, y) in numbers.iter().skip(at + 1) {
            for (sign, of) in [("-", (|x, y| x - y) as fn(f64, f64) -> f64), ("/", |x, y| x / y)] {
                let made: Vec<f64> = x.iter().zip(y).map(|(x, y)| of(*x, *y)).collect();
                let step = (made.len() / TRIED).max(1);
                if parts(&made, &yes, step) >= PROMISING && parts(&made, &yes, 1) >= PARTED {
                    return Some(Derived { how: format!("`{a}` {sign} `{b}`") });
                }
            }
        }
    }
    None
}

/// True when the values are the target but for scale and rounding, or part its two classes.
fn decides(values: &[f64], target: &Target) -> bool {
    if let Some(yes) = two_classes(target) {
        return parts(values, &yes, 1) >= PARTED;
    }
    let Values::Numbers(_) = target.values else { return false };
    let Some(truth) = is_measured(target) else { return false };
    let columns = [Numbers { name: "", values: values.to_vec(), rounding: 0.51 }];
    scaled(&columns, truth, rounding(target)).is_some()
}

/// Which rows are of the second class, where there are two with enough rows.
fn two_classes(target: &Target) -> Option<Vec<bool>> {
    let Values::Classes(codes, names) = &target.values else { return None };
    let yes: Vec<bool> = codes.iter().map(|code| *code == 1).collect();
    let count = yes.iter().filter(|yes| **yes).count();
    (names.len() == 2 && count.min(yes.len() - count) >= MIN_RARE).then_some(yes)
}

/// How well values part two classes: 1 without an exception; 0 where too few are known.
fn parts(values: &[f64], yes: &[bool], step: usize) -> f64 {
    let rows = || values.iter().zip(yes).step_by(step);
    let (known, of): (Vec<f64>, Vec<bool>) =
        rows().filter(|(value, _)| value.is_finite()).map(|(value, yes)| (*value, *yes)).unzip();
    if (known.len() as f64) < WHOLE * rows().count() as f64 {
        return 0.0;
    }
    auc(&known, &of).map_or(0.0, |auc| auc.max(1.0 - auc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(row: usize) -> usize {
        row.wrapping_mul(2_654_435_761) >> 7
    }

    fn planned(row: usize) -> usize {
        mixed(row) % 1_440
    }

    fn delay(row: usize) -> usize {
        mixed(row + 5_000) % 90
    }

    fn hhmm(minutes: usize) -> String {
        format!("{}", minutes % 1_440 / 60 * 100 + minutes % 60)
    }

    fn found(
        a: impl Fn(usize) -> String,
        b: impl Fn(usize) -> String,
        y: impl Fn(usize) -> String,
    ) -> Option<String> {
        let (a, b): (Vec<String>, Vec<String>) = (0..600).map(|row| (a(row), b(row))).unzip();
        let target = Target::new("y", (0..600).map(y).collect());
        let columns =
            [("a", a.iter().map(String::as_str).collect()), ("b", b.iter().map(String::as_str).collect())];
        derived(&columns, &target).map(|derived| derived.how)
    }

    #[test]
    fn the_time_between_two_clock_times_decides() {
        let late = |row: usize| usize::from(delay(row) > 60).to_string();
        let how =
            found(|row| hhmm(planned(row)), |row| format!("{}.0", hhmm(planned(row) + delay(row))), late);
        assert_eq!(how.unwrap(), "the time from `a` to `b`");
        let clock = |minutes: usize| format!("{:02}:{:02}", minutes % 1_440 / 60, minutes % 60);
        assert!(found(|row| clock(planned(row)), |row| clock(planned(row) + delay(row)), late).is_some());
        let date = |minutes: usize| {
            format!("2020-03-{:02} {:02}:{:02}:00", 1 + minutes / 1_440, minutes % 1_440 / 60, minutes % 60)
        };
        let taken = found(
            |row| date(planned(row)),
            |row| date(planned(row) + delay(row)),
            |row| (delay(row) * 60).to_string(),
        );
        assert_eq!(taken.unwrap(), "the time from `a` to `b`");
    }

    #[test]
    fn a_difference_parts_two_classes() {
        let (x, y) = (|row: usize| mixed(row) % 997, |row: usize| mixed(row + 900) % 991);
        let won = |row: usize| if x(row) > y(row) { "home" } else { "away" }.to_owned();
        assert_eq!(found(|row| x(row).to_string(), |row| y(row).to_string(), won).unwrap(), "`a` - `b`");
        let unrelated = |row: usize| (mixed(row + 77) % 2).to_string();
        assert!(found(|row| x(row).to_string(), |row| y(row).to_string(), unrelated).is_none());
        let noisy =
            |row: usize| if x(row) + mixed(row + 3) % 400 > y(row) + 200 { "1" } else { "0" }.to_owned();
        assert!(found(|row| x(row).to_string(), |row| y(row).to_string(), noisy).is_none());
    }
}
