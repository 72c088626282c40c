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
    // With a number of outputs that is known in advance the innermost loops need not count.
    let parts = match y.columns() {
        1 => parts(x, y, loss, weights, &[0.0; 1]),
        2 => parts(x, y, loss, weights, &[0.0; 2]),
        3 => parts(x, y, loss, weights, &[0.0; 3]),
        4 => parts(x, y, loss, weights, &[0.0; 4]),
        5 => parts(x, y, loss, weights, &[0.0; 5]),
        outputs => parts(x, y, loss, weights, &vec![0.0; outputs]),
    };
    gradient.fill(0.0);
    let mut value = 0.0;
    for (part, slopes) in parts {
        value += part;
        gradient.iter_mut().zip(slopes).for_each(|(sum, slope)| *sum += slope);
    }
    value
}

/// A number for each output.
trait Outputs: AsRef<[f64]> + AsMut<[f64]> + Clone + Sync {}

impl<T: AsRef<[f64]> + AsMut<[f64]> + Clone + Sync> Outputs for T {}

/// Loss and slopes of each part of the rows.
fn parts(x: &Design, y: &Matrix, loss: Loss, weights: &[f64], zeros: &impl Outputs) -> Vec<(f64, Vec<f64>)> {
    let rows: Vec<usize> = (0..x.rows).collect();
    rows.par_chunks(x.rows.div_ceil(PARTS).max(1))
        .map(|rows| {
            let (mut slopes, mut errors) = (vec![0.0; weights.len()], zeros.clone());
            let add = |&row: &usize| add_row(x, y, loss, weights, row, &mut errors, &mut slopes);
            (rows.iter().map(add).sum(), slopes)
        })
        .collect()
}

/// The loss of a row; its slopes are added.
fn add_row(
    x: &Design,
    y: &Matrix,
    loss: Loss,
    weights: &[f64],
    row: usize,
    errors: &mut impl Outputs,
    slopes: &mut [f64],
) -> f64 {
    outputs_of(x, weights, row, errors);
    let errors = errors.as_mut();
    let mut value = 0.0;
    if loss == Loss::Softmax {
        softmax(errors);
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
    let add = |own: &mut [f64], number: f32| {
        let number = f64::from(number);
        own.iter_mut().zip(&*errors).for_each(|(slope, error)| *slope += number * error);
    };
    let (dense, others) = slopes.split_at_mut(x.dense.columns() * errors.len());
    dense
        .chunks_exact_mut(errors.len().max(1))
        .zip(x.dense_row(row))
        .for_each(|(own, &number)| add(own, number));
    for &(column, number) in x.sparse_row(row) {
        add(&mut others[column as usize * errors.len()..][..errors.len()], number);
    }
    let constants = others.len() - errors.len();
    add(&mut others[constants..], 1.0);
    value
}

/// The sums of a row's weights, output by output.
fn outputs_of(x: &Design, weights: &[f64], row: usize, sums: &mut impl Outputs) {
    let sums = sums.as_mut();
    let outputs = sums.len();
    sums.fill(0.0);
    let mut add = |own: &[f64], number: f32| {
        let number = f64::from(number);
        sums.iter_mut().zip(own).for_each(|(sum, weight)| *sum += number * weight);
    };
    let (dense, others) = weights.split_at(x.dense.columns() * outputs);
    dense.chunks_exact(outputs.max(1)).zip(x.dense_row(row)).for_each(|(own, &number)| add(own, number));
    for &(column, number) in x.sparse_row(row) {
        add(&others[column as usize * outputs..][..outputs], number);
    }
    add(&others[others.len() - outputs..], 1.0);
}

impl Linear {
    /// The outputs for each row.
    pub(crate) fn predict(&self, x: &Design) -> Matrix {
        let mut predicted = Matrix::zeros(x.rows, self.outputs);
        let mut outputs = vec![0.0; self.outputs];
        for row in 0..x.rows {
            outputs_of(x, &self.weights, row, &mut outputs);
            if self.loss == Loss::Softmax {
                softmax(&mut outputs);
            }
            predicted.row_mut(row).iter_mut().zip(&outputs).for_each(|(to, value)| *to = *value as f32);
        }
        predicted
    }
}
