//! Gathers the facts of one column, value by value, in bounded memory.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use smith_task_schema::figure::six_digits;
use smith_task_schema::profile::{ColumnKind, ColumnProfile, ValueCount};

use crate::column::extremes::Extremes;
use crate::column::key::{is_key_like, is_key_name};
use crate::column::value::{self, Date};
use crate::overview::display::one_line;

/// Different values that are counted exactly, where the table is not too wide for it.
pub(crate) const MAX_DISTINCT: usize = 10_000;
/// Most frequent values that are kept.
const TOP_VALUES: usize = 8;
/// First different values that are kept.
const EXAMPLES: usize = 5;
/// Length in characters to which a value is shown.
const SHOWN_CHARS: usize = 60;
/// Values longer than this many bytes are counted by their beginning and a hash of the whole.
const LONG_VALUE: usize = 120;
/// Words in a category are not sentences.
const CATEGORY_CHARS: u64 = 100;

/// Accumulates one column.
#[derive(Debug, Default)]
pub(crate) struct Column {
    name: String,
    max_distinct: usize,
    /// Counts of the values seen first; of every value in it the count is exact.
    counts: HashMap<Box<str>, u64>,
    overflowed: bool,
    values: u64,
    integers: u64,
    numbers: u64,
    sum: f64,
    number_range: Option<Extremes<f64>>,
    dates: u64,
    date_range: Option<Extremes<String>>,
    has_unordered_date: bool,
    /// True once a number was not greater than the one before it.
    falls: bool,
    last_number: Option<f64>,
    key_like: u64,
    nested: u64,
    binary: u64,
    longest: u64,
    examples: Vec<String>,
    not_a_number: Option<String>,
}

