//! The submission that follows the description's example.

use smith_data::table::Table;

use super::{Base, Trial};

/// The sample, the predictions of its rows taken from the rows of the example in turn.
pub(super) fn build(trial: Trial, base: &Base<'_>) -> Option<Table> {
    if trial != Trial::AsShown || base.shown.is_empty() {
        return None;
    }
    let mut table = base.pair.sample.clone();
    for (row, shown) in table.rows.iter_mut().zip(base.shown.iter().cycle()) {
        for &at in &base.predicted {
            if let (Some(place), Some(value)) = (row.get_mut(at), shown.cells.get(at)) {
                place.clone_from(value);
            }
        }
    }
    Some(table)
}
