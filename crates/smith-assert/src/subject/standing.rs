//! Columns of the answers that stand for predicted columns of other names: `joined` for `score`, `species` for the
//! probability of each species.

use std::collections::BTreeSet;

use smith_data::table::Table;

use super::tables::{cell, number};

/// Most classes that are looked for among the names of columns.
const MOST_CLASSES: usize = 2_000;

/// Answers with a column for each of the sample.
#[derive(Debug, PartialEq)]
pub(super) struct Completed {
    pub(super) answers: Table,
    /// For each column that was added at the end the one that it is made of, where there is one.
    pub(super) sources: Vec<Option<String>>,
}

/// Adds to the answers a column for each one that only the sample has; nothing when no column of the answers can stand for
/// one of them.
pub(super) fn completed(sample: &Table, answers: &Table) -> Option<Completed> {
    let missing: Vec<usize> =
        (0..sample.headers.len()).filter(|&at| answers.column(&sample.headers[at]).is_none()).collect();
    let shared = sample.headers.len() - missing.len();
    let extra: Vec<usize> =
        (0..answers.headers.len()).filter(|&at| sample.column(&answers.headers[at]).is_none()).collect();
    if missing.is_empty() || sample.rows.is_empty() || answers.rows.is_empty() {
        return None;
    }
    let is_key = |(at, name): (usize, &String)| {
        answers.column(name).is_some_and(|other| values(sample, at) == values(answers, other))
    };
    if !sample.headers.iter().enumerate().any(is_key) {
        return None;
    }
    let mut completed = answers.clone();
    if let Some(classes) = extra.iter().find(|&&at| names_classes(sample, answers, &missing, at)) {
        for &at in &missing {
            let name = &sample.headers[at];
            let is = |row: &[String]| if is_class(name, cell(row, *classes)) { "1" } else { "0" };
            add(&mut completed, name, |row| is(row).to_owned());
        }
        let sources = vec![Some(answers.headers[*classes].clone()); missing.len()];
        return Some(Completed { answers: completed, sources });
    }
    let mut sources = Vec::new();
    for &at in &missing {
        let kind = is_numeric(sample, at);
        let fits = |other: &&usize| is_numeric(answers, **other) == kind;
        let own = sample.rows.first().map(|row| cell(row, at).to_owned()).unwrap_or_default();
        match (extra.iter().rev().find(fits), extra.last()) {
            (Some(&from), _) | (None, Some(&from)) => {
                add(&mut completed, &sample.headers[at], |row| cell(row, from).to_owned());
                sources.push(Some(answers.headers[from].clone()));
            }
            // A confidence, say, of which there is no truth.
            (None, None) if shared >= 2 => {
                add(&mut completed, &sample.headers[at], |_| own.clone());
                sources.push(None);
            }
            (None, None) => return None,
        }
    }
    if let Some(guesses) = guesses(sample, &missing) {
        let first = completed.headers.len() - missing.len();
        sources.iter_mut().skip(1).for_each(|source| *source = None);
        for row in &mut completed.rows {
            let truth = row.get(first).cloned().unwrap_or_default();
            let others = guesses.iter().filter(|guess| **guess != truth);
            for (place, guess) in row.iter_mut().skip(first + 1).zip(others) {
                place.clone_from(guess);
            }
        }
    }
    Some(Completed { answers: completed, sources })
}

/// Different guesses of one thing, as the sample has them in its first row; nothing when its columns hold anything else.
fn guesses(sample: &Table, missing: &[usize]) -> Option<Vec<String>> {
    let are_different = |row: &Vec<String>| {
        let cells: BTreeSet<&str> = missing.iter().map(|&at| cell(row, at)).collect();
        cells.len() == missing.len()
    };
    let are_words = !missing.iter().any(|&at| is_numeric(sample, at));
    (missing.len() >= 2 && are_words && sample.rows.iter().all(are_different)).then_some(())?;
    let first = sample.rows.first()?;
    Some(missing.iter().map(|&at| cell(first, at).to_owned()).collect())
}

fn values(table: &Table, at: usize) -> BTreeSet<&str> {
    table.rows.iter().map(|row| cell(row, at)).collect()
}

fn add(table: &mut Table, name: &str, value: impl Fn(&[String]) -> String) {
    table.headers.push(name.to_owned());
    for row in &mut table.rows {
        let value = value(row);
        row.push(value);
    }
}

fn is_numeric(table: &Table, at: usize) -> bool {
    table.rows.iter().all(|row| number(cell(row, at)).is_some())
}

/// Whether a column of the answers holds the names of the columns.
fn names_classes(sample: &Table, answers: &Table, missing: &[usize], at: usize) -> bool {
    let mut classes: Vec<&str> = answers.rows.iter().map(|row| cell(row, at)).collect();
    classes.sort_unstable();
    classes.dedup();
    let is_named = |class: &&str| missing.iter().any(|&name| is_class(&sample.headers[name], class));
    missing.len() >= 2 && classes.len() <= MOST_CLASSES && classes.iter().all(is_named)
}

/// `cat` and `prob_cat` are the columns of `cat`.
pub(super) fn is_class(column: &str, class: &str) -> bool {
    let before = column.strip_suffix(class).filter(|_| !class.is_empty());
    before.is_some_and(|before| !before.ends_with(|c: char| c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        let mut rows = text.split(' ').map(|row| row.split(',').map(str::to_owned).collect::<Vec<_>>());
        Table { headers: rows.next().unwrap(), rows: rows.collect() }
    }

    #[test]
    fn columns_of_other_names_stand_in() {
        for (sample, answers, expected) in [
            ("id,score 1,0.5 2,0.5", "id,block,joined 1,7,1 2,7,0", "id,block,joined,score 1,7,1,1 2,7,0,0"),
            ("id,guesses 1,A 2,A", "id,letter,page 1,B,3 2,C,4", "id,letter,page,guesses 1,B,3,B 2,C,4,C"),
            ("id,q1,q9 1,0,0", "id,y 1,5.5", "id,y,q1,q9 1,5.5,5.5,5.5"),
            ("id,p_a,p_b 1,0.5,0.5 2,0.5,0.5", "id,kind 1,a 2,b", "id,kind,p_a,p_b 1,a,1,0 2,b,0,1"),
            ("id,x,sure 1,0,0.9", "id,x 1,4", "id,x,sure 1,4,0.9"),
            ("id,g,h 1,a,b 2,a,b", "id,k 1,b 2,c", "id,k,g,h 1,b,b,a 2,c,c,a"),
        ] {
            let completed = completed(&table(sample), &table(answers)).unwrap();
            assert_eq!(completed.answers, table(expected), "{sample}");
            assert_eq!(
                completed.sources.len() + table(answers).headers.len(),
                completed.answers.headers.len()
            );
        }
        for (sample, answers) in [
            ("id,y 1,2", "id,y 1,2"),
            ("row,y 1,2", "id,z 1,2"),
            ("id,y 1,2", "id 1"),
            ("key,y 1,2", "id,y 1,3"),
        ] {
            assert_eq!(super::completed(&table(sample), &table(answers)), None, "{sample}");
        }
    }
}
