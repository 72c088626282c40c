//! Columns of the test table that stand under the names of others, seen by what they hold.

use super::columns::{Column, Columns, Kind, Values};

/// Columns that are compared with each other, and numbers of each.
const MAX_COLUMNS: usize = 80;
const MAX_NUMBERS: usize = 2_000;
/// Numbers that a column must have on each side.
const MIN_NUMBERS: usize = 100;
/// Greatest distance of two samples that may be of one column, in units of what chance makes of it (`sqrt(1/n + 1/m)`),
/// and least one of two columns.
const ALIKE: f64 = 1.63;
const UNLIKE: f64 = 5.0;
const FAR: f64 = 0.25;
/// Share of the columns that are far from their own name that must be those of other names.
const MOST: f64 = 0.6;

/// A name, and the name of the training column whose values stand below it in test.
pub(crate) type Misnamed = (String, String);

/// Test columns that hold what other columns hold in train, while those hold something else too.
pub(crate) fn misnamed(columns: &Columns) -> Vec<Misnamed> {
    let numbers: Vec<(&Column, [Vec<f64>; 2])> = columns
        .columns
        .iter()
        .filter(|column| column.kind == Kind::Number)
        .filter_map(|column| Some((column, [sorted(&column.train)?, sorted(&column.test)?])))
        .take(MAX_COLUMNS)
        .collect();
    let apart = |a: &[f64], b: &[f64]| {
        let chance = (1.0 / a.len() as f64 + 1.0 / b.len() as f64).sqrt();
        let distance = distance(a, b);
        (distance <= ALIKE * chance, distance >= (UNLIKE * chance).max(FAR))
    };
    let far: Vec<&(&Column, [Vec<f64>; 2])> =
        numbers.iter().filter(|(_, [train, test])| apart(train, test).1).collect();
    let found: Vec<Misnamed> = far
        .iter()
        .filter_map(|(column, [_, test])| {
            let is_it = |other: &&&(&Column, [Vec<f64>; 2])| apart(&other.1[0], test).0;
            let other = far.iter().find(is_it)?;
            Some((column.name.clone(), other.0.name.clone()))
        })
        .collect();
    let is_exchange = found.len() >= 2 && found.len() as f64 >= MOST * far.len() as f64;
    if is_exchange { found } else { Vec::new() }
}

fn sorted(values: &Values) -> Option<Vec<f64>> {
    let Values::Numbers(numbers) = values else { return None };
    let known: Vec<f64> = numbers.iter().copied().filter(|number| number.is_finite()).collect();
    let step = known.len().div_ceil(MAX_NUMBERS).max(1);
    let mut some: Vec<f64> = known.into_iter().step_by(step).collect();
    some.sort_by(f64::total_cmp);
    (some.len() >= MIN_NUMBERS).then_some(some)
}

/// Kolmogorov's and Smirnov's distance of two sorted samples.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let (mut i, mut j, mut most) = (0, 0, 0.0_f64);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        let next = x.min(*y);
        i += a.get(i..).unwrap_or_default().iter().take_while(|x| **x <= next).count();
        j += b.get(j..).unwrap_or_default().iter().take_while(|y| **y <= next).count();
        most = most.max((i as f64 / a.len() as f64 - j as f64 / b.len() as f64).abs());
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, train: impl Fn(u64) -> f64, test: impl Fn(u64) -> f64) -> Column {
        let of = |value: &dyn Fn(u64) -> f64, seed: u64| {
            Values::Numbers(
                (0..300).map(|row| value(crate::quality::mixed(seed << 32 | row) % 1_000)).collect(),
            )
        };
        Column {
            name: name.to_owned(),
            kind: Kind::Number,
            train: of(&train, 1),
            test: of(&test, 2),
            distinct: 300,
        }
    }

    fn found(columns: Vec<Column>) -> Vec<(String, String)> {
        misnamed(&Columns { columns, ..Columns::default() })
    }

    #[test]
    fn exchanged_columns_are_known_by_what_they_hold() {
        let (small, great) = (|x: u64| x as f64, |x: u64| x as f64 * 3.0 + 500.0);
        let same = || column("c", small, small);
        assert_eq!(
            found(vec![column("a", small, great), column("b", great, small), same()]),
            [("a".to_owned(), "b".to_owned()), ("b".to_owned(), "a".to_owned())]
        );
        assert!(found(vec![column("a", small, small), column("b", great, great), same()]).is_empty());
        // Another time, another place.
        assert!(
            found(vec![column("a", small, great), column("b", great, |x| x as f64 * 9.0), same()]).is_empty()
        );
    }

    #[test]
    fn distance_is_that_of_the_distributions() {
        assert!((distance(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0])).abs() < 1e-12);
        assert!((distance(&[1.0, 2.0], &[3.0, 4.0]) - 1.0).abs() < 1e-12);
        assert!((distance(&[1.0, 2.0, 3.0, 4.0], &[2.5, 5.0]) - 0.5).abs() < 1e-12);
    }
}
