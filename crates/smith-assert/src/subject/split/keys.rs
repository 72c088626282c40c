//! Which columns of the sample submission say what a row speaks of: one id, or several columns together.

use std::collections::HashMap;

use smith_data::table::Table;
use smith_data::{Frame, TextColumn};

use super::ids::canonical;
use super::targets::{self, Known};
use crate::subject::tables::{Pair, cell};

/// Stands between the parts of an id that is made of several columns.
const BETWEEN: &str = "\u{1f}";

/// The columns that name a row of the answers.
pub(super) struct Keys {
    /// Names, the id column first.
    pub(super) names: Vec<String>,
    /// Names of the other columns of the sample: what is predicted.
    pub(super) predicted: Vec<String>,
    /// The same as the answers call them.
    told: Vec<String>,
}

impl Keys {
    /// The id column, and where it repeats further columns that the sample has as the answers have them, until rows
    /// are told apart. Where no columns do that, rows share an id by design.
    pub(super) fn of(pair: &Pair) -> Self {
        let (names, mut predicted) = Self::columns(pair);
        // Several guesses of one thing, or its quantiles, are one target.
        let mut kept: Vec<(String, TextColumn)> = Vec::new();
        predicted.retain(|name| {
            let own = (pair.name_in_answers(name).to_owned(), pair.answer_column(name));
            let is_target = pair.has_truth(name) && !kept.contains(&own);
            kept.extend(is_target.then_some(own));
            is_target
        });
        let told = kept.into_iter().map(|(name, _)| name).collect();
        Self { names, predicted, told }
    }

    /// The predicted columns in a table, by their names in the sample or in the answers.
    pub(super) fn known(&self, frame: &Frame) -> Option<Known> {
        targets::known(frame, &self.predicted).or_else(|| targets::known(frame, &self.told))
    }

    fn columns(pair: &Pair) -> (Vec<String>, Vec<String>) {
        let id = pair.id_name().to_owned();
        let others = || pair.predicted().into_iter().map(str::to_owned);
        let alone = || (vec![id.clone()], others().collect());
        if pair.keys.len() > 1 {
            let further = pair.keys.iter().filter(|at| **at != pair.id);
            let named = further.filter_map(|&at| pair.sample.headers.get(at).cloned());
            return (std::iter::once(id.clone()).chain(named).collect(), others().collect());
        }
        let mut names = vec![id.clone()];
        let mut parts = distinct(&pair.answers, &names);
        if parts == pair.answers.rows.len() {
            return Self::beside(pair, id);
        }
        for name in others() {
            names.push(name);
            let finer = distinct(&pair.answers, &names);
            if finer > parts && counts(&pair.sample, &names) == counts(&pair.answers, &names) {
                parts = finer;
            } else {
                names.pop();
            }
            if parts == pair.answers.rows.len() {
                break;
            }
        }
        let predicted: Vec<String> = others().filter(|name| !names.contains(name)).collect();
        if parts < pair.answers.rows.len() || predicted.is_empty() {
            return alone();
        }
        (names, predicted)
    }

    /// An id that tells rows apart, with the columns that both tables have alike beside it: the query of a document.
    fn beside(pair: &Pair, id: String) -> (Vec<String>, Vec<String>) {
        let others: Vec<String> = pair.predicted().into_iter().map(str::to_owned).collect();
        let is_alike = |name: &String| {
            let both = [id.clone(), name.clone()];
            distinct(&pair.answers, &both[1..]) > 1
                && counts(&pair.sample, &both) == counts(&pair.answers, &both)
        };
        let (mut names, mut predicted): (Vec<String>, Vec<String>) =
            others.iter().cloned().partition(is_alike);
        if predicted.is_empty() {
            (names, predicted) = (Vec::new(), others);
        }
        names.insert(0, id);
        (names, predicted)
    }

    /// The ids of rows that have these cells, one column for each name.
    pub(super) fn joined(columns: &[&TextColumn]) -> TextColumn {
        match columns {
            [] => TextColumn::default(),
            [one] => (*one).clone(),
            [first, ..] => {
                let mut ids = TextColumn::default();
                for row in 0..first.len() {
                    let parts: Vec<_> = columns.iter().map(|column| canonical(column.get(row))).collect();
                    ids.push(&parts.join(BETWEEN));
                }
                ids
            }
        }
    }
}

fn counts<'t>(table: &'t Table, names: &[String]) -> HashMap<Vec<&'t str>, usize> {
    let at: Vec<usize> = names.iter().filter_map(|name| table.column(name)).collect();
    let mut counts = HashMap::new();
    for row in &table.rows {
        *counts.entry(at.iter().map(|&at| cell(row, at)).collect()).or_insert(0) += 1;
    }
    counts
}

fn distinct(table: &Table, names: &[String]) -> usize {
    counts(table, names).len()
}
