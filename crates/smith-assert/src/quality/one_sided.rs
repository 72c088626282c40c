//! Features that the training rows have and the test rows have not: empty cells, one filler, another unit.

use smith_data::TextColumn;

use super::columns::{is_missing, number};
use super::random::spread;

/// Cells of each side that are looked at.
const MAX_ROWS: usize = 20_000;
/// Cells that each side must have.
const MIN_ROWS: usize = 20;
/// Share of the training cells that must be filled, and from which on a gap in all of test is no habit of the data.
const FILLED: f64 = 0.5;
const WELL_FILLED: f64 = 0.8;
/// Share of the test cells that are empty, or one and the same.
const GONE: f64 = 0.99;
/// Last part of the training rows that is looked at for a column that ends there.
const LAST: f64 = 0.1;
/// What stands where nothing is known.
const FILLERS: [&str; 16] = [
    "unknown",
    "unk",
    "missing",
    "undefined",
    "dummy",
    "placeholder",
    "tbd",
    "todo",
    "xxx",
    "-",
    "--",
    "-1",
    "-99",
    "-999",
    "-9999",
    "not available",
];
/// Share of the training cells in which a filler may stand.
const RARE: f64 = 0.1;
/// Different numbers that train must have for 0 to be a filler in test.
const MANY: usize = 20;
/// Rows of each side by which a unit is recognised, and values among them.
const UNIT_ROWS: usize = 100;
/// Quotients of units.
const UNITS: [f64; 15] = [
    10.0, 12.0, 24.0, 60.0, 100.0, 1_000.0, 1_024.0, 3_600.0, 1e4, 86_400.0, 1e6, 28.349_5, 25.4, 30.48, 1e9,
];
/// How far quotients of the quantiles may be from each other, and their mean from a unit.
const EVEN: f64 = 1.3;
const OF_UNIT: f64 = 1.08;
/// Quotient of the ninth and the first tenth that a column must have: else its values lie about one.
const WIDE: f64 = 1.5;

/// What is wrong with a feature of the test rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    /// Its cells are empty; with the share of the training cells that are filled.
    Empty(f64),
    /// All its cells are one filler.
    Filler(String),
    /// All its texts are one text.
    OneText(String),
    /// Its numbers are those of train, times this.
    Unit(f64),
    /// Its cells are empty, as those of the last training rows are.
    Ends(f64),
}

impl Fault {
    /// True when it can hardly be anything but a mistake.
    pub(crate) fn is_certain(&self) -> bool {
        match self {
            Self::Empty(filled) => *filled >= WELL_FILLED,
            Self::Ends(_) => false,
            Self::Filler(_) | Self::OneText(_) | Self::Unit(_) => true,
        }
    }
}

/// What is wrong with a feature, by its cells on both sides.
pub(crate) fn fault(train: &TextColumn, test: &TextColumn) -> Option<Fault> {
    let of = |column: &TextColumn| spread(column.len(), MAX_ROWS);
    let known: Vec<&str> = of(train).into_iter().map(|row| train.get(row)).collect();
    let asked: Vec<&str> = of(test).into_iter().map(|row| test.get(row)).collect();
    if known.len() < MIN_ROWS || asked.len() < MIN_ROWS {
        return None;
    }
    let filled = 1.0 - share(&known, is_missing);
    if filled < FILLED {
        return None;
    }
    if share(&asked, is_missing) >= GONE {
        let last = known.len() - (known.len() as f64 * LAST) as usize;
        let ends = known.get(last..).is_some_and(|cells| share(cells, is_missing) >= 0.5);
        return Some(if ends { Fault::Ends(filled) } else { Fault::Empty(filled) });
    }
    one_value(&known, &asked).or_else(|| unit(&known, &asked).map(Fault::Unit))
}

fn share(cells: &[&str], holds: impl Fn(&str) -> bool) -> f64 {
    cells.iter().filter(|cell| holds(cell)).count() as f64 / cells.len().max(1) as f64
}

/// One value in (nearly) all test cells that says nothing.
fn one_value(known: &[&str], asked: &[&str]) -> Option<Fault> {
    let value = *asked.get(asked.len() / 2)?;
    if share(asked, |cell| cell == value) < GONE || share(known, |cell| cell == value) > RARE {
        return None;
    }
    let mut distinct: Vec<&str> = known.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let is_zero = number(value) == Some(0.0)
        && distinct.len() >= MANY
        && share(known, |cell| number(cell).is_some()) > 0.9;
    if is_zero || FILLERS.iter().any(|filler| filler.eq_ignore_ascii_case(value)) {
        return (distinct.len() > 2).then(|| Fault::Filler(value.to_owned()));
    }
    let words = |cell: &str| cell.split_whitespace().count();
    let are_texts = share(known, |cell| words(cell) >= 4) > 0.5 && distinct.len() * 2 >= known.len();
    are_texts.then(|| Fault::OneText(value.to_owned()))
}

