//! Decides what the values of a column are, taken together.

use smith_task_schema::profile::ColumnKind;

use crate::column::finish::is_strict;
use crate::column::gather::Column;
use crate::column::key::is_key_name;
use crate::column::value::{Class, are_booleans};

/// Words in a category are not sentences.
const CATEGORY_CHARS: u64 = 100;

/// How many values of each sort a column has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    /// Values that are not missing.
    pub(crate) values: u64,
    pub(crate) integers: u64,
    pub(crate) numbers: u64,
    /// Dates of either sort.
    pub(crate) dates: u64,
    pub(crate) ambiguous_dates: u64,
    /// What is written in letters.
    pub(crate) written: u64,
    pub(crate) urls: u64,
    pub(crate) paths: u64,
    pub(crate) json: u64,
    pub(crate) keys: u64,
    pub(crate) nested: u64,
    pub(crate) binary: u64,
    pub(crate) distinct: u64,
    /// True when `distinct` is exact.
    pub(crate) exact: bool,
    /// True when every row has a value and no value comes back.
    pub(crate) unique: bool,
}

impl Counts {
    /// The counts of a column of `rows` rows whose numbers and dates take `points` different values.
    pub(crate) fn of(column: &Column, points: u64, rows: u64) -> Self {
        let mut classes = [0; Class::COUNT];
        let mut distinct_points = 0;
        match &column.sketch {
            Some(sketch) => classes = sketch.classes,
            None => {
                for entry in column.dictionary.entries() {
                    classes[entry.class as usize] += entry.count;
                    distinct_points += u64::from(entry.class.is_number() || is_date(entry.class));
                }
            }
        }
        let of = |class: Class| classes[class as usize];
        let mut counts = Self {
            values: classes.iter().sum::<u64>() - of(Class::Missing),
            integers: of(Class::Integer),
            numbers: of(Class::Integer) + of(Class::Decimal),
            dates: of(Class::Date) + of(Class::AmbiguousDate),
            ambiguous_dates: of(Class::AmbiguousDate),
            urls: of(Class::Url),
            paths: of(Class::Path),
            json: of(Class::Json),
            keys: of(Class::Key),
            nested: of(Class::Nested),
            binary: of(Class::Binary),
            ..Self::default()
        };
        counts.written = [Class::Url, Class::Path, Class::Json, Class::Key, Class::Text, Class::Nested]
            .into_iter()
            .map(of)
            .sum();
        counts.count_distinct(column, distinct_points, points);
        counts.unique = counts.values == rows
            && rows > 0
            && if counts.exact { counts.distinct == rows } else { is_strict(column.order.monotone()) };
        counts
    }

    fn count_distinct(&mut self, column: &Column, numbers_as_written: u64, points: u64) {
        if column.sketch.is_some() && is_strict(column.order.monotone()) {
            // What always rises never comes back.
            (self.distinct, self.exact) = (self.values, true);
            return;
        }
        self.exact = column.sketch.is_none();
        self.distinct = match &column.sketch {
            Some(sketch) => sketch.distinct.estimate().min(self.values),
            None => {
                let entries = column.dictionary.entries();
                let all = entries.iter().filter(|entry| entry.class != Class::Missing).count() as u64;
                // Dates of unknown order are no points; they count as written.
                let is_placed = self.ambiguous_dates == 0 || points > 0;
                if is_placed && self.numbers + self.dates > 0 {
                    all - numbers_as_written + points
                } else {
                    all
                }
            }
        };
    }
}

fn is_date(class: Class) -> bool {
    matches!(class, Class::Date | Class::AmbiguousDate)
}

/// What the values of a column are.
pub(crate) fn kind_of(column: &Column, counts: &Counts) -> ColumnKind {
    let all = |count: u64| count == counts.values;
    if counts.values == 0 {
        ColumnKind::Empty
    } else if counts.binary > 0 {
        ColumnKind::Binary
    } else if counts.nested > 0 {
        ColumnKind::Nested
    } else if all(counts.numbers) {
        numeric_kind(column, counts)
    } else if all(counts.dates) {
        ColumnKind::Date
    } else if all(counts.urls) {
        ColumnKind::Url
    } else if all(counts.paths) {
        ColumnKind::Path
    } else if all(counts.json) {
        ColumnKind::Json
    } else if counts.numbers * 10 >= counts.values * 9 && has_finite(column) {
        ColumnKind::Mixed
    } else {
        word_kind(column, counts)
    }
}

/// True unless all numbers are words such as `inf`, which stand for other things too.
fn has_finite(column: &Column) -> bool {
    column.numbers.as_ref().is_some_and(|range| range.min.0.is_finite() || range.max.0.is_finite())
}

fn numeric_kind(column: &Column, counts: &Counts) -> ColumnKind {
    if counts.integers < counts.values {
        ColumnKind::Float
    } else if counts.unique && (is_key_name(&column.name) || counts_up_from_start(column, counts)) {
        ColumnKind::Id
    } else {
        ColumnKind::Integer
    }
}

/// True for 0, 1, 2, … and 1, 2, 3, …
fn counts_up_from_start(column: &Column, counts: &Counts) -> bool {
    is_strict(column.order.monotone())
        && column.numbers.as_ref().is_some_and(|range| {
            (0.0..=1.0).contains(&range.min.0) && range.max.0 - range.min.0 + 1.0 == counts.values as f64
        })
}

fn word_kind(column: &Column, counts: &Counts) -> ColumnKind {
    let repeats = counts.exact && counts.distinct * 2 <= counts.values;
    let few = counts.distinct <= 50 || counts.distinct * 5 <= counts.values;
    let longest = column.longest.as_ref().map_or(0, |(length, _)| u64::from(*length));
    let keys = counts.keys + counts.paths + counts.numbers;
    let is_key = counts.unique || (is_key_name(&column.name) && !few);
    if counts.exact && counts.distinct <= 2 && is_boolean(column) {
        ColumnKind::Boolean
    } else if is_key && keys == counts.values {
        ColumnKind::Id
    } else if repeats && few && longest <= CATEGORY_CHARS {
        ColumnKind::Category
    } else {
        ColumnKind::Text
    }
}

fn is_boolean(column: &Column) -> bool {
    let dictionary = &column.dictionary;
    let entries = dictionary.entries().iter().filter(|entry| entry.class != Class::Missing);
    let words: Option<Vec<String>> = entries.map(|entry| dictionary.text(entry)).collect();
    words.is_some_and(|words| are_booleans(words.iter().map(String::as_str)))
}
