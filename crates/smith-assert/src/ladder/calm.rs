//! Probabilities that are as sure as they may be: few examples make learners surer than they are right, which a metric
//! such as the logarithmic loss punishes more than guessing.

use crate::learn::Matrix;

/// Temperatures that are tried; 1 leaves probabilities as they are.
const TEMPERATURES: [f32; 7] = [1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 16.0];
/// Probability below which none counts as.
const LEAST: f32 = 1e-7;

/// The temperature at which probabilities of examples that were held back cost least.
pub(super) fn temperature(outputs: &Matrix, targets: &Matrix, rows: &[usize]) -> f32 {
    let cost = |temperature: f32| -> f64 {
        let of_row = |row: &usize| {
            let mut cooled = outputs.row(*row).to_vec();
            cool_row(&mut cooled, temperature);
            let pairs = cooled.iter().zip(targets.row(*row));
            pairs.map(|(share, target)| f64::from(*target) * -f64::from(share.max(LEAST)).ln()).sum::<f64>()
        };
        rows.iter().map(of_row).sum()
    };
    let tried = TEMPERATURES.map(|temperature| (cost(temperature), temperature));
    tried.into_iter().reduce(|a, b| if b.0 < a.0 { b } else { a }).map_or(1.0, |(_, best)| best)
}

/// Draws the probabilities of each row together; the order within a row stays.
pub(super) fn cool(outputs: &mut Matrix, temperature: f32) {
    (0..outputs.rows()).for_each(|row| cool_row(outputs.row_mut(row), temperature));
}

fn cool_row(row: &mut [f32], temperature: f32) {
    row.iter_mut().for_each(|share| *share = share.max(LEAST).powf(1.0 / temperature));
    let sum: f32 = row.iter().sum();
    row.iter_mut().for_each(|share| *share /= sum);
}

/// Shares among so many neighbours, with one more that is as likely as all examples are.
pub(super) fn towards(outputs: &mut Matrix, means: &[f64], neighbours: usize) {
    let own = neighbours as f32 / (neighbours as f32 + 1.0);
    for row in 0..outputs.rows() {
        let shares = outputs.row_mut(row).iter_mut().zip(means);
        shares.for_each(|(share, mean)| *share = *share * own + *mean as f32 * (1.0 - own));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_sure_is_cooled_and_keeps_its_order() {
        // Right in three of four cases, and sure of all.
        let sure = vec![0.999, 0.999, 0.999, 0.999];
        let mut outputs =
            Matrix::of_columns(4, &[sure.clone(), sure.iter().map(|share| 1.0 - share).collect()]);
        let targets = Matrix::of_columns(4, &[vec![1.0, 1.0, 1.0, 0.0], vec![0.0, 0.0, 0.0, 1.0]]);
        let found = temperature(&outputs, &targets, &[0, 1, 2, 3]);
        assert!((5.0..=8.0).contains(&found), "{found}");
        cool(&mut outputs, found);
        let [first, second] = outputs.row(0) else { panic!() };
        assert!(*first < 0.85 && first > second && (first + second - 1.0).abs() < 1e-6);
    }
}
