//! Whether the features tell anything of the target: each alone by chi-square, all together by nearest neighbours.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use rayon::prelude::*;
use smith_data::alike::{Picture, Sound};

use super::binned::Binned;
use super::columns::{Column, Kind, Values, texts};
use super::media::{Medium, files};
use super::random::{mixed, shuffled, spread};
use super::stats::{bin, borders};
use super::target::{Target, TargetKind, counts};
use crate::subject::{Examples, Public, Split};

/// Rows whose neighbours are looked for, and columns by which.
const NEIGHBOUR_ROWS: usize = 1_200;
const NEIGHBOUR_COLUMNS: usize = 64;
const NEIGHBOURS: usize = 12;
/// Orders of the targets that show what chance does.
const ORDERS: u64 = 40;
/// Files that are decoded.
const FILES: usize = 1_200;
const MAX_PIXELS: u64 = 4_000_000;
/// Frequent words of texts, each a feature.
const WORDS: usize = 150;
/// Classes that are kept apart, and parts of a target of numbers.
const CLASSES: usize = 12;
const PARTS: usize = 6;

/// What features tell of the target.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signal {
    /// Training examples that were looked at.
    pub(crate) rows: usize,
    pub(crate) features: usize,
    /// Least probability that chance makes one feature depend so much on the target, times the number of features.
    pub(crate) chance: f64,
    /// By how many standard deviations neighbours agree more in the target than in other orders of it.
    pub(crate) neighbours: f64,
}

/// Numbers and codes of some training examples, one list for each feature.
pub(crate) struct Generic {
    rows: Vec<usize>,
    features: Vec<Binned>,
}

/// Simple features of the training examples: columns, words, coarse pictures, loudness. None when there are none.
pub(crate) fn generic(split: &Split, train: &Examples, public: &Public, root: &Path) -> Option<Generic> {
    let columns = split.columns();
    let wanted: Vec<&Column> = columns.columns.iter().filter(|column| column.is_feature()).collect();
    if !train.files.is_empty() || wanted.is_empty() {
        // What a table says beside the files is the smaller part.
        return of_files(train, public, root);
    }
    let mut features = Vec::new();
    for column in wanted {
        let mut feature = Binned::of(column);
        feature.codes.truncate(columns.train_rows.len());
        features.push(feature);
        if column.kind == Kind::Text {
            features.extend(words(&texts(train, &column.name, &columns.train_rows)));
        }
    }
    Some(Generic { rows: columns.train_rows.clone(), features })
}

/// Presence of frequent words.
fn words(texts: &[&str]) -> Vec<Binned> {
    let of = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(400);
        words.map(str::to_lowercase).collect()
    };
    let sets: Vec<BTreeSet<String>> = texts.iter().map(|text| of(text)).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    sets.iter().flatten().for_each(|word| *counts.entry(word).or_insert(0) += 1);
    let mut frequent: Vec<(&str, usize)> =
        counts.into_iter().filter(|(_, count)| *count * 10 < sets.len() * 9).collect();
    frequent.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let lengths: Vec<f64> = texts.iter().map(|text| text.len() as f64).collect();
    let mut features = vec![Binned::of_numbers(&lengths)];
    for (word, _) in frequent.into_iter().take(WORDS) {
        let codes = sets.iter().map(|set| 1 + u32::from(set.contains(word))).collect();
        features.push(Binned { codes, size: 3 });
    }
    features
}

fn of_files(train: &Examples, public: &Public, root: &Path) -> Option<Generic> {
    let path = |file: usize| public.files.get(file).map(|file| root.join(&file.path));
    let read =
        |medium: Medium, read: &(dyn Fn(&Path) -> Option<Vec<f64>> + Sync)| -> Vec<(usize, Vec<f64>)> {
            let all = files(train, public, medium);
            let chosen: Vec<(usize, usize)> =
                spread(all.len(), FILES).into_iter().filter_map(|at| all.get(at).copied()).collect();
            chosen.par_iter().filter_map(|(row, file)| Some((*row, read(&path(*file)?)?))).collect()
        };
    let mut read_all = read(Medium::Picture, &|path| {
        Some(Picture::read(path, MAX_PIXELS)?.points().iter().map(|x| f64::from(*x)).collect())
    });
    if read_all.is_empty() {
        read_all = read(Medium::Sound, &|path| {
            Some(Sound::read(path)?.points().iter().map(|x| f64::from(*x)).collect())
        });
    }
    let (rows, points): (Vec<usize>, Vec<Vec<f64>>) = read_all.into_iter().unzip();
    let width = points.first()?.len();
    let features = (0..width).map(|at| {
        let numbers: Vec<f64> = points.iter().map(|own| own.get(at).copied().unwrap_or(f64::NAN)).collect();
        Binned::of_numbers(&numbers)
    });
    Some(Generic { features: features.collect(), rows })
}

