//! How columns and tables hang together.

use serde::{Deserialize, Serialize};

use super::ValueCount;
use crate::taxonomy::Formulation;

/// A column that may be worth predicting, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TargetCandidate {
    /// The column.
    pub column: String,
    /// What would be asked.
    pub formulation: Formulation,
    /// From 0 to 1: how much speaks for it, among the columns of this dataset.
    pub score: f64,
    /// What speaks for it.
    pub reasons: Vec<String>,
    /// What speaks against it, or has to be seen to.
    pub cautions: Vec<String>,
    /// For classes: their number.
    pub classes: Option<u64>,
    /// For classes: rows of the smallest.
    pub smallest_class: Option<u64>,
    /// For classes: share of the largest among the rows that have a value.
    pub largest_share: Option<f64>,
    /// Columns that give the target away: copies, determining columns, parents in a hierarchy.
    pub given_away_by: Vec<String>,
    /// Further columns that are asked for together with it: the other labels of a set, the event beside the time.
    #[serde(default)]
    pub together_with: Vec<String>,
    /// For an order: the column of the query, user or block within which is ranked.
    #[serde(default)]
    pub within: Option<String>,
}

impl TargetCandidate {
    /// A candidate with nothing said for or against it.
    #[must_use]
    pub fn new(column: impl Into<String>, formulation: Formulation, score: f64) -> Self {
        Self {
            column: column.into(),
            formulation,
            score,
            reasons: Vec::new(),
            cautions: Vec::new(),
            classes: None,
            smallest_class: None,
            largest_share: None,
            given_away_by: Vec::new(),
            together_with: Vec::new(),
            within: None,
        }
    }
}

/// A column whose values gather rows that belong together (a patient's visits), so that a split must not part them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct GroupColumn {
    /// The column.
    pub column: String,
    /// Number of groups.
    pub groups: u64,
    /// Rows of the largest group.
    pub largest: u64,
    /// Why the rows of a group belong together.
    pub reason: String,
}

/// A column whose value decides that of others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Determination {
    /// The deciding column.
    pub by: String,
    /// The column that it decides.
    pub column: String,
    /// Share of the rows for which the most frequent value of their group is right; 1 when it always is.
    pub share: f64,
    /// True when each decides the other: two codes for one thing.
    pub one_to_one: bool,
}

/// Two columns that say the same or nearly so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct NearCopy {
    /// The earlier column.
    pub of: String,
    /// The later one.
    pub column: String,
    /// In what way.
    pub kind: CopyKind,
    /// Share of the rows with the same value, or the absolute correlation.
    pub strength: f64,
}

/// Columns whose numbers add up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct ColumnSum {
    /// The column that is the sum; absent when the sum is about the same number in every row.
    pub total: Option<String>,
    /// The columns that are added.
    pub parts: Vec<String>,
    /// The sum, when it is about the same in every row.
    pub constant: Option<f64>,
    /// How far rows differ from it: the standard deviation of what remains, as a share of that of the part that
    /// varies most. 0 when the sum is exact.
    pub remainder: f64,
}

/// In what way two columns say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CopyKind {
    /// The same value in every row.
    Equal,
    /// The same value in nearly every row.
    NearlyEqual,
    /// Numbers on a straight line.
    Linear,
    /// Present and missing in the same rows.
    MissingTogether,
}

/// The order of the rows in time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct TimeAxis {
    /// The column of time; empty when time runs across the columns.
    pub column: String,
    /// Further columns without which the point in time is not whole: the month and the day beside the year.
    pub with_columns: Vec<String>,
    /// Number of columns that are points in time themselves, when each row is a series.
    pub across_columns: Option<u64>,
    /// First point in time, as written.
    pub from: String,
    /// Last point in time, as written.
    pub to: String,
    /// The usual distance of two points in time: `1 day`, `15 minutes`, `1 month`; absent when there is none.
    pub frequency: Option<String>,
    /// How many points in time are wanting between the first and the last at that frequency.
    pub gaps: Option<u64>,
    /// True when the rows lie in order of time.
    pub in_order: bool,
    /// Columns that tell several series apart; empty for a single one.
    pub series_columns: Vec<String>,
    /// Number of series, when `series_columns` are there.
    pub series: Option<u64>,
}

/// Rows that repeat others.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct DuplicateRows {
    /// How many rows repeat an earlier one in every column.
    pub repeats: u64,
    /// True when `repeats` is the exact number; otherwise it is an estimate.
    pub exact: bool,
    /// How many rows, of [`super::TableProfile::relations_rows`], repeat an earlier one in every column but the keys
    /// named here.
    pub repeats_but_keys: u64,
    /// The keys that were left out for it.
    pub but_keys: Vec<String>,
}

/// Texts of a column that are nearly the same.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct NearDuplicates {
    /// The column.
    pub column: String,
    /// Number of different texts that were compared.
    pub compared: u64,
    /// True when they are all there are.
    pub exact: bool,
    /// How many of them are nearly the same as an earlier one (Jaccard similarity of word 3-shingles of 0.8 or more).
    pub repeats: u64,
    /// Some pairs.
    pub examples: Vec<[String; 2]>,
}

/// A column whose values are keys of another table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ForeignKey {
    /// Path of the table that refers.
    pub table: String,
    /// Its column.
    pub column: String,
    /// Path of the table that is referred to.
    pub to_table: String,
    /// Its column, where each value is unique.
    pub to_column: String,
    /// Share of the different values of `column` that are found there.
    pub share: f64,
    /// Some values that are not found.
    pub missing_examples: Vec<ValueCount>,
    /// True when a database declares it.
    pub declared: bool,
}
