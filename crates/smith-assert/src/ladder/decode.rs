//! Outputs of learners as cells of a submission.

use super::form::{Form, Group};
use crate::learn::Matrix;

/// How outputs are written: what a metric wants is not known beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Classes, numbers, probabilities: each form in its usual way.
    Usual,
    /// The other way: expected values of numbered classes, whole numbers, decided shares and marks.
    Other,
}

impl Style {
    pub(crate) const ALL: [Self; 2] = [Self::Usual, Self::Other];
}

/// Share above which a label belongs to a set.
const BELONGS: f32 = 0.35;

/// True when the two ways differ for a group.
pub(super) fn has_other(group: &Group) -> bool {
    match &group.form {
        Form::Classes { numbers, .. } => numbers.is_some(),
        Form::Numbers { whole, .. } => *whole,
        Form::Shares | Form::Marks => true,
        Form::Sets { .. } | Form::Copies => false,
    }
}

/// The cells of each column of a group, column by column.
pub(super) fn cells(group: &Group, outputs: &Matrix, is_log: bool, style: Style) -> Vec<Vec<String>> {
    let rows = 0..outputs.rows();
    let each = |write: &dyn Fn(&[f32], usize) -> String| -> Vec<Vec<String>> {
        (0..group.columns.len())
            .map(|column| rows.clone().map(|row| write(outputs.row(row), column)).collect())
            .collect()
    };
    let usual = style == Style::Usual;
    match &group.form {
        Form::Classes { numbers: Some(numbers), .. } if !usual => {
            each(&|row, _| expected(row, numbers).to_string())
        }
        Form::Classes { labels, .. } => {
            each(&|row, _| labels.get(strongest(row)).cloned().unwrap_or_default())
        }
        Form::Numbers { ranges, .. } => each(&|row, column| {
            let value = restored(row.get(column).copied().unwrap_or(0.0), is_log, ranges.get(column));
            if usual { value.to_string() } else { value.round().to_string() }
        }),
        Form::Shares if usual => each(&|row, column| row.get(column).copied().unwrap_or(0.0).to_string()),
        Form::Shares => each(&|row, column| u8::from(strongest(row) == column).to_string()),
        Form::Marks => each(&|row, column| {
            let value = row.get(column).copied().unwrap_or(0.0).clamp(0.0, 1.0);
            if usual { value.to_string() } else { u8::from(value > 0.5).to_string() }
        }),
        Form::Sets { labels, separator } => each(&|row, _| set(row, labels, *separator)),
        Form::Copies => Vec::new(),
    }
}

fn expected(row: &[f32], numbers: &[f64]) -> f64 {
    row.iter().zip(numbers).map(|(share, number)| f64::from(*share) * number).sum()
}

/// Position of the greatest; of equally great ones the first.
pub(super) fn strongest(row: &[f32]) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    for (at, value) in row.iter().enumerate() {
        if *value > best.1 {
            best = (at, *value);
        }
    }
    best.0
}

/// A number as it was before its logarithm was taken, within the range that is known.
fn restored(value: f32, is_log: bool, range: Option<&(f32, f32)>) -> f32 {
    let value = if is_log { value.exp_m1() } else { value };
    let (least, most) = range.copied().unwrap_or((f32::MIN, f32::MAX));
    if value.is_nan() { least } else { value.max(least).min(most) }
}

fn set(row: &[f32], labels: &[String], separator: char) -> String {
    let mut chosen: Vec<&str> = row
        .iter()
        .zip(labels)
        .filter(|(share, _)| **share > BELONGS)
        .map(|(_, label)| label.as_str())
        .collect();
    if chosen.is_empty() {
        chosen.extend(labels.get(strongest(row)).map(String::as_str));
    }
    chosen.join(&separator.to_string())
}
