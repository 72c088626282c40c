//! Right items and right rows written more than once: a list of guesses in which the sure ones stand several times.

use std::collections::BTreeSet;

use smith_data::table::Table;

use super::items::{Form, forms, repeats};
use super::{Base, Trial};
use crate::subject::shuffled::Numbers;

/// How often a right row is written.
const COPIES: usize = 3;
/// Rows that a submission has at most.
const MOST_ROWS: usize = 200_000;
/// Items of a list that is filled.
const MOST_ITEMS: usize = 200;
/// Items that lists are filled with.
const POOL: usize = 10_000;
/// Of so many answers one may name an item twice by mistake.
const RARE: usize = 100;

/// The submission, if it is one of these.
pub(super) fn build(trial: Trial, base: &Base<'_>) -> Option<Table> {
    match trial {
        Trial::ItemsTwice(form) => {
            of_lists(base, form, false, |_, items, most, _| twice(items, most.max(items.len())))
        }
        Trial::ItemsTwiceOver(form) => {
            of_lists(base, form, false, |_, items, _, _| twice(items, 2 * items.len()))
        }
        Trial::HalfItems(form) => of_lists(base, form, true, |_, items, _, pool| known(items, pool)),
        Trial::HalfItemsFilled(form) => of_lists(base, form, true, |_, items, most, pool| {
            let known = known(items, pool);
            filled(known, items, length(items, most), pool)
        }),
        Trial::HalfItemsRepeated(form) => {
            of_lists(base, form, true, |_, items, most, pool| twice(&known(items, pool), length(items, most)))
        }
        Trial::RowsTwice if !base.pair.unique && base.rows() * 2 <= MOST_ROWS => {
            let rows = base.truth.rows.iter().flat_map(|row| [row.clone(), row.clone()]).collect();
            Some(Table { headers: base.truth.headers.clone(), rows })
        }
        Trial::RightRowsRepeated if !base.pair.unique && base.rows() * COPIES <= MOST_ROWS => {
            let some_of_both = base.wrong.contains(&true) && base.wrong.contains(&false);
            let right = base.half_rows(false).flat_map(|row| vec![row.clone(); COPIES]);
            let rows = right.chain(base.half_rows(true).cloned()).collect();
            some_of_both.then(|| Table { headers: base.half.headers.clone(), rows })
        }
        Trial::SameGuess => same_guess(base),
        _ => None,
    }
}

/// The first guess in the place of the others.
fn same_guess(base: &Base<'_>) -> Option<Table> {
    let is_further =
        |at: &&usize| base.truth.headers.get(**at).is_some_and(|name| !base.pair.has_truth(name));
    let further: Vec<usize> = base.predicted.iter().filter(is_further).copied().collect();
    let first = base.predicted.iter().copied().find(|at| !further.contains(at))?;
    if further.is_empty() || further.iter().any(|at| base.numbers(*at).is_some()) {
        return None;
    }
    let mut table = base.truth.clone();
    for row in &mut table.rows {
        let truth = row.get(first).cloned().unwrap_or_default();
        for &at in &further {
            if let Some(place) = row.get_mut(at) {
                place.clone_from(&truth);
            }
        }
    }
    Some(table)
}

/// Other items, in an order that looks random, and the number of the row.
struct Pool<'p> {
    items: &'p [String],
    numbers: Numbers,
    row: usize,
}

/// The answers with other lists in place of each. Where the items of an answer may repeat, only what is right is.
fn of_lists(
    base: &Base<'_>,
    form: u8,
    is_of_half: bool,
    list: impl Fn(&Form, &[String], usize, &mut Pool<'_>) -> Vec<String>,
) -> Option<Table> {
    let form = forms(base).into_iter().nth(usize::from(form))?;
    let answers = form.answers(base);
    let several = answers.iter().filter(|items| repeats(items)).count();
    if is_of_half && several * RARE > answers.len() {
        return None;
    }
    let items: Vec<String> =
        answers.iter().flatten().take(POOL).collect::<BTreeSet<_>>().into_iter().cloned().collect();
    let most = form.longest(base).min(MOST_ITEMS);
    let mut table = base.truth.clone();
    for (row, (cells, answer)) in table.rows.iter_mut().zip(&answers).enumerate() {
        let Some(place) = cells.get_mut(form.at).filter(|_| !answer.is_empty()) else { continue };
        let mut pool = Pool { items: &items, numbers: Numbers::new(40_000 + row as u64), row };
        *place = form.join(&list(&form, answer, most, &mut pool));
    }
    (table.rows != base.truth.rows).then_some(table)
}

/// Each item as many times as it takes to make so many, the first ones once more where that does not come out even.
fn twice(items: &[String], most: usize) -> Vec<String> {
    let (times, more) = (most / items.len().max(1), most % items.len().max(1));
    let often = |at: usize| times + usize::from(at < more);
    items.iter().enumerate().flat_map(|(at, item)| vec![item.clone(); often(at)]).collect()
}

fn length(items: &[String], most: usize) -> usize {
    most.max(items.len())
}

/// The first half of an answer; of a single item every second time something else.
fn known(items: &[String], pool: &mut Pool<'_>) -> Vec<String> {
    if items.len() > 1 || pool.row.is_multiple_of(2) {
        return items.get(..items.len().div_ceil(2)).unwrap_or_default().to_vec();
    }
    filled(Vec::new(), items, 1, pool)
}

/// Up to so many items, those of the pool that are neither there nor right behind the others.
fn filled(mut list: Vec<String>, right: &[String], length: usize, pool: &mut Pool<'_>) -> Vec<String> {
    for _ in 0..8 * length {
        if list.len() >= length {
            break;
        }
        let Some(item) = pool.items.get(pool.numbers.below(pool.items.len())) else { break };
        if !list.contains(item) && !right.contains(item) {
            list.push(item.clone());
        }
    }
    list
}
