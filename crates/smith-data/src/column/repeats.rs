//! Rows that repeat earlier ones.

use std::collections::{HashMap, HashSet};

use smith_task_schema::profile::DuplicateRows;

use crate::column::hash::{self, HashesAreKeys};

/// Different rows up to which repeats are counted exactly.
pub(crate) const EXACT_ROWS: usize = 2_000_000;

/// Counts rows by their hashes; beyond a number of different rows those of a sample of hashes.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    seen: HashSet<u64, HashesAreKeys>,
    again: HashMap<u64, u64, HashesAreKeys>,
    level: u32,
}

impl Repeats {
    pub(crate) fn add(&mut self, rows: &[u64]) {
        for &row in rows {
            // The sum of the cells' hashes is spread once more before its low bits choose.
            let row = hash::mixed(row);
            if chosen(row, self.level) && !self.seen.insert(row) {
                *self.again.entry(row).or_default() += 1;
            }
        }
        while self.seen.len() > EXACT_ROWS {
            self.level += 1;
            let level = self.level;
            self.seen.retain(|&row| chosen(row, level));
            self.again.retain(|&row, _| chosen(row, level));
            self.seen.shrink_to_fit();
        }
    }

    pub(crate) fn finish(&self) -> DuplicateRows {
        let mut rows = DuplicateRows::default();
        rows.repeats = self.again.values().sum::<u64>() << self.level;
        rows.exact = self.level == 0;
        rows
    }
}

/// One hash in 2^level is chosen, by bits that hash tables do not look at.
fn chosen(hash: u64, level: u32) -> bool {
    (hash >> 24).trailing_zeros() >= level
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_counted_each_time() {
        let mut repeats = Repeats::default();
        repeats.add(&[1, 2, 1, 1, 3, 3]);
        let rows = repeats.finish();
        assert_eq!((rows.repeats, rows.exact), (3, true));
    }

    #[test]
    fn beyond_the_limit_repeats_are_estimated() {
        let mut repeats = Repeats::default();
        let rows: Vec<u64> = (0..3_000_000).chain(0..600_000).collect();
        rows.chunks(10_000).for_each(|chunk| repeats.add(chunk));
        let rows = repeats.finish();
        assert!(!rows.exact && (580_000..620_000).contains(&rows.repeats), "{}", rows.repeats);
    }
}
