//! Further tables of `public/`, joined to the examples of both sides by the columns that they share.

use std::collections::HashMap;
use std::sync::OnceLock;

use smith_data::{Frame, TextColumn};

use super::ids::canonical;
use super::sources::position;
use super::{Examples, Feature, Split};
use crate::quality::{hash_of, mixed, number};
use crate::subject::public::Public;

/// Tables that are joined, and columns by which.
const MAX_TABLES: usize = 8;
const MAX_SHARED: usize = 6;
/// Share of the rows of a table that their keys tell apart.
const UNIQUE: f64 = 0.99;
/// Shares of the examples of each side that must be found.
const OF_TEST: f64 = 0.9;
const OF_TRAIN: f64 = 0.3;
/// Columns of a table that become features.
const MAX_COLUMNS: usize = 60;
/// Cells that show whether a column is one of numbers.
const LOOKED_AT: usize = 50;

/// A table that is joined.
pub(crate) struct Beside {
    /// Path of its file within `public/`.
    pub(crate) path: String,
    /// Names of the columns by which it is joined.
    pub(crate) by: Vec<String>,
    /// Names of its other columns.
    pub(crate) columns: Vec<String>,
    /// Both sides, with these columns and those of their own that are no numbers as features.
    pub(crate) split: Split,
}

/// A column that a table shares with the examples.
struct Shared<'a> {
    at: usize,
    train: &'a TextColumn,
    test: &'a TextColumn,
}

impl Split {
    /// The tables that can be joined to the examples of both sides.
    pub(crate) fn beside(&self, public: &Public) -> Vec<Beside> {
        let Some(train) = &self.train else { return Vec::new() };
        let is_side =
            |path: &str| [&train.path, &self.test.path].iter().any(|side| path.starts_with(side.as_str()));
        let tables = public.tables.iter().filter(|table| !is_side(&table.path));
        tables.filter_map(|table| self.join(train, &table.path, &table.frame)).take(MAX_TABLES).collect()
    }

    fn join(&self, train: &Examples, path: &str, frame: &Frame) -> Option<Beside> {
        let own =
            train.keys.iter().zip(&self.test.keys).chain(train.features.iter().zip(&self.test.features));
        let shared: Vec<Shared<'_>> = own
            .filter_map(|(known, asked)| {
                let at = position(frame, &asked.name)?;
                Some(Shared { at, train: &known.cells, test: &asked.cells })
            })
            .take(MAX_SHARED)
            .collect();
        let single = (0..shared.len()).map(|a| vec![a]);
        let pairs = (0..shared.len()).flat_map(|a| (a + 1..shared.len()).map(move |b| vec![a, b]));
        let (by, rows_of) = single.chain(pairs).find_map(|set| {
            let by: Vec<&Shared<'_>> = set.iter().filter_map(|at| shared.get(*at)).collect();
            let found = found(frame, &by, train.rows, self.test.rows)?;
            Some((by.iter().map(|shared| shared.at).collect::<Vec<usize>>(), found))
        })?;
        let name = |at: &usize| frame.names().get(*at).cloned();
        let others: Vec<usize> =
            (0..frame.names().len()).filter(|at| !by.contains(at)).take(MAX_COLUMNS).collect();
        let side = |examples: &Examples, rows: &[Option<u32>]| Examples {
            features: others
                .iter()
                .filter_map(|at| {
                    Some(Feature { name: name(at)?, cells: looked_up(frame.columns().get(*at)?, rows) })
                })
                .chain(examples.features.iter().filter(|feature| !is_number(&feature.cells)).cloned())
                .collect(),
            files: Vec::new(),
            path: path.to_owned(),
            ..examples.clone()
        };
        let names_are = |own: &Examples, other: &Examples| own.features.len() == other.features.len();
        let (of_train, of_test) = (side(train, &rows_of.0), side(&self.test, &rows_of.1));
        let (of_train, of_test) = aligned(of_train, of_test);
        names_are(&of_train, &of_test).then(|| Beside {
            path: path.to_owned(),
            by: by.iter().filter_map(name).collect(),
            columns: others.iter().filter_map(name).collect(),
            split: Self {
                keys: self.keys.clone(),
                predicted: self.predicted.clone(),
                train: Some(of_train),
                test: of_test,
                only_in_train: Vec::new(),
                test_has_table: true,
                columns: OnceLock::new(),
                search: OnceLock::new(),
            },
        })
    }
}

/// The features that both sides have, in one order; the first of a name.
fn aligned(mut train: Examples, mut test: Examples) -> (Examples, Examples) {
    let mut seen: Vec<String> = Vec::new();
    let (known, asked) = (std::mem::take(&mut train.features), std::mem::take(&mut test.features));
    for feature in asked {
        let Some(other) = known.iter().find(|other| other.name == feature.name) else { continue };
        if !seen.contains(&feature.name) {
            seen.push(feature.name.clone());
            train.features.push(other.clone());
            test.features.push(feature);
        }
    }
    (train, test)
}

/// For each example of train and of test its row in a table.
type RowsOf = (Vec<Option<u32>>, Vec<Option<u32>>);

fn found(frame: &Frame, by: &[&Shared<'_>], train: usize, test: usize) -> Option<RowsOf> {
    let own: Vec<&TextColumn> = by.iter().filter_map(|shared| frame.columns().get(shared.at)).collect();
    let mut places: HashMap<u64, u32> = HashMap::with_capacity(frame.rows());
    for row in 0..frame.rows() {
        places.entry(key(&own, row)).or_insert(u32::try_from(row).ok()?);
    }
    if (places.len() as f64) < UNIQUE * frame.rows() as f64 {
        return None;
    }
    let look = |columns: &[&TextColumn], rows: usize, least: f64| {
        let found: Vec<Option<u32>> = (0..rows).map(|row| places.get(&key(columns, row)).copied()).collect();
        (found.iter().flatten().count() as f64 >= least * rows as f64 && rows > 0).then_some(found)
    };
    let of_test: Vec<&TextColumn> = by.iter().map(|shared| shared.test).collect();
    let of_train: Vec<&TextColumn> = by.iter().map(|shared| shared.train).collect();
    Some((look(&of_train, train, OF_TRAIN)?, look(&of_test, test, OF_TEST)?))
}

fn key(columns: &[&TextColumn], row: usize) -> u64 {
    columns.iter().fold(0, |state, column| mixed(state ^ hash_of(canonical(column.get(row)).as_ref())))
}

fn looked_up(column: &TextColumn, rows: &[Option<u32>]) -> TextColumn {
    rows.iter().map(|row| row.map_or("", |row| column.get(row as usize))).collect()
}

fn is_number(cells: &TextColumn) -> bool {
    let seen = cells.iter().filter(|cell| !cell.is_empty()).take(LOOKED_AT);
    let (all, numbers) =
        seen.fold((0, 0), |(all, numbers), cell| (all + 1, numbers + usize::from(number(cell).is_some())));
    numbers * 2 > all
}
