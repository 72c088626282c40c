//! Ids as they are compared: the same id may be written in more than one way.

use std::borrow::Cow;
use std::collections::HashMap;

use smith_data::{Frame, TextColumn};

use super::sources::position;
use crate::subject::public::stem;

/// Share of the ids that a column has to hold.
const COVERAGE: f64 = 0.98;
/// Cells of a column that are looked at before the whole column is.
const LOOKED_AT: usize = 64;
/// Longest ending of a file's name.
const LONGEST_ENDING: usize = 5;

/// Ids of the examples that are to be predicted, each with its position.
pub(crate) struct Ids<'a> {
    positions: HashMap<Cow<'a, str>, usize>,
    /// The same by the names of files without directory and ending; empty when no id looks like one, or when they
    /// do not tell ids apart.
    bare: HashMap<Cow<'a, str>, usize>,
    count: usize,
}

/// A whole number without what only its notation adds: `007` and `7.0` are `7`. Other texts as they are.
pub(crate) fn canonical(id: &str) -> Cow<'_, str> {
    let id = id.trim();
    let whole = id.strip_suffix(".0").unwrap_or(id);
    let is_number = !whole.is_empty() && whole.len() <= 18 && whole.bytes().all(|byte| byte.is_ascii_digit());
    match whole.parse::<u64>() {
        Ok(number) if is_number && (whole.starts_with('0') || whole.len() < id.len()) => {
            Cow::Owned(number.to_string())
        }
        _ => Cow::Borrowed(id),
    }
}

/// The name of a file without directories and ending; other texts as they are.
pub(crate) fn bare(id: &str) -> Cow<'_, str> {
    let name = id.trim().rsplit(['/', '\\']).next().unwrap_or(id);
    let without = stem(name);
    let ending = name.get(without.len() + 1..).unwrap_or("");
    let is_ending = !ending.is_empty()
        && ending.len() <= LONGEST_ENDING
        && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && ending.bytes().any(|byte| byte.is_ascii_alphabetic());
    canonical(if is_ending { without } else { name })
}

impl<'a> Ids<'a> {
    /// The ids of a list, with the position at which each stands first.
    pub(crate) fn new(ids: impl Iterator<Item = &'a str>) -> Self {
        let (mut positions, mut count) = (HashMap::new(), 0);
        let mut bare: HashMap<Cow<'a, str>, usize> = HashMap::new();
        for (at, id) in ids.enumerate() {
            positions.entry(canonical(id)).or_insert(at);
            bare.entry(self::bare(id)).or_insert(at);
            count += 1;
        }
        if bare.len() < positions.len() {
            bare.clear();
        }
        Self { positions, bare, count }
    }

    /// True when every id stands once.
    pub(crate) fn are_unique(&self) -> bool {
        self.positions.len() == self.count
    }

    /// Position of an id; of a file's name with another directory or ending too.
    pub(crate) fn position(&self, id: &str) -> Option<usize> {
        let exact = self.positions.get(canonical(id).as_ref());
        exact.or_else(|| self.bare.get(bare(id).as_ref())).copied()
    }

    /// Share of the ids that stand in a column.
    pub(crate) fn covered_by(&self, column: &TextColumn) -> f64 {
        // A table of more than these ids is looked at the closer.
        let wanted = (column.len() / self.count.max(1) + 1).saturating_mul(LOOKED_AT);
        let step = (column.len() / wanted.max(1)).max(1);
        if !(0..column.len()).step_by(step).any(|row| self.position(column.get(row)).is_some()) {
            return 0.0;
        }
        let mut seen = vec![false; self.count];
        for cell in column.iter() {
            if let Some(place) = self.position(cell).and_then(|at| seen.get_mut(at)) {
                *place = true;
            }
        }
        seen.iter().filter(|seen| **seen).count() as f64 / self.positions.len().max(1) as f64
    }

    /// True when a column holds (nearly) all ids.
    pub(crate) fn are_in(&self, column: &TextColumn) -> bool {
        self.covered_by(column) >= COVERAGE
    }

    /// The column of a table that holds the ids; one of the same name before others.
    pub(crate) fn column_of(&self, frame: &Frame, name: &str) -> Option<usize> {
        let holds = |at: &usize| frame.columns().get(*at).is_some_and(|column| self.are_in(column));
        position(frame, name).filter(holds).or_else(|| (0..frame.columns().len()).find(holds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_compared_beyond_their_notation() {
        let cases = [
            ("7", "7"),
            ("007", "7"),
            ("7.0", "7"),
            (" a1 ", "a1"),
            ("-7", "-7"),
            ("0", "0"),
            ("1.5", "1.5"),
        ];
        for (written, expected) in cases {
            assert_eq!(canonical(written), expected, "{written}");
        }
        let names =
            [("test/a b.png", "a b"), ("01.jpeg", "1"), ("v1.2", "v1.2"), ("x\\y.wav", "y"), (".a", ".a")];
        for (written, expected) in names {
            assert_eq!(bare(written), expected, "{written}");
        }
    }

    #[test]
    fn the_column_of_the_ids_is_found_under_any_name() {
        let ids = Ids::new(["3", "1", "2"].into_iter());
        let mut frame = Frame::new(vec!["x".to_owned(), "key".to_owned()]);
        for (x, key) in [("9", "01"), ("9", "02"), ("8", "03.png")] {
            frame.push_row([x, key]);
        }
        assert_eq!(ids.column_of(&frame, "id"), Some(1));
        assert_eq!((ids.position("2.0"), ids.position("4"), ids.are_unique()), (Some(2), None, true));
    }
}
