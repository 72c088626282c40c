//! Orders that look random and are the same on every machine.

/// A generator of numbers (SplitMix64).
#[derive(Debug, Clone)]
pub(super) struct Numbers(u64);

impl Numbers {
    /// The same seed gives the same numbers.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xD6E8_FEB8_6659_FD93).wrapping_add(0x2545_F491_4F6C_DD1D))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 when that is 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let wide = u128::from(self.next()) * end as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from -1 to 1.
    pub(super) fn signed(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// The numbers below `count` in another order.
pub(super) fn order(count: usize, seed: u64) -> Vec<usize> {
    let (mut order, mut numbers): (Vec<usize>, _) = ((0..count).collect(), Numbers::new(seed));
    for last in (1..count).rev() {
        order.swap(last, numbers.below(last + 1));
    }
    order
}

/// For each number below `count` another one, none of them twice; of one alone itself.
pub(super) fn partners(count: usize, seed: u64) -> Vec<usize> {
    let order = order(count, seed);
    let mut partners = vec![0; count];
    for (&from, &to) in order.iter().zip(order.iter().cycle().skip(1)) {
        if let Some(place) = partners.get_mut(from) {
            *place = to;
        }
    }
    partners
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn orders_hold_every_number_once(count in 0_usize..200, seed: u64) {
            let mut sorted = order(count, seed);
            prop_assert_eq!(&sorted, &order(count, seed));
            sorted.sort_unstable();
            prop_assert!(sorted.into_iter().eq(0..count));
        }

        #[test]
        fn nobody_is_their_own_partner(count in 2_usize..200, seed: u64) {
            let mut partners = partners(count, seed);
            prop_assert!(partners.iter().enumerate().all(|(a, &b)| a != b));
            partners.sort_unstable();
            prop_assert!(partners.into_iter().eq(0..count));
        }

        #[test]
        fn signed_numbers_lie_between_one_and_minus_one(seed: u64) {
            let mut numbers = Numbers::new(seed);
            prop_assert!((0..50).map(|_| numbers.signed()).all(|number| (-1.0..=1.0).contains(&number)));
        }
    }
}
