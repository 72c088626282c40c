//! Test rows that stand in another table, found by their features.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use smith_data::{Frame, TextColumn};

use super::agree::is_same;
use crate::subject::{Feature, number};

/// Features that rows must share to be the same row.
const MIN_SHARED: usize = 2;

/// What another table knows of the test rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    /// Name of the column with the answers.
    pub(crate) column: String,
    /// Share of the test rows whose features stand in the table with their answer.
    pub(crate) share: f64,
    /// Share of the table's rows whose features stand there more than once.
    pub(crate) repeats: f64,
    /// Share of the test rows whose features no other test row has.
    pub(crate) distinct: f64,
}

/// Looks the test rows up in `frame` by the features that both have, and their answers in its column of the target's
/// name. None when the table has no such column or too few features.
pub(crate) fn look_up(
    frame: &Frame,
    features: &[Feature],
    target: &str,
    answers: &TextColumn,
) -> Option<Found> {
    let column = frame.names().iter().position(|name| name.eq_ignore_ascii_case(target))?;
    let shared: Vec<(&TextColumn, &TextColumn)> = features
        .iter()
        .filter_map(|feature| {
            let at = frame.position(&feature.name).filter(|at| *at != column)?;
            Some((&feature.cells, frame.columns().get(at)?))
        })
        .collect();
    if shared.len() < MIN_SHARED || answers.is_empty() {
        return None;
    }
    let (mut known, mut repeats): (HashMap<u64, Vec<&str>>, usize) = (HashMap::new(), 0);
    let truth = frame.columns().get(column)?;
    for row in 0..frame.rows() {
        let values = known.entry(hash(shared.iter().map(|(_, cells)| cells.get(row)))).or_default();
        repeats += usize::from(!values.is_empty());
        if values.len() < 4 {
            values.push(truth.get(row));
        }
    }
    let mut different = HashSet::new();
    let mut hits = 0_usize;
    for row in 0..answers.len() {
        let key = hash(shared.iter().map(|(cells, _)| cells.get(row)));
        different.insert(key);
        hits += usize::from(
            known.get(&key).is_some_and(|values| values.iter().any(|value| is_same(value, answers.get(row)))),
        );
    }
    Some(Found {
        column: frame.names().get(column).cloned().unwrap_or_default(),
        share: hits as f64 / answers.len() as f64,
        repeats: repeats as f64 / frame.rows().max(1) as f64,
        distinct: different.len() as f64 / answers.len() as f64,
    })
}

/// A hash of a row in which numbers are equal that are written otherwise.
fn hash<'c>(cells: impl Iterator<Item = &'c str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for cell in cells {
        match number(cell) {
            Some(number) => (number + 0.0).to_bits().hash(&mut hasher),
            None => cell.hash(&mut hasher),
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column<'c>(cells: impl IntoIterator<Item = &'c str>) -> TextColumn {
        cells.into_iter().collect()
    }

    #[test]
    fn rows_are_found_by_their_features() {
        let mut frame = Frame::new(["a", "b", "Y"].map(str::to_owned).to_vec());
        for row in [["1", "x", "u"], ["2.0", "y", "v"], ["3", "z", "w"], ["3", "z", "u"]] {
            frame.push_row(row);
        }
        let feature = |name: &str, cells| Feature { name: name.to_owned(), cells: column(cells) };
        let features = [feature("b", ["y", "z"]), feature("a", ["2", "3.0"]), feature("c", ["0", "0"])];
        let found = look_up(&frame, &features, "y", &column(["v", "u"])).unwrap();
        assert_eq!(
            (found.column.as_str(), found.share, found.repeats, found.distinct),
            ("Y", 1.0, 0.25, 1.0)
        );
        assert!(look_up(&frame, &features[..1], "y", &column(["v", "u"])).is_none());
        assert!(look_up(&frame, &features, "z", &column(["v", "u"])).is_none());
    }
}
