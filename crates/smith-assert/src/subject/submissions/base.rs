//! What submissions are built from.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use smith_data::table::Table;

use crate::subject::ShownRow;
use crate::subject::ladder::{is_distribution, is_list};
use crate::subject::shuffled;
use crate::subject::tables::{Pair, cell, number};

/// Rows from which on a tenth of them is scored for comparison.
const LARGE: usize = 2_000;

/// The answers as a submission, and what is known of their columns.
pub(in crate::subject) struct Base<'p> {
    pub(in crate::subject) pair: &'p Pair,
    /// The answers, in the columns of the sample.
    pub(in crate::subject) truth: Table,
    /// The same with every second answer exchanged.
    pub(super) half: Table,
    /// Which rows of `half` are wrong.
    pub(super) wrong: Vec<bool>,
    /// Positions of the predicted columns.
    pub(in crate::subject) predicted: Vec<usize>,
    /// Rows that the description shows as examples.
    pub(super) shown: Vec<ShownRow>,
    /// The numbers of each column that holds nothing else.
    numbers: BTreeMap<usize, Vec<f64>>,
    /// Classes of the training data that no answer has.
    pub(in crate::subject) unasked: Vec<String>,
    /// The classes that are tried, found once for all submissions.
    pub(super) classes: OnceLock<Vec<Vec<String>>>,
}

impl<'p> Base<'p> {
    pub(in crate::subject) fn new(pair: &'p Pair) -> Self {
        let truth = pair.answers_as_submission();
        let predicted = pair.predicted_at();
        let numbers = predicted
            .iter()
            .filter_map(|&at| Some((at, numbers_of(&truth, at)?)))
            .collect::<BTreeMap<_, _>>();
        let (half, wrong, shown, unasked) = (truth.clone(), Vec::new(), Vec::new(), Vec::new());
        let mut base =
            Self { pair, half, wrong, predicted, shown, numbers, truth, unasked, classes: OnceLock::new() };
        let every_second: Vec<usize> = base.in_order().into_iter().step_by(2).collect();
        base.half = base.exchanged(&every_second);
        base.wrong = base.truth.rows.iter().zip(&base.half.rows).map(|(a, b)| base.differ(a, b)).collect();
        base
    }

    /// With the rows that a description shows.
    pub(in crate::subject) fn showing(mut self, shown: Vec<ShownRow>) -> Self {
        self.shown = shown;
        self
    }

    pub(in crate::subject) fn rows(&self) -> usize {
        self.truth.rows.len()
    }

    /// Rows of a tenth of the answers, 0 when there are too few to tell anything.
    pub(super) fn tenth(&self) -> usize {
        if self.rows() >= LARGE { self.rows() / 10 } else { 0 }
    }

    /// The numbers of a predicted column that holds nothing else.
    pub(in crate::subject) fn numbers(&self, at: usize) -> Option<&[f64]> {
        self.numbers.get(&at).map(Vec::as_slice)
    }

    /// Whether the predicted numbers of each row are probabilities that sum to one.
    pub(super) fn sums_to_one(&self) -> bool {
        is_distribution(self)
    }

    /// Predicted columns of numbers.
    pub(super) fn numeric(&self) -> Vec<usize> {
        self.numbers.keys().copied().collect()
    }

    /// Predicted columns of anything else.
    pub(super) fn texts(&self) -> Vec<usize> {
        self.predicted.iter().copied().filter(|at| !self.numbers.contains_key(at)).collect()
    }

    /// Whether nothing may be an honest prediction: where it is an answer or stands in the sample, and where answers
    /// are lists.
    pub(super) fn may_be_empty(&self) -> bool {
        let rows = || self.truth.rows.iter().chain(&self.pair.sample.rows);
        self.predicted.iter().any(|&at| rows().any(|row| cell(row, at).is_empty()) || is_list(self, at))
    }

    /// `table` with `value` in the predicted cells of the rows that `chosen` names.
    pub(super) fn filled(
        &self,
        table: &Table,
        columns: &[usize],
        chosen: impl Fn(usize) -> bool,
        value: impl Fn(usize) -> String,
    ) -> Table {
        let mut table = table.clone();
        for &at in columns {
            let value = value(at);
            for (_, row) in table.rows.iter_mut().enumerate().filter(|(row, _)| chosen(*row)) {
                if let Some(place) = row.get_mut(at) {
                    place.clone_from(&value);
                }
            }
        }
        table
    }

    /// The rows of `half` that are right, or those that are wrong.
    pub(super) fn half_rows(&self, wrong: bool) -> impl Iterator<Item = &Vec<String>> {
        self.half.rows.iter().zip(&self.wrong).filter(move |(_, is)| **is == wrong).map(|(row, _)| row)
    }

    /// Rows in order of their predictions.
    pub(super) fn in_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.rows()).collect();
        order.sort_by(|&a, &b| self.compare(&self.truth.rows[a], &self.truth.rows[b]).then(a.cmp(&b)));
        order
    }

    /// The answers, those of the rows in `order` moved on by half of their number: every row gets another value unless
    /// one value fills more than half of the rows. Predictions are exchanged as whole rows, so that what holds within
    /// a row (probabilities that sum to one) still holds.
    pub(super) fn exchanged(&self, order: &[usize]) -> Table {
        let shift = order.len() / 2;
        let moved = order.iter().zip(order.iter().cycle().skip(shift)).map(|(&to, &from)| (to, from));
        self.with_predictions_of(moved)
    }

    /// The answers, with the predictions of other rows in some: pairs of the row and of the one it gets them from.
    pub(in crate::subject) fn with_predictions_of(
        &self,
        moves: impl Iterator<Item = (usize, usize)>,
    ) -> Table {
        let mut table = self.truth.clone();
        for (to, from) in moves {
            let (Some(to), Some(from)) = (table.rows.get_mut(to), self.truth.rows.get(from)) else {
                continue;
            };
            for &at in &self.predicted {
                if let (Some(place), Some(value)) = (to.get_mut(at), from.get(at)) {
                    place.clone_from(value);
                }
            }
        }
        table
    }

    /// Numbers of the rows of `table` in another order. Rows that share an id stay in their order.
    pub(super) fn shuffled(&self, table: &Table, id: impl Fn(&[String]) -> String) -> Vec<usize> {
        const SEED: u64 = 77;
        if self.pair.unique {
            return shuffled::order(table.rows.len(), SEED);
        }
        let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (position, row) in table.rows.iter().enumerate() {
            groups.entry(id(row)).or_default().push(position);
        }
        let groups: Vec<Vec<usize>> = groups.into_values().collect();
        let order = shuffled::order(groups.len(), SEED);
        order.into_iter().filter_map(|group| groups.get(group)).flatten().copied().collect()
    }

    fn compare(&self, a: &[String], b: &[String]) -> Ordering {
        self.predicted
            .iter()
            .map(|&at| match (number(cell(a, at)), number(cell(b, at))) {
                (Some(x), Some(y)) => x.total_cmp(&y),
                _ => a[at].cmp(&b[at]),
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    fn differ(&self, a: &[String], b: &[String]) -> bool {
        self.predicted.iter().any(|&at| a.get(at) != b.get(at))
    }
}

/// A column's numbers, when it holds at least one and nothing else.
fn numbers_of(table: &Table, at: usize) -> Option<Vec<f64>> {
    let values: Option<Vec<_>> = table.rows.iter().map(|row| number(cell(row, at))).collect();
    values.filter(|values| !values.is_empty())
}
