//! The rows of train and of test one behind the other, as numbers and groups, with the orders in which they follow each
//! other.

use std::collections::HashMap;

use smith_data::TextColumn;
use smith_data::signal::date_seconds;

use super::summaries::deviation;
use super::target::{Target, Values, targets};
use crate::subject::{Examples, Split, number};

/// Rows of each side that are looked at: the last of train and the first of test, which follow each other in a series.
const MAX_ROWS: usize = 30_000;
/// Columns of numbers and of groups.
const MAX_NUMBERS: usize = 64;
const MAX_GROUPS: usize = 12;
/// Predicted columns.
const MAX_TARGETS: usize = 3;
/// Classes whose shares are looked for.
const MAX_CLASSES: usize = 6;
/// Rows that a group must have on average.
const ROWS_PER_GROUP: usize = 4;
/// Times the rounding that the spread of a column must be: else it tells nothing exactly.
const FINE: f64 = 20.0;
/// Rows of which one that has it makes a value common.
const COMMON: usize = 5;
/// Share of the spread below which a difference is one of arithmetic.
const ARITHMETIC: f64 = 1e-6;

/// A column of numbers; NaN where there is none.
pub(crate) struct Numbers {
    pub(crate) name: String,
    pub(crate) values: Vec<f64>,
    /// Half a unit of the last place in which they are written.
    pub(crate) rounding: f64,
    /// Standard deviation.
    pub(crate) spread: f64,
    /// A value of which many rows are, such as 0; NaN when there is none.
    pub(crate) common: f64,
}

impl Numbers {
    pub(crate) fn new(name: &str, values: Vec<f64>, rounding: f64) -> Self {
        let mut known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        let spread = deviation(&known);
        known.sort_by(f64::total_cmp);
        let runs = known.chunk_by(|a, b| a == b).filter(|run| run.len() * COMMON >= known.len());
        let common = runs.max_by_key(|run| run.len()).and_then(<[f64]>::first).copied();
        Self { name: name.to_owned(), spread, common: common.unwrap_or(f64::NAN), values, rounding }
    }

    /// Difference below which two values are the same.
    pub(crate) fn tolerance(&self) -> f64 {
        self.rounding + ARITHMETIC * self.spread
    }

    /// True when what rounding hides is small against what there is to tell.
    pub(crate) fn is_fine(&self) -> bool {
        self.spread >= FINE * self.rounding && self.spread > 0.0
    }
}

/// A column of names, as codes.
pub(crate) struct Groups {
    pub(crate) name: String,
    pub(crate) codes: Vec<u32>,
    /// Rows of each code, in order.
    pub(crate) rows: Vec<Vec<usize>>,
}

impl Groups {
    pub(crate) fn new(name: &str, codes: Vec<u32>) -> Self {
        let mut rows: Vec<Vec<usize>> = Vec::new();
        for (row, code) in codes.iter().enumerate() {
            let at = *code as usize;
            if rows.len() <= at {
                rows.resize(at + 1, Vec::new());
            }
            if let Some(own) = rows.get_mut(at) {
                own.push(row);
            }
        }
        Self { name: name.to_owned(), codes, rows }
    }
}

/// What is predicted, as numbers: the number itself, or 1 for the rows of a class.
pub(crate) struct Truth {
    pub(crate) name: String,
    pub(crate) class: Option<String>,
    pub(crate) numbers: Numbers,
}

/// Both sides.
pub(crate) struct Panel {
    /// Rows of train, which come first.
    pub(crate) train: usize,
    pub(crate) rows: usize,
    pub(crate) numbers: Vec<Numbers>,
    pub(crate) groups: Vec<Groups>,
    pub(crate) truths: Vec<Truth>,
    /// Numbers by which the rows may be ordered, with what they are; those of the table are the rows themselves.
    pub(crate) orders: Vec<(String, Vec<f64>)>,
}

impl Panel {
    /// The rows of a split; none without training rows.
    pub(crate) fn of(split: &Split) -> Option<Self> {
        let (train, test) = (split.train.as_ref()?, &split.test);
        let sides =
            Sides { train, test, from: train.rows.saturating_sub(MAX_ROWS), to: test.rows.min(MAX_ROWS) };
        let rows = sides.train_rows() + sides.to;
        let mut panel = Self {
            train: sides.train_rows(),
            rows,
            numbers: Vec::new(),
            groups: Vec::new(),
            truths: truths(split, &sides),
            orders: vec![("of the tables".to_owned(), (0..rows).map(|row| row as f64).collect())],
        };
        if !train.ids.is_empty() && !test.ids.is_empty() {
            panel.add_order("of the ids", &sides.cells(&train.ids, &test.ids));
        }
        for (of_train, of_test) in train.keys.iter().zip(&test.keys) {
            panel.add(&of_test.name, &sides.cells(&of_train.cells, &of_test.cells), true);
        }
        for (of_train, of_test) in train.features.iter().zip(&test.features) {
            panel.add(&of_test.name, &sides.cells(&of_train.cells, &of_test.cells), false);
        }
        Some(panel)
    }

