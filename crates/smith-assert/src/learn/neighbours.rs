//! Nearest neighbours by Euclidean distance, all pairs compared.

use rayon::prelude::*;

use super::Matrix;

/// For each row of `of` the rows of `among` that are nearest, nearest first; of equally near ones the first.
pub(crate) fn nearest(among: &Matrix, of: &Matrix, count: usize) -> Vec<Vec<usize>> {
    let lengths: Vec<f32> = (0..among.rows()).map(|row| dot(among.row(row), among.row(row))).collect();
    let find = |row: usize| {
        let own = of.row(row);
        let mut best: Vec<(f32, usize)> = Vec::with_capacity(count + 1);
        for (other, length) in lengths.iter().enumerate() {
            // The length of the row itself is the same for all.
            let distance = length - 2.0 * dot(own, among.row(other));
            if best.len() < count || best.last().is_some_and(|(far, _)| distance < *far) {
                let at = best.partition_point(|(near, _)| *near <= distance);
                best.insert(at, (distance, other));
                best.truncate(count);
            }
        }
        best.into_iter().map(|(_, other)| other).collect()
    };
    (0..of.rows()).into_par_iter().map(find).collect()
}

/// The mean of what is known of the neighbours.
pub(crate) fn mean_of(neighbours: &[Vec<usize>], y: &Matrix) -> Matrix {
    let mut predicted = Matrix::zeros(neighbours.len(), y.columns());
    for (row, near) in neighbours.iter().enumerate() {
        let share = 1.0 / near.len().max(1) as f32;
        for &other in near {
            let sums = predicted.row_mut(row).iter_mut();
            sums.zip(y.row(other)).for_each(|(sum, value)| *sum += value * share);
        }
    }
    predicted
}

/// Eight sums side by side, which the compiler turns into vector instructions.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (a_parts, b_parts) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a_parts.remainder().iter().zip(b_parts.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_parts.zip(b_parts) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    sums.iter().sum::<f32>() + rest
}
