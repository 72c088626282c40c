//! Predictions exchanged between rows, and the same rows in other orders: all of it valid.

use smith_data::table::Table;

use super::{Base, Trial};
use crate::subject::shuffled;

/// The submission, if it is one of these.
pub(super) fn build(trial: Trial, base: &Base<'_>) -> Option<Table> {
    Some(match trial {
        Trial::Answers | Trial::AnswersAgain | Trial::AnswersShuffled => base.truth.clone(),
        Trial::HalfCorrupted | Trial::HalfAgain => base.half.clone(),
        Trial::Corrupted => base.exchanged(&base.in_order()),
        Trial::Permuted(seed) => {
            let partners = shuffled::partners(base.rows(), 1_000 + u64::from(seed));
            base.with_predictions_of(partners.into_iter().enumerate())
        }
        Trial::Ladder(kind, step, seed) => kind.corrupt(base, step, seed),
        Trial::RowsShuffled => reordered(base, &base.truth),
        Trial::HalfRowsShuffled => reordered(base, &base.half),
        Trial::ColumnsReversed => {
            let mut table = base.truth.clone();
            table.headers.reverse();
            table.rows.iter_mut().for_each(|row| row.reverse());
            table
        }
        Trial::FirstTenth => {
            let mut table = base.truth.clone();
            table.rows.truncate(base.tenth());
            table
        }
        Trial::Inverted => inverted(base)?,
        Trial::Positional => {
            // What stands where in a submission that repeats right rows in place of wrong ones.
            let other = super::gaining::build(Trial::WrongRepeatRight, base)?;
            let mut table = base.truth.clone();
            for (row, from) in table.rows.iter_mut().zip(other.rows) {
                for &at in &base.predicted {
                    if let (Some(place), Some(value)) = (row.get_mut(at), from.get(at)) {
                        place.clone_from(value);
                    }
                }
            }
            table
        }
        _ => return None,
    })
}

/// Each number on the other side of the middle; nothing where a column holds anything else.
fn inverted(base: &Base<'_>) -> Option<Table> {
    let mut table = base.truth.clone();
    for &at in &base.predicted {
        let numbers = base.numbers(at)?;
        let (least, most) = numbers
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(*x), high.max(*x)));
        for (row, number) in table.rows.iter_mut().zip(numbers) {
            *row.get_mut(at)? = (least + most - number).to_string();
        }
    }
    Some(table)
}

fn reordered(base: &Base<'_>, table: &Table) -> Table {
    let order = base.shuffled(table, |row| row.get(base.pair.id).cloned().unwrap_or_default());
    let rows = order.into_iter().filter_map(|at| table.rows.get(at).cloned()).collect();
    Table { headers: table.headers.clone(), rows }
}
