//! Gradient boosting of trees over binned columns.

mod bins;
mod tree;

use super::{Loss, Matrix, softmax};
pub(crate) use bins::Bins;
use tree::{Grower, Tree};

/// How trees are grown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// Trees for each output.
    pub(crate) rounds: usize,
    /// Splits on the way to a leaf.
    pub(crate) depth: usize,
    /// Share of each tree's correction that is applied.
    pub(crate) rate: f64,
    /// Fewest rows of a leaf.
    pub(crate) leaf_rows: usize,
    /// Penalty on the squares of the leaves.
    pub(crate) penalty: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { rounds: 60, depth: 5, rate: 0.1, leaf_rows: 20, penalty: 1.0 }
    }
}

/// Boosted trees.
pub(crate) struct Boosted {
    bins: Bins,
    base: Vec<f64>,
    /// Round by round one tree for each output.
    rounds: Vec<Vec<Tree>>,
    loss: Loss,
}

/// Fits trees to the targets. Values that are no numbers count as missing.
pub(crate) fn fit(x: &Matrix, y: &Matrix, loss: Loss, settings: &Settings) -> Boosted {
    let bins = Bins::of(x);
    let binned = bins.bin(x);
    let base = base_of(y, loss);
    let outputs = y.columns();
    let mut scores: Vec<f64> = base.iter().copied().cycle().take(y.rows() * outputs).collect();
    let mut grower = Grower::new(&binned, &bins, settings);
    let mut rounds = Vec::with_capacity(settings.rounds);
    for _ in 0..settings.rounds {
        let expected = expected(&scores, outputs, loss);
        let mut trees = Vec::with_capacity(outputs);
        for output in 0..outputs {
            let slopes: Vec<(f64, f64)> = (0..y.rows())
                .map(|row| {
                    let now = expected[row * outputs + output];
                    let curvature = if loss == Loss::Softmax { now * (1.0 - now) } else { 1.0 };
                    (now - f64::from(y.row(row)[output]), curvature)
                })
                .collect();
            let (tree, leaves) = grower.grow(&slopes);
            for (row, value) in leaves {
                scores[row * outputs + output] += value;
            }
            trees.push(tree);
        }
        rounds.push(trees);
    }
    Boosted { bins, base, rounds, loss }
}

/// The best constant scores.
fn base_of(y: &Matrix, loss: Loss) -> Vec<f64> {
    let means = y.means();
    match loss {
        Loss::Squared => means,
        Loss::Softmax => means.into_iter().map(|share| share.max(1e-6).ln()).collect(),
    }
}

/// What the scores say of the targets.
fn expected(scores: &[f64], outputs: usize, loss: Loss) -> Vec<f64> {
    let mut expected = scores.to_vec();
    if loss == Loss::Softmax {
        expected.chunks_exact_mut(outputs.max(1)).for_each(softmax);
    }
    expected
}

impl Boosted {
    /// The outputs for each row: probabilities of classes, or numbers.
    pub(crate) fn predict(&self, x: &Matrix) -> Matrix {
        let binned = self.bins.bin(x);
        let mut predicted = Matrix::zeros(x.rows(), self.base.len());
        for row in 0..x.rows() {
            let mut scores = self.base.clone();
            for trees in &self.rounds {
                scores.iter_mut().zip(trees).for_each(|(score, tree)| *score += tree.value(&binned, row));
            }
            if self.loss == Loss::Softmax {
                softmax(&mut scores);
            }
            predicted.row_mut(row).iter_mut().zip(scores).for_each(|(to, value)| *to = value as f32);
        }
        predicted
    }
}
