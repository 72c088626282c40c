//! One table as the relations need it: its facts, and beside them codes and numbers of its rows.

use smith_task_schema::profile::{ForeignKey, TableProfile};

/// One table after its rows were read.
#[derive(Debug, Default)]
pub(crate) struct TableData {
    /// What is reported.
    pub(crate) facts: TableProfile,
    /// One for each column of `facts`, in the same order.
    pub(crate) columns: Vec<ColumnData>,
    /// Number of rows that every column was sampled at: all rows, or some spread over all of them in their order.
    pub(crate) sample_rows: usize,
    /// Keys of other tables that the file itself declares. Their shares are not measured yet.
    pub(crate) declared_keys: Vec<ForeignKey>,
}

/// What is kept of a column beside its facts.
#[derive(Debug, Default)]
pub(crate) struct ColumnData {
    /// For each sampled row 0 when the value is missing, otherwise a number from 1 that is the same for equal values
    /// (`1` equals `1.0`) and different for others. Numbers are given in order of first appearance.
    pub(crate) codes: Vec<u32>,
    /// For each sampled row the number, or the seconds since 1970 of a date; NaN where there is none. Empty when the
    /// column holds neither numbers nor dates.
    pub(crate) numbers: Vec<f64>,
    /// Hashes of the different values, equal for equal values in whatever table and column, rising. At most
    /// [`ColumnData::MAX_HASHES`]: the least ones, so that those of two columns can be compared. Empty when the values
    /// cannot be keys (floats, long texts, bytes).
    pub(crate) hashes: Vec<u64>,
    /// True when `hashes` are those of all different values.
    pub(crate) all_hashes: bool,
    /// The numbers or points in time of all different values, rising, with their counts. Empty when the column holds
    /// neither, or too many different ones to be counted exactly.
    pub(crate) points: Vec<(f64, u64)>,
    /// The first different long texts (at least six words each), at most [`ColumnData::MAX_TEXTS`].
    pub(crate) texts: Vec<Box<str>>,
    /// True when `texts` are all different long texts of the column.
    pub(crate) all_texts: bool,
    /// The first different values as they were written, at most [`ColumnData::MAX_WRITTEN`].
    pub(crate) written: Vec<Box<str>>,
}

impl ColumnData {
    /// Most hashes that are kept.
    pub(crate) const MAX_HASHES: usize = 16_384;
    /// Most texts that are kept.
    pub(crate) const MAX_TEXTS: usize = 20_000;
    /// Most different values that are kept as they were written.
    pub(crate) const MAX_WRITTEN: usize = 1_000;
}
