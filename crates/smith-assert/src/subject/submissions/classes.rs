//! Submissions of a few classes: one that is never predicted, one that always is, and one that no answer has.

use std::collections::{BTreeMap, BTreeSet};

use smith_data::table::Table;

use super::{Base, Trial};
use crate::subject::Split;
use crate::subject::tables::cell;

/// Different answers of which each is a class.
const MOST_CLASSES: usize = 50;
/// Rows for each class.
const ROWS_PER_CLASS: usize = 2;
/// Classes that are tried, spread evenly over all.
const TRIED: usize = 12;
/// Classes of the training data that are tried.
const MOST_UNASKED: usize = 3;
/// Classes of the training data beyond which they are no classes.
const MOST_KNOWN: usize = 300;

/// The submission, if it is one of these.
pub(super) fn build(trial: Trial, base: &Base<'_>) -> Option<Table> {
    let classes = classes(base);
    match trial {
        Trial::NeverClass(class) => never(base, classes, classes.get(usize::from(class))?),
        Trial::OnlyClass(class) => {
            let class = classes.get(usize::from(class))?;
            Some(with(base, |_, _| Some(class)))
        }
        Trial::UnaskedClass(class) => {
            let class = vec![base.unasked.get(usize::from(class))?.clone()];
            // Now and then, as a model would.
            Some(with(base, |row, _| row.is_multiple_of(5).then_some(&class)))
        }
        _ => None,
    }
}

/// How many classes are tried, and how many that no answer has.
pub(super) fn counts(base: &Base<'_>) -> (u8, u8) {
    let count = |number: usize| u8::try_from(number).unwrap_or(0);
    (count(classes(base).len()), count(base.unasked.len()))
}

/// The classes that are tried, in words.
pub(in crate::subject) fn names(base: &Base<'_>) -> Vec<String> {
    let name = |class: &Vec<String>| {
        let ones = base.predicted.iter().zip(class).filter(|(_, cell)| ["1", "1.0"].contains(&cell.as_str()));
        let columns: Vec<&str> =
            ones.filter_map(|(at, _)| base.truth.headers.get(*at)).map(String::as_str).collect();
        match &class[..] {
            [one] => one.clone(),
            _ if columns.len() == 1 => columns.concat(),
            _ => class.join(", "),
        }
    };
    classes(base).iter().map(name).collect()
}

/// Different predictions of whole rows, where there are few.
fn classes<'b>(base: &'b Base<'_>) -> &'b [Vec<String>] {
    base.classes.get_or_init(|| few_different(base))
}

fn few_different(base: &Base<'_>) -> Vec<Vec<String>> {
    let mut different: BTreeSet<Vec<String>> = BTreeSet::new();
    for row in &base.truth.rows {
        different.insert(of(base, row));
        if different.len() > MOST_CLASSES {
            return Vec::new();
        }
    }
    if different.len() < 2 || base.rows() < ROWS_PER_CLASS * different.len() {
        return Vec::new();
    }
    let step = different.len().div_ceil(TRIED).max(1);
    different.into_iter().step_by(step).collect()
}

fn of(base: &Base<'_>, row: &[String]) -> Vec<String> {
    base.predicted.iter().map(|&at| cell(row, at).to_owned()).collect()
}

/// The answers with the most frequent of the other classes in the rows of one.
fn never(base: &Base<'_>, classes: &[Vec<String>], class: &[String]) -> Option<Table> {
    let mut counts: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for row in &base.truth.rows {
        *counts.entry(of(base, row)).or_default() += 1;
    }
    let other =
        classes.iter().filter(|other| *other != class).max_by_key(|other| counts.get(*other).copied())?;
    Some(with(base, |_, own| (own == class).then_some(other)))
}

/// The answers with other predictions in some rows.
fn with<'c>(base: &Base<'_>, choose: impl Fn(usize, &[String]) -> Option<&'c Vec<String>>) -> Table {
    let mut table = base.truth.clone();
    for (at, row) in table.rows.iter_mut().enumerate() {
        let own = of(base, row);
        let Some(chosen) = choose(at, &own) else { continue };
        for (column, value) in base.predicted.iter().zip(chosen) {
            if let Some(place) = row.get_mut(*column) {
                place.clone_from(value);
            }
        }
    }
    table
}

/// Classes that the training data have, more than once, and the answers have not.
pub(in crate::subject) fn unasked(base: &Base<'_>, split: &Split) -> Vec<String> {
    let (Some(train), [answers]) = (&split.train, &split.test.targets[..]) else { return Vec::new() };
    if classes(base).is_empty() || base.predicted.len() != 1 {
        return Vec::new();
    }
    let Some(known) = train.targets.first() else { return Vec::new() };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    known.iter().filter(|cell| !cell.is_empty()).for_each(|cell| *counts.entry(cell).or_default() += 1);
    let asked: BTreeSet<&str> = answers.iter().collect();
    if counts.len() > MOST_KNOWN || !asked.iter().all(|class| counts.contains_key(class)) {
        return Vec::new();
    }
    let mut further: Vec<(&str, usize)> =
        counts.into_iter().filter(|(class, count)| *count > 1 && !asked.contains(class)).collect();
    further.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    further.into_iter().take(MOST_UNASKED).map(|(class, _)| class.to_owned()).collect()
}
