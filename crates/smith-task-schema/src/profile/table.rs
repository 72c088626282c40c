//! Facts of one table.

use serde::{Deserialize, Serialize};

use super::{
    ColumnProfile, ColumnSum, Determination, DuplicateRows, GroupColumn, NearCopy, NearDuplicates,
    TargetCandidate, TimeAxis,
};

/// Facts of one table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct TableProfile {
    /// Path of the file, with `!/` and a name behind it for a sheet or a table of a file that holds several.
    pub path: String,
    /// `csv`, `parquet`, `arrow`, `json`, `jsonl`, `xlsx`, `sqlite`, `arff`, …; with `.gz` or `.zst` when the file is
    /// compressed.
    pub format: String,
    /// Rows that were read, without the header; all rows when `exact`.
    pub rows: u64,
    /// True when the facts cover every row; otherwise they cover the first `rows`.
    pub exact: bool,
    /// Between two cells, for delimited text; a blank stands for any number of blanks.
    pub delimiter: Option<char>,
    /// Between the whole and the fraction of a number, when it is not a point.
    pub decimal: Option<char>,
    /// Encoding of the text, for delimited text: `utf-8`, `windows-1252`, `utf-16le`, `utf-16be`.
    pub encoding: Option<String>,
    /// True when the file names its columns; otherwise they are called `column_1`, `column_2`, ….
    pub has_header: bool,
    /// Lines before the header that are no part of the table: comments, titles.
    pub skipped_lines: u64,
    /// Columns in their order.
    pub columns: Vec<ColumnProfile>,
    /// Some whole rows, spread over the table, with a cell for each column; long cells are shortened, missing ones
    /// are empty.
    pub sample_rows: Vec<Vec<String>>,
    /// Rows from which the relations between columns below were found: all, or a sample spread over all of them.
    pub relations_rows: u64,
    /// Columns that may be worth predicting, best first.
    pub targets: Vec<TargetCandidate>,
    /// Columns that together name each row, for each such set; single columns first.
    pub keys: Vec<Vec<String>>,
    /// Columns whose values gather rows that belong together.
    pub group_columns: Vec<GroupColumn>,
    /// Columns that determine others.
    pub determinations: Vec<Determination>,
    /// Columns that say the same or nearly so.
    pub copies: Vec<NearCopy>,
    /// Columns that add up to another or to a constant.
    pub sums: Vec<ColumnSum>,
    /// The order of the rows in time, when there is one.
    pub time: Option<TimeAxis>,
    /// Rows that repeat others.
    pub duplicate_rows: DuplicateRows,
    /// Columns of text with values that are nearly the same.
    pub near_duplicates: Vec<NearDuplicates>,
}

impl TableProfile {
    /// A table without rows and columns.
    #[must_use]
    pub fn new(path: impl Into<String>, format: impl Into<String>) -> Self {
        Self { path: path.into(), format: format.into(), exact: true, has_header: true, ..Self::default() }
    }

    /// The column with a name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnProfile> {
        self.columns.iter().find(|column| column.name == name)
    }
}