/// By what all quantiles of the test numbers are greater or smaller than those of train, if that is a usual unit.
fn unit(known: &[&str], asked: &[&str]) -> Option<f64> {
    let (known, asked) = (sorted(known)?, sorted(asked)?);
    let at = |values: &[f64], tenth: usize| values.get(values.len() * tenth / 10).copied();
    let quotients: Vec<f64> = [1, 3, 5, 7, 9]
        .into_iter()
        .map(|tenth| Some(at(&asked, tenth)? / at(&known, tenth)?).filter(|q| q.is_finite() && *q > 0.0))
        .collect::<Option<_>>()?;
    let (least, greatest) = (at(&known, 1)?.abs(), at(&known, 9)?.abs());
    let is_wide = least.max(greatest) >= WIDE * least.min(greatest);
    let (low, high) =
        quotients.iter().fold((f64::MAX, 0.0_f64), |(low, high), q| (low.min(*q), high.max(*q)));
    if !is_wide || high > EVEN * low {
        return None;
    }
    let mean = (quotients.iter().map(|q| q.ln()).sum::<f64>() / quotients.len() as f64).exp();
    let size = mean.max(1.0 / mean);
    UNITS.iter().any(|unit| (size / unit).max(unit / size) <= OF_UNIT).then_some(mean)
}

/// The numbers of a side in order; none when they are few, of few values, or hardly numbers.
fn sorted(cells: &[&str]) -> Option<Vec<f64>> {
    let filled = cells.iter().filter(|cell| !is_missing(cell)).count();
    let mut numbers: Vec<f64> = cells.iter().filter_map(|cell| number(cell)).collect();
    numbers.sort_by(f64::total_cmp);
    let mut distinct = numbers.clone();
    distinct.dedup();
    let fits = numbers.len() >= UNIT_ROWS && numbers.len() * 20 >= filled * 19 && distinct.len() >= MANY;
    fits.then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: impl Iterator<Item = String>) -> TextColumn {
        cells.collect::<Vec<_>>().iter().map(String::as_str).collect()
    }

    fn mixed(row: usize) -> usize {
        (row.wrapping_mul(2_654_435_761) >> 7) % 1_000
    }

    fn of(train: impl Fn(usize) -> String, test: impl Fn(usize) -> String) -> Option<Fault> {
        fault(&column((0..300).map(train)), &column((0..150).map(test)))
    }

    #[test]
    fn what_test_lacks_is_seen() {
        let number = |row: usize| (mixed(row) + 3).to_string();
        assert_eq!(of(number, |_| String::new()), Some(Fault::Empty(1.0)));
        assert_eq!(of(number, |_| "NaN".to_owned()), Some(Fault::Empty(1.0)));
        assert_eq!(of(number, |_| "0".to_owned()), Some(Fault::Filler("0".to_owned())));
        assert_eq!(of(number, |_| "-1".to_owned()), Some(Fault::Filler("-1".to_owned())));
        assert_eq!(
            of(|row| format!("k{}", row % 7), |_| "Unknown".to_owned()),
            Some(Fault::Filler("Unknown".to_owned()))
        );
        assert!(matches!(of(number, |row| ((mixed(row) + 3) * 1_000).to_string()), Some(Fault::Unit(_))));
        let text = |row: usize| format!("a text of words, number {row}");
        assert!(matches!(of(text, |_| "a b c d".to_owned()), Some(Fault::OneText(_))));
        let ends = |row: usize| if row < 260 { row.to_string() } else { String::new() };
        assert!(matches!(of(ends, |_| String::new()), Some(Fault::Ends(_))));
    }

    #[test]
    fn what_is_of_another_time_or_place_is_left_alone() {
        let number = |row: usize| (mixed(row) + 3).to_string();
        assert_eq!(of(|row| (1990 + row % 20).to_string(), |_| "2018".to_owned()), None);
        assert_eq!(of(|row| format!("site {}", row % 7), |_| "site 9".to_owned()), None);
        assert_eq!(of(|row| (row % 2).to_string(), |_| "0".to_owned()), None);
        assert_eq!(of(number, |row| (mixed(row) * 2).to_string()), None);
        assert_eq!(of(|_| "train".to_owned(), |_| "test".to_owned()), None);
        assert_eq!(
            of(|row| if row % 5 == 0 { "x".to_owned() } else { String::new() }, |_| String::new()),
            None
        );
    }
}
