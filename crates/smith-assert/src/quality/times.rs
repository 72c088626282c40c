//! When examples happened, and whether test examples lie behind, before or between those of train.

use std::collections::{BTreeMap, HashMap};

use smith_data::{TextColumn, instant};

use super::columns::{is_missing, number};
use super::random::{hash, spread};
use super::stats::auc;
use crate::subject::{Examples, Split};

/// Rows of each side that are looked at.
const MAX_ROWS: usize = 50_000;
/// Share of the cells that must be times.
const PARSED: f64 = 0.95;
/// Names of columns of times that are numbers. Hours and months begin again.
const NAMES: [&str; 12] =
    ["date", "time", "year", "timestamp", "datetime", "day", "week", "period", "t", "ds", "dt", "step"];
/// Share of rows that a series tells apart together with the time.
const UNIQUE: f64 = 0.98;
/// Most series, as a share of the rows.
const MAX_SERIES: f64 = 0.2;
/// How much a step may differ from the usual one: months have 28 days or 31.
const STEP: f64 = 0.12;
/// Share of test examples behind all of train from which on the split is one of time.
const SEPARATED: f64 = 0.9;

/// The times of both sides, with the series that each example belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Times {
    /// Name of the column.
    pub(crate) name: String,
    train: Vec<(u64, f64)>,
    test: Vec<(u64, f64)>,
    /// True when series and time tell examples apart: each example is a point of a series.
    pub(crate) are_series: bool,
}

/// How the times of the two sides lie.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Order {
    /// Share of the test examples that are not behind the last training example of their series.
    pub(crate) inside: f64,
    /// Share of the test examples that lie before the first training example of their series.
    pub(crate) before: f64,
    /// Share of the test examples whose neighbours in time, before and behind, are training examples of their series.
    pub(crate) between: f64,
    /// The same share where test examples are drawn at random from such series.
    pub(crate) chance: f64,
    /// Share of the steps in a series that are the usual one.
    pub(crate) regular: f64,
}

/// Cells of train and of test under one name.
type Both<'a> = (&'a str, &'a TextColumn, &'a TextColumn);

/// A column of times: dates or not, different values; name; times of train and of test.
type Candidate<'a> = ((bool, usize), &'a str, Vec<f64>, Vec<f64>);

impl Times {
    /// The column of times with the most different values; dates before numbers.
    pub(crate) fn of(split: &Split) -> Option<Self> {
        let train = split.train.as_ref()?;
        let columns = both(train, &split.test);
        let (train_rows, test_rows) = (spread(train.rows, MAX_ROWS), spread(split.test.rows, MAX_ROWS));
        let mut best: Option<Candidate<'_>> = None;
        for (name, known, asked) in &columns {
            let Some((dates, of_train)) = parsed(name, known, &train_rows) else { continue };
            let Some((also, of_test)) = parsed(name, asked, &test_rows) else { continue };
            if dates != also {
                continue;
            }
            let mut distinct: Vec<u64> = of_train.iter().chain(&of_test).map(|t| t.to_bits()).collect();
            distinct.sort_unstable();
            distinct.dedup();
            let rank = (dates, distinct.len());
            if distinct.len() > 3 && best.as_ref().is_none_or(|(other, ..)| rank > *other) {
                best = Some((rank, name, of_train, of_test));
            }
        }
        let (_, name, of_train, of_test) = best?;
        let series = series(&columns, name, (&train_rows, &of_train), (&test_rows, &of_test));
        let (series_train, series_test, are_series) = series;
        let pairs = |series: Vec<u64>, times: Vec<f64>| {
            series.into_iter().zip(times).filter(|(_, t)| t.is_finite()).collect()
        };
        Some(Self {
            name: name.to_owned(),
            train: pairs(series_train, of_train),
            test: pairs(series_test, of_test),
            are_series,
        })
    }

    /// True when nearly all test examples lie behind (or before) nearly all of train.
    pub(crate) fn separate(&self) -> bool {
        let times = |side: &[(u64, f64)]| side.iter().map(|(_, t)| *t).collect::<Vec<f64>>();
        let area = auc(&times(&self.test), &times(&self.train));
        area >= SEPARATED || area <= 1.0 - SEPARATED
    }

    /// True when the times of the two sides are those of a random split: neither side is later.
    pub(crate) fn are_mixed(&self) -> bool {
        let times = |side: &[(u64, f64)]| side.iter().map(|(_, t)| *t).collect::<Vec<f64>>();
        (0.4..=0.6).contains(&auc(&times(&self.test), &times(&self.train)))
    }

    /// How the two sides lie in time, series by series. Series on one side alone do not count.
    pub(crate) fn order(&self) -> Order {
        let mut series: HashMap<u64, (Vec<f64>, Vec<f64>)> = HashMap::new();
        self.train.iter().for_each(|(of, t)| series.entry(*of).or_default().0.push(*t));
        self.test.iter().for_each(|(of, t)| series.entry(*of).or_default().1.push(*t));
        let (mut inside, mut before, mut between, mut compared) = (0_usize, 0_usize, 0_usize, 0_usize);
        let (mut usual, mut steps, mut chance) = (0_usize, 0_usize, 0.0_f64);
        for (mut train, test) in series.into_values() {
            train.sort_by(f64::total_cmp);
            let mut all: Vec<f64> = train.iter().chain(&test).copied().collect();
            all.sort_by(f64::total_cmp);
            all.dedup();
            let (own_usual, own_steps) = regular_steps(&all);
            usual += own_usual;
            steps += own_steps;
            let (Some(first), Some(last)) = (train.first().copied(), train.last().copied()) else { continue };
            compared += test.len();
            let known = train.len() as f64 / (train.len() + test.len()).max(1) as f64;
            chance += known * known * test.len() as f64;
            before += test.iter().filter(|t| **t < first).count();
            inside += test.iter().filter(|t| **t <= last).count();
            between += test.iter().filter(|t| is_between(&train, &all, **t)).count();
        }
        let share = |part: usize, of: usize| part as f64 / of.max(1) as f64;
        Order {
            inside: share(inside, compared),
            before: share(before, compared),
            between: share(between, compared),
            chance: chance / compared.max(1) as f64,
            regular: share(usual, steps),
        }
    }
}

