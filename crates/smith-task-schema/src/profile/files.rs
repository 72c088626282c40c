//! Files and how they lie in their folders.

use serde::{Deserialize, Serialize};

use super::ValueCount;

/// What a file holds, as far as its name and its first bytes tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FileKind {
    /// Rows and columns: delimited text, Parquet, Arrow, spreadsheet.
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
    /// Archive of files.
    Archive,
    /// Database file.
    Database,
    /// Readme, licence or metadata: about the data, not data.
    Document,
    /// Left behind by an operating system or a version control system: no data.
    System,
    /// Mesh or point cloud.
    Geometry,
    /// Numeric array.
    Array,
    /// Anything else.
    #[default]
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
            Self::Geometry => "geometry",
            Self::Array => "array",
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
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
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

/// A directory whose sub-directories divide its files, as classes or as parts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct ClassFolders {
    /// The directory; empty for the top. A `*` stands for parts alike: `*` over `train` and `test` with the same
    /// classes below.
    pub directory: String,
    /// Kind of most of the files.
    pub kind: FileKind,
    /// Sub-directories with the number of their files, largest first; not all of very many.
    pub classes: Vec<ValueCount>,
    /// Number of sub-directories.
    pub total: u64,
    /// True when the names are those of parts of a split (`train`, `test`, …) rather than of classes.
    pub is_split: bool,
    /// True when the classes are the beginnings of the files' names (`cat_1.jpg`, `dog_7.jpg`) in this one directory
    /// rather than sub-directories.
    pub by_prefix: bool,
}
