//! Facts of annotations, arrays, graphs and shapes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Range, ValueCount};

/// Format of annotations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnnotationFormat {
    /// One JSON file with `images`, `annotations` and `categories`.
    #[default]
    Coco,
    /// A text file beside each image with lines `class x y width height`.
    Yolo,
    /// An XML file for each image.
    Voc,
    /// A labelme JSON file for each image.
    Labelme,
    /// An image for each image whose colours are classes.
    Masks,
    /// A table with a file, corners of boxes and a class.
    BoxTable,
    /// A MOT Challenge table: frame, identity, box.
    Tracks,
}

/// Annotations of one format in one directory.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct AnnotationProfile {
    /// The file, or the directory of the files.
    pub path: String,
    /// Format.
    pub format: AnnotationFormat,
    /// Number of annotation files.
    pub files: u64,
    /// How many of them were read; the facts below are theirs.
    pub measured: u64,
    /// Number of images that they speak of.
    pub images: u64,
    /// How many of those images are in the dataset.
    pub images_found: u64,
    /// Number of boxes, outlines or masks.
    pub objects: u64,
    /// Classes with the number of their objects (of masks: of files that hold the class), largest first; not all of
    /// very many.
    pub classes: Vec<ValueCount>,
    /// Number of classes.
    pub total_classes: u64,
    /// Objects of an image.
    pub per_image: Option<Range<u64>>,
    /// What the objects have: `box`, `polygon`, `mask`, `keypoints`, `caption`, `identity`.
    pub shapes: Vec<String>,
    /// Boxes that are empty or reach beyond their image.
    pub invalid: u64,
    /// Number of identities that tracks follow.
    pub identities: Option<u64>,
    /// How many of the objects were looked at for `invalid` and `per_image`.
    pub checked: u64,
    /// Directory or pattern of the images that the annotations belong to, when it is found.
    pub images_in: Option<String>,
    /// Where a table of boxes has what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<BoxColumns>,
    /// What the numbers of classes stand for, where a file lists them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<u64, String>,
}

/// Names of the columns of a table of boxes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct BoxColumns {
    /// The image of each box.
    pub image: String,
    /// Left and top, then right and bottom or width and height.
    pub sides: [String; 4],
    /// True when the last two sides are a width and a height.
    pub sized: bool,
    /// The class of each box.
    pub class: Option<String>,
}

/// A numeric array.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct ArrayProfile {
    /// Path of the file, with `!/` and a name behind it for an array of several.
    pub path: String,
    /// `npy`, `npz`, `idx`.
    pub format: String,
    /// Type of an element as NumPy calls it: `float64`, `uint8`.
    pub dtype: String,
    /// Shape.
    pub shape: Vec<u64>,
    /// True when the facts below cover every element; otherwise they cover the first ones.
    pub exact: bool,
    /// Least element.
    pub min: Option<String>,
    /// Greatest element.
    pub max: Option<String>,
    /// Mean of the elements.
    pub mean: Option<String>,
    /// Number of elements that are not a number.
    pub nan: u64,
    /// Number of different elements, when there are few.
    pub distinct: Option<u64>,
    /// Most frequent elements, when there are few.
    pub top: Vec<ValueCount>,
    /// What the shape suggests: `images`, `labels`, `features`, `series`; empty when nothing.
    pub looks_like: String,
    /// Number of elements that the header promises and the file lacks.
    pub missing_elements: u64,
    /// The part of a split that the name speaks of: `train`, `validation`, `test`, `unlabelled`.
    pub part: Option<String>,
    /// Paths of arrays beside this one that have as many samples (an equal first extent) and are of the same part:
    /// images and their labels.
    pub same_samples: Vec<String>,
}

/// A graph as a list of edges.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct GraphProfile {
    /// Path of the file or table.
    pub path: String,
    /// Column of the start of an edge.
    pub source: String,
    /// Column of its end.
    pub target: String,
    /// Column of the kind of an edge, in a knowledge graph.
    pub relation: Option<String>,
    /// Number of edges.
    pub edges: u64,
    /// Number of nodes, over both ends.
    pub nodes: u64,
    /// True when the number of nodes is exact.
    pub exact: bool,
    /// Why this looks like a graph.
    pub evidence: String,
}

/// Facts of all meshes and point clouds together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct GeometrySummary {
    /// Number of files.
    pub files: u64,
    /// How many were understood; the facts below are theirs.
    pub measured: u64,
    /// Formats, with the number of files.
    pub formats: BTreeMap<String, u64>,
    /// Points or corners of a file.
    pub points: Option<Range<u64>>,
    /// Faces of a file; absent for point clouds.
    pub faces: Option<Range<u64>>,
    /// What each point carries beside its place: `normal`, `colour`, `label`.
    pub attributes: Vec<String>,
    /// Longest side of the box around the points of a file, in the file's unit.
    pub extent: Option<Range<f64>>,
}
