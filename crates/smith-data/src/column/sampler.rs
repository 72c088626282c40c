//! Which rows of a table are looked at together: all of a short one, some spread over a long one.

use crate::column::hash;

/// Chooses rows by a hash of their number, so that every column chooses the same ones without knowing of the others.
#[derive(Debug, Clone)]
pub(crate) struct RowSampler {
    limit: usize,
    /// One row in 2^level is chosen.
    level: u32,
    rows: Vec<u64>,
}

impl RowSampler {
    /// A sampler that never holds more than `limit` rows after [`RowSampler::thin`].
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, level: 0, rows: Vec::new() }
    }

    #[inline]
    fn chooses(&self, row: u64) -> bool {
        hash::mixed(row).trailing_zeros() >= self.level
    }

    /// Takes in the rows from `first`, `count` of them, and returns the places within them that are chosen.
    pub(crate) fn choose(&mut self, first: u64, count: usize) -> Vec<u32> {
        let chosen: Vec<u32> = (0..count as u64)
            .filter(|&place| self.chooses(first + place))
            .map(|place| place as u32)
            .collect();
        self.rows.extend(chosen.iter().map(|&place| first + u64::from(place)));
        chosen
    }

    /// Takes in one row and says whether it is chosen.
    pub(crate) fn choose_one(&mut self, row: u64) -> bool {
        let chosen = self.chooses(row);
        if chosen {
            self.rows.push(row);
        }
        chosen
    }

    /// When there are too many rows: the places among the chosen ones that stay.
    pub(crate) fn thin(&mut self) -> Option<Vec<u32>> {
        if self.rows.len() <= self.limit {
            return None;
        }
        let mut kept: Vec<u32> = (0..self.rows.len() as u32).collect();
        while kept.len() > self.limit {
            self.level += 1;
            kept.retain(|&place| self.chooses(self.rows[place as usize]));
        }
        self.rows = kept.iter().map(|&place| self.rows[place as usize]).collect();
        Some(kept)
    }

    /// The rows that are chosen, by their number from 0.
    pub(crate) fn rows(&self) -> &[u64] {
        &self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_tables_are_taken_whole_and_long_ones_thinned() {
        let mut sampler = RowSampler::new(1_000);
        assert_eq!(sampler.choose(0, 900).len(), 900);
        assert!(sampler.thin().is_none());
        sampler.choose(900, 100_000);
        let kept = sampler.thin().unwrap();
        assert_eq!(kept.len(), sampler.rows().len());
        assert!((300..=1_000).contains(&kept.len()), "{}", kept.len());
        assert!(sampler.rows().is_sorted());
        assert!(sampler.rows()[kept.len() / 2] > 20_000, "spread over all rows");
    }

    #[test]
    fn blocks_of_any_size_choose_the_same_rows() {
        let chosen = |step: usize| {
            let mut sampler = RowSampler::new(100);
            for first in (0..10_000).step_by(step) {
                sampler.choose(first, step.min(10_000 - first as usize));
                sampler.thin();
            }
            sampler.rows().to_vec()
        };
        assert_eq!(chosen(1_000), chosen(7));
    }
}
