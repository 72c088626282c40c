//! Generic features of examples, from their cells and their files. Facts of single examples are gathered once
//! ([`Raw`]); what has to be learnt from many of them (scales, frequencies, means of the target) is learnt from the
//! training rows that a learner gets ([`encode`]).

mod cells;
mod encode;
mod files;
mod picture;
mod sound;
mod spectrum;
mod words;

use std::path::Path;

use smith_data::TextColumn;

use crate::subject::PublicFile;
pub(crate) use encode::{Encoded, encode};
pub(crate) use words::WORDS;

/// Numbers of all rows and columns together.
const MOST_NUMBERS: usize = 20_000_000;

/// Facts of examples, row by row.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    pub(crate) rows: usize,
    /// Columns of numbers; NaN where there is none.
    pub(crate) numbers: Vec<Vec<f32>>,
    /// Columns of categories, 0 where there is none.
    pub(crate) categories: Vec<Vec<u32>>,
    /// For each row hashed words with their counts, in order.
    pub(crate) words: Option<Vec<Vec<(u32, f32)>>>,
    /// What was looked at.
    pub(crate) seen: Seen,
}

/// What kinds of features there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) numbers: usize,
    pub(crate) categories: usize,
    pub(crate) dates: usize,
    pub(crate) texts: usize,
    pub(crate) files: usize,
}

impl Raw {
    /// Of columns of cells, each as long as there are rows.
    pub(crate) fn of_cells(rows: usize, columns: &[TextColumn]) -> Self {
        let mut raw = Self { rows, ..Self::default() };
        for (at, column) in columns.iter().enumerate() {
            if raw.numbers.len() * rows < MOST_NUMBERS {
                cells::add(&mut raw, at, column);
            }
        }
        raw
    }

    /// Adds the facts of files below `root`, one a row; rows without a file have none.
    pub(crate) fn add_files(&mut self, root: &Path, files: &[Option<&PublicFile>]) {
        files::add(self, root, files);
    }

    /// True when nothing is known of the examples.
    pub(crate) fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.categories.is_empty() && self.words.is_none()
    }

    fn words_mut(&mut self) -> &mut Vec<Vec<(u32, f32)>> {
        let rows = self.rows;
        self.words.get_or_insert_with(|| vec![Vec::new(); rows])
    }
}
