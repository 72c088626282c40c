//! The maximum of the Bradley–Terry likelihood, by Newton steps.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use super::comparisons::Pair;
use crate::StatsError;

/// Steps after which the search is given up; a usual one takes five.
const MAX_STEPS: usize = 200;
/// The largest change of a difference of two strengths at which the search ends, in natural units. Newton squares the
/// error, so what is left is some 1e-12: less than a billionth of a point.
const SMALL_STEP: f64 = 1e-6;

/// Strengths in natural units (log-odds), with mean zero: the maximum of Σ w·ln σ(θ_winner − θ_loser) − ridge/2·Σ θ².
///
/// # Errors
/// [`StatsError::NotConverged`]; never when there is a ridge, or one tier of models whose weights are alike.
pub(crate) fn strengths(
    pairs: &[Pair],
    models: usize,
    ridge: f64,
    start: &[f64],
) -> Result<Vec<f64>, StatsError> {
    // Far off, the likelihood is flat to the last digit; in the middle it never is.
    match climb(pairs, models, ridge, start) {
        Err(StatsError::NotConverged { .. }) if !start.is_empty() => climb(pairs, models, ridge, &[]),
        result => result,
    }
}

fn climb(pairs: &[Pair], models: usize, ridge: f64, start: &[f64]) -> Result<Vec<f64>, StatsError> {
    let mut theta = DVector::from_fn(models, |model, _| start.get(model).copied().unwrap_or(0.0));
    let mut matrix = DMatrix::zeros(models, models);
    let mut step = DVector::zeros(models);
    for _ in 0..MAX_STEPS {
        derivatives(pairs, ridge, &theta, &mut matrix, &mut step);
        let Some(decomposed) = Cholesky::new(matrix) else { break };
        decomposed.solve_mut(&mut step);
        let reach = step.max() - step.min();
        if !reach.is_finite() {
            break;
        }
        theta.axpy(damping(reach), &step, 1.0);
        if reach < SMALL_STEP {
            let mean = theta.mean();
            return Ok(theta.iter().map(|strength| strength - mean).collect());
        }
        matrix = decomposed.unpack_dirty();
    }
    Err(StatsError::NotConverged { steps: MAX_STEPS })
}

/// How much of a Newton step is gone. The third derivative of this likelihood is at most its second times the change of
/// a difference, for which ln(1 + r)/r of the step always climbs, and the whole of it below r = 1 (Bach 2010).
fn damping(reach: f64) -> f64 {
    if reach <= 1.0 { 1.0 } else { reach.ln_1p() / reach }
}

/// The decomposed information at some strengths, with the direction in which all strengths move together made regular.
pub(crate) fn information(pairs: &[Pair], ridge: f64, theta: &[f64]) -> Option<Cholesky<f64, Dyn>> {
    let models = theta.len();
    let (mut matrix, mut gradient) = (DMatrix::zeros(models, models), DVector::zeros(models));
    derivatives(pairs, ridge, &DVector::from_column_slice(theta), &mut matrix, &mut gradient);
    Cholesky::new(matrix)
}

/// Gradient of the log-likelihood, and the lower half of its negative second derivative.
fn derivatives(
    pairs: &[Pair],
    ridge: f64,
    theta: &DVector<f64>,
    matrix: &mut DMatrix<f64>,
    gradient: &mut DVector<f64>,
) {
    matrix.fill(0.0);
    gradient.fill(0.0);
    for pair in pairs {
        let (first, second) = (pair.first as usize, pair.second as usize);
        let (wins, losses) = chances(theta[first] - theta[second]);
        // Not won − weight·chance: near certainty that difference would have no digits left.
        let pull = pair.won * losses - pair.lost * wins;
        gradient[first] += pull;
        gradient[second] -= pull;
        let curvature = pair.weight() * wins * losses;
        matrix[(first, first)] += curvature;
        matrix[(second, second)] += curvature;
        matrix[(second, first)] -= curvature;
    }
    let models = theta.len();
    // A constant in every cell leaves all differences alone and makes the matrix regular; this one keeps its condition.
    let level = (matrix.trace() / models as f64 / models as f64).max(f64::MIN_POSITIVE);
    for column in 0..models {
        let diagonal = matrix[(column, column)] + ridge;
        // A model without a comparison stays where it is.
        matrix[(column, column)] = if diagonal > 0.0 { diagonal } else { 1.0 };
        for row in column..models {
            matrix[(row, column)] += level;
        }
        gradient[column] -= ridge * theta[column];
    }
}

/// Chances of winning and losing at a difference of strengths, both to full relative precision.
pub(crate) fn chances(difference: f64) -> (f64, f64) {
    let odds = (-difference.abs()).exp();
    let (likely, unlikely) = (1.0 / (1.0 + odds), odds / (1.0 + odds));
    if difference >= 0.0 { (likely, unlikely) } else { (unlikely, likely) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(first: u32, second: u32, won: f64, lost: f64) -> Pair {
        Pair { first, second, won, lost }
    }

    #[test]
    fn two_models_have_a_closed_form() {
        for (won, lost) in [(3.0, 1.0), (1.0, 1.0), (0.5, 999.5), (1e9, 1.0), (1e-9, 1.0)] {
            let theta = strengths(&[pair(0, 1, won, lost)], 2, 0.0, &[]).unwrap();
            let expected: f64 = won / lost;
            assert!((theta[0] - theta[1] - expected.ln()).abs() < 1e-11, "{won} {lost}: {theta:?}");
            assert!((theta[0] + theta[1]).abs() < 1e-12);
        }
    }

    #[test]
    fn the_gradient_vanishes_wherever_the_search_begins() {
        let pairs =
            [pair(0, 1, 30.0, 2.0), pair(1, 2, 1.0, 40.5), pair(0, 2, 0.5, 7.0), pair(2, 3, 3.0, 3.0)];
        let theta = strengths(&pairs, 4, 0.0, &[]).unwrap();
        for start in [[9.0, -9.0, 9.0, -9.0], [-30.0, 30.0, 0.0, 100.0]] {
            let again = strengths(&pairs, 4, 0.0, &start).unwrap();
            for (a, b) in theta.iter().zip(&again) {
                assert!((a - b).abs() < 1e-10, "{theta:?} {again:?}");
            }
        }
        for model in 0..4 {
            let pull: f64 = pairs
                .iter()
                .map(|pair| {
                    let p = chances(theta[pair.first as usize] - theta[pair.second as usize]).0;
                    let pull = pair.won - pair.weight() * p;
                    if pair.first == model {
                        pull
                    } else if pair.second == model {
                        -pull
                    } else {
                        0.0
                    }
                })
                .sum();
            assert!(pull.abs() < 1e-10, "{model}: {pull}");
        }
    }

    #[test]
    fn without_a_maximum_there_is_no_answer_and_a_ridge_gives_one() {
        let undefeated = [pair(0, 1, 5.0, 0.0), pair(1, 2, 1.0, 1.0)];
        assert!(matches!(strengths(&undefeated, 3, 0.0, &[]), Err(StatsError::NotConverged { .. })));
        let theta = strengths(&undefeated, 3, 0.25, &[]).unwrap();
        assert!(theta[0] > theta[1] && theta[0] < 10.0, "{theta:?}");
    }
}
