//! Tables that are joined to another one by a key.

use std::collections::HashMap;
use std::sync::Arc;

use smith_data::{Frame, TextColumn};

use super::cells::plain_name;
use super::column;
use crate::leakage::sheet::canonical;
use crate::quality::is_missing;

/// Share of the rows whose key must be found, and of the keys that must stand once.
const FOUND: f64 = 0.9;
const UNIQUE: f64 = 0.98;
/// Columns of a table that are tried as a key.
const TRIED: usize = 24;

/// For each row of one table the row of another.
pub(super) type Joined = Arc<Vec<Option<u32>>>;

/// Rows of `other` for the rows of `frame`, by the first column of the same name that is a key there.
pub(super) fn join(frame: &Frame, other: &Frame) -> Option<Joined> {
    let names = frame.names().iter().enumerate();
    names.take(TRIED).find_map(|(at, name)| {
        let name = plain_name(name);
        let key = other.names().iter().position(|own| plain_name(own) == name)?;
        rows(column(frame, at)?, column(other, key)?)
    })
}

/// Rows of `other` for the names of files, by the first of its columns that holds them.
pub(super) fn join_files(names: &TextColumn, other: &Frame) -> Option<Joined> {
    (0..other.names().len().min(TRIED)).find_map(|key| rows(names, column(other, key)?))
}

fn rows(cells: &TextColumn, keys: &TextColumn) -> Option<Joined> {
    let mut index = HashMap::with_capacity(keys.len());
    let mut twice = 0_usize;
    for (row, key) in keys.iter().enumerate().filter(|(_, key)| !is_missing(key)) {
        let row = u32::try_from(row).ok()?;
        twice += usize::from(index.insert(canonical(key), row).is_some());
    }
    if index.len() < 2 || (twice as f64) > (1.0 - UNIQUE) * keys.len() as f64 {
        return None;
    }
    let rows: Vec<Option<u32>> = cells.iter().map(|cell| index.get(&canonical(cell)).copied()).collect();
    let found = rows.iter().flatten().count();
    (found as f64 >= FOUND * rows.len() as f64).then(|| Arc::new(rows))
}
