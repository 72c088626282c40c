//! Where examples and their targets come from: the raw row of each example, the raw column of each target, and whether
//! the two go together on both sides of the split.

mod cells;
mod classes;
mod compare;
mod features;
mod files;
mod keys;
mod relation;
mod rows;
mod sources;

use smith_data::Frame;

use crate::subject::{Public, Raw, Split};

pub(crate) use compare::{Doubt, Kind, doubts};
pub(crate) use features::{Apart, Difference, apart};
pub(crate) use sources::Source;

/// The raw rows of the examples of both sides.
#[derive(Debug)]
pub(crate) struct Origin {
    /// Path of the table within `raw/`.
    pub(crate) path: String,
    /// Its rows.
    rows: usize,
    /// Pairs of a row of the examples and of the table.
    pub(crate) train: Vec<(usize, usize)>,
    pub(crate) test: Vec<(usize, usize)>,
    /// Columns that a target may come from, of this table and of those that are joined to it.
    pub(crate) sources: Vec<Source>,
    /// The raw files, where the examples are files.
    list: Option<Frame>,
}

impl Origin {
    /// Finds the table in which the most examples of both sides are.
    pub(crate) fn find(raw: &Raw, split: &Split, public: &Public) -> Option<Self> {
        let train = split.train.as_ref()?;
        let pairs = train.features.iter().zip(&split.test.features);
        let features: Vec<rows::Both<'_>> =
            pairs.map(|(a, b)| rows::Both { name: &a.name, train: &a.cells, test: &b.cells }).collect();
        let mut best: Option<(usize, rows::Rows)> = None;
        for (at, table) in raw.tables.iter().enumerate() {
            let Some(found) = rows::find(&table.frame, &features) else { continue };
            if best.as_ref().is_none_or(|(_, best)| found.count() > best.count()) {
                best = Some((at, found));
            }
        }
        let Some((at, rows)) = best else {
            return files::find(raw, split, public);
        };
        let table = raw.tables.get(at)?;
        let sources = sources::of_table(raw, at);
        Some(Self {
            path: table.path.clone(),
            rows: table.frame.rows(),
            train: rows.train,
            test: rows.test,
            sources,
            list: None,
        })
    }
}

/// The cells of a column of a table, for some rows.
fn column(frame: &Frame, at: usize) -> Option<&smith_data::TextColumn> {
    frame.columns().get(at)
}
