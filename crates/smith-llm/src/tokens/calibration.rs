//! What a provider counted, in the place of an estimate.

use crate::chat::Usage;

/// A request of a conversation of which the endpoint told the tokens. The next one differs from it by little, so that only
/// the difference has to be estimated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calibration {
    estimated: u64,
    counted: u64,
}

/// Beyond this factor either way a count is not believed: servers exist that count words, or nothing but what was not in
/// their cache.
const BELIEVED: u64 = 4;

impl Calibration {
    /// Notes that a request which was `estimated` came to `usage`. A count that cannot be true changes nothing.
    pub fn learn(&mut self, estimated: u64, usage: &Usage) {
        let counted = usage.input_tokens;
        let believed =
            counted.saturating_mul(BELIEVED) >= estimated && counted <= estimated.saturating_mul(BELIEVED);
        if counted > 0 && believed {
            *self = Self { estimated, counted };
        }
    }

    /// What a request of the same conversation comes to that is `estimated` so. What was added since is taken as
    /// estimated, or as much above it as the whole was; what was taken away as estimated, or as much below it.
    #[must_use]
    pub fn corrected(&self, estimated: u64) -> u64 {
        let scaled = |difference: u64| {
            let product = u128::from(difference) * u128::from(self.counted);
            u64::try_from(product / u128::from(self.estimated.max(1))).unwrap_or(u64::MAX)
        };
        if self.estimated == 0 {
            return estimated;
        }
        match estimated.checked_sub(self.estimated) {
            Some(added) => self.counted.saturating_add(added.max(scaled(added))),
            None => {
                let removed = self.estimated - estimated;
                self.counted.saturating_sub(removed.min(scaled(removed)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(estimated: u64, input_tokens: u64) -> Calibration {
        let mut calibration = Calibration::default();
        calibration.learn(estimated, &Usage { input_tokens, ..Usage::default() });
        calibration
    }

    #[test]
    fn only_the_difference_is_estimated_and_always_on_the_safe_side() {
        for (estimated, counted, now, expected) in [
            (1000, 800, 1000, 800),
            (1000, 800, 1100, 900), // the model's texts are short, but these may not be
            (1000, 1200, 1100, 1320),
            (1000, 800, 500, 400),
            (1000, 1200, 500, 700),
            (1000, 800, 0, 0),
        ] {
            assert_eq!(learned(estimated, counted).corrected(now), expected, "{estimated} {counted} {now}");
        }
    }

    #[test]
    fn without_a_count_or_with_an_absurd_one_the_estimate_holds() {
        for counted in [0, 1, 249, 4001, u64::MAX] {
            assert_eq!(learned(1000, counted).corrected(1234), 1234, "{counted}");
        }
        assert_eq!(learned(1000, 250).corrected(1000), 250);
        assert_eq!(learned(u64::MAX, u64::MAX).corrected(u64::MAX), u64::MAX);
        let mut last = learned(1000, 800);
        last.learn(1100, &Usage::default());
        assert_eq!(last.corrected(1000), 800, "the last count that is known stays");
    }
}
