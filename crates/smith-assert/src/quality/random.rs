//! Hashes and orders that are the same on every machine.

use rapidhash::v3::{RapidSecrets, rapidhash_v3_micro_inline};

static SECRETS: RapidSecrets = RapidSecrets::seed(0xa0d1);

/// Hash of a text.
pub(crate) fn hash(text: &str) -> u64 {
    hash_bytes(text.as_bytes())
}

/// Hash of what a file holds.
pub(crate) fn hash_bytes(bytes: &[u8]) -> u64 {
    rapidhash_v3_micro_inline::<true, false>(bytes, &SECRETS)
}

/// Spreads every bit of a number over all (the finaliser of MurmurHash3, by Austin Appleby, public domain).
pub(crate) fn mixed(mut x: u64) -> u64 {
    x = (x ^ (x >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    x = (x ^ (x >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ (x >> 33)
}

/// The items in an order that only `seed` and their number decide.
pub(crate) fn shuffled<T: Copy>(items: &[T], seed: u64) -> Vec<T> {
    let mut keyed: Vec<(u64, T)> = items
        .iter()
        .enumerate()
        .map(|(at, item)| (mixed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ at as u64), *item))
        .collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, item)| item).collect()
}

/// At most `limit` of the positions below `count`, spread evenly and in their order.
pub(crate) fn spread(count: usize, limit: usize) -> Vec<usize> {
    let taken = count.min(limit);
    (0..taken).map(|at| (at as u128 * count as u128 / taken.max(1) as u128) as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_and_shuffled_take_each_once() {
        assert_eq!(spread(10, 5), [0, 2, 4, 6, 8]);
        assert_eq!(spread(3, 5), [0, 1, 2]);
        let mut items = shuffled(&spread(100, 100), 1);
        assert_ne!(items, spread(100, 100));
        items.sort_unstable();
        assert_eq!(items, spread(100, 100));
    }
}
