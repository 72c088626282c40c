//! What the values of a column allow to ask.

use smith_task_schema::Formulation;
use smith_task_schema::profile::{ColumnKind, ColumnProfile};

use crate::relations::sample::Sampled;

/// Most classes of a plain classification.
const MANY_CLASSES: u64 = 50;
/// Most classes of any classification.
const MOST_CLASSES: u64 = 1_000;
/// Most different whole numbers that are read as classes in an order.
const ORDERED: u64 = 12;

/// What a column could be asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    pub(super) formulation: Formulation,
    pub(super) weight: f64,
    pub(super) reason: String,
    pub(super) classes: Option<u64>,
    pub(super) smallest: Option<u64>,
    pub(super) largest_share: Option<f64>,
}

/// True for two values: words of yes and no, 0 and 1, or any other pair.
pub(super) fn is_binary(column: &ColumnProfile) -> bool {
    column.distinct == 2
        && matches!(
            column.kind,
            ColumnKind::Boolean
                | ColumnKind::Category
                | ColumnKind::Integer
                | ColumnKind::Float
                | ColumnKind::Text
        )
}

/// What a column of numbers or classes could be asked for; none for keys, texts, paths, constants.
pub(super) fn of(column: &ColumnProfile, sampled: Option<&Sampled<'_>>, rows: u64) -> Option<Shape> {
    let present = rows.saturating_sub(column.missing);
    if column.distinct < 2 || column.constant || present < 2 {
        return None;
    }
    match column.kind {
        ColumnKind::Boolean | ColumnKind::Category => classes(column, sampled, present),
        ColumnKind::Integer | ColumnKind::Float if column.distinct == 2 => classes(column, sampled, present),
        ColumnKind::Integer | ColumnKind::Float if is_whole(column) && is_ordered(column, present) => {
            let mut shape = classes(column, sampled, present)?;
            shape.reason += "; whole numbers, so that a number can be asked for as well";
            Some(shape)
        }
        // A code that now and then is a number.
        ColumnKind::Mixed if column.unique => None,
        ColumnKind::Integer | ColumnKind::Float | ColumnKind::Mixed => Some(number(column, present)),
        ColumnKind::Text if column.distinct * 4 <= present && column.longest <= 60 => {
            classes(column, sampled, present)
        }
        _ => None,
    }
}

/// True for whole numbers, also when they are written as fractions (`3.0`).
pub(super) fn is_whole(column: &ColumnProfile) -> bool {
    let written = || column.examples.iter().chain(column.top.iter().map(|top| &top.value));
    let whole = |text: &String| text.trim().parse::<f64>().is_ok_and(|number| number.fract() == 0.0);
    column.kind == ColumnKind::Integer
        || column.kind == ColumnKind::Float && written().next().is_some() && written().all(whole)
}

/// The classes of whole numbers that repeat, whatever their number; none when most rows have one of their own.
pub(super) fn as_classes(column: &ColumnProfile, sampled: Option<&Sampled<'_>>, rows: u64) -> Option<Shape> {
    classes(column, sampled, rows.saturating_sub(column.missing)).filter(|_| is_whole(column))
}

/// True for few different whole numbers that lie close together.
fn is_ordered(column: &ColumnProfile, present: u64) -> bool {
    column.distinct <= ORDERED && column.distinct * 5 <= present
}

fn classes(column: &ColumnProfile, sampled: Option<&Sampled<'_>>, present: u64) -> Option<Shape> {
    let count = column.distinct;
    if count > MOST_CLASSES || present < count * 2 {
        return None;
    }
    let largest = column.top.first().map(|top| top.count).unwrap_or(0);
    let share = largest as f64 / present as f64;
    let smallest = smallest_class(column, sampled);
    let weight = match count {
        2 if share <= 0.95 => 0.2,
        2 => 0.14,
        3..=20 if share <= 0.95 => 0.16,
        3..=20 => 0.1,
        21..=MANY_CLASSES => 0.12,
        _ => 0.06,
    };
    Some(Shape {
        formulation: Formulation::Classification,
        weight,
        reason: format!("{count} classes, the largest {:.0} %", 100.0 * share),
        classes: Some(count),
        smallest,
        largest_share: (largest > 0).then_some(share),
    })
}

/// Rows of the smallest class, when they were all counted.
fn smallest_class(column: &ColumnProfile, sampled: Option<&Sampled<'_>>) -> Option<u64> {
    if column.distinct_exact && column.top.len() as u64 == column.distinct {
        return column.top.last().map(|top| top.count);
    }
    let sampled = sampled.filter(|sampled| sampled.distinct() as u64 == column.distinct)?;
    sampled.counts.iter().skip(1).filter(|&&count| count > 0).min().map(|&count| u64::from(count))
}

fn number(column: &ColumnProfile, present: u64) -> Shape {
    let integers = column.kind == ColumnKind::Integer;
    let zeros = column.zeros as f64 / present.max(1) as f64;
    let reason = if integers && zeros >= 0.3 {
        format!("whole numbers, {:.0} % of them zero", 100.0 * zeros)
    } else if integers {
        format!("whole numbers, {} different ones", column.distinct)
    } else {
        format!("numbers, {} different ones", column.distinct)
    };
    let spread = (column.distinct as f64 / present as f64).min(1.0);
    let weight = if spread >= 0.02 { 0.13 } else { 0.11 };
    Shape {
        formulation: Formulation::Regression,
        weight,
        reason,
        classes: None,
        smallest: None,
        largest_share: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relations::sample::Sample;
    use crate::relations::testing;

    fn shape(values: impl Iterator<Item = String>) -> Option<Shape> {
        let rows: Vec<String> = values.collect();
        let table = testing::table("t.csv", "x", &rows);
        let sample = Sample::of(&table);
        of(&table.facts.columns[0], sample.column(0), table.facts.rows)
    }

    #[test]
    fn classes_numbers_and_what_is_neither() {
        let classes = shape((0..60).map(|i| ["a", "b", "c"][i % 3].to_string())).unwrap();
        assert_eq!((classes.classes, classes.smallest), (Some(3), Some(20)));
        let stars = shape((0..60).map(|i| (i % 5 + 1).to_string())).unwrap();
        assert_eq!(stars.formulation, Formulation::Classification);
        let weights = shape((0..60).map(|i| format!("{}.5", i * 7 % 60))).unwrap();
        assert_eq!(weights.formulation, Formulation::Regression);
        assert_eq!(shape((0..60).map(|_| "same".to_string())), None);
        assert_eq!(shape((0..60).map(|i| format!("k{i}"))), None);
    }

    #[test]
    fn the_smallest_of_many_classes_is_counted_from_the_rows() {
        let many = shape((0..300).map(|i| format!("c{}", if i == 7 { 99 } else { i % 12 }))).unwrap();
        assert_eq!((many.classes, many.smallest), (Some(13), Some(1)));
    }
}
