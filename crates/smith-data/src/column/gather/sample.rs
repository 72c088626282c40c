//! What is kept of the sampled rows.

use std::collections::HashMap;

use crate::column::dictionary::{Dictionary, Entry};
use crate::column::gather::{Column, place_in_order};
use crate::column::hash::HashesAreKeys;
use crate::column::value::Class;

/// A value in a sampled row: its identity (0 when missing) and its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sampled {
    pub(super) identity: u64,
    pub(super) number: f64,
    /// Position in the dictionary, from 1; 0 when missing.
    pub(super) index: u32,
}

pub(super) const NOTHING: Sampled = Sampled { identity: 0, number: f64::NAN, index: 0 };

/// The values of the sampled rows.
#[derive(Debug)]
pub(crate) enum Sample {
    /// Positions in the dictionary, from 1; 0 for a missing value.
    Indexed(Vec<u32>),
    /// Identities and numbers.
    Direct { identities: Vec<u64>, numbers: Vec<f64> },
}

impl Sample {
    pub(super) fn push(&mut self, value: Sampled) {
        match self {
            Self::Indexed(indices) => indices.push(value.index),
            Self::Direct { identities, numbers } => {
                identities.push(value.identity);
                numbers.push(value.number);
            }
        }
    }

    pub(super) fn keep(&mut self, places: &[u32]) {
        fn kept<T: Copy>(list: &[T], places: &[u32]) -> Vec<T> {
            places.iter().filter_map(|&place| list.get(place as usize).copied()).collect()
        }
        match self {
            Self::Indexed(indices) => *indices = kept(indices, places),
            Self::Direct { identities, numbers } => {
                *identities = kept(identities, places);
                *numbers = kept(numbers, places);
            }
        }
    }

    pub(super) fn make_direct(&mut self, dictionary: &Dictionary) {
        let Self::Indexed(indices) = self else { return };
        let entry =
            |&index: &u32| (index as usize).checked_sub(1).and_then(|at| dictionary.entries().get(at));
        let identities = indices.iter().map(|index| entry(index).map_or(0, |entry| entry.identity)).collect();
        let number = |entry: &Entry| place_in_order(entry.class, entry.number);
        let numbers = indices.iter().map(|index| entry(index).map_or(f64::NAN, number)).collect();
        *self = Self::Direct { identities, numbers };
    }
}

impl Column {
    /// For each sampled row a number that equal values share, 0 when the value is missing, and what `place` makes of
    /// its number.
    pub(crate) fn sampled(&self, place: impl Fn(Class, f64) -> f64) -> (Vec<u32>, Vec<f64>) {
        let mut codes = Codes::default();
        match &self.sample {
            Sample::Indexed(indices) => {
                let entries = self.dictionary.entries();
                let entry = |&index: &u32| (index as usize).checked_sub(1).and_then(|at| entries.get(at));
                let identity = |index: &u32| entry(index).map_or(0, |entry| entry.identity);
                let number =
                    |index: &u32| entry(index).map_or(f64::NAN, |entry| place(entry.class, entry.number));
                (
                    indices.iter().map(|index| codes.of(identity(index))).collect(),
                    indices.iter().map(number).collect(),
                )
            }
            Sample::Direct { identities, numbers } => {
                (identities.iter().map(|&identity| codes.of(identity)).collect(), numbers.clone())
            }
        }
    }
}

/// Numbers from 1 for identities, in order of first appearance.
#[derive(Default)]
struct Codes(HashMap<u64, u32, HashesAreKeys>);

impl Codes {
    fn of(&mut self, identity: u64) -> u32 {
        if identity == 0 {
            return 0;
        }
        let next = self.0.len() as u32 + 1;
        *self.0.entry(identity).or_insert(next)
    }
}
