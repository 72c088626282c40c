//! Turns what was gathered of a column into its facts.

use std::collections::{HashMap, HashSet};

use smith_task_schema::figure::six_digits;
use smith_task_schema::profile::{ColumnKind, ColumnProfile, Lengths, Monotone, Quantile, ValueCount};

use crate::column::civil;
use crate::column::dates::Date;
use crate::column::dictionary::Entry;
use crate::column::gather::{Column, SHOWN_CHARS};
use crate::column::hash::HashesAreKeys;
use crate::column::judge::{Counts, kind_of};
use crate::column::value::Class;
use crate::overview::display::one_line;
use crate::table_data::ColumnData;

/// Most frequent values that are reported.
const TOP_VALUES: usize = 8;
/// Words for missing values that are reported.
const MISSING_WORDS: usize = 5;
/// Shares for which quantiles are given.
const SHARES: [f64; 7] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
/// Longest values that may be keys, in characters.
const KEY_CHARS: u64 = 100;

/// Numbers of the values of a column, rising, with their counts.
type Points = Vec<(f64, u64)>;
/// The same with how many different values they are: long keys of digits may have one number.
type Placed = (Points, u64);

/// A column after all rows.
pub(crate) struct Finished {
    pub(crate) facts: ColumnProfile,
    pub(crate) data: ColumnData,
    /// In a column of numbers for the most part: how many values are none, and the first of them.
    pub(crate) strays: Option<(u64, String)>,
}

/// Facts of a column over `rows` rows, and what relations are found from.
pub(crate) fn finish(column: Column, rows: u64) -> Finished {
    let day_first = day_first(column.dictionary.entries());
    let (points, different) = points(&column, day_first);
    let counts = Counts::of(&column, different, rows);
    let kind = kind_of(&column, &counts);
    let mut facts = ColumnProfile::new(column.name.as_str());
    facts.kind = kind;
    facts.missing = rows.saturating_sub(counts.values);
    facts.missing_words = missing_words(&column);
    facts.distinct = counts.distinct;
    facts.distinct_exact = counts.exact;
    facts.unique = counts.unique;
    facts.constant = counts.distinct == 1 && counts.values == rows && rows > 0;
    facts.monotone = column.order.monotone().filter(|_| counts.numbers + counts.dates == counts.values);
    facts.top = top(&column, &points);
    add_figures(&mut facts, &column, &counts, &points, day_first);
    add_lengths(&mut facts, &column, &counts);
    facts.examples = examples(&column, kind);
    let strays = counts.values - counts.numbers;
    let strays =
        column.first_stray.clone().filter(|_| kind == ColumnKind::Mixed).map(|first| (strays, first));
    let data = data(column, &facts, points, day_first);
    if !facts.quantiles_exact && kind.is_numeric() {
        facts.quantiles = sample_quantiles(&data.numbers, kind);
    }
    Finished { facts, data, strays }
}

/// What comes first in dates of two numbers and a year: a part above twelve is the day. `None` when nothing tells.
fn day_first(entries: &[Entry]) -> Option<bool> {
    let (mut first, mut second) = (false, false);
    for entry in entries.iter().filter(|entry| entry.class == Class::AmbiguousDate) {
        if let Date::Ambiguous { first: a, second: b, .. } = Date::unpacked(entry.number) {
            first |= a > 12;
            second |= b > 12;
        }
    }
    (first != second).then_some(first)
}

/// The place of a value in the order of numbers, when it has one.
fn point(class: Class, number: f64, day_first: Option<bool>) -> Option<f64> {
    match class {
        Class::Integer | Class::Decimal | Class::Date => Some(number),
        Class::AmbiguousDate => {
            Some(Date::unpacked(number).seconds(day_first?)).filter(|point| point.is_finite())
        }
        _ => None,
    }
}

/// The numbers or the points in time of all different values; empty when they were not all kept.
fn points(column: &Column, day_first: Option<bool>) -> Placed {
    if column.sketch.is_some() {
        return (Vec::new(), 0);
    }
    let entries = column.dictionary.entries();
    let mut values: Vec<(f64, u64, u64)> = entries
        .iter()
        .filter_map(|entry| {
            Some((point(entry.class, entry.number, day_first)? + 0.0, entry.identity, entry.count))
        })
        .collect();
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut different = 0;
    let mut last = None;
    for (_, identity, _) in &values {
        different += u64::from(last != Some(identity));
        last = Some(identity);
    }
    let mut points: Points = values.into_iter().map(|(number, _, count)| (number, count)).collect();
    points.dedup_by(|later, earlier| {
        let same = later.0 == earlier.0;
        earlier.1 += if same { later.1 } else { 0 };
        same
    });
    (points, different)
}

fn missing_words(column: &Column) -> Vec<ValueCount> {
    let mut words: Vec<ValueCount> = column
        .dictionary
        .entries()
        .iter()
        .filter(|entry| entry.class == Class::Missing)
        .filter_map(|entry| Some(ValueCount::new(column.dictionary.text(entry)?, entry.count)))
        .collect();
    words.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    words.truncate(MISSING_WORDS);
    words
}

