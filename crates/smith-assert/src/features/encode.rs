//! What has to be learnt from many examples: scales, frequencies, means of the target for a category, weights of words.

use std::collections::HashMap;

use super::{Raw, WORDS};
use crate::learn::{Design, Matrix, Sparse};

/// Levels of a category that get a column each.
const LEVELS: usize = 20;
/// Outputs whose mean is a feature of a category.
const OUTPUTS: usize = 6;
/// Rows that the mean over all weighs beside those of a category.
const PRIOR: f64 = 10.0;
/// Parts of the training rows, each of which gets means of the others.
const FOLDS: usize = 5;
/// Columns for linear models and neighbours, and for trees.
const LINEAR: usize = 600;
const TREES: usize = 80;
/// Hashed words for trees, and numbers that words are mixed to for neighbours.
const TREE_WORDS: usize = 40;
const MIXED: usize = 64;
/// Standard deviations beyond which numbers are cut.
const CUT: f32 = 5.0;

/// Both sides as each kind of learner wants them.
pub(crate) struct Encoded {
    pub(crate) linear: [Design; 2],
    pub(crate) trees: [Matrix; 2],
    pub(crate) space: [Matrix; 2],
}

/// The rows that are learnt from and those that are predicted, by position.
struct Sides<'a> {
    learnt: &'a [usize],
    predicted: &'a [usize],
    y: &'a Matrix,
}

/// A column for both sides.
type Pair = [Vec<f32>; 2];

/// Encodes the rows `learnt`, whose targets are `y`, and the rows `predicted`.
pub(crate) fn encode(raw: &Raw, learnt: &[usize], y: &Matrix, predicted: &[usize]) -> Encoded {
    let sides = Sides { learnt, predicted, y };
    let (mut scaled, mut plain): (Vec<Pair>, Vec<Pair>) = Default::default();
    for column in &raw.numbers {
        let pair = sides.pick(column);
        scaled.extend(scale(&pair));
        plain.push(pair);
    }
    for column in &raw.categories {
        sides.add_category(column, &mut scaled, &mut plain);
    }
    let words = raw.words.as_ref().map(|words| sides.weigh(words));
    let mut scaled = sides.strongest(scaled, LINEAR);
    let mut plain = sides.strongest(plain, TREES);
    if let Some(words) = &words {
        plain.extend(sides.strongest_words(words));
    }
    let (rows, [learnt_words, predicted_words]) = ([learnt.len(), predicted.len()], words.unzip());
    let dense = |columns: &[Pair], side: usize| {
        let columns: Vec<Vec<f32>> = columns.iter().map(|pair| pair[side].clone()).collect();
        Matrix::of_columns(rows[side], &columns)
    };
    let linear_dense = [dense(&scaled, 0), dense(&scaled, 1)];
    for (side, words) in [&learnt_words, &predicted_words].into_iter().enumerate() {
        if let Some(words) = words {
            mix(words, side, &mut scaled);
        }
    }
    let space = [dense(&scaled, 0), dense(&scaled, 1)];
    let [learnt_dense, predicted_dense] = linear_dense;
    Encoded {
        linear: [
            Design { dense: learnt_dense, sparse: learnt_words, rows: rows[0] },
            Design { dense: predicted_dense, sparse: predicted_words, rows: rows[1] },
        ],
        trees: [dense(&plain, 0), dense(&plain, 1)],
        space,
    }
}

/// Both sides of what may not be there.
trait Unzip {
    fn unzip(self) -> [Option<Sparse>; 2];
}

impl Unzip for Option<[Sparse; 2]> {
    fn unzip(self) -> [Option<Sparse>; 2] {
        self.map_or([None, None], |[a, b]| [Some(a), Some(b)])
    }
}

/// Mean 0 and deviation 1, wide ranges by their logarithm, what is missing as the mean and with a column that says so.
fn scale(pair: &Pair) -> Vec<Pair> {
    let filled =
        |pair: &Pair| pair[0].iter().copied().filter(|value| value.is_finite()).collect::<Vec<f32>>();
    let numbers = filled(pair);
    let (mut mean, mut deviation) = mean_and_deviation(&numbers);
    let mut pair = pair.clone();
    let is_wide = numbers.iter().any(|value| (f64::from(*value) - mean).abs() > 10.0 * deviation);
    if is_wide {
        pair.iter_mut().flatten().for_each(|value| *value = value.signum() * value.abs().ln_1p());
        (mean, deviation) = mean_and_deviation(&filled(&pair));
    }
    let missing = pair[0].len() - numbers.len();
    let mut columns = Vec::new();
    if missing > 2 && numbers.len() > 2 {
        columns.push([0, 1].map(|side: usize| {
            pair[side].iter().map(|value| if value.is_finite() { 0.0 } else { 1.0 }).collect()
        }));
    }
    if deviation > 0.0 {
        for value in pair.iter_mut().flatten() {
            let scaled = ((f64::from(*value) - mean) / deviation) as f32;
            *value = if scaled.is_finite() { scaled.clamp(-CUT, CUT) } else { 0.0 };
        }
        columns.push(pair);
    }
    columns
}

