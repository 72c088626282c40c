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

/// Where the test rows stand in another table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Places {
    /// For each test row its row there.
    pub(crate) rows: Vec<Option<usize>>,
    /// Positions of the columns by which they were found.
    pub(crate) by: Vec<usize>,
}

/// Share of the values of a feature that a column must hold to be the same.
const HELD: f64 = 0.9;
/// Values of a feature that are looked for, and rows of a table that are.
const SOUGHT: usize = 400;
const MAX_ROWS: usize = 300_000;
/// Columns that are looked at.
const MAX_COLUMNS: usize = 40;
/// Share of the test rows that must be found, and that must differ from each other.
const FOUND: f64 = 0.5;
/// Share of a table's rows that may stand there more than once.
const REPEATED: f64 = 0.05;

/// Looks the test rows up in a table that may call the same features otherwise: by all columns of about the same name
/// and the same values, or by a single feature that tells the rows apart. None when they are not there, or the table
/// has several rows of one key.
pub(crate) fn places(frame: &Frame, features: &[Feature]) -> Option<Places> {
    let rows = features.first().map_or(0, |feature| feature.cells.len());
    if frame.rows() < rows / 2 || frame.rows() > MAX_ROWS || rows == 0 {
        return None;
    }
    let features = features.get(..features.len().min(MAX_COLUMNS)).unwrap_or_default();
    let columns = frame.columns().get(..frame.columns().len().min(MAX_COLUMNS)).unwrap_or_default();
    let values: Vec<HashSet<u64>> = columns.iter().map(values).collect();
    let holds = |feature: &Feature, at: usize| {
        let cells = &feature.cells;
        let step = cells.len().div_ceil(SOUGHT).max(1);
        let sought: Vec<&str> = (0..cells.len())
            .step_by(step)
            .map(|row| cells.get(row))
            .filter(|cell| !cell.is_empty())
            .collect();
        let there = values.get(at).map_or(0, |values| {
            sought.iter().filter(|cell| values.contains(&hash(std::iter::once(**cell)))).count()
        });
        !sought.is_empty() && there as f64 >= HELD * sought.len() as f64
    };
    let named: Vec<(&Feature, usize)> = features
        .iter()
        .filter_map(|feature| {
            let name = plain(&feature.name);
            let at = frame.names().iter().take(MAX_COLUMNS).position(|own| plain(own) == name)?;
            holds(feature, at).then_some((feature, at))
        })
        .collect();
    let together = (named.len() >= MIN_SHARED).then(|| by(frame, &named)).flatten();
    together.or_else(|| {
        let telling = features.iter().filter(|feature| {
            let different = self::values(&feature.cells).len();
            different as f64 >= HELD * rows as f64 && feature.cells.iter().any(|cell| number(cell).is_none())
        });
        let mut pairs = telling.flat_map(|feature| (0..columns.len()).map(move |at| (feature, at)));
        pairs.find_map(|(feature, at)| holds(feature, at).then(|| by(frame, &[(feature, at)])).flatten())
    })
}

fn by(frame: &Frame, shared: &[(&Feature, usize)]) -> Option<Places> {
    let key = |row: usize| {
        hash(shared.iter().map(|(_, at)| frame.columns().get(*at).map_or("", |column| column.get(row))))
    };
    let (mut known, mut repeats) = (HashMap::<u64, usize>::new(), 0_usize);
    for row in 0..frame.rows() {
        let before = known.len();
        known.entry(key(row)).or_insert(row);
        repeats += usize::from(known.len() == before);
    }
    let rows = shared.first().map_or(0, |(feature, _)| feature.cells.len());
    let own: Vec<u64> =
        (0..rows).map(|row| hash(shared.iter().map(|(feature, _)| feature.cells.get(row)))).collect();
    let different: HashSet<&u64> = own.iter().collect();
    let places: Vec<Option<usize>> = own.iter().map(|key| known.get(key).copied()).collect();
    let found = places.iter().flatten().count() as f64;
    let is_told = different.len() as f64 >= FOUND * rows as f64
        && found >= FOUND * rows as f64
        && repeats as f64 <= REPEATED * frame.rows() as f64;
    is_told.then(|| Places { rows: places, by: shared.iter().map(|(_, at)| *at).collect() })
}

fn values(column: &TextColumn) -> HashSet<u64> {
    column.iter().map(|cell| hash(std::iter::once(cell))).collect()
}

/// A name of which letters and digits count.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
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
    fn rows_are_found_in_a_database_of_other_names() {
        let mut frame = Frame::new(["Title", "Year", "Genre"].map(str::to_owned).to_vec());
        let title = |row: usize| format!("film {}", row * 7 % 101);
        for row in 0..100 {
            let (title, year) = (title(row), (1950 + row % 60).to_string());
            frame.push_row([title.as_str(), year.as_str(), "x"]);
        }
        let feature = |name: &str, cells: Vec<String>| Feature {
            name: name.to_owned(),
            cells: cells.iter().map(String::as_str).collect(),
        };
        let titles = || (0..30).map(|row| title(row * 3)).collect::<Vec<_>>();
        let years = (0..30).map(|row| format!("{}.0", 1950 + row * 3 % 60)).collect::<Vec<_>>();
        let both = places(&frame, &[feature("title", titles()), feature("year", years)]).unwrap();
        assert_eq!((both.by.as_slice(), both.rows[2]), ([0, 1].as_slice(), Some(6)));
        let alone = places(&frame, &[feature("what it is called", titles())]).unwrap();
        assert_eq!((alone.by.as_slice(), alone.rows[29]), ([0].as_slice(), Some(87)));
        let kinds = feature("Genre", vec!["x".to_owned(); 30]);
        assert!(places(&frame, &[kinds]).is_none());
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
