//! Standard errors of strengths that hold when the model does not: the sandwich of Huber and White.

use std::collections::BTreeMap;

use nalgebra::DVector;

use super::battles::{Row, Winner};
use super::bootstrap::Unit;
use super::comparisons::{Pair, cells, halves};
use super::newton::{chances, information};

/// Standard errors of the centred strengths, in natural units: H⁻¹ (Σ g gᵀ) H⁻¹ with one score vector g for each unit,
/// times G/(G − 1) for G units. None with fewer than two units, or tasks that not every battle has.
pub(crate) fn errors(
    unit: Unit,
    rows: &[Row],
    pairs: &[Pair],
    ridge: f64,
    theta: &[f64],
) -> Option<Vec<f64>> {
    let inverse = information(pairs, ridge, theta)?.inverse();
    let models = theta.len();
    let mut variances = vec![0.0_f64; models];
    let mut add = |score: &Sparse, times: f64| {
        let mut influence = DVector::zeros(models);
        for (&model, &pull) in score {
            influence.axpy(pull, &inverse.column(model as usize), 1.0);
        }
        // What moves all strengths alike moves no rating.
        let mean = influence.mean();
        for (variance, change) in variances.iter_mut().zip(&influence) {
            *variance += times * (change - mean).powi(2);
        }
    };
    let units = match unit {
        Unit::Tasks => {
            let scores = task_scores(rows, theta)?;
            scores.values().for_each(|score| add(score, 1.0));
            scores.len()
        }
        Unit::Battles => {
            // All battles of a pair pull in one direction, and only the squares of their pulls are summed.
            let mut squares = vec![0.0_f64; pairs.len()];
            for cell in cells(rows, pairs, models) {
                let Pair { first, second, .. } = pairs[cell.pair as usize];
                let pull = pull(cell.winner, cell.weight, first, second, theta);
                squares[cell.pair as usize] += cell.count as f64 * pull * pull;
            }
            for (pair, square) in pairs.iter().zip(squares) {
                add(&Sparse::from([(pair.first, 1.0), (pair.second, -1.0)]), square);
            }
            rows.len()
        }
    };
    let correction = (units >= 2).then(|| units as f64 / (units as f64 - 1.0))?;
    let errors: Vec<f64> = variances.iter().map(|variance| (variance * correction).sqrt()).collect();
    errors.iter().all(|error| error.is_finite()).then_some(errors)
}

/// Derivative of a log-likelihood by the strengths of the models that it touches.
type Sparse = BTreeMap<u32, f64>;

/// How much a battle of weight `weight` between two models pulls the first one up.
fn pull(winner: Winner, weight: f64, first: u32, second: u32, theta: &[f64]) -> f64 {
    let (won, lost) = halves(winner, weight);
    let (wins, losses) = chances(theta[first as usize] - theta[second as usize]);
    won * losses - lost * wins
}

fn task_scores(rows: &[Row], theta: &[f64]) -> Option<BTreeMap<u32, Sparse>> {
    let mut scores: BTreeMap<u32, Sparse> = BTreeMap::new();
    for row in rows {
        let score = scores.entry(row.task?).or_default();
        let pull = pull(row.winner, row.weight, row.first, row.second, theta);
        *score.entry(row.first).or_default() += pull;
        *score.entry(row.second).or_default() -= pull;
    }
    Some(scores)
}
