//! How well probabilities and scores tell what is true.

use crate::rank;

/// Probabilities are kept this far from 0 and 1.
const CLIP: f64 = 1e-15;

/// Mean loss of probabilities of `true`.
pub(super) fn log_loss(truth: &[bool], given: &[f64]) -> Option<f64> {
    let loss = |(yes, p): (&bool, &f64)| {
        let p = p.clamp(CLIP, 1.0 - CLIP);
        -(if *yes { p } else { 1.0 - p }).ln()
    };
    (!truth.is_empty()).then(|| truth.iter().zip(given).map(loss).sum::<f64>() / truth.len() as f64)
}

/// Mean loss of the distributions of rows; `rows` gives what is true and what is given, column by column.
pub(super) fn log_loss_of_rows(truth: &[Vec<f64>], given: &[Vec<f64>]) -> Option<f64> {
    let rows = truth.first()?.len();
    let mut sum = 0.0;
    for row in 0..rows {
        let at = |columns: &[Vec<f64>], column: usize| columns.get(column).and_then(|c| c.get(row)).copied();
        let all: f64 = (0..given.len()).filter_map(|column| at(given, column)).sum();
        for column in 0..truth.len() {
            let (t, p) = (at(truth, column)?, at(given, column)?);
            sum -= t * (p / all.max(CLIP)).clamp(CLIP, 1.0).ln();
        }
    }
    (rows > 0).then(|| sum / rows as f64)
}

/// The area under the ROC curve.
pub(super) fn auc(truth: &[bool], given: &[f64]) -> Option<f64> {
    rank::auc(given, truth)
}

/// The area under the curve of precision and recall, in steps.
pub(super) fn average_precision(truth: &[bool], given: &[f64]) -> Option<f64> {
    precision_recall(truth, given, |_, after| after)
}

/// The area under the same curve by trapezoids.
pub(super) fn precision_recall_area(truth: &[bool], given: &[f64]) -> Option<f64> {
    precision_recall(truth, given, |before, after| (after + before) / 2.0)
}

/// Sum over the steps of recall, each times what `height` makes of the precision before and after it.
fn precision_recall(truth: &[bool], given: &[f64], height: impl Fn(f64, f64) -> f64) -> Option<f64> {
    let mut order: Vec<(f64, bool)> = given.iter().copied().zip(truth.iter().copied()).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let all = truth.iter().filter(|yes| **yes).count() as f64;
    let (mut hits, mut seen, mut area, mut before) = (0.0, 0.0, 0.0, 1.0);
    for equal in order.chunk_by(|a, b| a.0 == b.0) {
        let new = equal.iter().filter(|(_, yes)| *yes).count() as f64;
        hits += new;
        seen += equal.len() as f64;
        let precision = hits / seen;
        area += new / all * height(before, precision);
        before = precision;
    }
    (all > 0.0).then_some(area)
}