/// The most frequent values; none when no value comes back.
fn top(column: &Column, points: &Points) -> Vec<ValueCount> {
    let entries = column.dictionary.entries();
    let often: Vec<&Entry> = entries
        .iter()
        .filter(|entry| entry.class != Class::Missing && entry.class != Class::Binary)
        .collect();
    let numbers = often.iter().filter(|entry| entry.class.is_number()).count();
    // `1` and `1.0` are one number.
    let respelled = column.sketch.is_none() && numbers > points.len() && points.len() < often.len();
    let mut counts: HashMap<u64, u64, HashesAreKeys> = HashMap::default();
    for entry in often.iter().filter(|entry| respelled && entry.class.is_number()) {
        *counts.entry(entry.identity).or_default() += entry.count;
    }
    let count_of = |entry: &Entry| counts.get(&entry.identity).copied().unwrap_or(entry.count);
    if often.iter().all(|entry| count_of(entry) < 2) {
        return Vec::new();
    }
    // Of equally frequent values the one that was seen first comes first.
    let room = if respelled { often.len() } else { TOP_VALUES };
    let mut order: Vec<usize> = (0..often.len()).collect();
    let rank = |&at: &usize| (std::cmp::Reverse(count_of(often[at])), at);
    if order.len() > room {
        order.select_nth_unstable_by_key(room, rank);
        order.truncate(room);
    }
    order.sort_unstable_by_key(rank);
    let mut seen = HashSet::new();
    order.retain(|&at| seen.insert(often[at].identity));
    order.truncate(TOP_VALUES);
    order.into_iter().map(|at| ValueCount::new(shown(column, often[at]), count_of(often[at]))).collect()
}

/// A value on one line: as it was written, or written anew where that was not kept.
fn shown(column: &Column, entry: &Entry) -> String {
    match column.dictionary.text(entry) {
        Some(text) => one_line(&text, SHOWN_CHARS),
        None => written(entry.class, entry.number),
    }
}

fn written(class: Class, number: f64) -> String {
    match class {
        Class::Date => civil::written(number),
        Class::Integer => format!("{number:.0}"),
        // What was stored in half the bytes is written with half the digits.
        Class::Decimal if f64::from(number as f32) == number => format!("{:?}", number as f32),
        Class::Decimal => format!("{number:?}"),
        _ => String::from("…"),
    }
}

/// Range, mean, deviation and quantiles.
fn add_figures(
    facts: &mut ColumnProfile,
    column: &Column,
    counts: &Counts,
    points: &Points,
    day_first: Option<bool>,
) {
    match facts.kind {
        ColumnKind::Date => {
            let written = |seconds: f64, text: &str| {
                if text.is_empty() { civil::written(seconds) } else { text.into() }
            };
            if counts.ambiguous_dates == 0 {
                facts.min = column.dates.as_ref().map(|range| written(range.min.0, &range.min.1));
                facts.max = column.dates.as_ref().map(|range| written(range.max.0, &range.max.1));
            } else if day_first.is_some() {
                facts.min = points.first().map(|point| civil::written(point.0));
                facts.max = points.last().map(|point| civil::written(point.0));
            }
        }
        ColumnKind::Integer | ColumnKind::Float | ColumnKind::Mixed | ColumnKind::Id => {
            let class = if facts.kind == ColumnKind::Float { Class::Decimal } else { Class::Integer };
            let as_written = |number: f64, text: &str| {
                if text.is_empty() { written(class, number) } else { column.with_point(text) }
            };
            facts.min = column.numbers.as_ref().map(|range| as_written(range.min.0, &range.min.1));
            facts.max = column.numbers.as_ref().map(|range| as_written(range.max.0, &range.max.1));
        }
        _ => return,
    }
    if facts.kind.is_numeric() {
        add_moments(facts, column, counts, points);
    }
}

fn add_moments(facts: &mut ColumnProfile, column: &Column, counts: &Counts, points: &Points) {
    let n = counts.numbers as f64;
    if let Some(sketch) = &column.sketch {
        facts.mean = Some(six_digits(sketch.sum / n));
        let spread = sketch.squares - sketch.from_origin * sketch.from_origin / n;
        facts.std = (n > 1.0).then(|| six_digits((spread.max(0.0) / (n - 1.0)).sqrt()));
        (facts.zeros, facts.negatives) = (sketch.zeros, sketch.negatives);
        facts.quantiles_exact = false;
        return;
    }
    let mean = points.iter().map(|&(number, count)| number * count as f64).sum::<f64>() / n;
    let spread: f64 = points.iter().map(|&(number, count)| (number - mean).powi(2) * count as f64).sum();
    facts.mean = Some(six_digits(mean));
    facts.std = (n > 1.0).then(|| six_digits((spread / (n - 1.0)).sqrt()));
    facts.zeros = points.iter().filter(|point| point.0 == 0.0).map(|point| point.1).sum();
    facts.negatives = points.iter().filter(|point| point.0 < 0.0).map(|point| point.1).sum();
    facts.quantiles = quantiles(points, facts.kind);
}

