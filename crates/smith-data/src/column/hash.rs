//! Hashes of values: the same on every machine, so that profiles are.

use rapidhash::v3::{RapidSecrets, rapidhash_v3_micro_inline};

static SECRETS: RapidSecrets = RapidSecrets::seed(0x5eed);

/// Hash of a text or of other bytes; never 0, which stands for a missing value.
#[inline]
pub(crate) fn of_bytes(bytes: &[u8]) -> u64 {
    rapidhash_v3_micro_inline::<true, false>(bytes, &SECRETS).max(1)
}

/// Hash of a number; `1` and `1.0`, `0` and `-0` are the same. Never 0.
#[inline]
pub(crate) fn of_number(number: f64) -> u64 {
    let bits = if number == 0.0 { 0 } else { number.to_bits() };
    mixed(bits ^ 0x9e37_79b9_7f4a_7c15).max(1)
}

/// Spreads every bit of a number over all (the finaliser of MurmurHash3, by Austin Appleby, public domain).
#[inline]
pub(crate) fn mixed(mut x: u64) -> u64 {
    x = (x ^ (x >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    x = (x ^ (x >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ (x >> 33)
}

/// For tables whose keys are hashes already.
pub(crate) type HashesAreKeys = std::hash::BuildHasherDefault<KeyIsHash>;

/// Takes a hash for what it is.
#[derive(Debug, Default)]
pub(crate) struct KeyIsHash(u64);

impl std::hash::Hasher for KeyIsHash {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = of_bytes(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_do_not_change() {
        assert_eq!(of_number(0.0), of_number(-0.0));
        assert_ne!(of_number(1.0), of_number(2.0));
        assert_eq!(of_bytes(b"oak"), of_bytes(b"oak"));
        // Estimates and samples in stored profiles hang on these.
        assert_eq!(of_bytes(b"oak"), 718_046_773_484_979_993);
        assert_eq!(of_number(1.5), 3_868_538_229_376_497_241);
    }
}
