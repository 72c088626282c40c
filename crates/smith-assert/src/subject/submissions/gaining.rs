//! Submissions that would gain if the metric let them: the way in which each is invalid hides what it does not know.

use std::collections::BTreeSet;

use smith_data::table::Table;

use super::invalid::unknown_rows;
use super::{Base, Trial};
use crate::subject::tables::cell;

/// More classes than this are not all guessed.
const MOST_CLASSES: usize = 20;
/// Rows that a submission has at most.
const MOST_ROWS: usize = 200_000;
/// How often a right row is written.
const COPIES: usize = 3;

/// The submission, if it is one of these and there is something to hide: half of the answers are wrong in at least one
/// row, and right in another.
pub(super) fn build(trial: Trial, base: &Base<'_>) -> Option<Table> {
    let headers = base.half.headers.clone();
    let some_of_both = base.wrong.contains(&true) && base.wrong.contains(&false);
    let rows: Vec<Vec<String>> = match trial {
        Trial::AllEmpty => {
            return Some(base.filled(&base.truth, &base.predicted, |_| true, |_| String::new()));
        }
        Trial::WrongEmpty if some_of_both => {
            let wrong = |row: usize| base.wrong.get(row) == Some(&true);
            return Some(base.filled(&base.half, &base.predicted, wrong, |_| String::new()));
        }
        Trial::WrongUnknown if some_of_both => with_unknown_ids(base),
        // Where rows share their ids, nothing says how many there have to be of each.
        _ if !base.pair.unique => return None,
        Trial::OneRowRepeated => vec![base.truth.rows.first()?.clone(); base.rows()],
        Trial::EveryGuess => every_guess(base)?,
        Trial::WholeTwice if base.rows() * 2 <= MOST_ROWS => [&base.half.rows[..], &base.half.rows].concat(),
        Trial::WrongLeftOut if some_of_both => base.half_rows(false).cloned().collect(),
        Trial::WrongRepeatRight if some_of_both => repeat_right(base),
        Trial::RightRepeated if some_of_both && base.rows() * COPIES <= MOST_ROWS => {
            let right = base.half_rows(false).flat_map(|row| vec![row.clone(); COPIES]);
            right.chain(base.half_rows(true).cloned()).collect()
        }
        _ => return None,
    };
    Some(Table { headers, rows })
}

/// Every wrong row is a right one instead, as long as there are some one after the other and then from the start.
fn repeat_right(base: &Base<'_>) -> Vec<Vec<String>> {
    let right: Vec<&Vec<String>> = base.half_rows(false).collect();
    let mut right = right.into_iter().cycle();
    let rows = base.half.rows.iter().zip(&base.wrong);
    rows.filter_map(|(row, &wrong)| if wrong { right.next().cloned() } else { Some(row.clone()) }).collect()
}

fn with_unknown_ids(base: &Base<'_>) -> Vec<Vec<String>> {
    let id = base.pair.id;
    let ids: Option<Vec<i64>> = base.truth.rows.iter().map(|row| cell(row, id).parse().ok()).collect();
    let largest = ids.and_then(|ids| ids.into_iter().max());
    let rows = base.half.rows.iter().zip(&base.wrong).enumerate();
    rows.map(|(at, (row, &wrong))| if wrong { unknown_rows(largest, id, at, row) } else { row.clone() })
        .collect()
}

/// Where one column is predicted that has a few values.
fn every_guess(base: &Base<'_>) -> Option<Vec<Vec<String>>> {
    let &[at] = &base.predicted[..] else { return None };
    let classes: BTreeSet<&str> = base.truth.rows.iter().map(|row| cell(row, at)).collect();
    if !(2..=MOST_CLASSES).contains(&classes.len()) || base.rows() * classes.len() > MOST_ROWS {
        return None;
    }
    let guess = |row: &Vec<String>, class: &str| {
        let mut row = row.clone();
        if let Some(place) = row.get_mut(at) {
            class.clone_into(place);
        }
        row
    };
    let guesses = |row| classes.iter().map(move |class| guess(row, class)).collect::<Vec<_>>();
    Some(base.truth.rows.iter().flat_map(guesses).collect())
}
