//! Submissions that would gain if the metric let them: the way in which each is invalid hides what it does not know.

use std::collections::BTreeSet;

use smith_data::table::Table;

use super::invalid::unknown_rows;
use super::{Base, HEDGES, Trial};
use crate::subject::tables::cell;

/// More classes than this are not all guessed.
const MOST_CLASSES: usize = 20;
/// Rows that a submission has at most.
const MOST_ROWS: usize = 200_000;
/// How often a right row is written.
const COPIES: usize = 3;
/// Numbers that are guessed for each row.
const QUANTILES: usize = 7;

/// The submission, if it is one of these and there is something to hide: half of the answers are wrong in at least one
/// row, and right in another.
pub(super) fn build(trial: Trial, base: &Base<'_>) -> Option<Table> {
    let headers = base.half.headers.clone();
    let some_of_both = base.wrong.contains(&true) && base.wrong.contains(&false);
    if let Trial::Hedged(at) = trial {
        return hedged(base, HEDGES.get(usize::from(at))?).filter(|_| some_of_both);
    }
    let rows: Vec<Vec<String>> = match trial {
        Trial::NegativeShares => return negative_shares(base),
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
        Trial::EveryGuess => every_guess(base, &classes(base)?, None)?,
        Trial::EveryGuessPadded => {
            every_guess(base, &classes(base).or_else(|| numbers(base))?, Some(base.pair.id))?
        }
        Trial::AllClasses => all_classes(base)?,
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

/// Both the wrong and the right prediction in the wrong rows; nothing where cells hold such a separator by nature.
fn hedged(base: &Base<'_>, between: &str) -> Option<Table> {
    let texts = base.texts();
    let is_used = |row: &Vec<String>| texts.iter().any(|&at| cell(row, at).contains(between));
    if texts.is_empty() || base.truth.rows.iter().chain(&base.pair.sample.rows).any(is_used) {
        return None;
    }
    let mut table = base.half.clone();
    for ((row, truth), _) in
        table.rows.iter_mut().zip(&base.truth.rows).zip(&base.wrong).filter(|(_, wrong)| **wrong)
    {
        for &at in &texts {
            if let (Some(place), Some(right)) = (row.get_mut(at), truth.get(at)) {
                *place = format!("{place}{between}{right}");
            }
        }
    }
    Some(table)
}

/// Beside the right one, the first share of a row is below zero by nearly as much; nothing where answers are no shares of
/// several columns, one of which is all.
fn negative_shares(base: &Base<'_>) -> Option<Table> {
    let columns = base.numeric();
    if columns.len() < 2 || columns.len() != base.predicted.len() {
        return None;
    }
    let mut table = base.truth.clone();
    for row in &mut table.rows {
        let shares: Vec<f64> = columns.iter().map(|&at| cell(row, at).parse().ok()).collect::<Option<_>>()?;
        let is_right = |share: &f64| (*share - 1.0).abs() < 1e-9;
        if shares.iter().filter(|share| is_right(share)).count() != 1
            || !shares.iter().all(|share| is_right(share) || share.abs() < 1e-9)
        {
            return None;
        }
        let wrong = shares.iter().position(|share| !is_right(share))?;
        let place = columns.get(wrong).and_then(|&at| row.get_mut(at))?;
        "-0.999999999".clone_into(place);
    }
    Some(table)
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

/// The values of the one column that is predicted, where they are few.
fn classes(base: &Base<'_>) -> Option<Vec<String>> {
    let &[at] = &base.predicted[..] else { return None };
    let classes: BTreeSet<&str> = base.truth.rows.iter().map(|row| cell(row, at)).collect();
    (2..=MOST_CLASSES).contains(&classes.len()).then(|| classes.into_iter().map(str::to_owned).collect())
}

/// Some values of the one column that is predicted, from the least to the greatest, where it holds numbers.
fn numbers(base: &Base<'_>) -> Option<Vec<String>> {
    let &[at] = &base.predicted[..] else { return None };
    let read = |row: &Vec<String>| -> Option<(f64, String)> {
        let text = cell(row, at).trim();
        Some((text.parse().ok()?, text.to_owned()))
    };
    let mut values: Vec<(f64, String)> = base.truth.rows.iter().map(read).collect::<Option<_>>()?;
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let last = values.len().checked_sub(1)?;
    let steps = QUANTILES - 1;
    (0..QUANTILES).map(|step| values.get(last * step / steps).map(|(_, text)| text.clone())).collect()
}

/// A row for each id and each guess; with the column of the ids, each id has another number of blanks behind it.
fn every_guess(base: &Base<'_>, guesses: &[String], padded: Option<usize>) -> Option<Vec<Vec<String>>> {
    let &[at] = &base.predicted[..] else { return None };
    if base.rows() * guesses.len() > MOST_ROWS {
        return None;
    }
    let guessed = |row: &Vec<String>, blanks: usize, guess: &str| {
        let mut row = row.clone();
        if let Some(place) = row.get_mut(at) {
            guess.clone_into(place);
        }
        if let Some(id) = padded.and_then(|id| row.get_mut(id)) {
            id.push_str(&" ".repeat(blanks));
        }
        row
    };
    let of_row = |row| guesses.iter().enumerate().map(move |(at, guess)| guessed(row, at, guess));
    Some(base.truth.rows.iter().flat_map(of_row).collect())
}

/// All names of classes in each prediction, where no name is a part of another one.
fn all_classes(base: &Base<'_>) -> Option<Vec<Vec<String>>> {
    let &[at] = &base.predicted[..] else { return None };
    let classes = classes(base)?;
    let is_word = |class: &String| class.parse::<f64>().is_err() && !class.contains([' ', ',', ';', '|']);
    if !classes.iter().all(is_word) {
        return None;
    }
    let all = classes.join(" ");
    Some(base.filled(&base.truth, &[at], |_| true, |_| all.clone()).rows)
}
