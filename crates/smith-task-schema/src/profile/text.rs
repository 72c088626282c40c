//! Facts of texts, JSON and documents.

use serde::{Deserialize, Serialize};

use super::{DuplicateFiles, Range, ValueCount};

/// Facts of one text file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct TextProfile {
    /// Path of the file.
    pub path: String,
    /// Size in bytes, after decompression.
    pub bytes: u64,
    /// Number of lines.
    pub lines: u64,
    /// First lines, shortened.
    pub excerpt: String,
}

impl TextProfile {
    /// A text without lines.
    #[must_use]
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }
}

/// Facts of one JSON file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct JsonProfile {
    /// Path of the file.
    pub path: String,
    /// What stands at the top, such as `array of objects`, `object`, `JSON Lines`.
    pub shape: String,
    /// Keys at the top of an object, or of the records of an array, in order of appearance, not all of very many.
    pub keys: Vec<String>,
    /// Number of records of an array or of JSON Lines.
    pub records: Option<u64>,
    /// The first record, or the beginning of the value, with long texts and lists shortened.
    pub sample: String,
}

impl JsonProfile {
    /// A JSON file of some shape.
    #[must_use]
    pub fn new(path: impl Into<String>, shape: impl Into<String>) -> Self {
        Self { path: path.into(), shape: shape.into(), ..Self::default() }
    }
}

/// A file about the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Document {
    /// Path of the file.
    pub path: String,
    /// Its beginning.
    pub text: String,
}

/// A collection of text files: one directory, or directories alike.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct CorpusProfile {
    /// Directory, with `*` for a folded part.
    pub directory: String,
    /// Number of files.
    pub files: u64,
    /// How many were read; the facts below are theirs.
    pub measured: u64,
    /// Words of a file.
    pub words: Option<Range<u64>>,
    /// Median number of words of a file.
    pub median_words: u64,
    /// Encodings, with the number of files.
    pub encodings: Vec<ValueCount>,
    /// Files with the same or nearly the same words.
    pub near_duplicates: Option<DuplicateFiles>,
}
