//! Tables of a few rows as the readers would hand them over.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use smith_task_schema::profile::{ColumnKind, Lengths, Monotone, TableProfile};

use crate::column::table_builder::TableBuilder;
use crate::column::value;
use crate::findings::Findings;
use crate::relations::sample::mix;
use crate::table_data::{ColumnData, TableData};

/// A table of rows whose cells are parted by `,`, read and sampled whole.
pub(crate) fn table<R: AsRef<str>>(path: &str, header: &str, rows: &[R]) -> TableData {
    let names: Vec<String> = header.split(',').map(str::to_string).collect();
    let mut cells: Vec<Vec<String>> = vec![Vec::new(); names.len()];
    for row in rows {
        let mut values = row.as_ref().split(',');
        for column in &mut cells {
            column.push(values.next().unwrap_or_default().to_string());
        }
    }
    of_columns(path, &names, &cells)
}

/// A table of columns, read and sampled whole.
pub(crate) fn of_columns(path: &str, names: &[String], cells: &[Vec<String>]) -> TableData {
    let mut builder = TableBuilder::new(names);
    for (index, column) in cells.iter().enumerate() {
        for cell in column {
            builder.column(index).unwrap().push(cell);
        }
    }
    let rows = cells.first().map_or(0, Vec::len);
    builder.end_rows(rows as u64);
    let mut table = builder.finish(TableProfile::new(path, "csv"), &mut Findings::default());
    table.sample_rows = rows;
    fill(&mut table, cells);
    table
}

/// Fills in what is kept beside the facts.
pub(crate) fn fill(table: &mut TableData, cells: &[Vec<String>]) {
    table.sample_rows = cells.first().map_or(0, Vec::len);
    table.columns.clear();
    for (facts, cells) in table.facts.columns.iter_mut().zip(cells) {
        let texts: Vec<&str> = cells.iter().map(|cell| cell.trim()).collect();
        let numeric = matches!(
            facts.kind,
            ColumnKind::Integer | ColumnKind::Float | ColumnKind::Id | ColumnKind::Mixed
        ) && texts.iter().any(|text| value::number(text).is_some());
        let data = data(&texts, facts.kind, numeric);
        facts.monotone = monotone(&data.numbers);
        if !numeric {
            facts.lengths = lengths(&texts);
        }
        table.columns.push(data);
    }
}

fn data(texts: &[&str], kind: ColumnKind, numeric: bool) -> ColumnData {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut data = ColumnData { all_hashes: true, all_texts: true, ..ColumnData::default() };
    let mut hashes = BTreeSet::new();
    let mut points: BTreeMap<u64, (f64, u64)> = BTreeMap::new();
    for &text in texts {
        let number = number_of(text, kind, numeric);
        if numeric || kind == ColumnKind::Date {
            data.numbers.push(number.unwrap_or(f64::NAN));
        }
        if value::is_missing(text) {
            data.codes.push(0);
            continue;
        }
        if let Some(number) = number {
            let order = number.to_bits() ^ (((number.to_bits() as i64 >> 63) as u64) | (1 << 63));
            points.entry(order).or_insert((number, 0)).1 += 1;
        }
        let key = number.filter(|_| numeric).map_or_else(|| text.to_string(), |n| n.to_string());
        let next = seen.len() as u32 + 1;
        let code = *seen.entry(key.clone()).or_insert_with(|| {
            if data.written.len() < ColumnData::MAX_WRITTEN {
                data.written.push(text.into());
            }
            if text.split_whitespace().count() >= 6 {
                data.texts.push(text.into());
            }
            hashes.insert(key.bytes().fold(7, |state, byte| mix(state, u64::from(byte))));
            next
        });
        data.codes.push(code);
    }
    data.points = points.into_values().collect();
    if data.points.len() > 50_000 {
        data.points.clear();
    }
    if kind != ColumnKind::Float {
        data.all_hashes = hashes.len() <= ColumnData::MAX_HASHES;
        data.hashes = hashes.into_iter().take(ColumnData::MAX_HASHES).collect();
    }
    data
}

fn number_of(text: &str, kind: ColumnKind, numeric: bool) -> Option<f64> {
    if numeric {
        return value::number(text).map(|number| number.value);
    }
    (kind == ColumnKind::Date).then(|| seconds(text)).flatten()
}

/// Seconds of `2012-01-31`, `2012-01` or `2012-01-31 10:20:30`.
fn seconds(text: &str) -> Option<f64> {
    let (day, clock) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let mut parts = day.split(['-', '/']).map(|part| part.parse::<i32>().ok());
    let year = parts.next()??;
    let month = u8::try_from(parts.next()??).ok()?;
    let day = u8::try_from(parts.next().unwrap_or(Some(1))?).ok()?;
    let date = time::Date::from_calendar_date(year, time::Month::try_from(month).ok()?, day).ok()?;
    let mut seconds = date.midnight().assume_utc().unix_timestamp() as f64;
    for (part, unit) in clock.split(':').zip([3600.0, 60.0, 1.0]) {
        seconds += part.trim_end_matches('Z').parse::<f64>().unwrap_or(0.0) * unit;
    }
    Some(seconds)
}

fn monotone(numbers: &[f64]) -> Option<Monotone> {
    if numbers.len() < 2 || numbers.iter().any(|n| n.is_nan()) || numbers.first() == numbers.last() {
        return None;
    }
    let all = |fits: fn(&f64, &f64) -> bool| numbers.windows(2).all(|pair| fits(&pair[0], &pair[1]));
    if all(|a, b| a < b) {
        Some(Monotone::Rising)
    } else if all(|a, b| a <= b) {
        Some(Monotone::NeverFalling)
    } else if all(|a, b| a > b) {
        Some(Monotone::Falling)
    } else if all(|a, b| a >= b) {
        Some(Monotone::NeverRising)
    } else {
        None
    }
}

fn lengths(texts: &[&str]) -> Option<Lengths> {
    let given: Vec<&&str> = texts.iter().filter(|text| !value::is_missing(text)).collect();
    let count = given.len().max(1) as f64;
    let mut lengths = Lengths::default();
    lengths.shortest = given.iter().map(|text| text.chars().count() as u64).min()?;
    lengths.longest = given.iter().map(|text| text.chars().count() as u64).max()?;
    lengths.mean = given.iter().map(|text| text.chars().count() as f64).sum::<f64>() / count;
    lengths.mean_words = given.iter().map(|text| text.split_whitespace().count() as f64).sum::<f64>() / count;
    Some(lengths)
}
