//! Machine-readable facts of a raw dataset.
//!
//! Every path is relative to the dataset with `/` between its parts; names that are not UTF-8 carry
//! replacement characters. Figures of columns are strings, so that a reader sees them as they were written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::finding::Severity;

/// Version that is written.
pub const PROFILE_VERSION: u32 = 1;

/// Facts of a raw dataset.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct DatasetProfile {
    /// [`PROFILE_VERSION`] of the writer.
    pub schema_version: u32,
    /// Name of the dataset.
    pub name: String,
    /// Size of all regular files in bytes.
    pub bytes: u64,
    /// Number of regular files.
    pub files: u64,
    /// Digest of names and bytes ([`crate::hash::tree_digest`], for a single file [`crate::hash::file`]);
    /// absent when a file could not be read.
    pub digest: Option<String>,
    /// Number of files of each kind.
    pub kinds: BTreeMap<FileKind, u64>,
    /// The files, folded by directory and extension, in order of directory.
    pub groups: Vec<FileGroup>,
    /// Tables in order of path.
    pub tables: Vec<TableProfile>,
    /// Images, when there are any.
    pub images: Option<ImageSummary>,
    /// Audio files, when there are any.
    pub audio: Option<AudioSummary>,
    /// Some text files of every group, in order of path.
    pub texts: Vec<TextProfile>,
    /// JSON files in order of path.
    pub json: Vec<JsonProfile>,
    /// What the dataset says about itself: readme, licence, metadata files.
    pub documents: Vec<Document>,
    /// The licence as the dataset's own files state it.
    pub licence: Option<String>,
    /// Everything odd.
    pub findings: Vec<ProfileFinding>,
}

impl DatasetProfile {
    /// A profile of the current version with nothing in it.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { schema_version: PROFILE_VERSION, name: name.into(), ..Self::default() }
    }

    /// Number of files of one kind.
    #[must_use]
    pub fn count(&self, kind: FileKind) -> u64 {
        self.kinds.get(&kind).copied().unwrap_or(0)
    }

    /// The table at a path.
    #[must_use]
    pub fn table(&self, path: &str) -> Option<&TableProfile> {
        self.tables.iter().find(|table| table.path == path)
    }
}

/// What a file holds, as far as its name and its first bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FileKind {
    /// Rows and columns: delimited text, Parquet.
    Table,
    /// JSON or JSON Lines.
    Json,
    /// Any other text.
    Text,
    /// Picture.
    Image,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
    /// Archive that has to be unpacked first.
    Archive,
    /// Database file.
    Database,
    /// Readme, licence or metadata: about the data, not data.
    Document,
    /// Left behind by an operating system or a version control system: no data.
    System,
    /// Anything else.
    Other,
}

impl FileKind {
    /// The word in files and prompts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Text => "text",
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Archive => "archive",
            Self::Database => "database",
            Self::Document => "document",
            Self::System => "system",
            Self::Other => "other",
        }
    }

    /// False for what merely accompanies the data.
    #[must_use]
    pub fn is_data(self) -> bool {
        !matches!(self, Self::Document | Self::System)
    }
}

/// Files of one directory (or of many directories alike) with one extension.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileGroup {
    /// Directory; empty for the top, with `*` for a folded part (`images/*`).
    pub directory: String,
    /// Extension in lower case without its dot; empty for none, `*` when several were folded.
    pub extension: String,
    /// Kind of the files (of most of them when several kinds were folded).
    pub kind: FileKind,
    /// Number of files.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// First and last name, such as `images/000001.png … 011788.png`.
    pub pattern: String,
    /// A few paths.
    pub examples: Vec<String>,
    /// When directories were folded: their names with the number of files in each, largest first, not all.
    pub folded: Vec<ValueCount>,
    /// How many directories were folded into this group; 1 when none was.
    pub directories: u64,
}

impl FileGroup {
    /// An empty group.
    #[must_use]
    pub fn new(directory: impl Into<String>, extension: impl Into<String>, kind: FileKind) -> Self {
        Self {
            directory: directory.into(),
            extension: extension.into(),
            kind,
            files: 0,
            bytes: 0,
            pattern: String::new(),
            examples: Vec::new(),
            folded: Vec::new(),
            directories: 1,
        }
    }
}

/// A value and how often it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueCount {
    /// The value, shortened when it is long.
    pub value: String,
    /// How often.
    pub count: u64,
}

impl ValueCount {
    /// A value with its count.
    #[must_use]
    pub fn new(value: impl Into<String>, count: u64) -> Self {
        Self { value: value.into(), count }
    }
}

