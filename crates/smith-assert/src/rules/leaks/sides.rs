//! Train and test beside each other, as rules that learn from one and ask of the other need them.

use smith_data::TextColumn;

use crate::AssertError;
use crate::leakage::target::{Target, targets};
use crate::subject::{Examples, Split};

/// Examples of a side that are looked at.
const MAX_ROWS: usize = 20_000;
/// Examples that each side must have.
const MIN_ROWS: usize = 20;
/// Predicted columns that are looked at.
const MAX_TARGETS: usize = 4;

/// Some examples of both sides.
pub(super) struct Sides<'s> {
    pub(super) train: &'s Examples,
    pub(super) test: &'s Examples,
    pub(super) train_rows: Vec<usize>,
    pub(super) test_rows: Vec<usize>,
    /// Targets of the train rows, and of the test rows behind them.
    pub(super) targets: Vec<Target>,
}

impl<'s> Sides<'s> {
    pub(super) fn of(split: &'s Split) -> Result<Self, AssertError> {
        let Some(train) = &split.train else {
            return Err(AssertError::not_run(
                "no training examples with known answers were found in public/",
            ));
        };
        let test = &split.test;
        let (train_rows, test_rows) = (spread(train.rows), spread(test.rows));
        if train_rows.len() < MIN_ROWS || test_rows.len() < MIN_ROWS {
            return Err(AssertError::not_run(format!(
                "one side of the split has fewer than {MIN_ROWS} examples"
            )));
        }
        let cells = |(known, answers): (&TextColumn, &TextColumn)| -> Vec<String> {
            let known = train_rows.iter().map(|row| known.get(*row));
            known.chain(test_rows.iter().map(|row| answers.get(*row))).map(str::to_owned).collect()
        };
        let columns: Vec<Vec<String>> = train.targets.iter().zip(&test.targets).map(cells).collect();
        let names: Vec<&str> = split.predicted.iter().map(String::as_str).collect();
        let mut targets = targets(&names, &columns);
        targets.truncate(MAX_TARGETS);
        Ok(Self { train, test, train_rows, test_rows, targets })
    }

    /// A feature: cells of the train rows, and of the test rows behind them.
    pub(super) fn cells(&self, feature: usize) -> Vec<&'s str> {
        let of = |side: &'s Examples, rows: &[usize]| -> Vec<&'s str> {
            let cells = side.features.get(feature).map(|feature| &feature.cells);
            rows.iter().map(|row| cells.map_or("", |cells| cells.get(*row))).collect()
        };
        let mut cells = of(self.train, &self.train_rows);
        cells.extend(of(self.test, &self.test_rows));
        cells
    }

    /// Names of the features, in their order.
    pub(super) fn names(&self) -> impl Iterator<Item = &'s str> + use<'s> {
        self.test.features.iter().map(|feature| feature.name.as_str())
    }

    pub(super) fn rows(&self) -> usize {
        self.train_rows.len() + self.test_rows.len()
    }
}

fn spread(rows: usize) -> Vec<usize> {
    let count = rows.min(MAX_ROWS);
    (0..count).map(|at| at * rows / count.max(1)).collect()
}
