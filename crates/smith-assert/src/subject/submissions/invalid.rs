//! Submissions that every metric has to refuse, each wrong in one way.

use smith_data::table::Table;

use super::{Base, Notation, Trial};
use crate::subject::tables::cell;

/// The submission, if it is one of these.
pub(super) fn build(trial: Trial, base: &Base<'_>) -> Option<Table> {
    let mut table = base.truth.clone();
    let first = base.truth.rows.first()?;
    match trial {
        Trial::MissingColumn => drop_column(&mut table, base),
        Trial::MissingRows => table.rows.truncate(base.rows() * 4 / 5),
        Trial::RepeatedId => table.rows.push(first.clone()),
        Trial::ReplacedId => table.rows.last_mut()?.clone_from(first),
        Trial::RepeatedAs(notation) => table.rows.push(otherwise(base, notation, first)?),
        Trial::ReplacedAs(notation) => *table.rows.last_mut()? = otherwise(base, notation, first)?,
        Trial::UnknownId => table.rows.push(unknown_row(base, 0, first)),
        Trial::NoRows => table.rows.clear(),
        _ => return None,
    }
    Some(table)
}

/// A row with its id in another notation.
fn otherwise(base: &Base<'_>, notation: Notation, row: &[String]) -> Option<Vec<String>> {
    let mut row = row.to_vec();
    let id = row.get_mut(base.pair.id)?;
    *id = notation.of(id)?;
    Some(row)
}

/// Removes the last predicted column.
fn drop_column(table: &mut Table, base: &Base<'_>) {
    let Some(&at) = base.predicted.last() else { return };
    table.headers.remove(at);
    for row in &mut table.rows {
        row.remove(at);
    }
}

/// `row` under an id of the same kind that no row has, a different one for each `number`.
pub(super) fn unknown_row(base: &Base<'_>, number: usize, row: &[String]) -> Vec<String> {
    let id = base.pair.id;
    let ids: Option<Vec<i64>> = base.truth.rows.iter().map(|row| cell(row, id).parse().ok()).collect();
    unknown_rows(ids.and_then(|ids| ids.into_iter().max()), id, number, row)
}

/// The same, when the largest of the ids is known, if they are numbers.
pub(super) fn unknown_rows(largest: Option<i64>, id: usize, number: usize, row: &[String]) -> Vec<String> {
    let mut row = row.to_vec();
    if let Some(place) = row.get_mut(id) {
        *place = match largest {
            Some(largest) => largest.saturating_add(1).saturating_add_unsigned(number as u64).to_string(),
            None => format!("{place}_unknown"),
        };
    }
    row
}
