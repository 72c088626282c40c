//! The search for features that are made of the answers of the rows around, made once for the rules that speak of it.

use rayon::prelude::*;

use super::panel::{Numbers, Panel};
use super::sequence::{Sequence, sequences};
use super::windows::{Aligned, Made};
use crate::subject::Split;

/// Different values that a feature must have.
const MIN_VALUES: usize = 12;
/// Examples of both sides together.
const MIN_ROWS: usize = 60;
/// Targets whose windows are tried.
const MAX_TRUTHS: usize = 2;

/// Both sides of a split, and which features are made of the answers around.
pub(crate) struct Search {
    pub(crate) panel: Panel,
    pub(crate) sequences: Vec<Sequence>,
    pub(crate) found: Vec<Hit>,
}

/// A feature that is made of answers, by positions in the panel and among the sequences.
pub(crate) struct Hit {
    pub(crate) feature: usize,
    pub(crate) truth: usize,
    pub(crate) sequence: usize,
    pub(crate) made: Made,
}

impl Search {
    /// Looks through a split; none when too little of both sides is known.
    pub(crate) fn of(split: &Split) -> Option<Self> {
        let panel = Panel::of(split).filter(|panel| panel.rows >= MIN_ROWS)?;
        let sequences = sequences(&panel);
        let found = (0..panel.numbers.len())
            .into_par_iter()
            .filter_map(|feature| hit(&panel, &sequences, feature))
            .collect();
        Some(Self { panel, sequences, found })
    }
}

fn hit(panel: &Panel, sequences: &[Sequence], at: usize) -> Option<Hit> {
    let feature = panel.numbers.get(at).filter(|feature| feature.is_fine() && varies(feature))?;
    sequences.iter().enumerate().find_map(|(sequence, order)| {
        panel.truths.iter().take(MAX_TRUTHS).enumerate().find_map(|(truth, target)| {
            let made = Aligned::new(order, panel.train, feature, &target.numbers).made()?;
            Some(Hit { feature: at, truth, sequence, made })
        })
    })
}

fn varies(feature: &Numbers) -> bool {
    let mut distinct: Vec<u64> = feature.values.iter().map(|value| value.to_bits()).collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct.len() >= MIN_VALUES
}
