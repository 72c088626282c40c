//! Known values as numbers that learners can learn.

use std::collections::HashMap;

use smith_data::TextColumn;

use super::form::{Form, Group, canonical, labels_of};
use crate::learn::{Loss, Matrix};
use crate::subject::number;

/// Ratio of the greatest to the median number from which logarithms are learnt.
const SKEWED: f32 = 50.0;

/// What learners learn for a group of columns.
pub(crate) struct Target {
    pub(crate) loss: Loss,
    pub(crate) y: Matrix,
    /// True when `y` holds logarithms of one plus the numbers.
    pub(crate) is_log: bool,
    /// Rows of `y` whose value is known.
    pub(crate) known: Vec<usize>,
}

/// The values of a group in these rows. None for what can only be copied.
pub(super) fn target(
    group: &Group,
    columns: &[TextColumn],
    rows: &[usize],
    is_log: Option<bool>,
) -> Option<Target> {
    let cells: Vec<&TextColumn> = group.columns.iter().filter_map(|&at| columns.get(at)).collect();
    let (mut y, loss) = match &group.form {
        Form::Classes { labels, .. } => (one_of(cells.first()?, rows, labels), Loss::Softmax),
        Form::Sets { labels, separator } => (any_of(cells.first()?, rows, labels, *separator), Loss::Squared),
        Form::Shares => (numbers(&cells, rows), Loss::Softmax),
        Form::Marks | Form::Numbers { .. } => (numbers(&cells, rows), Loss::Squared),
        Form::Copies => return None,
    };
    let known: Vec<usize> = (0..rows.len()).filter(|&row| is_known(group, &y, row)).collect();
    let is_log = match (&group.form, is_log) {
        (Form::Numbers { .. }, Some(is_log)) => is_log,
        (Form::Numbers { .. }, None) => is_skewed(&y, &known),
        _ => false,
    };
    if is_log {
        (0..y.rows())
            .for_each(|row| y.row_mut(row).iter_mut().for_each(|value| *value = value.max(0.0).ln_1p()));
    }
    Some(Target { loss, y, is_log, known })
}

fn is_known(group: &Group, y: &Matrix, row: usize) -> bool {
    match group.form {
        Form::Classes { .. } => y.row(row).iter().any(|value| *value > 0.0),
        _ => y.row(row).iter().all(|value| value.is_finite()),
    }
}

fn one_of(cells: &TextColumn, rows: &[usize], labels: &[String]) -> Matrix {
    let positions: HashMap<String, usize> =
        labels.iter().enumerate().map(|(at, label)| (canonical(label), at)).collect();
    let mut y = Matrix::zeros(rows.len(), labels.len());
    for (at, &row) in rows.iter().enumerate() {
        if let Some(&label) = positions.get(&canonical(cells.get(row))) {
            y.row_mut(at)[label] = 1.0;
        }
    }
    y
}

fn any_of(cells: &TextColumn, rows: &[usize], labels: &[String], separator: char) -> Matrix {
    let positions: HashMap<&str, usize> =
        labels.iter().enumerate().map(|(at, label)| (label.as_str(), at)).collect();
    let mut y = Matrix::zeros(rows.len(), labels.len());
    for (at, &row) in rows.iter().enumerate() {
        for label in labels_of(cells.get(row), separator).filter_map(|label| positions.get(label)) {
            y.row_mut(at)[*label] = 1.0;
        }
    }
    y
}

fn numbers(cells: &[&TextColumn], rows: &[usize]) -> Matrix {
    let column = |cells: &&TextColumn| {
        rows.iter().map(|&row| number(cells.get(row)).map_or(f32::NAN, |value| value as f32)).collect()
    };
    Matrix::of_columns(rows.len(), &cells.iter().map(column).collect::<Vec<Vec<f32>>>())
}

/// True for numbers of many sizes, none of them negative.
fn is_skewed(y: &Matrix, known: &[usize]) -> bool {
    let mut values: Vec<f32> = known.iter().flat_map(|&row| y.row(row)).copied().collect();
    values.sort_unstable_by(f32::total_cmp);
    let (Some(&least), Some(&most)) = (values.first(), values.last()) else { return false };
    let median = values.get(values.len() / 2).copied().unwrap_or(0.0);
    least >= 0.0 && median > 0.0 && most > SKEWED * median
}
