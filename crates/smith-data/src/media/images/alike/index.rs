//! Finds hashes within a small distance of another without comparing all with all.
//!
//! A hash has four bands of sixteen bits. Two hashes that differ in at most eleven bits differ in at most two bits of
//! one band at least: so it is enough to look up all values within two bits of every band.

use super::hash::Hashes;

const BANDS: usize = 4;
/// Differing bits up to which a pair is a candidate.
pub(super) const DISTANCE: u32 = 11;
/// Hashes that are looked at for one value of a band: the first of many that are all the same stand for the rest.
const LONGEST_BUCKET: usize = 256;

/// All hashes of one kind.
struct Table {
    hashes: Vec<u64>,
    bands: Vec<Band>,
}

/// Which hashes have a value in a band: those of value `v` are `members[starts[v]..starts[v + 1]]`, in order.
struct Band {
    starts: Vec<u32>,
    members: Vec<u32>,
}

/// The hashes of all images.
pub(in crate::media) struct Index {
    tables: [Table; 2],
    /// The differences that are tried in each band.
    masks: Vec<u16>,
}

impl Index {
    pub(in crate::media) fn new(hashes: &[Hashes]) -> Self {
        let table = |pick: fn(&Hashes) -> u64| Table::new(hashes.iter().map(pick).collect());
        Self {
            tables: [table(|hashes| hashes.frequencies), table(|hashes| hashes.gradients)],
            masks: masks(),
        }
    }

    /// The earlier images with a hash near that of the image `at`, in order.
    pub(in crate::media) fn earlier(&self, at: usize, candidates: &mut Vec<u32>) {
        candidates.clear();
        for table in &self.tables {
            table.earlier(at, &self.masks, candidates);
        }
        candidates.sort_unstable();
        candidates.dedup();
    }
}

impl Table {
    fn new(hashes: Vec<u64>) -> Self {
        let bands = (0..BANDS).map(|band| Band::new(hashes.iter().map(|&hash| value(hash, band)))).collect();
        Self { hashes, bands }
    }

    fn earlier(&self, at: usize, masks: &[u16], candidates: &mut Vec<u32>) {
        let Some(&hash) = self.hashes.get(at) else { return };
        for (number, band) in self.bands.iter().enumerate() {
            let own = value(hash, number);
            for &mask in masks {
                let bucket = band.members(own ^ mask);
                for &other in bucket.iter().take(LONGEST_BUCKET).take_while(|&&other| (other as usize) < at) {
                    let near = self.hashes.get(other as usize);
                    if near.is_some_and(|near| (near ^ hash).count_ones() <= DISTANCE) {
                        candidates.push(other);
                    }
                }
            }
        }
    }
}

impl Band {
    fn new(values: impl Iterator<Item = u16> + Clone) -> Self {
        let mut starts = vec![0_u32; (1 << 16) + 1];
        for value in values.clone() {
            starts[usize::from(value) + 1] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut members = vec![0; sum as usize];
        let mut next = starts.clone();
        for (member, value) in values.enumerate() {
            let place = &mut next[usize::from(value)];
            members[*place as usize] = u32::try_from(member).unwrap_or(u32::MAX);
            *place += 1;
        }
        Self { starts, members }
    }

    fn members(&self, value: u16) -> &[u32] {
        let value = usize::from(value);
        let (start, end) = (self.starts[value] as usize, self.starts[value + 1] as usize);
        self.members.get(start..end).unwrap_or_default()
    }
}

fn value(hash: u64, band: usize) -> u16 {
    (hash >> (16 * band) & 0xffff) as u16
}

/// All values of sixteen bits of which at most two are set.
fn masks() -> Vec<u16> {
    (0..=u16::MAX).filter(|mask| mask.count_ones() <= 2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_near_is_missed(
            hashes in proptest::collection::vec(any::<u64>(), 1..20),
            flips in proptest::collection::vec((0_usize..20, proptest::collection::vec(0_u32..64, 0..16)), 1..20),
        ) {
            let mut all = hashes.clone();
            for (which, bits) in flips {
                let near = hashes[which % hashes.len()];
                all.push(bits.iter().fold(near, |hash, bit| hash ^ 1 << bit));
            }
            let both: Vec<Hashes> = all.iter().map(|&frequencies| Hashes { frequencies, gradients: !frequencies }).collect();
            let index = Index::new(&both);
            let mut found = Vec::new();
            for at in 0..all.len() {
                index.earlier(at, &mut found);
                let expected: Vec<u32> =
                    (0..at).filter(|&other| (all[other] ^ all[at]).count_ones() <= DISTANCE).map(|i| i as u32).collect();
                prop_assert_eq!(&found, &expected);
            }
        }
    }
}