fn is_between(train: &[f64], all: &[f64], t: f64) -> bool {
    let holds = |t: f64| train.binary_search_by(|other| other.total_cmp(&t)).is_ok();
    let at = all.partition_point(|other| *other < t);
    let before = at.checked_sub(1).and_then(|at| all.get(at));
    before.is_some_and(|t| holds(*t)) && all.get(at + 1).is_some_and(|t| holds(*t))
}

/// How many steps are the usual one, and how many there are.
fn regular_steps(times: &[f64]) -> (usize, usize) {
    let steps: Vec<f64> = times.windows(2).filter_map(|pair| Some(pair.get(1)? - pair.first()?)).collect();
    let mut sorted = steps.clone();
    sorted.sort_by(f64::total_cmp);
    let Some(middle) = sorted.get(sorted.len() / 2).copied() else { return (0, 0) };
    (steps.iter().filter(|step| (**step - middle).abs() <= STEP * middle).count(), steps.len())
}

/// Columns that both sides have, ids and features.
fn both<'a>(train: &'a Examples, test: &'a Examples) -> Vec<Both<'a>> {
    let keys = train.keys.iter().zip(&test.keys);
    keys.chain(train.features.iter().zip(&test.features))
        .map(|(a, b)| (b.name.as_str(), &a.cells, &b.cells))
        .collect()
}

/// The times of some rows, and whether they are written as dates.
fn parsed(name: &str, column: &TextColumn, rows: &[usize]) -> Option<(bool, Vec<f64>)> {
    let lower = name.to_lowercase();
    let named = NAMES.contains(&lower.as_str());
    let first = rows.iter().map(|row| column.get(*row)).find(|cell| !is_missing(cell))?;
    let is_date = number(first).is_none() && instant(first, false).is_some();
    if !is_date && !named {
        return None;
    }
    let day_first = rows
        .iter()
        .any(|row| instant(column.get(*row), false).is_none() && instant(column.get(*row), true).is_some());
    let read = |cell: &str| if is_date { instant(cell, day_first) } else { number(cell) };
    let times: Vec<f64> = rows.iter().map(|row| read(column.get(*row)).unwrap_or(f64::NAN)).collect();
    let found = times.iter().filter(|t| t.is_finite()).count();
    (found as f64 >= PARSED * times.len() as f64 && found > 0).then_some((is_date, times))
}

type Rows<'a> = (&'a [usize], &'a [f64]);

/// The series of each row: none when times tell rows apart alone, else the first column that does so with the time.
fn series(columns: &[Both<'_>], time: &str, train: Rows<'_>, test: Rows<'_>) -> (Vec<u64>, Vec<u64>, bool) {
    let all = (train.0.len() + test.0.len()) as f64;
    let unique = |of_train: &[u64], of_test: &[u64]| {
        let points = of_train.iter().zip(train.1).chain(of_test.iter().zip(test.1));
        let distinct: std::collections::HashSet<(u64, u64)> =
            points.map(|(of, t)| (*of, t.to_bits())).collect();
        distinct.len() as f64 >= UNIQUE * all
    };
    let (no_train, no_test) = (vec![0; train.0.len()], vec![0; test.0.len()]);
    if unique(&no_train, &no_test) {
        return (no_train, no_test, true);
    }
    for (_, known, asked) in columns.iter().filter(|(name, ..)| *name != time) {
        let of_train: Vec<u64> = train.0.iter().map(|row| hash(known.get(*row))).collect();
        let of_test: Vec<u64> = test.0.iter().map(|row| hash(asked.get(*row))).collect();
        let kinds: BTreeMap<u64, ()> = of_train.iter().chain(&of_test).map(|of| (*of, ())).collect();
        if (kinds.len() as f64) < MAX_SERIES * all && unique(&of_train, &of_test) {
            return (of_train, of_test, true);
        }
    }
    (no_train, no_test, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(train: impl Iterator<Item = u32>, test: impl Iterator<Item = u32>) -> Order {
        let of = |times: &mut dyn Iterator<Item = u32>| times.map(|t| (0, f64::from(t))).collect();
        let (mut train, mut test) = (train, test);
        Times { name: "t".into(), train: of(&mut train), test: of(&mut test), are_series: true }.order()
    }

    #[test]
    fn orders() {
        let behind = times(0..80, 80..100);
        assert_eq!((behind.inside, behind.between, behind.regular), (0.0, 0.0, 1.0));
        let shuffled = times((0..100).filter(|t| t % 5 != 2), (0..100).filter(|t| t % 5 == 2));
        assert_eq!((shuffled.inside, shuffled.between), (1.0, 1.0));
        let blocks = times((0..100).filter(|t| t % 20 < 15), (0..100).filter(|t| t % 20 >= 15));
        assert!(blocks.inside == 0.8 && blocks.between == 0.0, "{blocks:?}");
    }
}
