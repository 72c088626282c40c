//! What the columns of a table say about each other as targets, gathered once for all of them.

use std::collections::{HashMap, HashSet};

use smith_task_schema::profile::{ColumnKind, ColumnProfile, CopyKind, TableProfile};

use super::{sets, shape, words};
use crate::relations::names;

/// The columns of a table as a whole.
pub(super) struct Layout<'t> {
    table: &'t TableProfile,
    /// Places of the columns that hold something else than numbers of rows.
    relevant: Vec<usize>,
    numbers: usize,
    fractions: usize,
    /// True when the file names no column.
    nameless: bool,
    /// True when `x` and `y` are columns.
    has_place: bool,
    /// Columns that are no texts, names of files or keys.
    asked: usize,
    files: usize,
    prose: usize,
    /// Columns by the words of their names without digits.
    stems: HashMap<Vec<String>, usize>,
    places: HashMap<&'t str, usize>,
    /// Columns that are copies of each other, both ways.
    tied: HashMap<&'t str, Vec<&'t str>>,
}

impl<'t> Layout<'t> {
    pub(super) fn of(table: &'t TableProfile) -> Self {
        let columns = &table.columns;
        let is_relevant =
            |column: &ColumnProfile| !names::is_row_number(&column.name) && column.kind != ColumnKind::Empty;
        let relevant: Vec<usize> =
            (0..columns.len()).filter(|&place| columns.get(place).is_some_and(is_relevant)).collect();
        let kinds = || relevant.iter().filter_map(|&place| columns.get(place)).map(|column| column.kind);
        let has = |wanted: &str| columns.iter().any(|column| column.name.eq_ignore_ascii_case(wanted));
        let mut stems: HashMap<Vec<String>, usize> = HashMap::new();
        for column in columns {
            *stems.entry(stem(&column.name).0).or_default() += 1;
        }
        Self {
            numbers: kinds().filter(|kind| kind.is_numeric()).count(),
            fractions: relevant
                .iter()
                .filter_map(|&place| columns.get(place))
                .filter(|column| column.kind == ColumnKind::Float && !shape::is_whole(column))
                .count(),
            nameless: columns.iter().all(|column| names::is_made_up(&column.name)),
            has_place: has("x") && has("y"),
            asked: columns.iter().filter(|column| !is_input(column)).count(),
            files: columns.iter().filter(|column| column.names_files_in.is_some()).count(),
            prose: columns.iter().filter(|column| sets::is_prose(column)).count(),
            stems,
            places: columns.iter().enumerate().map(|(place, column)| (column.name.as_str(), place)).collect(),
            tied: ties(table),
            relevant,
            table,
        }
    }

    pub(super) fn place_of(&self, name: &str) -> usize {
        self.places.get(name).copied().unwrap_or(usize::MAX)
    }

    /// What the place of a column says: the last, or the first one that is unlike all others.
    pub(super) fn place(&self, index: usize) -> Option<(f64, String)> {
        let column = self.table.columns.get(index)?;
        let (first, last) = (*self.relevant.first()? == index, *self.relevant.last()? == index);
        let others = self.relevant.len() - 1;
        if others == 0 || self.relevant.binary_search(&index).is_err() {
            return None;
        }
        if let Some(inputs) = self.beside_inputs(column) {
            return Some((0.6, format!("it is the only column beside {inputs}")));
        }
        let is_words = column.kind == ColumnKind::Category;
        let alone = is_words && self.numbers == others || self.is_whole_alone(column);
        let what = if is_words { "words among numbers" } else { "whole numbers among fractions" };
        match (first, last, alone && others >= 3) {
            (_, true, true) => Some((0.55, format!("it is the last column and the only one of {what}"))),
            (true, _, true) => Some((0.55, format!("it is the first column and the only one of {what}"))),
            (_, _, true) => Some((0.35, format!("it is the only column of {what}"))),
            (true, _, _) if others >= 3 && shape::is_binary(column) => {
                Some((0.2, String::from("it is the first column and has two values")))
            }
            (_, true, _) if self.nameless => Some((0.4, String::from("it is the last column"))),
            (_, true, _) => Some((0.3, String::from("it is the last column"))),
            _ => None,
        }
    }

    /// True for whole numbers before nothing but fractions that no header names: the classes of series or spectra.
    pub(super) fn is_class_before_fractions(&self, index: usize) -> bool {
        self.nameless
            && self.relevant.first() == Some(&index)
            && self.relevant.len() > 3
            && self.table.columns.get(index).is_some_and(|column| self.is_whole_alone(column))
    }

    fn is_whole_alone(&self, column: &ColumnProfile) -> bool {
        shape::is_whole(column) && self.fractions + 1 == self.relevant.len()
    }

    /// In words, when all other columns are texts, names of files or keys: what is asked of them.
    fn beside_inputs(&self, column: &ColumnProfile) -> Option<&'static str> {
        if self.asked != usize::from(!is_input(column)) {
            return None;
        }
        let others = |all: usize, own: bool| all > usize::from(own);
        if others(self.files, column.names_files_in.is_some()) {
            Some("the names of files")
        } else {
            others(self.prose, sets::is_prose(column)).then_some("texts")
        }
    }

    /// True for one of several columns that differ in a number: `price1`, `price2`, … are alternatives or measurements.
    pub(super) fn is_numbered(&self, column: &ColumnProfile) -> bool {
        let (stem, numbered) = stem(&column.name);
        numbered
            && !words::is_plain(&stem.join(" "))
            && self.stems.get(&stem).is_some_and(|&count| count >= 3)
    }

    /// True for a coordinate beside the other one.
    pub(super) fn is_place(&self, column: &ColumnProfile) -> bool {
        self.has_place && matches!(column.name.as_str(), "x" | "y" | "X" | "Y") && column.kind.is_numeric()
    }

    /// All columns that a chain of copies ties to one, in their order.
    pub(super) fn copies_of(&self, name: &str) -> Vec<&'t str> {
        let mut seen: HashSet<&str> = HashSet::from([name]);
        let mut todo: Vec<&str> = vec![name];
        let mut found: Vec<&'t str> = Vec::new();
        while let Some(next) = todo.pop() {
            for &other in self.tied.get(next).into_iter().flatten() {
                if seen.insert(other) {
                    found.push(other);
                    todo.push(other);
                }
            }
        }
        found.sort_by_key(|name| self.place_of(name));
        found
    }
}

fn ties(table: &TableProfile) -> HashMap<&str, Vec<&str>> {
    let mut tied: HashMap<&str, Vec<&str>> = HashMap::new();
    for copy in table.copies.iter().filter(|copy| copy.kind != CopyKind::MissingTogether) {
        tied.entry(&copy.of).or_default().push(&copy.column);
        tied.entry(&copy.column).or_default().push(&copy.of);
    }
    tied
}

fn is_input(column: &ColumnProfile) -> bool {
    column.names_files_in.is_some()
        || sets::is_prose(column)
        || matches!(column.kind, ColumnKind::Id | ColumnKind::Path | ColumnKind::Url | ColumnKind::Empty)
        || names::is_row_number(&column.name)
}

/// The words of a name without digits, and whether there were any.
fn stem(name: &str) -> (Vec<String>, bool) {
    let is_number = |word: &String| word.bytes().all(|b| b.is_ascii_digit());
    let words = names::words(name);
    let numbered = words.iter().any(is_number);
    (words.into_iter().filter(|word| !is_number(word)).collect(), numbered)
}