impl Signal {
    /// Measures what features tell; none when there are too few examples or the target is neither classes nor numbers.
    pub(crate) fn of(generic: &Generic, target: &Target) -> Option<Self> {
        let classes = target_parts(target, &generic.rows)?;
        let known: Vec<usize> =
            (0..classes.len()).filter(|at| classes.get(*at).is_some_and(|class| *class > 0)).collect();
        if known.len() < 50 {
            return None;
        }
        let of = |codes: &[u32]| known.iter().filter_map(|at| codes.get(*at).copied()).collect::<Vec<u32>>();
        let classes = of(&classes);
        let features: Vec<Binned> = generic
            .features
            .iter()
            .map(|feature| Binned { codes: of(&feature.codes), size: feature.size })
            .collect();
        let kinds = classes.iter().copied().max().unwrap_or(0) as usize + 1;
        let least = features.iter().map(|feature| feature.dependence(&classes, kinds)).fold(1.0, f64::min);
        let chance = (least * features.len() as f64).min(1.0);
        let neighbours = if chance < 1e-4 { 0.0 } else { neighbours(&features, &classes) };
        Some(Self { rows: classes.len(), features: features.len(), chance, neighbours })
    }
}

/// The target of some rows in a few parts; 0 for none.
fn target_parts(target: &Target, rows: &[usize]) -> Option<Vec<u32>> {
    match target.kind {
        TargetKind::Classes => {
            let mut frequent: Vec<(u32, usize)> = counts(&target.train).into_iter().collect();
            frequent.sort_by_key(|(code, count)| (std::cmp::Reverse(*count), *code));
            let kept: HashMap<u32, u32> =
                frequent.iter().take(CLASSES).zip(1..).map(|((code, _), new)| (*code, new)).collect();
            let new = |code: u32| {
                if code == 0 { 0 } else { kept.get(&code).copied().unwrap_or(kept.len() as u32 + 1) }
            };
            Some(rows.iter().map(|row| target.train.get(*row).map_or(0, |code| new(*code))).collect())
        }
        TargetKind::Numbers => {
            let of = |row: &usize| target.train_numbers.get(*row).copied().unwrap_or(f64::NAN);
            let borders = borders(rows.iter().map(of), PARTS);
            Some(rows.iter().map(|row| bin(&borders, of(row))).collect())
        }
        TargetKind::Other => None,
    }
}

/// By how many standard deviations neighbours agree more than in other orders of the classes.
fn neighbours(features: &[Binned], classes: &[u32]) -> f64 {
    let rows = spread(classes.len(), NEIGHBOUR_ROWS);
    let columns: Vec<&Binned> =
        spread(features.len(), NEIGHBOUR_COLUMNS).into_iter().filter_map(|at| features.get(at)).collect();
    let points: Vec<Vec<f32>> = rows
        .iter()
        .map(|row| {
            columns
                .iter()
                .map(|own| own.codes.get(*row).map_or(0.0, |code| *code as f32 / own.size as f32))
                .collect()
        })
        .collect();
    let classes: Vec<u32> = rows.iter().filter_map(|row| classes.get(*row).copied()).collect();
    let near: Vec<Vec<u32>> = (0..points.len()).into_par_iter().map(|at| nearest(&points, at)).collect();
    let agreement = |classes: &[u32]| -> f64 {
        let of = |(at, near): (usize, &Vec<u32>)| {
            near.iter().filter(|other| classes.get(**other as usize) == classes.get(at)).count() as f64
        };
        near.iter().enumerate().map(of).sum()
    };
    let seen = agreement(&classes);
    let chance: Vec<f64> = (0..ORDERS).map(|seed| agreement(&shuffled(&classes, mixed(seed)))).collect();
    let mean = chance.iter().sum::<f64>() / chance.len() as f64;
    let variance = chance.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (chance.len() as f64 - 1.0);
    (seen - mean) / variance.sqrt().max(1e-9)
}

fn nearest(points: &[Vec<f32>], at: usize) -> Vec<u32> {
    let Some(own) = points.get(at) else { return Vec::new() };
    let distance = |other: &Vec<f32>| own.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
    let mut others: Vec<(f32, u32)> = points
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != at)
        .map(|(other, point)| (distance(point), other as u32))
        .collect();
    let kept = NEIGHBOURS.min(others.len());
    if kept == 0 {
        return Vec::new();
    }
    others.select_nth_unstable_by(kept - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    others.truncate(kept);
    others.into_iter().map(|(_, other)| other).collect()
}

/// What the best of all learners could reach, judged by rows with equal features: for classes the share that one class
/// for each set of equal rows gets right, for numbers the share of variance that their means explain. Rows are left out
/// of their own prediction.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ceiling {
    /// Share of the training rows that have equals.
    pub(crate) repeated: f64,
    /// What could be reached among them, from 0 (as good as a constant) to 1.
    pub(crate) reach: f64,
}

