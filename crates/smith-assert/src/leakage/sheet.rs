//! The answers as they are looked for: some rows of them, found by their ids in whatever notation.

use std::borrow::Cow;
use std::collections::HashMap;

use smith_data::{Frame, TextColumn};

use super::target::{Target, targets};
use crate::subject::{Pair, PublicFile, cell};

/// Answers that are looked for: more prove no more.
const MAX_ROWS: usize = 20_000;
/// Share of the ids from which on a column holds them.
const COVERAGE: f64 = 0.2;
/// A smaller part of the ids that is enough where what stands beside them is the answers themselves.
const PART: f64 = 0.01;
const MIN_PART: usize = 20;
/// Cells of a column that are looked at before the whole column is.
const LOOKED_AT: usize = 2_000;

/// Some of the answers, spread over all of them.
pub(crate) struct Sheet {
    pub(crate) ids: Vec<String>,
    pub(crate) targets: Vec<Target>,
    /// Rows of the answers that these are.
    pub(crate) rows: Vec<usize>,
    /// Number of all answers.
    pub(crate) all: usize,
    positions: HashMap<String, u32>,
    /// False when several answers share an id.
    pub(crate) are_unique: bool,
}

/// An id without what only its notation adds: `007`, `7.0` and `img/7.png` are `7`.
pub(crate) fn canonical(id: &str) -> Cow<'_, str> {
    let name = id.trim().rsplit(['/', '\\']).next().unwrap_or(id);
    let stem = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && is_ending(ending) => stem,
        _ => name.strip_suffix(".0").unwrap_or(name),
    };
    let is_number = !stem.is_empty() && stem.len() <= 18 && stem.bytes().all(|byte| byte.is_ascii_digit());
    match stem.parse::<u64>() {
        Ok(number) if is_number => Cow::Owned(number.to_string()),
        _ => Cow::Borrowed(stem),
    }
}

fn is_ending(ending: &str) -> bool {
    (1..=5).contains(&ending.len())
        && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && ending.bytes().any(|byte| byte.is_ascii_alphabetic())
}

impl Sheet {
    pub(crate) fn of(pair: &Pair) -> Self {
        let all = pair.answers.rows.len();
        let count = all.min(MAX_ROWS);
        let rows: Vec<usize> = (0..count).map(|at| at * all / count.max(1)).collect();
        let answers = |at: &usize| pair.answers.rows.get(*at);
        let ids: Vec<String> =
            rows.iter().filter_map(answers).map(|row| pair.id_of(row).to_owned()).collect();
        let names = pair.predicted();
        let column = |name: &&str| {
            let at = pair.answers.column(name);
            rows.iter()
                .filter_map(answers)
                .map(|row| at.map_or_else(String::new, |at| cell(row, at).to_owned()))
                .collect()
        };
        let columns: Vec<Vec<String>> = names.iter().map(column).collect();
        let mut positions = HashMap::with_capacity(ids.len());
        for (id, at) in ids.iter().zip(0_u32..) {
            positions.entry(canonical(id).into_owned()).or_insert(at);
        }
        let are_unique = positions.len() == ids.len();
        Self { targets: targets(&names, &columns), rows, all, positions, are_unique, ids }
    }

    /// Position of an id among these.
    pub(crate) fn position(&self, id: &str) -> Option<usize> {
        self.positions.get(canonical(id).as_ref()).map(|&at| at as usize)
    }

    /// For each of these the row of `column` in which its id stands first; none when too few stand there.
    pub(crate) fn find(&self, column: &TextColumn) -> Option<Vec<Option<usize>>> {
        self.find_part(column).filter(|rows| self.is_covered(rows))
    }

    /// True when enough of the ids were found for any relation between what stands there and the answers to count.
    pub(crate) fn is_covered(&self, rows: &[Option<usize>]) -> bool {
        rows.iter().flatten().count() as f64 >= COVERAGE * self.ids.len() as f64
    }

    /// True when so many of the ids were found that the answers themselves beside them are a leak.
    pub(crate) fn is_part(&self, rows: &[Option<usize>]) -> bool {
        let found = rows.iter().flatten().count();
        self.is_covered(rows) || (found >= MIN_PART && found as f64 >= PART * self.ids.len() as f64)
    }

    /// The same when only a part of them stands there.
    fn find_part(&self, column: &TextColumn) -> Option<Vec<Option<usize>>> {
        if !self.are_unique || column.is_empty() {
            return None;
        }
        let step = (column.len() / LOOKED_AT).max(1);
        if !(0..column.len()).step_by(step).any(|row| self.position(column.get(row)).is_some()) {
            return None;
        }
        let rows = self.rows_among(column);
        self.is_part(&rows).then_some(rows)
    }

    /// For each of these the first place of its id among others.
    pub(crate) fn rows_among(&self, ids: &TextColumn) -> Vec<Option<usize>> {
        let mut rows = vec![None; self.ids.len()];
        for (row, id) in ids.iter().enumerate() {
            if let Some(place) = self.position(id).and_then(|at| rows.get_mut(at))
                && place.is_none()
            {
                *place = Some(row);
            }
        }
        rows
    }

    /// The same with the last places, where ids stand several times among others.
    pub(crate) fn last_rows_among(&self, ids: &TextColumn) -> Option<Vec<Option<usize>>> {
        let mut rows = vec![None; self.ids.len()];
        let mut again = 0_usize;
        for (row, id) in ids.iter().enumerate() {
            if let Some(place) = self.position(id).and_then(|at| rows.get_mut(at)) {
                again += usize::from(place.is_some());
                *place = Some(row);
            }
        }
        (again >= self.ids.len() && self.is_covered(&rows)).then_some(rows)
    }

    /// Columns of a table that hold the ids, or a part of them, each with where; those with most of them first.
    pub(crate) fn keys(&self, frame: &Frame) -> Vec<(usize, Vec<Option<usize>>)> {
        let columns = frame.columns().iter().enumerate().take(64);
        let mut keys: Vec<(usize, Vec<Option<usize>>)> =
            columns.filter_map(|(at, column)| Some((at, self.find_part(column)?))).collect();
        keys.sort_by_key(|(_, rows)| {
            (!self.is_covered(rows), rows.iter().filter(|row| row.is_none()).count())
        });
        keys.truncate(3);
        keys
    }

    /// For each of these its file among `files`, by id, in a directory of the test examples before others.
    pub(crate) fn files(&self, files: &[PublicFile]) -> Vec<Option<usize>> {
        let mut found: Vec<Option<usize>> = vec![None; self.ids.len()];
        if !self.are_unique {
            return found;
        }
        let is_test = |file: &PublicFile| file.path.to_lowercase().contains("test");
        let is_train = |file: &PublicFile| file.path.to_lowercase().contains("train");
        for wanted in [true, false] {
            for (at, file) in
                files.iter().enumerate().filter(|(_, file)| is_test(file) == wanted && !is_train(file))
            {
                if let Some(place) = self.position(&file.path).and_then(|row| found.get_mut(row))
                    && place.is_none()
                {
                    *place = Some(at);
                }
            }
        }
        let covered = found.iter().flatten().count();
        if (covered as f64) < COVERAGE * self.ids.len() as f64 { vec![None; self.ids.len()] } else { found }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations_of_one_id() {
        for (written, expected) in [
            ("007", "7"),
            ("7.0", "7"),
            ("test/0007.png", "7"),
            ("a.b.wav", "a.b"),
            ("1.5", "1.5"),
            ("2020.x9", "2020"),
        ] {
            assert_eq!(canonical(written), expected, "{written}");
        }
    }
}
