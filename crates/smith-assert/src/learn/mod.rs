//! Small learners for the calibration ladder: linear models, nearest neighbours and boosted trees. They are fast
//! rather than strong, and give the same predictions on any number of cores: sums are taken in a fixed order.

pub(crate) mod boosting;
pub(crate) mod linear;
mod matrix;
pub(crate) mod neighbours;
mod optimise;

pub(crate) use matrix::{Design, Matrix, Sparse};

/// What is made small, and with it what the outputs mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Cross-entropy of classes of which one holds; targets are 0 and 1, and predictions are probabilities.
    Softmax,
    /// Squared error of each output by itself.
    Squared,
}

/// Turns the outputs of a row into probabilities.
fn softmax(row: &mut [f64]) {
    let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for value in row.iter_mut() {
        *value = (*value - most).exp();
        sum += *value;
    }
    row.iter_mut().for_each(|value| *value /= sum);
}

#[cfg(test)]
mod tests;
