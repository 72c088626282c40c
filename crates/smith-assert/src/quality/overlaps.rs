//! Recordings that hold the same piece of sound: windows that were cut out of one recording and overlap.
//!
//! Lengths of the stretches between crossings of zero do not depend on the volume nor on where a window begins. Sixteen
//! of them in a row, if they vary, are never the same by chance.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use smith_data::signal;

use super::copies::Twins;
use super::random::mixed;

/// Samples of a recording that are looked at.
const MAX_SAMPLES: usize = 1 << 18;
/// Stretches in a row, and how many of them must differ.
const ROW: usize = 16;
const DIFFERENT: usize = 5;
/// One of so many rows is kept; and so many of a recording at most.
const KEPT_ONE_OF: u64 = 2;
const MAX_KEPT: usize = 4_096;
/// Recordings with one row beyond which it is a habit of all of them.
const MAX_HOLDERS: usize = 12;
/// Rows that two recordings of one sound share: so many, and such a share of the shorter one.
const SHARED: usize = 8;
const SHARED_SHARE: f64 = 0.08;

/// What is kept of a recording: its rows of stretches, rising.
#[derive(Debug, Clone)]
pub(crate) struct Rows(Vec<u64>);

impl Rows {
    /// Reads a WAV file; none for other files, and where hardly anything varies. Blocks.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        Self::of(&signal::sound(path, MAX_SAMPLES)?.samples)
    }

    fn of(samples: &[f32]) -> Option<Self> {
        let mut stretches: Vec<u64> = Vec::new();
        let mut length = 0_u64;
        for pair in samples.windows(2) {
            length += 1;
            if matches!(pair, [a, b] if (*a < 0.0) != (*b < 0.0)) {
                stretches.push(length);
                length = 0;
            }
        }
        let hash = |row: &[u64]| row.iter().fold(0_u64, |state, own| mixed(state.rotate_left(9) ^ own));
        // The first stretch is cut off by the beginning of the window.
        let rows = stretches.get(1..)?.windows(ROW).filter(|row| varies(row)).map(hash);
        let mut kept: Vec<u64> = rows.filter(|hash| hash % KEPT_ONE_OF == 0).collect();
        kept.sort_unstable();
        kept.dedup();
        kept.truncate(MAX_KEPT);
        (kept.len() >= SHARED).then_some(Self(kept))
    }
}

fn varies(row: &[u64]) -> bool {
    let mut seen: Vec<u64> = row.to_vec();
    seen.sort_unstable();
    seen.dedup();
    seen.len() >= DIFFERENT
}

/// Which recordings hold a row of stretches.
pub(crate) struct Index<'a> {
    holders: HashMap<u64, Vec<usize>>,
    of: &'a [(usize, Rows)],
}

impl<'a> Index<'a> {
    /// Recordings, each with its row.
    pub(crate) fn new(of: &'a [(usize, Rows)]) -> Self {
        let mut holders: HashMap<u64, Vec<usize>> = HashMap::new();
        for (place, (_, rows)) in of.iter().enumerate() {
            for row in &rows.0 {
                let places = holders.entry(*row).or_default();
                if places.len() <= MAX_HOLDERS {
                    places.push(place);
                }
            }
        }
        Self { holders, of }
    }

    /// The recording that shares most with this one, if it shares enough; another than `own`.
    pub(crate) fn best(&self, rows: &Rows, own: Option<usize>) -> Option<usize> {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        let known = rows.0.iter().filter_map(|row| self.holders.get(row));
        for place in known.filter(|places| places.len() <= MAX_HOLDERS).flatten() {
            *shared.entry(*place).or_insert(0) += 1;
        }
        let enough = |(place, count): &(usize, usize)| {
            let shorter =
                self.of.get(*place).map_or(usize::MAX, |(_, other)| other.0.len().min(rows.0.len()));
            *count >= SHARED && *count as f64 >= SHARED_SHARE * shorter as f64
        };
        let found = shared.into_iter().filter(|(place, _)| Some(*place) != own).filter(enough);
        let best = found.reduce(|a, b| if b.1 > a.1 { b } else { a })?;
        self.of.get(best.0).map(|(row, _)| *row)
    }
}

/// Twins among recordings, each with its row. None when not even ten of each can be compared.
pub(crate) fn overlaps(train: &[(usize, Rows)], test: &[(usize, Rows)]) -> Option<Twins> {
    if train.len() < 10 || test.len() < 10 {
        return None;
    }
    let index = Index::new(train);
    Some(Twins {
        test: test.iter().map(|(row, rows)| (*row, index.best(rows, None))).collect(),
        train: train.iter().enumerate().map(|(at, (row, rows))| (*row, index.best(rows, Some(at)))).collect(),
    })
}

/// Share of recordings that overlap with another of them. None when there are not ten.
pub(crate) fn within(recordings: &[(usize, Rows)]) -> Option<f64> {
    if recordings.len() < 10 {
        return None;
    }
    let index = Index::new(recordings);
    let twins = recordings.iter().enumerate().filter(|(at, (_, rows))| index.best(rows, Some(*at)).is_some());
    Some(twins.count() as f64 / recordings.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Filtered noise of its own for each seed.
    fn sound(seed: u64, length: usize) -> Vec<f32> {
        let noise = |at: usize| (mixed(seed << 32 | at as u64) % 2_001) as f32 / 1_000.0 - 1.0;
        (0..length).map(|at| (0..5).map(|back| noise(at + back)).sum::<f32>() / 5.0).collect()
    }

    #[test]
    fn windows_of_one_recording_are_found_and_others_are_not() {
        let window = |seed: u64, first: usize, gain: f32| {
            let cut: Vec<f32> = sound(seed, 9_000)[first..first + 6_000].iter().map(|x| x * gain).collect();
            Rows::of(&cut).unwrap()
        };
        let train: Vec<(usize, Rows)> = (0..30).map(|seed| (seed, window(seed as u64, 0, 1.0))).collect();
        let test: Vec<(usize, Rows)> = (0..20).map(|seed| (seed, window(seed as u64, 3_000, 0.4))).collect();
        let twins = overlaps(&train, &test).unwrap();
        assert!(twins.test.iter().all(|(row, twin)| *twin == Some(*row)));
        assert!(twins.train.iter().all(|(_, twin)| twin.is_none()));
        let others: Vec<(usize, Rows)> =
            (0..20).map(|seed| (seed, window(seed as u64 + 100, 0, 1.0))).collect();
        assert!(overlaps(&train, &others).unwrap().test.iter().all(|(_, twin)| twin.is_none()));
        assert_eq!(within(&train), Some(0.0));
    }

    #[test]
    fn a_steady_tone_tells_nothing() {
        let tone: Vec<f32> = (0..8_000).map(|at| (at as f32 * 0.31).sin()).collect();
        assert!(Rows::of(&tone).is_none());
        assert!(Rows::of(&[]).is_none());
    }
}
