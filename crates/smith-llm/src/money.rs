//! What calls cost: amounts, prices, budgets and the model that keeps account.

mod budget;
mod metered;
mod prices;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use budget::{Budget, Reservation};
pub use metered::Metered;
pub(crate) use metered::Prepaid;
pub use prices::{LongPrice, Price, PriceError, PriceTable};

/// An amount in millionths of a US dollar. Integers, so that sums do not depend on their order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MicroUsd(pub u64);

impl fmt::Display for MicroUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

impl std::ops::Add for MicroUsd {
    type Output = Self;

    /// Saturates.
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::iter::Sum for MicroUsd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), |sum, amount| sum + amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_print_in_dollars_with_six_decimals() {
        for (amount, text) in [(0, "$0.000000"), (1_234_567, "$1.234567"), (20_000_001, "$20.000001")] {
            assert_eq!(MicroUsd(amount).to_string(), text);
        }
    }

    #[test]
    fn sums_saturate() {
        assert_eq!([MicroUsd(2), MicroUsd(3)].into_iter().sum::<MicroUsd>(), MicroUsd(5));
        assert_eq!(MicroUsd(u64::MAX) + MicroUsd(1), MicroUsd(u64::MAX));
    }
}
