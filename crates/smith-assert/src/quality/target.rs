//! What is predicted, as classes or as numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use smith_data::TextColumn;

use super::columns::{is_missing, number};
use super::random::{hash, mixed};
use crate::subject::Split;

/// Whole numbers of at most so many different values are taken for classes.
const MAX_WHOLE_CLASSES: usize = 20;

/// How the predicted columns are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TargetKind {
    /// One of some classes, in one column or in a column for each.
    Classes,
    Numbers,
    /// Texts, lists, masks.
    Other,
}

/// The first predicted column, or the classes of all of them together.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) kind: TargetKind,
    /// Classes by their code from 1 on; those of train come in order of their names.
    pub(crate) classes: Vec<String>,
    /// For each row the code of its class; 0 for none.
    pub(crate) train: Vec<u32>,
    pub(crate) test: Vec<u32>,
    /// For each row the number; NaN for none. Empty unless the kind is numbers.
    pub(crate) train_numbers: Vec<f64>,
    pub(crate) test_numbers: Vec<f64>,
}

impl Target {
    /// The target of a task whose known values were found.
    pub(crate) fn of(split: &Split) -> Option<Self> {
        let train = split.train.as_ref()?;
        let (known, answers) = (train.targets.first()?, split.test.targets.first()?);
        if let Some(classes) = one_hot(&train.targets).zip(one_hot(&split.test.targets)) {
            let of =
                |rows: Vec<usize>| rows.into_iter().map(|at| u32::try_from(at + 1).unwrap_or(0)).collect();
            let names = split.predicted.clone();
            return Some(Self::of_classes(names, of(classes.0), of(classes.1)));
        }
        Some(Self::of_column(known, answers))
    }

    /// One column.
    pub(crate) fn of_column(known: &TextColumn, answers: &TextColumn) -> Self {
        let (values, filled, numeric) = tally(known, answers);
        let whole = || values.iter().all(|value| number(value).is_some_and(|x| x.fract() == 0.0));
        if numeric && !(values.len() <= MAX_WHOLE_CLASSES && whole()) && values.len() > 2 {
            let of =
                |column: &TextColumn| column.iter().map(|cell| number(cell).unwrap_or(f64::NAN)).collect();
            let mut target = Self::of_classes(Vec::new(), Vec::new(), Vec::new());
            (target.kind, target.train_numbers, target.test_numbers) =
                (TargetKind::Numbers, of(known), of(answers));
            return target;
        }
        let plain =
            |cell: &str| number(cell).filter(|_| numeric).map_or_else(|| cell.to_owned(), |x| x.to_string());
        let names: BTreeSet<String> = values.iter().map(|value| plain(value)).collect();
        let names: Vec<String> = names.into_iter().collect();
        let code: HashMap<&str, u32> = (1..).zip(&names).map(|(code, name)| (name.as_str(), code)).collect();
        let of = |column: &TextColumn| {
            column.iter().map(|cell| code.get(plain(cell).as_str()).copied().unwrap_or(0)).collect()
        };
        let (train, test) = (of(known), of(answers));
        let is_open = names.len() * 2 > filled;
        let mut target = Self::of_classes(names, train, test);
        if is_open {
            target.kind = TargetKind::Other;
        }
        target
    }

    fn of_classes(classes: Vec<String>, train: Vec<u32>, test: Vec<u32>) -> Self {
        Self {
            kind: TargetKind::Classes,
            classes,
            train,
            test,
            train_numbers: Vec::new(),
            test_numbers: Vec::new(),
        }
    }

    /// Name of a class.
    pub(crate) fn class(&self, code: u32) -> &str {
        (code as usize).checked_sub(1).and_then(|at| self.classes.get(at)).map_or("", String::as_str)
    }
}

/// Different values of both sides, how many cells are filled, and whether all of these are numbers.
fn tally<'c>(known: &'c TextColumn, answers: &'c TextColumn) -> (BTreeSet<&'c str>, usize, bool) {
    let (mut values, mut filled, mut numeric) = (BTreeSet::new(), 0, true);
    for cell in known.iter().chain(answers.iter()).filter(|cell| !is_missing(cell)) {
        values.insert(cell);
        filled += 1;
        numeric = numeric && number(cell).is_some();
    }
    (values, filled, numeric && filled > 0)
}

/// The position of the only 1 of each row, when all rows have one.
fn one_hot(columns: &[TextColumn]) -> Option<Vec<usize>> {
    if columns.len() < 2 {
        return None;
    }
    let rows = columns.first()?.len();
    (0..rows)
        .map(|row| {
            let mut ones = (0..columns.len()).filter(|at| is_one(columns, *at, row));
            let one = ones.next().filter(|_| ones.next().is_none())?;
            let others = (0..columns.len()).filter(|at| *at != one);
            others
                .map(|at| columns.get(at).and_then(|column| number(column.get(row))))
                .all(|x| x == Some(0.0))
                .then_some(one)
        })
        .collect()
}

fn is_one(columns: &[TextColumn], at: usize, row: usize) -> bool {
    columns.get(at).and_then(|column| number(column.get(row))) == Some(1.0)
}

/// A hash of the predicted values of each row: equal for rows with the same target.
pub(crate) fn target_hashes(targets: &[TextColumn], rows: usize) -> Vec<u64> {
    let of = |row: usize| {
        targets.iter().fold(0_u64, |state, column| {
            let cell = column.get(row);
            let own = number(cell).map_or_else(|| hash(cell), |x| mixed((x + 0.0).to_bits()));
            mixed(state.rotate_left(17) ^ own)
        })
    };
    (0..rows).map(of).collect()
}

/// How many rows have each class.
pub(crate) fn counts(codes: &[u32]) -> BTreeMap<u32, usize> {
    let mut counts = BTreeMap::new();
    codes.iter().filter(|code| **code != 0).for_each(|code| *counts.entry(*code).or_insert(0) += 1);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(known: &[&str], answers: &[&str]) -> Target {
        Target::of_column(&known.iter().copied().collect(), &answers.iter().copied().collect())
    }

    #[test]
    fn kinds_of_targets() {
        let classes = target(&["b", "a", "b", "a"], &["a", "c"]);
        assert_eq!(
            (classes.kind, &classes.classes[..]),
            (TargetKind::Classes, &["a", "b", "c"].map(String::from)[..])
        );
        assert_eq!((classes.train, classes.test), (vec![2, 1, 2, 1], vec![1, 3]));
        assert_eq!(target(&["0", "1.0", "1", "0"], &["1"]).classes.len(), 2);
        let numbers: Vec<String> = (0..30).map(|i| i.to_string()).collect();
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        assert_eq!(target(&numbers, &["1", "2"]).kind, TargetKind::Numbers);
        assert_eq!(target(&["0.5", "0.25", "0.75"], &["0.5"]).kind, TargetKind::Numbers);
        assert_eq!(target(&["one text", "another"], &["third"]).kind, TargetKind::Other);
    }

    #[test]
    fn equal_numbers_have_equal_hashes() {
        let column: TextColumn = ["1", "1.0", "2", "-0", "0"].into_iter().collect();
        let hashes = target_hashes(&[column], 5);
        assert_eq!((hashes[0], hashes[3]), (hashes[1], hashes[4]));
        assert_ne!(hashes[0], hashes[2]);
    }
}
