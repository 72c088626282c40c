//! How well outputs go with targets, on one scale for classes and numbers.

use crate::learn::Matrix;
use crate::rank::ranks;

/// The correlation of outputs and targets over all columns together: 0 for chance, 1 for perfect ones. Of numbers
/// the ranks are compared. Both tables have the same rows; `rows` says which of them count.
pub(super) fn correlation(outputs: &Matrix, targets: &Matrix, rows: &[usize], by_rank: bool) -> f64 {
    let (mut shared, mut own, mut other) = (0.0, 0.0, 0.0);
    for column in 0..targets.columns().min(outputs.columns()) {
        let pick = |matrix: &Matrix| -> Vec<f64> {
            let values: Vec<f64> = rows.iter().map(|&row| f64::from(matrix.row(row)[column])).collect();
            centred(if by_rank { ranks(&values) } else { values })
        };
        let (a, b) = (pick(outputs), pick(targets));
        shared += a.iter().zip(&b).map(|(a, b)| a * b).sum::<f64>();
        own += a.iter().map(|a| a * a).sum::<f64>();
        other += b.iter().map(|b| b * b).sum::<f64>();
    }
    let scale = (own * other).sqrt();
    if scale > 1e-12 { shared / scale } else { 0.0 }
}

/// By how many standard deviations a correlation over so many rows differs from chance.
pub(super) fn deviations(correlation: f64, rows: usize) -> f64 {
    correlation * (rows.saturating_sub(1) as f64).sqrt()
}

fn centred(values: Vec<f64>) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    values.into_iter().map(|value| value - mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_do_not_care_about_scale() {
        let outputs = Matrix::of_columns(4, &[vec![1.0, 2.0, 3.0, 4.0]]);
        let targets = Matrix::of_columns(4, &[vec![1.0, 10.0, 100.0, 1e9]]);
        let all = [0, 1, 2, 3];
        assert!((correlation(&outputs, &targets, &all, true) - 1.0).abs() < 1e-12);
        assert!(correlation(&outputs, &targets, &all, false) < 0.9);
        assert_eq!(correlation(&Matrix::zeros(4, 1), &targets, &all, true), 0.0);
        assert_eq!(ranks(&[3.0, 1.0, 3.0]), [1.5, 0.0, 1.5]);
    }
}
