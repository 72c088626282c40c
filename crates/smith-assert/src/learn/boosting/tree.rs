//! One tree, grown level by level.

use rayon::prelude::*;

use super::Settings;
use super::bins::{Binned, Bins};

/// Least gain and curvature for which rows are split.
const LEAST_GAIN: f64 = 1e-7;
const LEAST_CURVATURE: f64 = 1e-3;

/// Nodes, the root first.
pub(super) struct Tree {
    nodes: Vec<Node>,
}

enum Node {
    Leaf(f64),
    Split { split: Split, left: usize, right: usize },
}

/// Rows whose bin is at most `bin` go left; those without a value where `missing_left` says.
#[derive(Debug, Clone, Copy)]
struct Split {
    column: usize,
    bin: u8,
    missing_left: bool,
    gain: f64,
}

impl Split {
    fn goes_left(&self, bin: u8) -> bool {
        if bin == 0 { self.missing_left } else { bin <= self.bin }
    }
}

/// Sums over rows.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    slope: f64,
    curvature: f64,
    rows: f64,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.slope += other.slope;
        self.curvature += other.curvature;
        self.rows += other.rows;
    }

    fn minus(&self, other: &Self) -> Self {
        Self {
            slope: self.slope - other.slope,
            curvature: self.curvature - other.curvature,
            rows: self.rows - other.rows,
        }
    }

    fn merit(&self, penalty: f64) -> f64 {
        self.slope * self.slope / (self.curvature + penalty).max(f64::MIN_POSITIVE)
    }
}

/// Sums for each bin of each column.
type Histogram = Vec<Vec<Sums>>;

/// Rows that are not split yet.
struct Open {
    node: usize,
    rows: Vec<u32>,
    total: Sums,
    histogram: Histogram,
}

/// Grows trees over the same rows.
pub(super) struct Grower<'a> {
    binned: &'a Binned,
    bins: &'a Bins,
    settings: &'a Settings,
}

impl<'a> Grower<'a> {
    pub(super) fn new(binned: &'a Binned, bins: &'a Bins, settings: &'a Settings) -> Self {
        Self { binned, bins, settings }
    }

    /// A tree that corrects the slopes, and the value that it adds to each row. `slopes` holds slope and curvature of
    /// the loss for each row.
    pub(super) fn grow(&mut self, slopes: &[(f64, f64)]) -> (Tree, Vec<(usize, f64)>) {
        let (mut tree, mut leaves) =
            (Tree { nodes: vec![Node::Leaf(0.0)] }, Vec::with_capacity(slopes.len()));
        let rows: Vec<u32> = (0..u32::try_from(self.binned.rows).unwrap_or(u32::MAX)).collect();
        let mut level = vec![self.open(0, rows, slopes)];
        for depth in 0..=self.settings.depth {
            let mut next = Vec::new();
            for open in level {
                match self.best(&open).filter(|_| depth < self.settings.depth) {
                    Some(split) => next.extend(self.divide(&mut tree, &open, split, slopes)),
                    None => self.close(&mut tree, &open, &mut leaves),
                }
            }
            level = next;
        }
        (tree, leaves)
    }

    fn open(&self, node: usize, rows: Vec<u32>, slopes: &[(f64, f64)]) -> Open {
        let histogram = self.histogram(&rows, slopes);
        Open { node, total: total(&rows, slopes), rows, histogram }
    }

    fn histogram(&self, rows: &[u32], slopes: &[(f64, f64)]) -> Histogram {
        let of_column = |(at, bins): (usize, &Vec<u8>)| {
            let mut sums = vec![Sums::default(); self.bins.count(at)];
            for &row in rows {
                let (slope, curvature) = slopes[row as usize];
                sums[bins[row as usize] as usize].add(&Sums { slope, curvature, rows: 1.0 });
            }
            sums
        };
        // Few rows are not worth the way to another core.
        if rows.len() * self.binned.columns.len() < 20_000 {
            self.binned.columns.iter().enumerate().map(of_column).collect()
        } else {
            self.binned.columns.par_iter().enumerate().map(of_column).collect()
        }
    }