fn mean_and_deviation(numbers: &[f32]) -> (f64, f64) {
    let count = numbers.len().max(1) as f64;
    let mean = numbers.iter().map(|value| f64::from(*value)).sum::<f64>() / count;
    let variance = numbers.iter().map(|value| (f64::from(*value) - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

impl Sides<'_> {
    fn pick(&self, column: &[f32]) -> Pair {
        let of =
            |rows: &[usize]| rows.iter().map(|&row| column.get(row).copied().unwrap_or(f32::NAN)).collect();
        [of(self.learnt), of(self.predicted)]
    }

    /// A column for each frequent level, the frequency, and for each output the mean over the rows of the level.
    fn add_category(&self, codes: &[u32], scaled: &mut Vec<Pair>, plain: &mut Vec<Pair>) {
        let of = |rows: &[usize]| -> Vec<u32> {
            rows.iter().map(|&row| codes.get(row).copied().unwrap_or(0)).collect()
        };
        let sides = [of(self.learnt), of(self.predicted)];
        let mut counts: HashMap<u32, f64> = HashMap::new();
        for code in &sides[0] {
            *counts.entry(*code).or_default() += 1.0;
        }
        let mut levels: Vec<(u32, f64)> = counts.iter().map(|(code, count)| (*code, *count)).collect();
        levels.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        if levels.len() < 2 {
            return;
        }
        for (level, _) in levels.iter().take(LEVELS) {
            let is = |codes: &Vec<u32>| codes.iter().map(|code| f32::from(u8::from(code == level))).collect();
            let pair = [is(&sides[0]), is(&sides[1])];
            scaled.extend(scale(&pair));
            if levels.len() <= LEVELS {
                plain.push(pair);
            }
        }
        let frequency = |codes: &Vec<u32>| {
            codes.iter().map(|code| counts.get(code).map_or(0.0, |count| (*count as f32).ln_1p())).collect()
        };
        plain.push([frequency(&sides[0]), frequency(&sides[1])]);
        for output in 0..self.y.columns().min(OUTPUTS) {
            let pair = self.means(&sides, output);
            scaled.extend(scale(&pair));
            plain.push(pair);
        }
    }

    /// Means of an output for each code, drawn towards the mean over all; rows that are learnt from get them without
    /// their own part of the rows.
    fn means(&self, codes: &[Vec<u32>; 2], output: usize) -> Pair {
        let targets: Vec<f64> = self.y.column(output).map(f64::from).collect();
        let overall = targets.iter().sum::<f64>() / targets.len().max(1) as f64;
        let mut sums: HashMap<u32, [(f64, f64); FOLDS]> = HashMap::new();
        for (at, (code, target)) in codes[0].iter().zip(&targets).enumerate() {
            let part = &mut sums.entry(*code).or_default()[fold(at)];
            *part = (part.0 + target, part.1 + 1.0);
        }
        let mean = |code: &u32, without: Option<usize>| {
            let parts = sums.get(code).into_iter().flatten().enumerate();
            let kept = parts.filter(|(part, _)| Some(*part) != without);
            let (sum, count) = kept.fold((0.0, 0.0), |all, (_, part)| (all.0 + part.0, all.1 + part.1));
            ((sum + PRIOR * overall) / (count + PRIOR)) as f32
        };
        [
            codes[0].iter().enumerate().map(|(at, code)| mean(code, Some(fold(at)))).collect(),
            codes[1].iter().map(|code| mean(code, None)).collect(),
        ]
    }

    /// The columns that go best with any output, in their order.
    fn strongest(&self, columns: Vec<Pair>, most: usize) -> Vec<Pair> {
        if columns.len() <= most {
            return columns;
        }
        let means = self.y.means();
        let strength = |pair: &Pair| {
            let (mean, deviation) = mean_and_deviation(
                &pair[0].iter().copied().filter(|value| value.is_finite()).collect::<Vec<_>>(),
            );
            let mut sums = vec![0.0_f64; means.len()];
            for (row, value) in pair[0].iter().enumerate().filter(|(_, value)| value.is_finite()) {
                let value = (f64::from(*value) - mean) / deviation.max(1e-12);
                let targets = self.y.row(row).iter().zip(&means);
                sums.iter_mut()
                    .zip(targets)
                    .for_each(|(sum, (y, mean))| *sum += value * (f64::from(*y) - mean));
            }
            sums.into_iter().map(f64::abs).fold(0.0, f64::max)
        };
        let mut order: Vec<(f64, usize)> =
            columns.iter().enumerate().map(|(at, pair)| (strength(pair), at)).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut kept: Vec<bool> = vec![false; columns.len()];
        order.iter().take(most).for_each(|(_, at)| kept[*at] = true);
        columns.into_iter().zip(kept).filter_map(|(pair, keep)| keep.then_some(pair)).collect()
    }

    /// Counts weighed by how rare words are, each row of length 1.
    fn weigh(&self, words: &[Vec<(u32, f32)>]) -> [Sparse; 2] {
        let mut frequency = vec![0_u32; WORDS];
        for (word, _) in self.learnt.iter().filter_map(|&row| words.get(row)).flatten() {
            frequency[*word as usize] += 1;
        }
        let rows = self.learnt.len() as f32 + 1.0;
        let weight = |word: u32| (rows / (frequency[word as usize] as f32 + 1.0)).ln() + 1.0;
        [self.learnt, self.predicted].map(|side| {
            let mut sparse = Sparse::new(WORDS);
            for &row in side {
                let counts = words.get(row).map_or(&[][..], Vec::as_slice);
                let known = counts.iter().filter(|(word, _)| frequency[*word as usize] > 1);
                let weighed: Vec<(u32, f32)> =
                    known.map(|&(word, count)| (word, (1.0 + count.ln()) * weight(word))).collect();
                let length = weighed.iter().map(|(_, value)| value * value).sum::<f32>().sqrt().max(1e-6);
                sparse.push_row(weighed.into_iter().map(|(word, value)| (word, value / length)));
            }
            sparse
        })
    }

    /// The hashed words that go best with any output, as columns.
    fn strongest_words(&self, words: &[Sparse; 2]) -> Vec<Pair> {
        let means = self.y.means();
        let mut sums = vec![0.0_f64; WORDS * means.len()];
        let mut squares = vec![0.0_f64; WORDS];
        for row in 0..words[0].rows() {
            for &(word, value) in words[0].row(row) {
                let value = f64::from(value);
                squares[word as usize] += value * value;
                let own = &mut sums[word as usize * means.len()..][..means.len()];
                let targets = self.y.row(row).iter().zip(&means);
                own.iter_mut()
                    .zip(targets)
                    .for_each(|(sum, (y, mean))| *sum += value * (f64::from(*y) - mean));
            }
        }
        let mut order: Vec<(f64, u32)> = (0..WORDS)
            .map(|word| {
                let own = &sums[word * means.len()..][..means.len()];
                let most = own.iter().map(|sum| sum.abs()).fold(0.0, f64::max);
                (most / squares[word].sqrt().max(1e-6), word as u32)
            })
            .collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let column = |word: u32| {
            let value = |side: usize, row: usize| {
                let own = words[side].row(row);
                own.binary_search_by_key(&word, |entry| entry.0).map_or(0.0, |at| own[at].1)
            };
            [0, 1].map(|side: usize| (0..words[side].rows()).map(|row| value(side, row)).collect())
        };
        order
            .into_iter()
            .take(TREE_WORDS)
            .filter(|(strength, _)| *strength > 0.0)
            .map(|(_, word)| column(word))
            .collect()
    }
}

/// Adds words as a few numbers each of which mixes all words, so that distances stay about the same.
fn mix(words: &Sparse, side: usize, columns: &mut Vec<Pair>) {
    let first = if side == 0 { columns.len() } else { columns.len().saturating_sub(MIXED) };
    if side == 0 {
        columns.extend((0..MIXED).map(|_| [Vec::new(), Vec::new()]));
    }
    for row in 0..words.rows() {
        let mut mixed = [0.0_f32; MIXED];
        for &(word, value) in words.row(row) {
            let signs = u64::from(word + 1)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(31)
                .wrapping_mul(0xff51_afd7_ed55_8ccd);
            let signs = signs ^ (signs >> 29);
            for (at, sum) in mixed.iter_mut().enumerate() {
                *sum += if signs >> at & 1 == 1 { value } else { -value };
            }
        }
        let own = columns.iter_mut().skip(first);
        own.zip(mixed).for_each(|(column, value)| column[side].push(value));
    }
}

/// The part of the rows to which a row belongs.
fn fold(at: usize) -> usize {
    (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(20) as usize % FOLDS
}