fn quantiles(points: &[(f64, u64)], kind: ColumnKind) -> Vec<Quantile> {
    let all: u64 = points.iter().map(|point| point.1).sum();
    let mut quantiles = Vec::new();
    let (mut at, mut below) = (0, 0);
    for share in SHARES {
        let wanted = (share * all as f64).ceil().max(1.0) as u64;
        while at < points.len() && below + points[at].1 < wanted {
            below += points[at].1;
            at += 1;
        }
        if let Some(point) = points.get(at) {
            quantiles.push(Quantile { share, value: figure(point.0, kind) });
        }
    }
    quantiles
}

fn sample_quantiles(numbers: &[f64], kind: ColumnKind) -> Vec<Quantile> {
    let mut points: Points =
        numbers.iter().filter(|number| !number.is_nan()).map(|&number| (number, 1)).collect();
    points.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    quantiles(&points, kind)
}

fn figure(number: f64, kind: ColumnKind) -> String {
    if kind == ColumnKind::Integer && number.abs() < 1e15 {
        format!("{number:.0}")
    } else {
        six_digits(number)
    }
}

fn add_lengths(facts: &mut ColumnProfile, column: &Column, counts: &Counts) {
    let longest = column.dictionary.entries().iter().map(|entry| u64::from(entry.length)).max().unwrap_or(0);
    facts.longest = longest.max(column.longest.as_ref().map_or(0, |(length, _)| u64::from(*length)));
    if counts.written == 0 || counts.written < counts.values {
        return;
    }
    let (characters, words) = match &column.sketch {
        Some(sketch) => (sketch.lengths, sketch.words),
        None => column.dictionary.entries().iter().filter(|entry| entry.class != Class::Missing).fold(
            (0, 0),
            |(characters, words), entry| {
                (
                    characters + u64::from(entry.length) * entry.count,
                    words + u64::from(entry.words) * entry.count,
                )
            },
        ),
    };
    let mean = |sum: u64| (sum as f64 / counts.values as f64 * 100.0).round() / 100.0;
    let mut lengths = Lengths::default();
    lengths.shortest = column.shortest.as_ref().map_or(0, |(length, _)| u64::from(*length));
    lengths.longest = facts.longest;
    lengths.mean = mean(characters);
    lengths.mean_words = mean(words);
    facts.lengths = Some(lengths);
}

/// The first different values, and of texts the shortest and the longest too.
fn examples(column: &Column, kind: ColumnKind) -> Vec<String> {
    let mut examples = column.examples.clone();
    if examples.is_empty() {
        let entries = column.dictionary.entries().iter().filter(|entry| entry.class != Class::Missing);
        examples = entries.take(crate::column::gather::EXAMPLES).map(|entry| shown(column, entry)).collect();
    }
    if kind == ColumnKind::Text {
        for (_, text) in [&column.shortest, &column.longest].into_iter().flatten() {
            if !examples.contains(text) {
                examples.push(text.clone());
            }
        }
    }
    examples
}

/// What the relations need of the column.
fn data(mut column: Column, facts: &ColumnProfile, points: Points, day_first: Option<bool>) -> ColumnData {
    let (codes, numbers) =
        column.sampled(|class, number| point(class, number, day_first).unwrap_or(f64::NAN));
    let holds_numbers = matches!(facts.kind, ColumnKind::Date | ColumnKind::Mixed | ColumnKind::Id)
        || facts.kind.is_numeric();
    let may_be_key = match facts.kind {
        ColumnKind::Float
        | ColumnKind::Date
        | ColumnKind::Boolean
        | ColumnKind::Nested
        | ColumnKind::Binary => false,
        ColumnKind::Json | ColumnKind::Empty => false,
        _ => facts.longest <= KEY_CHARS,
    };
    let (hashes, all_hashes) = if may_be_key { least_hashes(&column) } else { (Vec::new(), false) };
    ColumnData {
        codes,
        numbers: if holds_numbers { numbers } else { Vec::new() },
        hashes,
        all_hashes,
        points: if holds_numbers { points } else { Vec::new() },
        texts: std::mem::take(&mut column.texts),
        all_texts: column.all_texts,
        written: std::mem::take(&mut column.written),
    }
}

fn least_hashes(column: &Column) -> (Vec<u64>, bool) {
    let entries = column.dictionary.entries();
    let mut hashes: Vec<u64> =
        entries.iter().filter(|entry| entry.class != Class::Missing).map(|entry| entry.identity).collect();
    let all = column.sketch.is_none() && hashes.len() <= ColumnData::MAX_HASHES;
    if column.sketch.is_some() {
        return (Vec::new(), false);
    }
    if hashes.len() > ColumnData::MAX_HASHES {
        hashes.select_nth_unstable(ColumnData::MAX_HASHES);
        hashes.truncate(ColumnData::MAX_HASHES);
    }
    hashes.sort_unstable();
    hashes.dedup();
    (hashes, all)
}

/// True for a column whose numbers or dates follow each other strictly.
pub(crate) fn is_strict(monotone: Option<Monotone>) -> bool {
    matches!(monotone, Some(Monotone::Rising | Monotone::Falling))
}