    /// The best split of all columns; of equally good ones the first.
    fn best(&self, open: &Open) -> Option<Split> {
        let columns = open.histogram.iter().enumerate();
        let splits = columns.filter_map(|(column, sums)| self.best_of(column, sums, &open.total));
        splits.reduce(|a, b| if b.gain > a.gain { b } else { a })
    }

    fn best_of(&self, column: usize, sums: &[Sums], total: &Sums) -> Option<Split> {
        let (missing, values) = sums.split_first()?;
        let mut best: Option<Split> = None;
        let sides: &[bool] = if missing.rows > 0.0 { &[false, true] } else { &[false] };
        for &missing_left in sides {
            let mut left = if missing_left { *missing } else { Sums::default() };
            for (bin, sums) in values.iter().enumerate() {
                left.add(sums);
                let gain = self.gain(&left, total);
                if gain > best.map_or(LEAST_GAIN, |best| best.gain) {
                    best = Some(Split { column, bin: bin as u8 + 1, missing_left, gain });
                }
            }
        }
        best
    }

    fn gain(&self, left: &Sums, total: &Sums) -> f64 {
        let right = total.minus(left);
        let least = self.settings.leaf_rows as f64;
        let small = |side: &Sums| side.rows < least || side.curvature < LEAST_CURVATURE;
        if small(left) || small(&right) {
            return 0.0;
        }
        let penalty = self.settings.penalty;
        left.merit(penalty) + right.merit(penalty) - total.merit(penalty)
    }

    fn divide(&self, tree: &mut Tree, open: &Open, split: Split, slopes: &[(f64, f64)]) -> [Open; 2] {
        let bins = &self.binned.columns[split.column];
        let (left, right): (Vec<u32>, Vec<u32>) =
            open.rows.iter().partition(|&&row| split.goes_left(bins[row as usize]));
        let nodes = [tree.nodes.len(), tree.nodes.len() + 1];
        tree.nodes.extend([Node::Leaf(0.0), Node::Leaf(0.0)]);
        tree.nodes[open.node] = Node::Split { split, left: nodes[0], right: nodes[1] };
        // The sums of the larger side are what the smaller one leaves.
        let left_is_small = left.len() <= right.len();
        let (small, large) = if left_is_small { (left, right) } else { (right, left) };
        let (small_node, large_node) =
            if left_is_small { (nodes[0], nodes[1]) } else { (nodes[1], nodes[0]) };
        let small = self.open(small_node, small, slopes);
        let rest = open.histogram.iter().zip(&small.histogram);
        let histogram =
            rest.map(|(all, part)| all.iter().zip(part).map(|(a, b)| a.minus(b)).collect()).collect();
        let large = Open { node: large_node, rows: large, total: open.total.minus(&small.total), histogram };
        [small, large]
    }

    fn close(&self, tree: &mut Tree, open: &Open, leaves: &mut Vec<(usize, f64)>) {
        let weight = (open.total.curvature + self.settings.penalty).max(f64::MIN_POSITIVE);
        let value = -self.settings.rate * open.total.slope / weight;
        tree.nodes[open.node] = Node::Leaf(value);
        leaves.extend(open.rows.iter().map(|&row| (row as usize, value)));
    }
}

fn total(rows: &[u32], slopes: &[(f64, f64)]) -> Sums {
    let mut total = Sums::default();
    for &row in rows {
        let (slope, curvature) = slopes[row as usize];
        total.add(&Sums { slope, curvature, rows: 1.0 });
    }
    total
}

impl Tree {
    pub(super) fn value(&self, binned: &Binned, row: usize) -> f64 {
        let mut at = 0;
        loop {
            match &self.nodes[at] {
                Node::Leaf(value) => return *value,
                Node::Split { split, left, right } => {
                    at = if split.goes_left(binned.columns[split.column][row]) { *left } else { *right };
                }
            }
        }
    }
}
