//! How numbers follow each other.

use smith_task_schema::profile::Monotone;

/// Watches numbers as they come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    last: f64,
    seen: u64,
    rises: bool,
    falls: bool,
    stays: bool,
}

impl Order {
    pub(crate) fn new() -> Self {
        Self { last: f64::NAN, seen: 0, rises: false, falls: false, stays: false }
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

    #[inline]
    pub(crate) fn see(&mut self, number: f64) {
        if number.is_nan() {
            self.lose();
            return;
        }
        if self.seen > 0 {
            self.rises |= number > self.last;
            self.falls |= number < self.last;
            self.stays |= number == self.last;
        }
        self.last = number;
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
            numbers.iter().for_each(|&number| order.see(number));
            assert_eq!(order.monotone(), expected, "{numbers:?}");
        }
    }
}
