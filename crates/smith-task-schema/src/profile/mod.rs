//! Machine-readable facts of a raw dataset.
//!
//! Every path is relative to the dataset with `/` between its parts; names that are not UTF-8 carry replacement
//! characters. What lies in an archive is written `photos.zip!/inside/a.png`; a table, sheet or array of a file that
//! holds several is written `shop.db!/orders`. Figures of columns are strings, so that a reader sees them as they
//! were written; figures that were computed have six significant digits.
//!
//! A fact is exact unless it says otherwise: what is counted exactly only up to a size has a field beside it that
//! tells ([`ColumnProfile::distinct_exact`], [`TableProfile::exact`], [`TableProfile::relations_rows`], …), and
//! [`DatasetProfile::limits`] holds the sizes.

mod column;
mod files;
mod finding;
mod media;
mod relations;
mod structured;
mod table;
mod tags;
mod text;
mod value;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use column::{ColumnKind, ColumnProfile, Elements, Lengths, Monotone, Quantile};
pub use files::{ClassFolders, FileGroup, FileKind};
pub use finding::ProfileFinding;
pub use media::{AudioSummary, DuplicateFiles, ImageSummary, Range, VideoSummary};
pub use relations::{
    ColumnSum, CopyKind, Determination, DuplicateRows, ForeignKey, GroupColumn, NearCopy, NearDuplicates,
    TargetCandidate, TimeAxis,
};
pub use structured::{
    AnnotationFormat, AnnotationProfile, ArrayProfile, BoxColumns, GeometrySummary, GraphProfile,
};
pub use table::TableProfile;
pub use tags::{FormulationTag, ModalityTag};
pub use text::{CorpusProfile, Document, JsonProfile, TextProfile};
pub use value::ValueCount;

/// Version that is written.
pub const PROFILE_VERSION: u32 = 2;

/// Facts of a raw dataset.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct DatasetProfile {
    /// [`PROFILE_VERSION`] of the writer.
    pub schema_version: u32,
    /// Name of the dataset.
    pub name: String,
    /// Its title as its own files state it.
    pub title: Option<String>,
    /// What its own files say that it is, in a few sentences of theirs.
    pub description: Option<String>,
    /// Size of all regular files in bytes.
    pub bytes: u64,
    /// Number of regular files, those inside archives not counted.
    pub files: u64,
    /// Digest of names and bytes ([`crate::hash::tree_digest`], for a single file [`crate::hash::file`]);
    /// absent when a file could not be read.
    pub digest: Option<String>,
    /// What the data is made of, most likely first.
    pub modalities: Vec<ModalityTag>,
    /// What can be asked of a solution, most likely first.
    pub formulations: Vec<FormulationTag>,
    /// Number of files of each kind, those inside archives included.
    pub kinds: BTreeMap<FileKind, u64>,
    /// The files, folded by directory and extension, in order of directory.
    pub groups: Vec<FileGroup>,
    /// Directories whose sub-directories may be the classes of the files in them.
    pub class_folders: Vec<ClassFolders>,
    /// Tables in order of path.
    pub tables: Vec<TableProfile>,
    /// Columns of one table whose values are keys of another.
    pub foreign_keys: Vec<ForeignKey>,
    /// Images, when there are any.
    pub images: Option<ImageSummary>,
    /// Audio files, when there are any.
    pub audio: Option<AudioSummary>,
    /// Videos, when there are any.
    pub video: Option<VideoSummary>,
    /// Files that annotate media: boxes, masks, outlines.
    pub annotations: Vec<AnnotationProfile>,
    /// Numeric arrays in order of path.
    pub arrays: Vec<ArrayProfile>,
    /// Graphs as lists of edges.
    pub graphs: Vec<GraphProfile>,
    /// Meshes and point clouds, when there are any.
    pub geometry: Option<GeometrySummary>,
    /// Collections of text files.
    pub corpora: Vec<CorpusProfile>,
    /// Some text files of every group, in order of path.
    pub texts: Vec<TextProfile>,
    /// JSON files in order of path.
    pub json: Vec<JsonProfile>,
    /// What the dataset says about itself: readme, licence, metadata files.
    pub documents: Vec<Document>,
    /// The licence as the dataset's own files state it: an SPDX identifier where that is plain, else their words;
    /// several are joined by `; `.
    pub licence: Option<String>,
    /// Where the data comes from, as the dataset's own files state it: a source, a citation, an address.
    pub provenance: Vec<String>,
    /// Files of any kind with the same bytes.
    pub duplicate_files: Option<DuplicateFiles>,
    /// Sizes up to which facts are exact, by name.
    pub limits: BTreeMap<String, u64>,
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

/// The JSON Schema of [`DatasetProfile`], as `docs/profile.schema.json` holds it: indented, with a line end.
///
/// # Errors
/// None in practice: a schema is a JSON value.
#[cfg(feature = "json-schema")]
pub fn json_schema() -> Result<String, serde_json::Error> {
    let mut schema = schemars::schema_for!(DatasetProfile);
    let version = format!(
        "Version {PROFILE_VERSION}. Fields are added without a new version; readers ignore what they do not know."
    );
    schema.insert("$comment".to_owned(), version.into());
    Ok(serde_json::to_string_pretty(&schema)? + "\n")
}