    fn add(&mut self, name: &str, cells: &[&str], is_key: bool) {
        let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
        if filled * 2 < cells.len() {
            return;
        }
        let values: Vec<f64> = cells.iter().map(|cell| number(cell).unwrap_or(f64::NAN)).collect();
        let known = values.iter().filter(|value| value.is_finite()).count();
        if known * 10 >= filled * 9 {
            if !is_key && self.numbers.len() < MAX_NUMBERS {
                let column = Numbers::new(name, values, half_unit(cells.iter().copied()));
                self.numbers.extend(Some(column).filter(|column| column.spread > 0.0));
            }
        } else if cells
            .iter()
            .filter(|cell| !cell.is_empty())
            .take(50)
            .all(|cell| date_seconds(cell).is_some())
        {
            self.add_order(&format!("of `{name}`"), cells);
            return;
        }
        if self.groups.len() < MAX_GROUPS {
            self.groups.extend(groups(name, cells));
        }
    }

    /// An order by dates, or by the numbers in which names end.
    fn add_order(&mut self, name: &str, cells: &[&str]) {
        if self.orders.len() >= 4 {
            return;
        }
        let keys: Option<Vec<f64>> = cells.iter().map(|cell| key(cell)).collect();
        if let Some(keys) = keys.filter(|keys| keys.windows(2).any(|pair| pair.first() != pair.last())) {
            self.orders.push((name.to_owned(), keys));
        }
    }

    pub(crate) fn is_test(&self, row: usize) -> bool {
        row >= self.train
    }
}

struct Sides<'s> {
    train: &'s Examples,
    test: &'s Examples,
    /// First row of train and the end of those of test.
    from: usize,
    to: usize,
}

impl Sides<'_> {
    fn train_rows(&self) -> usize {
        self.train.rows - self.from.min(self.train.rows)
    }

    fn cells<'c>(&self, train: &'c TextColumn, test: &'c TextColumn) -> Vec<&'c str> {
        let known = (self.from..self.train.rows).map(|row| train.get(row));
        known.chain((0..self.to.min(self.test.rows)).map(|row| test.get(row))).collect()
    }
}

fn truths(split: &Split, sides: &Sides<'_>) -> Vec<Truth> {
    let columns: Vec<Vec<String>> = sides
        .train
        .targets
        .iter()
        .zip(&sides.test.targets)
        .map(|(known, answers)| sides.cells(known, answers).into_iter().map(str::to_owned).collect())
        .collect();
    let names: Vec<&str> = split.predicted.iter().map(String::as_str).collect();
    let mut seen: Vec<&[String]> = Vec::new();
    let targets: Vec<Target> = targets(&names, &columns);
    let mut truths = Vec::new();
    for target in targets.iter().take(MAX_TARGETS + 1) {
        // Several quantiles of one value are one target.
        if seen.contains(&target.cells.as_slice()) {
            continue;
        }
        seen.push(&target.cells);
        truths.extend(of_target(target));
    }
    truths
}

fn of_target(target: &Target) -> Vec<Truth> {
    let truth = |class: Option<&String>, values: Vec<f64>, rounding: f64| Truth {
        name: target.name.clone(),
        class: class.cloned(),
        numbers: Numbers::new(&target.name, values, rounding),
    };
    match &target.values {
        Values::Numbers(numbers) => {
            vec![truth(None, numbers.clone(), half_unit(target.cells.iter().map(String::as_str)))]
        }
        Values::Classes(codes, names) => {
            // Stars, grades: classes that are numbers too, whose mean says something.
            let numbers: Option<Vec<f64>> = target.cells.iter().map(|cell| number(cell)).collect();
            let mut truths: Vec<Truth> =
                numbers.into_iter().map(|numbers| truth(None, numbers, 0.0)).collect();
            if names.len() > 2 || truths.is_empty() {
                let classes = (0_u32..).zip(names).skip(usize::from(names.len() == 2)).take(MAX_CLASSES);
                truths.extend(classes.map(|(class, name)| {
                    let is = codes.iter().map(|code| f64::from(u8::from(*code == class))).collect();
                    truth(Some(name), is, 0.0)
                }));
            }
            truths
        }
    }
}

/// Cells as codes, where they repeat.
fn groups(name: &str, cells: &[&str]) -> Option<Groups> {
    let mut known: HashMap<&str, u32> = HashMap::new();
    let codes: Vec<u32> = cells
        .iter()
        .map(|cell| {
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            *known.entry(cell).or_insert(next)
        })
        .collect();
    (known.len() > 1 && known.len() * ROWS_PER_GROUP <= cells.len()).then(|| Groups::new(name, codes))
}

/// A date, a number, or the number in which a name ends.
fn key(cell: &str) -> Option<f64> {
    number(cell).or_else(|| date_seconds(cell)).or_else(|| {
        let end = cell.rfind(|c: char| c.is_ascii_digit())?;
        let digits = cell.get(..=end)?;
        let start = digits.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
        digits.get(start..).and_then(number)
    })
}

/// Half a unit of the last place in which numbers are written, or what binary numbers leave.
pub(crate) fn half_unit<'c>(cells: impl Iterator<Item = &'c str>) -> f64 {
    let places = |cell: &str| match cell.split_once(['e', 'E']) {
        Some(_) => 12,
        None => cell.split_once('.').map_or(0, |(_, digits)| digits.len()),
    };
    let most = cells.map(places).max().unwrap_or(0).min(12);
    0.51 * 10_f64.powi(-i32::try_from(most).unwrap_or(12))
}
