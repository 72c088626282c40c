//! How well training examples and test examples can be told apart by their features.

use super::chance::{Chance, spread};
use super::climb::{Learner, predict};
use super::problem::Problem;
use crate::features::encode;
use crate::learn::{Loss, Matrix};

/// Examples of a side that are compared.
const MOST: usize = 1_500;

/// The probability that a learner gives a test example a higher score than a training example, on examples that it had
/// not seen: 0.5 when the sides look the same.
pub(crate) fn separability(problem: &Problem) -> f64 {
    let train = spread(problem.train, MOST);
    let test = spread(problem.test(), MOST).into_iter().map(|at| at + problem.train);
    let all: Vec<usize> = train.into_iter().chain(test).collect();
    let rows: Vec<usize> =
        Chance::new(5).order(all.len()).into_iter().filter_map(|at| all.get(at).copied()).collect();
    let (learnt, held) = rows.split_at(rows.len() / 2);
    let is_test = |row: &usize| f32::from(u8::from(*row >= problem.train));
    let y = Matrix::of_columns(learnt.len(), &[learnt.iter().map(is_test).collect()]);
    let encoded = encode(&problem.raw, learnt, &y, held);
    let (outputs, _) = predict(Learner::Boosting, &encoded, &y, Loss::Squared);
    let mut scored: Vec<(f32, bool)> =
        held.iter().zip(outputs.column(0)).map(|(row, score)| (score, is_test(row) > 0.0)).collect();
    scored.sort_by(|a, b| a.0.total_cmp(&b.0));
    area(&scored)
}

/// The area under the curve of scores in order.
fn area(scored: &[(f32, bool)]) -> f64 {
    let (mut below, mut wins) = (0.0, 0.0);
    for equal in scored.chunk_by(|a, b| a.0 == b.0) {
        let high = equal.iter().filter(|(_, is)| *is).count() as f64;
        let low = equal.len() as f64 - high;
        wins += high * (below + low / 2.0);
        below += low;
    }
    let high = scored.len() as f64 - below;
    if high > 0.0 && below > 0.0 { wins / (high * below) } else { 0.5 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_count_ties_half() {
        let of = |pairs: &[(f32, bool)]| area(pairs);
        assert_eq!(of(&[(0.1, false), (0.2, true)]), 1.0);
        assert_eq!(of(&[(0.1, true), (0.2, false)]), 0.0);
        assert_eq!(of(&[(0.1, true), (0.1, false)]), 0.5);
        assert_eq!(of(&[(0.1, true)]), 0.5);
    }
}