/// Facts of one table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableProfile {
    /// Path of the file.
    pub path: String,
    /// `csv`, `parquet`, `json` or `jsonl`; with `.gz` when the file is compressed.
    pub format: String,
    /// Rows that were read, without the header; all rows when `exact`.
    pub rows: u64,
    /// True when the facts cover every row; otherwise they cover the first `rows`.
    pub exact: bool,
    /// Between two cells, for delimited text.
    pub delimiter: Option<char>,
    /// Encoding of the text, for delimited text: `utf-8`, `windows-1252`, `utf-16le`, `utf-16be`.
    pub encoding: Option<String>,
    /// True when the file names its columns; otherwise they are called `column_1`, `column_2`, ….
    pub has_header: bool,
    /// Columns in their order.
    pub columns: Vec<ColumnProfile>,
}

impl TableProfile {
    /// A table without rows and columns.
    #[must_use]
    pub fn new(path: impl Into<String>, format: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            format: format.into(),
            rows: 0,
            exact: true,
            delimiter: None,
            encoding: None,
            has_header: true,
            columns: Vec::new(),
        }
    }

    /// The column with a name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnProfile> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
#[serde(default)]
#[non_exhaustive]
pub struct ColumnProfile {
    /// Name.
    pub name: String,
    /// What the values are.
    pub kind: ColumnKind,
    /// Number of missing values (empty, or a usual word for it such as `NA`).
    pub missing: u64,
    /// Number of different values that are not missing; at least so many unless `distinct_exact`.
    pub distinct: u64,
    /// True when `distinct` is the exact number.
    pub distinct_exact: bool,
    /// Least number or date.
    pub min: Option<String>,
    /// Greatest number or date.
    pub max: Option<String>,
    /// Mean of the numbers.
    pub mean: Option<String>,
    /// Most frequent values, most frequent first; without repeated values there are none.
    pub top: Vec<ValueCount>,
    /// First different values.
    pub examples: Vec<String>,
    /// Length of the longest value in characters.
    pub longest: u64,
    /// True when it is known that no value is missing and none occurs twice.
    pub unique: bool,
    /// True when the column has one and the same value in every row.
    pub constant: bool,
    /// Why this column may be worth predicting; empty when nothing speaks for it.
    pub target_hints: Vec<String>,
    /// Directory whose files the values name, when they do (empty for the top).
    pub names_files_in: Option<String>,
}

impl ColumnProfile {
    /// A column without values.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), distinct_exact: true, ..Self::default() }
    }
}

/// Least and greatest of some figures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Range<T> {
    /// Least.
    pub min: T,
    /// Greatest.
    pub max: T,
}

impl<T: PartialOrd + Copy> Range<T> {
    /// The range of one figure.
    #[must_use]
    pub fn of(value: T) -> Self {
        Self { min: value, max: value }
    }

    /// The range that holds a further figure too.
    #[must_use]
    pub fn with(self, value: T) -> Self {
        Self {
            min: if value < self.min { value } else { self.min },
            max: if value > self.max { value } else { self.max },
        }
    }
}

/// Facts of all images together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ImageSummary {
    /// Number of image files.
    pub files: u64,
    /// How many headers were read; the facts below are theirs.
    pub measured: u64,
    /// Width in pixels.
    pub width: Option<Range<u64>>,
    /// Height in pixels.
    pub height: Option<Range<u64>>,
    /// Most frequent sizes as `28x28`.
    pub sizes: Vec<ValueCount>,
    /// Formats by content, not by name.
    pub formats: BTreeMap<String, u64>,
}

/// Facts of all audio files together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct AudioSummary {
    /// Number of audio files.
    pub files: u64,
    /// How many headers were understood (WAV, FLAC); rates, channels and durations are theirs.
    pub measured: u64,
    /// Formats by extension.
    pub formats: BTreeMap<String, u64>,
    /// Samples per second, with the number of files.
    pub rates: Vec<ValueCount>,
    /// Channels, with the number of files.
    pub channels: Vec<ValueCount>,
    /// Duration in seconds.
    pub seconds: Option<Range<f64>>,
    /// Duration of all measured files together in seconds.
    pub total_seconds: f64,
}

/// Facts of one text file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
pub struct Document {
    /// Path of the file.
    pub path: String,
    /// Its beginning.
    pub text: String,
}

/// Something odd about a dataset: a warning, or an error when a file or a part of it could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileFinding {
    /// Error when data is lost to the profile.
    pub severity: Severity,
    /// Path of the file; empty for the dataset as a whole.
    pub path: String,
    /// What is odd.
    pub message: String,
}

impl ProfileFinding {
    /// A finding that loses no data.
    #[must_use]
    pub fn warning(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, path: path.into(), message: message.into() }
    }

    /// A file or a part of it that could not be read.
    #[must_use]
    pub fn error(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, path: path.into(), message: message.into() }
    }
}
