//! Facts of columns whose values are too many to keep.

use crate::column::dictionary::NewValue;
use crate::column::hyperloglog::HyperLogLog;
use crate::column::value::Class;

/// Facts of a column with too many different values to keep.
#[derive(Debug)]
pub(crate) struct Sketch {
    pub(crate) distinct: HyperLogLog,
    pub(crate) classes: [u64; Class::COUNT],
    pub(crate) sum: f64,
    /// Sum of the squares of the distances from `origin`.
    pub(crate) squares: f64,
    pub(crate) from_origin: f64,
    pub(crate) origin: f64,
    pub(crate) zeros: u64,
    pub(crate) negatives: u64,
    pub(crate) lengths: u64,
    pub(crate) words: u64,
}

impl Sketch {
    pub(super) fn new() -> Self {
        Self {
            distinct: HyperLogLog::new(),
            classes: [0; Class::COUNT],
            sum: 0.0,
            squares: 0.0,
            from_origin: 0.0,
            origin: f64::NAN,
            zeros: 0,
            negatives: 0,
            lengths: 0,
            words: 0,
        }
    }

    pub(super) fn add(&mut self, value: &NewValue, times: u64) {
        self.classes[value.class as usize] += times;
        if value.class == Class::Missing {
            return;
        }
        self.distinct.add(value.identity);
        self.lengths += u64::from(value.length) * times;
        self.words += u64::from(value.words) * times;
        if value.class.is_number() {
            self.add_number(value.number, times as f64);
        }
    }

    fn add_number(&mut self, number: f64, times: f64) {
        if self.origin.is_nan() {
            self.origin = number;
        }
        let distance = number - self.origin;
        self.sum += number * times;
        self.from_origin += distance * times;
        self.squares += distance * distance * times;
        self.zeros += if number == 0.0 { times as u64 } else { 0 };
        self.negatives += if number < 0.0 { times as u64 } else { 0 };
    }
}
