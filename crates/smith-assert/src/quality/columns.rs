//! The features that both sides have, as numbers and codes.

use std::collections::HashMap;

use smith_data::TextColumn;

use super::random::spread;
use crate::subject::{Examples, Feature, Split};

/// Rows of each side that are looked at, spread evenly.
const MAX_ROWS: usize = 20_000;
/// Columns that are looked at, spread evenly.
const MAX_COLUMNS: usize = 400;
/// Share of the cells of a column of numbers that must be numbers.
const NUMERIC_SHARE: f64 = 0.95;
/// Rows from which on a column of different values is taken for a name of the row.
const ID_ROWS: usize = 40;
/// What stands for a missing value.
const MISSING: [&str; 9] = ["", "na", "n/a", "nan", "null", "none", "?", "<na>", "nat"];

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Category,
    /// Sentences.
    Text,
    /// A different value in each row, which names the row.
    Id,
}

/// The cells of one side.
#[derive(Debug, Clone)]
pub(crate) enum Values {
    /// NaN for a missing one.
    Numbers(Vec<f64>),
    /// 0 for a missing one; other codes mean the same on both sides.
    Codes(Vec<u32>),
}

/// A feature.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) train: Values,
    pub(crate) test: Values,
    /// Number of different values of both sides.
    pub(crate) distinct: usize,
}

/// The features, for some rows of each side.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns {
    /// Which rows of train are looked at.
    pub(crate) train_rows: Vec<usize>,
    /// Which rows of test are looked at.
    pub(crate) test_rows: Vec<usize>,
    pub(crate) columns: Vec<Column>,
}

/// True for an empty cell and for the words for one.
pub(crate) fn is_missing(cell: &str) -> bool {
    cell.len() <= 4 && MISSING.iter().any(|word| word.eq_ignore_ascii_case(cell))
}

/// A finite number.
pub(crate) fn number(cell: &str) -> Option<f64> {
    let first = *cell.as_bytes().first()?;
    let may_begin = first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.');
    may_begin.then(|| cell.parse::<f64>().ok()).flatten().filter(|number| number.is_finite())
}

impl Columns {
    pub(crate) fn of(split: &Split) -> Self {
        let Some(train) = &split.train else { return Self::default() };
        let all = train.features.len().min(split.test.features.len());
        let train_rows = spread(train.rows, MAX_ROWS);
        let test_rows = spread(split.test.rows, MAX_ROWS);
        let pairs: Vec<(&Feature, &Feature)> = spread(all, MAX_COLUMNS)
            .into_iter()
            .filter_map(|at| Some((train.features.get(at)?, split.test.features.get(at)?)))
            .collect();
        let column = |(a, b): (&Feature, &Feature)| {
            Column::of(&a.name, (&a.cells, &train_rows), (&b.cells, &test_rows))
        };
        let columns = pairs.into_iter().map(column).collect();
        Self { train_rows, test_rows, columns }
    }
}

type Side<'a> = (&'a TextColumn, &'a [usize]);

fn cells<'a>(side: &Side<'a>) -> impl Iterator<Item = &'a str> + use<'a> {
    let (column, rows) = *side;
    rows.iter().map(move |&row| column.get(row))
}