impl Column {
    /// An empty column that counts up to `max_distinct` different values.
    pub(crate) fn new(name: &str, max_distinct: usize) -> Self {
        Self { name: name.to_string(), max_distinct, ..Self::default() }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Adds one value as it was written. What is missing need not be added.
    pub(crate) fn push(&mut self, written: &str) {
        let text = written.trim();
        if value::is_missing(text) {
            return;
        }
        self.count(text);
        self.longest = self.longest.max(text.chars().count() as u64);
        if let Some(number) = value::number(text) {
            self.push_number(number, text);
            return;
        }
        if self.not_a_number.is_none() {
            self.not_a_number = Some(one_line(text, SHOWN_CHARS));
        }
        self.key_like += u64::from(is_key_like(text));
        self.push_date(text);
    }

    /// Adds a list or a record, written as JSON or alike.
    pub(crate) fn push_nested(&mut self, text: &str) {
        self.nested += 1;
        self.count(text);
        self.longest = self.longest.max(text.chars().count() as u64);
    }

    /// Adds a value of so many bytes that is no text.
    pub(crate) fn push_binary(&mut self, bytes: usize) {
        self.binary += 1;
        self.values += 1;
        self.longest = self.longest.max(bytes as u64);
        self.overflowed = true;
    }

    fn push_number(&mut self, number: value::Number, text: &str) {
        self.numbers += 1;
        self.integers += u64::from(number.is_integer);
        self.sum += number.value;
        self.falls |= self.last_number.is_some_and(|last| number.value <= last);
        self.last_number = Some(number.value);
        Extremes::add(&mut self.number_range, number.value, text);
    }

    fn push_date(&mut self, text: &str) {
        // A column is a date column only if all of it is: the first other value ends the search.
        if self.dates + self.numbers + 1 < self.values {
            return;
        }
        let Some(date) = value::date(text) else { return };
        self.dates += 1;
        if date == Date::Ordered {
            Extremes::add(&mut self.date_range, text.replace('/', "-"), text);
        } else {
            self.has_unordered_date = true;
        }
    }

    fn count(&mut self, text: &str) {
        self.values += 1;
        let key = counted_as(text);
        if let Some(count) = self.counts.get_mut(key.as_ref()) {
            *count += 1;
        } else if self.counts.len() < self.max_distinct {
            if self.examples.len() < EXAMPLES {
                self.examples.push(one_line(text, SHOWN_CHARS));
            }
            self.counts.insert(key.into(), 1);
        } else {
            self.overflowed = true;
        }
    }

    /// Some values that are not numbers in a column of numbers: how many, of how many, and the first.
    pub(crate) fn strays(&self) -> Option<(u64, u64, &str)> {
        let stray = self.values - self.numbers;
        let first = self.not_a_number.as_deref()?;
        (self.kind(false) == ColumnKind::Mixed).then_some((stray, self.values, first))
    }

    /// The facts, given the number of rows of the table.
    pub(crate) fn finish(self, rows: u64) -> ColumnProfile {
        let missing = rows.saturating_sub(self.values);
        let all_differ = if self.overflowed {
            !self.falls && self.numbers == self.values
        } else {
            self.counts.len() as u64 == self.values
        };
        let unique = all_differ && missing == 0 && rows > 1;
        let mut profile = ColumnProfile::new(self.name.as_str());
        profile.kind = self.kind(unique);
        profile.missing = missing;
        profile.distinct = self.counts.len() as u64 + u64::from(self.overflowed && self.binary == 0);
        profile.distinct_exact = !self.overflowed;
        profile.longest = self.longest;
        profile.unique = unique;
        profile.constant = !self.overflowed && self.counts.len() == 1 && missing == 0;
        (profile.min, profile.max) = self.range(profile.kind);
        if self.numbers == self.values && self.numbers > 0 && profile.kind != ColumnKind::Id {
            profile.mean = Some(six_digits(self.sum / self.numbers as f64));
        }
        profile.top = self.top();
        profile.examples = self.examples;
        profile
    }

    fn range(&self, kind: ColumnKind) -> (Option<String>, Option<String>) {
        fn written<T>(extremes: &Extremes<T>) -> (Option<String>, Option<String>) {
            (Some(extremes.min.1.clone()), Some(extremes.max.1.clone()))
        }
        let range = match kind {
            ColumnKind::Date if !self.has_unordered_date => self.date_range.as_ref().map(written),
            ColumnKind::Integer | ColumnKind::Float | ColumnKind::Mixed | ColumnKind::Id => {
                self.number_range.as_ref().map(written)
            }
            _ => None,
        };
        range.unwrap_or_default()
    }

    fn kind(&self, unique: bool) -> ColumnKind {
        if self.values == 0 {
            ColumnKind::Empty
        } else if self.binary > 0 {
            ColumnKind::Binary
        } else if self.nested > 0 {
            ColumnKind::Nested
        } else if self.numbers == self.values {
            self.numeric_kind(unique)
        } else if self.dates == self.values {
            ColumnKind::Date
        } else if self.numbers * 10 >= self.values * 9 {
            ColumnKind::Mixed
        } else {
            self.word_kind(unique)
        }
    }

    fn numeric_kind(&self, unique: bool) -> ColumnKind {
        if self.integers < self.values {
            ColumnKind::Float
        } else if unique && (is_key_name(&self.name) || self.counts_up_from_start()) {
            ColumnKind::Id
        } else {
            ColumnKind::Integer
        }
    }

    /// True for 0, 1, 2, … and 1, 2, 3, …
    fn counts_up_from_start(&self) -> bool {
        !self.falls
            && self.number_range.as_ref().is_some_and(|range| {
                range.min.0 <= 1.0
                    && range.min.0 >= 0.0
                    && range.max.0 - range.min.0 + 1.0 == self.values as f64
            })
    }

    fn word_kind(&self, unique: bool) -> ColumnKind {
        let distinct = self.counts.len() as u64;
        let repeats = !self.overflowed && distinct * 2 <= self.values;
        let few = distinct <= 50 || distinct * 5 <= self.values;
        if self.is_boolean() {
            ColumnKind::Boolean
        } else if unique && self.key_like == self.values {
            ColumnKind::Id
        } else if repeats && few && self.longest <= CATEGORY_CHARS {
            ColumnKind::Category
        } else {
            ColumnKind::Text
        }
    }

    fn is_boolean(&self) -> bool {
        !self.overflowed && self.counts.len() <= 2 && value::are_booleans(self.counts.keys())
    }

    fn top(&self) -> Vec<ValueCount> {
        let mut counts: Vec<(&str, u64)> =
            self.counts.iter().map(|(value, &count)| (&**value, count)).collect();
        if counts.iter().all(|&(_, count)| count < 2) {
            return Vec::new();
        }
        counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        counts.truncate(TOP_VALUES);
        counts
            .into_iter()
            .map(|(value, count)| ValueCount::new(one_line(value, SHOWN_CHARS), count))
            .collect()
    }
}

/// The value itself, or the beginning and a hash of a long one.
fn counted_as(text: &str) -> std::borrow::Cow<'_, str> {
    if text.len() <= LONG_VALUE {
        return text.into();
    }
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let start: String = text.chars().take(SHOWN_CHARS + 1).collect();
    format!("{start}{:016x}", hasher.finish()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, values: &[&str]) -> ColumnProfile {
        let mut column = Column::new(name, 10);
        for value in values {
            column.push(value);
        }
        column.finish(values.len() as u64)
    }

