//! Ridge regression and multinomial logistic regression.

use rayon::prelude::*;

use super::optimise::minimise;
use super::{Design, Loss, Matrix, softmax};

/// Parts whose gradients are summed one after the other, whatever the number of cores.
const PARTS: usize = 8;
/// Steps of the optimiser.
const STEPS: usize = 50;
/// Largest slope of the mean loss at which it stops.
const TOLERANCE: f64 = 1e-5;

/// A linear model: for each column of the design and for the constant one weight for each output.
pub(crate) struct Linear {
    weights: Vec<f64>,
    outputs: usize,
    loss: Loss,
}

/// Fits the weights. `penalty` is that of their squares beside the sum of the losses, as in `C = 1 / penalty` and
/// `alpha = penalty`; the constant is free.
pub(crate) fn fit(x: &Design, y: &Matrix, loss: Loss, penalty: f64) -> Linear {
    let outputs = y.columns();
    let mut start = vec![0.0; (x.columns() + 1) * outputs];
    let constants = x.columns() * outputs;
    for (weight, mean) in start[constants..].iter_mut().zip(y.means()) {
        *weight = if loss == Loss::Softmax { mean.max(1e-6).ln() } else { mean };
    }
    let tolerance = TOLERANCE * x.rows as f64;
    let weights = minimise(start, STEPS, tolerance, |weights, gradient| {
        let value = loss_and_gradient(x, y, loss, weights, gradient);
        let penalised = weights[..constants].iter().zip(&mut *gradient);
        let squares: f64 = penalised
            .map(|(weight, slope)| {
                *slope += penalty * weight;
                weight * weight
            })
            .sum();
        value + 0.5 * penalty * squares
    });
    Linear { weights, outputs, loss }
}

fn loss_and_gradient(x: &Design, y: &Matrix, loss: Loss, weights: &[f64], gradient: &mut [f64]) -> f64 {
    let rows: Vec<usize> = (0..x.rows).collect();
    let parts: Vec<(f64, Vec<f64>)> = rows
        .par_chunks(x.rows.div_ceil(PARTS).max(1))
        .map(|rows| {
            let mut slopes = vec![0.0; weights.len()];
            let value = rows.iter().map(|&row| add_row(x, y, loss, weights, row, &mut slopes)).sum();
            (value, slopes)
        })
        .collect();
    gradient.fill(0.0);
    let mut value = 0.0;
    for (part, slopes) in parts {
        value += part;
        gradient.iter_mut().zip(slopes).for_each(|(sum, slope)| *sum += slope);
    }
    value
}

/// The loss of a row; its slopes are added.
fn add_row(x: &Design, y: &Matrix, loss: Loss, weights: &[f64], row: usize, slopes: &mut [f64]) -> f64 {
    let outputs = y.columns();
    let mut errors = outputs_of(x, weights, outputs, row);
    let mut value = 0.0;
    if loss == Loss::Softmax {
        softmax(&mut errors);
    }
    for (error, &target) in errors.iter_mut().zip(y.row(row)) {
        let target = f64::from(target);
        if loss == Loss::Softmax && target > 0.0 {
            value -= target * error.max(1e-300).ln();
        }
        *error -= target;
        if loss == Loss::Squared {
            value += 0.5 * *error * *error;
        }
    }
    for (column, number) in x.row(row).chain([(x.columns(), 1.0)]) {
        let number = f64::from(number);
        let own = slopes[column * outputs..(column + 1) * outputs].iter_mut();
        own.zip(&errors).for_each(|(slope, error)| *slope += number * error);
    }
    value
}

fn outputs_of(x: &Design, weights: &[f64], outputs: usize, row: usize) -> Vec<f64> {
    let mut sums = vec![0.0; outputs];
    for (column, number) in x.row(row).chain([(x.columns(), 1.0)]) {
        let number = f64::from(number);
        let own = &weights[column * outputs..(column + 1) * outputs];
        sums.iter_mut().zip(own).for_each(|(sum, weight)| *sum += number * weight);
    }
    sums
}

impl Linear {
    /// The outputs for each row.
    pub(crate) fn predict(&self, x: &Design) -> Matrix {
        let mut predicted = Matrix::zeros(x.rows, self.outputs);
        for row in 0..x.rows {
            let mut outputs = outputs_of(x, &self.weights, self.outputs, row);
            if self.loss == Loss::Softmax {
                softmax(&mut outputs);
            }
            predicted.row_mut(row).iter_mut().zip(outputs).for_each(|(to, value)| *to = value as f32);
        }
        predicted
    }
}
