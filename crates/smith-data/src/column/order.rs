//! How numbers follow each other.

use smith_task_schema::profile::Monotone;

use crate::column::gather::EXACT;

/// Watches numbers as they come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    last: f64,
    last_identity: u64,
    seen: u64,
    rises: bool,
    falls: bool,
    stays: bool,
}

impl Order {
    pub(crate) fn new() -> Self {
        Self { last: f64::NAN, last_identity: 0, seen: 0, rises: false, falls: false, stays: false }
    }

    /// True once nothing can be said any more.
    #[inline]
    pub(crate) fn is_lost(&self) -> bool {
        self.rises && self.falls
    }

    /// A value that has no place among numbers.
    pub(crate) fn lose(&mut self) {
        self.rises = true;
        self.falls = true;
    }

    /// The next number. Of two long whole numbers with one `f64` it cannot be told which is the greater.
    #[inline]
    pub(crate) fn see(&mut self, number: f64, identity: u64) {
        if number.is_nan() {
            self.lose();
            return;
        }
        if self.seen > 0 {
            self.rises |= number > self.last;
            self.falls |= number < self.last;
            self.stays |= number == self.last;
            if number == self.last && identity != self.last_identity && number.abs() >= EXACT {
                self.lose();
            }
        }
        self.last = number;
        self.last_identity = identity;
        self.seen += 1;
    }

    /// What can be said of at least three numbers.
    pub(crate) fn monotone(&self) -> Option<Monotone> {
        match (self.rises, self.falls, self.stays) {
            _ if self.seen < 3 => None,
            (true, false, false) => Some(Monotone::Rising),
            (true, false, true) => Some(Monotone::NeverFalling),
            (false, true, false) => Some(Monotone::Falling),
            (false, true, true) => Some(Monotone::NeverRising),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders() {
        for (numbers, expected) in [
            (&[1.0, 2.0, 5.0][..], Some(Monotone::Rising)),
            (&[1.0, 1.0, 5.0], Some(Monotone::NeverFalling)),
            (&[3.0, 2.0, 1.0], Some(Monotone::Falling)),
            (&[3.0, 2.0, 2.0], Some(Monotone::NeverRising)),
            (&[1.0, 1.0, 1.0], None),
            (&[1.0, 2.0, 1.0], None),
            (&[1.0, f64::NAN, 2.0], None),
            (&[1.0, 2.0], None),
        ] {
            let mut order = Order::new();
            numbers.iter().for_each(|&number| order.see(number, number.to_bits()));
            assert_eq!(order.monotone(), expected, "{numbers:?}");
        }
    }

    #[test]
    fn what_is_too_long_for_its_place_has_no_order() {
        let mut order = Order::new();
        (0..4).for_each(|identity| order.see(EXACT, identity));
        assert_eq!(order.monotone(), None);
        let mut order = Order::new();
        for (number, identity) in [(EXACT, 1), (EXACT, 1), (EXACT * 2.0, 2)] {
            order.see(number, identity);
        }
        assert_eq!(order.monotone(), Some(Monotone::NeverFalling));
    }
}
