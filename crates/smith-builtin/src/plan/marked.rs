//! Pictures in which somebody has marked what they show.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Reader;

/// Pictures with boxes around what they show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Boxes {
    pub(crate) format: BoxFormat,
    /// Ready-made parts that are put together.
    pub(crate) parts: Vec<BoxPart>,
}

/// Annotations, and the pictures that they speak of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct BoxPart {
    /// The file of the annotations, or the directory of their files.
    pub(crate) path: String,
    /// The directory of the pictures, empty for the top.
    pub(crate) images: String,
}

/// How boxes are written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BoxFormat {
    /// One JSON file with `images`, `annotations` and `categories`.
    Coco,
    /// An XML file for each picture.
    Voc,
    /// A JSON file with `shapes` for each picture.
    Labelme,
    /// A text file for each picture: class, centre and size as shares of the picture's.
    Yolo {
        /// What the numbers of classes stand for; empty where nothing tells.
        names: BTreeMap<u64, String>,
    },
    /// A row of a table for each box.
    Table(Box<BoxTable>),
}

/// The columns of a table of boxes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct BoxTable {
    pub(crate) reader: Reader,
    pub(crate) image: String,
    pub(crate) sides: [String; 4],
    /// The last two sides are a width and a height.
    pub(crate) sized: bool,
    pub(crate) class: Option<String>,
}

/// Pictures with masks of what they show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Masks {
    /// Ready-made parts that are put together.
    pub(crate) parts: Vec<MaskPart>,
    /// The values of masks are colours, and not numbers.
    pub(crate) colours: bool,
}

/// Masks, and the pictures that they are of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MaskPart {
    /// The directory of the masks, empty for the top.
    pub(crate) path: String,
    /// What the name of a mask has more than that of its picture, in lower case.
    pub(crate) ending: String,
    /// The directory of the pictures, empty for the top.
    pub(crate) images: String,
}
