//! Facts of one column.

use serde::{Deserialize, Serialize};

use super::ValueCount;

/// What the values of a column are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ColumnKind {
    /// Whole numbers.
    Integer,
    /// Numbers.
    Float,
    /// Words for true and false.
    Boolean,
    /// Dates or points in time.
    Date,
    /// Few different words.
    Category,
    /// A different short value in every row: a key, no feature.
    Id,
    /// Free text or many different words.
    Text,
    /// Paths or names of files.
    Path,
    /// Web addresses.
    Url,
    /// JSON written as text.
    Json,
    /// Nothing but missing values.
    #[default]
    Empty,
    /// Numbers for the most part, with some values that are none.
    Mixed,
    /// Lists or records.
    Nested,
    /// Bytes.
    Binary,
}

impl ColumnKind {
    /// The word in files and prompts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Category => "category",
            Self::Id => "id",
            Self::Text => "text",
            Self::Path => "path",
            Self::Url => "url",
            Self::Json => "json",
            Self::Empty => "empty",
            Self::Mixed => "mixed",
            Self::Nested => "nested",
            Self::Binary => "binary",
        }
    }

    /// True for integers and floats.
    #[must_use]
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Integer | Self::Float)
    }
}

/// Facts of one column, over the rows that were read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct ColumnProfile {
    /// Name.
    pub name: String,
    /// What the values are.
    pub kind: ColumnKind,
    /// What the dataset's own documents say about the column, in their words.
    pub description: Option<String>,
    /// Type as the file declares it, where it does: a database, Arrow, ARFF.
    pub declared: Option<String>,
    /// Number of missing values: empty, or a usual word for it such as `NA`.
    pub missing: u64,
    /// Words that stand for a missing value here, most frequent first; empty cells are not among them.
    pub missing_words: Vec<ValueCount>,
    /// Number of different values that are not missing; numbers are compared by value (`1` is `1.0`).
    pub distinct: u64,
    /// True when `distinct` is the exact number; otherwise it is an estimate with a standard error of about 1.6 %.
    pub distinct_exact: bool,
    /// Least number or date.
    pub min: Option<String>,
    /// Greatest number or date.
    pub max: Option<String>,
    /// Mean of the numbers.
    pub mean: Option<String>,
    /// Standard deviation of the numbers (divided by n − 1).
    pub std: Option<String>,
    /// Quantiles of the numbers, rising.
    pub quantiles: Vec<Quantile>,
    /// True when the quantiles are exact; otherwise they are those of a sample of rows.
    pub quantiles_exact: bool,
    /// How many of the numbers are zero.
    pub zeros: u64,
    /// How many of the numbers are negative.
    pub negatives: u64,
    /// Most frequent values, most frequent first; without repeated values there are none.
    pub top: Vec<ValueCount>,
    /// Some different values: the first, and the longest and the shortest of a text.
    pub examples: Vec<String>,
    /// Length of the longest value in characters.
    pub longest: u64,
    /// Lengths of the values in characters, for words and texts.
    pub lengths: Option<Lengths>,
    /// Number and kind of the elements of lists, when the values are lists.
    pub elements: Option<Elements>,
    /// True when it is known that no value is missing and none occurs twice.
    pub unique: bool,
    /// True when the column has one and the same value in every row.
    pub constant: bool,
    /// How numbers or dates follow each other from row to row, when they do.
    pub monotone: Option<Monotone>,
    /// Directory whose files the values name, when they do (empty for the top).
    pub names_files_in: Option<String>,
    /// Share of the different values that name a file, when `names_files_in` is there.
    pub names_files_share: Option<f64>,
}

impl ColumnProfile {
    /// A column without values.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), distinct_exact: true, quantiles_exact: true, ..Self::default() }
    }
}

/// A value below which a share of the numbers lies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Quantile {
    /// The share, from 0 to 1.
    pub share: f64,
    /// The value: the least one that at least that share of the numbers does not exceed.
    pub value: String,
}

/// Lengths of the values of a column in characters, and the words in them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct Lengths {
    /// Shortest value.
    pub shortest: u64,
    /// Longest value.
    pub longest: u64,
    /// Mean length.
    pub mean: f64,
    /// Mean number of words.
    pub mean_words: f64,
}

/// Elements of the lists of a column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct Elements {
    /// `number`, `string`, `boolean`, `array`, `object`, `null` (also for lists that are all empty) or `mixed`.
    pub kind: String,
    /// Number of elements of the shortest list.
    pub shortest: u64,
    /// Number of elements of the longest list.
    pub longest: u64,
    /// Mean number of elements.
    pub mean: String,
}

impl Elements {
    /// Elements of a kind.
    #[must_use]
    pub fn new(kind: impl Into<String>, shortest: u64, longest: u64, mean: impl Into<String>) -> Self {
        Self { kind: kind.into(), shortest, longest, mean: mean.into() }
    }
}

/// How the values of a column follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Monotone {
    /// Each is greater than the one before.
    Rising,
    /// None is less than the one before.
    NeverFalling,
    /// Each is less than the one before.
    Falling,
    /// None is greater than the one before.
    NeverRising,
}
