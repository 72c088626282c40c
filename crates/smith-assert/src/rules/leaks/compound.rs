//! Columns and ids that are made of parts: paths, addresses, numbered names. Each part is a column of its own.

use smith_data::signal::date_seconds;

use super::sides::Sides;
use crate::leakage::tokens::{parts, words};
use crate::subject::{Examples, number};

/// Columns that are taken to parts.
const MAX_COLUMNS: usize = 16;
/// Cells that show whether a column is made of parts, and the share of them that must be.
const LOOKED_AT: usize = 60;
const ARE: f64 = 0.8;
/// Longest cell that is a name, in bytes, and blanks in it: beyond that it is a text.
const LONGEST: usize = 300;
const BLANKS: usize = 2;

/// One part of a column, cell by cell.
pub(super) struct Part {
    /// `part 2 of its feature origin`.
    pub(super) name: String,
    pub(super) cells: Vec<String>,
}

/// The parts of all columns and ids that are made of parts.
pub(super) fn compounds(sides: &Sides<'_>, shown: impl Fn(&str) -> String) -> Vec<Part> {
    let features =
        sides.names().enumerate().map(|(at, name)| (format!("its feature {}", shown(name)), sides.cells(at)));
    let ids = Some(("its id".to_owned(), ids(sides))).filter(|_| !sides.train.ids.is_empty());
    ids.into_iter()
        .chain(features)
        .filter(|(_, cells)| is_compound(cells))
        .take(MAX_COLUMNS)
        .flat_map(|(name, cells)| of_column(&name, &cells))
        .collect()
}

fn ids<'s>(sides: &Sides<'s>) -> Vec<&'s str> {
    let of =
        |side: &'s Examples, rows: &[usize]| rows.iter().map(|row| side.ids.get(*row)).collect::<Vec<_>>();
    [of(sides.train, &sides.train_rows), of(sides.test, &sides.test_rows)].concat()
}

fn of_column(name: &str, cells: &[&str]) -> Vec<Part> {
    let texts: Vec<Option<String>> =
        cells.iter().map(|cell| (!cell.is_empty()).then(|| (*cell).to_owned())).collect();
    // A part is a name, whatever digits it has: how great it is says where it stands in an order.
    let named = |cell: &Option<String>| cell.as_ref().map_or_else(String::new, |cell| format!("·{cell}"));
    parts(&texts, &[])
        .into_iter()
        .map(|part| Part {
            name: format!("{} of {name}", part.name),
            cells: part.cells.iter().map(named).collect(),
        })
        .collect()
}

/// True for names of several parts, as opposed to words, numbers, dates and sentences.
fn is_compound(cells: &[&str]) -> bool {
    let step = (cells.len() / LOOKED_AT).max(1);
    let seen: Vec<&str> = cells.iter().step_by(step).copied().filter(|cell| !cell.is_empty()).collect();
    let is_name = |cell: &&&str| {
        cell.len() <= LONGEST
            && number(cell).is_none()
            && date_seconds(cell).is_none()
            && cell.split_whitespace().count() <= BLANKS + 1
            && words(cell).len() >= 2
    };
    seen.iter().filter(is_name).count() as f64 >= ARE * seen.len().max(1) as f64
}