/// The ceiling, from sets of rows with equal features.
pub(crate) fn ceiling(columns: &[Column], train_rows: &[usize], target: &Target) -> Option<Ceiling> {
    let mut sets: HashMap<u64, Vec<usize>> = HashMap::new();
    for (at, row) in train_rows.iter().enumerate() {
        let key = columns.iter().filter(|column| column.is_feature()).fold(0_u64, |state, column| {
            let own = match &column.train {
                Values::Numbers(numbers) => numbers.get(at).map_or(1, |x| (x + 0.0).to_bits()),
                Values::Codes(codes) => codes.get(at).map_or(0, |code| u64::from(*code)),
            };
            mixed(state.rotate_left(9) ^ own)
        });
        sets.entry(key).or_default().push(*row);
    }
    let mut repeated: Vec<Vec<usize>> = sets.into_values().filter(|set| set.len() > 1).collect();
    repeated.sort();
    let count: usize = repeated.iter().map(Vec::len).sum();
    if count < 100 {
        return None;
    }
    let reach = match target.kind {
        TargetKind::Classes => reach_of_classes(&repeated, &target.train),
        TargetKind::Numbers => reach_of_numbers(&repeated, &target.train_numbers),
        TargetKind::Other => return None,
    };
    Some(Ceiling { repeated: count as f64 / train_rows.len().max(1) as f64, reach: reach?.clamp(0.0, 1.0) })
}

fn reach_of_classes(sets: &[Vec<usize>], classes: &[u32]) -> Option<f64> {
    let of = |set: &[usize]| set.iter().filter_map(|row| classes.get(*row).copied()).collect::<Vec<u32>>();
    let all = of(&sets.concat());
    let most = counts(&all).into_values().max()? as f64 / all.len() as f64;
    let mut right = 0.0;
    for set in sets {
        let counts = counts(&of(set));
        let best = counts.values().copied().max().unwrap_or(0);
        let second = counts.values().filter(|count| **count == best).count();
        // A row that is left out takes its own vote along.
        let holds =
            counts.values().filter(|count| **count == best && (second == 1 && best > 1)).sum::<usize>();
        right += holds as f64;
    }
    (most < 1.0).then(|| (right / all.len() as f64 - most) / (1.0 - most))
}

fn reach_of_numbers(sets: &[Vec<usize>], numbers: &[f64]) -> Option<f64> {
    let of = |set: &[usize]| {
        set.iter()
            .filter_map(|row| numbers.get(*row).copied())
            .filter(|x| x.is_finite())
            .collect::<Vec<f64>>()
    };
    let all = of(&sets.concat());
    let mean = all.iter().sum::<f64>() / all.len().max(1) as f64;
    let total = all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (all.len() as f64 - 1.0).max(1.0);
    let (mut within, mut freedom) = (0.0, 0.0);
    for set in sets {
        let own = of(set);
        let mean = own.iter().sum::<f64>() / own.len().max(1) as f64;
        within += own.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        freedom += (own.len() as f64 - 1.0).max(0.0);
    }
    (total > 0.0 && freedom > 0.0).then(|| 1.0 - within / freedom / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: u64, row: usize) -> u64 {
        mixed(seed << 32 | row as u64)
    }

    fn signal(label: impl Fn(usize) -> bool) -> Signal {
        let features = (0..4_u64).map(|seed| {
            let numbers: Vec<f64> = (0..800).map(|row| (noise(seed, row) % 1_000) as f64).collect();
            Binned::of_numbers(&numbers)
        });
        let labels: Vec<&str> = (0..800).map(|row| if label(row) { "a" } else { "b" }).collect();
        let target = Target::of_column(&labels.into_iter().collect(), &["a", "b"].into_iter().collect());
        Signal::of(&Generic { rows: (0..800).collect(), features: features.collect() }, &target).unwrap()
    }

    #[test]
    fn signals_alone_and_together_are_seen_and_noise_is_not() {
        let x = |seed: u64, row: usize| noise(seed, row) % 1_000 > 500;
        assert!(signal(|row| x(0, row)).chance < 1e-6);
        let together = signal(|row| x(0, row) != x(1, row));
        assert!(together.chance > 1e-3 && together.neighbours > 5.0, "{together:?}");
        let none = signal(|row| x(17, row));
        assert!(none.chance > 1e-3 && none.neighbours < 3.5, "{none:?}");
    }

    #[test]
    fn conflicting_labels_lower_the_ceiling() {
        let sets: Vec<Vec<usize>> = (0..50).map(|set| (set * 4..set * 4 + 4).collect()).collect();
        let clear: Vec<u32> = (0..200).map(|row| 1 + row as u32 / 4 % 2).collect();
        let noisy: Vec<u32> = (0..200).map(|row| 1 + (noise(3, row) % 2) as u32).collect();
        assert!(reach_of_classes(&sets, &clear).unwrap() > 0.99);
        assert!(reach_of_classes(&sets, &noisy).unwrap() < 0.5);
        let clear: Vec<f64> = (0..200).map(|row| (row / 4) as f64).collect();
        let noisy: Vec<f64> = (0..200).map(|row| (noise(3, row) % 100) as f64).collect();
        assert!(reach_of_numbers(&sets, &clear).unwrap() > 0.99);
        assert!(reach_of_numbers(&sets, &noisy).unwrap() < 0.3);
    }
}