impl Column {
    fn of(name: &str, train: Side<'_>, test: Side<'_>) -> Self {
        let all = || cells(&train).chain(cells(&test)).filter(|cell| !is_missing(cell));
        let (mut filled, mut numbers, mut length, mut blanks) = (0_usize, 0_usize, 0_usize, 0_usize);
        for cell in all() {
            filled += 1;
            numbers += usize::from(number(cell).is_some());
            length += cell.len();
            blanks += cell.bytes().filter(|byte| *byte == b' ').count();
        }
        if filled > 0 && numbers as f64 >= NUMERIC_SHARE * filled as f64 {
            return Self::of_numbers(name, train, test, filled);
        }
        let mut codes: HashMap<&str, u32> = HashMap::new();
        for cell in all() {
            let next = u32::try_from(codes.len() + 1).unwrap_or(u32::MAX);
            codes.entry(cell).or_insert(next);
        }
        let of = |side: &Side<'_>| {
            Values::Codes(cells(side).map(|cell| codes.get(cell).copied().unwrap_or(0)).collect())
        };
        let distinct = codes.len();
        let is_text = length >= 25 * filled && blanks >= 3 * filled && distinct * 10 >= filled;
        let kind = match () {
            () if is_text => Kind::Text,
            () if filled >= ID_ROWS && distinct * 100 >= filled * 98 && blanks <= filled => Kind::Id,
            () => Kind::Category,
        };
        Self { name: name.to_owned(), kind, train: of(&train), test: of(&test), distinct }
    }

    fn of_numbers(name: &str, train: Side<'_>, test: Side<'_>, filled: usize) -> Self {
        let of = |side: &Side<'_>| -> Vec<f64> {
            cells(side).map(|cell| number(cell).unwrap_or(f64::NAN)).collect()
        };
        let (train, test) = (of(&train), of(&test));
        let mut sorted: Vec<f64> = train.iter().chain(&test).copied().filter(|x| x.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let whole = sorted.iter().all(|x| x.fract() == 0.0);
        sorted.dedup();
        let is_id = whole && sorted.len() == filled && filled >= ID_ROWS;
        let kind = if is_id { Kind::Id } else { Kind::Number };
        let distinct = sorted.len();
        Self {
            name: name.to_owned(),
            kind,
            train: Values::Numbers(train),
            test: Values::Numbers(test),
            distinct,
        }
    }

    /// True for what may tell something about an example: no name of the row, not the same everywhere.
    pub(crate) fn is_feature(&self) -> bool {
        self.kind != Kind::Id && self.distinct > 1
    }
}

impl Values {
    /// Share of the cells that are missing.
    pub(crate) fn missing(&self) -> f64 {
        let (missing, all) = match self {
            Self::Numbers(numbers) => (numbers.iter().filter(|x| x.is_nan()).count(), numbers.len()),
            Self::Codes(codes) => (codes.iter().filter(|code| **code == 0).count(), codes.len()),
        };
        missing as f64 / all.max(1) as f64
    }
}

/// The texts of a side in a column, for the rows that are looked at.
pub(crate) fn texts<'a>(examples: &'a Examples, name: &str, rows: &'a [usize]) -> Vec<&'a str> {
    let column = examples.features.iter().find(|feature| feature.name == name).map(|feature| &feature.cells);
    column.map_or_else(Vec::new, |column| rows.iter().map(|&row| column.get(row)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: &[String]) -> Column {
        let text: TextColumn = cells.iter().map(String::as_str).collect();
        let rows: Vec<usize> = (0..cells.len()).collect();
        Column::of("x", (&text, &rows), (&TextColumn::default(), &[]))
    }

    #[test]
    fn kinds() {
        let of = |cell: fn(usize) -> String| column(&(0..60).map(cell).collect::<Vec<_>>()).kind;
        assert_eq!(of(|i| format!("{}", i * 7 % 50)), Kind::Number);
        assert_eq!(of(|i| format!("{}.5", i * 7)), Kind::Number);
        assert_eq!(of(|i| format!("{}", i * 7)), Kind::Id);
        assert_eq!(of(|i| format!("{i:08x}-ab")), Kind::Id);
        assert_eq!(of(|i| ["red", "blue", "na"][i % 3].to_owned()), Kind::Category);
        assert_eq!(of(|i| format!("a sentence of some words that goes on {i}")), Kind::Text);
    }

    #[test]
    fn missing_cells() {
        let column = column(&["1".to_owned(), "NaN".to_owned(), "1".to_owned(), String::new()]);
        assert!((column.train.missing() - 0.5).abs() < 1e-12);
        assert!(!column.is_feature());
    }
}
