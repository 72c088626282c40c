//! Parts of the training examples that are predicted from the others.

use super::chance::Chance;

/// Examples up to which every one is predicted once; of more a third is.
const SEVERAL: usize = 3_000;
const FOLDS: usize = 3;
/// Fewer examples are not divided.
const LEAST: usize = 40;

/// Positions that are learnt from and positions that are predicted, part by part.
pub(super) fn folds(rows: &[usize]) -> Vec<(Vec<usize>, Vec<usize>)> {
    if rows.len() < LEAST {
        return Vec::new();
    }
    let mut order: Vec<usize> =
        Chance::new(11).order(rows.len()).into_iter().filter_map(|at| rows.get(at).copied()).collect();
    let count = if rows.len() <= SEVERAL { FOLDS } else { 1 };
    let size = order.len() / FOLDS;
    (0..count)
        .map(|_| {
            order.rotate_left(size);
            let (held, rest) = order.split_at(size);
            let (mut held, mut rest) = (held.to_vec(), rest.to_vec());
            held.sort_unstable();
            rest.sort_unstable();
            (rest, held)
        })
        .collect()
}