    #[test]
    fn kinds() {
        let cases: [(&str, &[&str], ColumnKind); 18] = [
            ("age", &["1", "5", "5", "NA"], ColumnKind::Integer),
            ("size", &["1", "2.5", ""], ColumnKind::Float),
            ("ok", &["yes", "No", "yes"], ColumnKind::Boolean),
            ("ok", &["yes", "no", "yes"], ColumnKind::Boolean),
            ("flag", &["True", "False"], ColumnKind::Boolean),
            ("flag", &["true", "true"], ColumnKind::Boolean),
            ("sex", &["f", "m", "f", "m"], ColumnKind::Category),
            ("day", &["2012-01-01", "2012-01-02"], ColumnKind::Date),
            ("colour", &["red", "blue", "red", "blue"], ColumnKind::Category),
            ("title", &["The Sea", "A Bell", "Iris"], ColumnKind::Text),
            ("smiles", &["CCO", "C1CC(=O)1", "CC(C)C"], ColumnKind::Text),
            ("file", &["a1.png", "a2.png", "a3.png"], ColumnKind::Id),
            ("patient_id", &["90", "17", "33"], ColumnKind::Id),
            ("visits", &["90", "17", "33"], ColumnKind::Integer),
            ("anything", &["1", "2", "3"], ColumnKind::Id),
            ("gap", &["NA", "", "null"], ColumnKind::Empty),
            ("one", &["1", "1", "1"], ColumnKind::Integer),
            ("x", &["7"], ColumnKind::Integer),
        ];
        for (name, values, kind) in cases {
            assert_eq!(of(name, values).kind, kind, "{name} {values:?}");
        }
    }

    #[test]
    fn numbers_have_a_range_and_a_mean() {
        let column = of("x", &["10", "9.50", "-3", "NA"]);
        assert_eq!(column.min.as_deref(), Some("-3"));
        assert_eq!(column.max.as_deref(), Some("10"));
        assert_eq!(column.mean.as_deref(), Some("5.5"));
        assert_eq!((column.missing, column.distinct, column.unique), (1, 3, false));
    }

    #[test]
    fn dates_with_the_year_first_have_a_range() {
        let column = of("d", &["2012/03/01", "2011/12/31"]);
        assert_eq!((column.min.as_deref(), column.max.as_deref()), (Some("2011/12/31"), Some("2012/03/01")));
        assert_eq!(of("d", &["11/11/07", "12/01/08"]).min, None);
    }

    #[test]
    fn a_stray_word_among_numbers_is_reported() {
        let mut column = Column::new("x", 100);
        for i in 0..19 {
            column.push(&i.to_string());
        }
        column.push("?");
        assert_eq!(column.strays(), Some((1, 20, "?")));
        let profile = column.finish(20);
        assert_eq!((profile.kind, profile.mean), (ColumnKind::Mixed, None));
    }

    #[test]
    fn values_are_counted_exactly_up_to_the_limit() {
        let mut column = Column::new("x", 3);
        for value in ["a", "b", "a", "c", "d", "a"] {
            column.push(value);
        }
        let profile = column.finish(6);
        assert_eq!((profile.distinct, profile.distinct_exact), (4, false));
        assert_eq!(
            profile.top,
            [("a", 3), ("b", 1), ("c", 1)].map(|(value, count)| ValueCount::new(value, count))
        );
        assert!(of("x", &["a", "b"]).top.is_empty());
        assert!(!profile.unique);
    }

    #[test]
    fn many_rising_numbers_are_unique_beyond_the_limit() {
        let mut column = Column::new("id", 3);
        for i in 0..100 {
            column.push(&i.to_string());
        }
        let profile = column.finish(100);
        assert!(profile.unique && !profile.distinct_exact);
        assert_eq!(profile.kind, ColumnKind::Id);
    }

    #[test]
    fn long_values_that_begin_alike_are_different() {
        let mut column = Column::new("text", 10);
        let start = "same beginning ".repeat(20);
        column.push(&format!("{start}one"));
        column.push(&format!("{start}two"));
        let profile = column.finish(2);
        assert_eq!((profile.distinct, profile.longest, profile.unique), (2, 303, true));
        assert!(profile.examples[0].chars().count() <= SHOWN_CHARS + 1);
    }

    #[test]
    fn one_value_everywhere_is_constant() {
        assert!(of("x", &["a", "a"]).constant);
        assert!(!of("x", &["a", ""]).constant);
    }
}
