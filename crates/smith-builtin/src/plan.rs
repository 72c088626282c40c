//! A plan: everything that the files of one task are written from.
//!
//! It stands in the proposal and in the work directory as JSON, so that a stage needs nothing else and a resumed run
//! goes on with what was decided before.

mod marked;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(crate) use marked::{BoxFormat, BoxPart, BoxTable, Boxes, MaskPart, Masks};

/// The design of one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// What the dataset says of itself.
    pub(crate) about: About,
    /// Where the examples come from.
    pub(crate) source: Source,
    /// What is predicted.
    pub(crate) target: Target,
    /// How predictions are scored.
    pub(crate) metric: Metric,
    /// How examples are divided.
    pub(crate) split: Split,
    /// Columns that participants get.
    pub(crate) features: Vec<Feature>,
    /// Columns that they do not get.
    pub(crate) dropped: Vec<Dropped>,
    /// Examples with a known target.
    pub(crate) rows: u64,
    /// What speaks for this target.
    pub(crate) reasons: Vec<String>,
    /// Of pictures that look alike, one is kept.
    #[serde(default)]
    pub(crate) looks_once: bool,
    /// What was changed since, and why.
    pub(crate) mended: Vec<String>,
}

/// What the dataset says of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) licence: Option<String>,
}

/// Where the examples come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// Rows of a table, or of several with the same columns.
    Table(Table),
    /// Files whose place or name is their class.
    Files(Files),
    /// Pieces of a few long texts, each of which is a class.
    Passages(Passages),
    /// Samples and labels in arrays.
    Arrays(Arrays),
    /// Edges of a graph, and as many that are not there.
    Edges(Edges),
    /// Words with their rows of symbols.
    Lexicon(Lexicon),
    /// Pictures with boxes around what they show.
    Boxes(Boxes),
    /// Pictures with masks of what they show.
    Masks(Masks),
}

/// Rows of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Table {
    /// Paths below the dataset.
    pub(crate) paths: Vec<String>,
    pub(crate) reader: Reader,
    /// The column that names a file of each row.
    pub(crate) media: Option<Media>,
}

/// How pandas reads a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "format")]
pub(crate) enum Reader {
    Csv {
        delimiter: char,
        decimal: Option<char>,
        encoding: Option<String>,
        /// Names of the columns, for files without a header.
        names: Vec<String>,
        skip: u64,
        /// Rows behind the header that describe the columns.
        typed_header: bool,
        na: Vec<String>,
    },
    Parquet,
    Feather,
    Excel {
        sheet: Option<String>,
    },
    Sqlite {
        table: String,
    },
    JsonLines,
    /// Records, below these keys.
    Json {
        keys: Vec<String>,
        #[serde(default)]
        layout: Layout,
    },
    Arff {
        names: Vec<String>,
    },
    /// Series, one case a line, its channels between colons and its label at the end.
    Cases {
        channels: u64,
        length: u64,
    },
}

/// How the records of a JSON document lie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Layout {
    /// A list of records.
    #[default]
    Records,
    /// Records, or lists of them, each below its key.
    Keyed,
    /// Columns.
    Columns,
    /// The names of the columns, and rows.
    Split,
}

/// Files that rows name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Media {
    pub(crate) column: String,
    /// Directory of the files, empty for the top.
    pub(crate) directory: String,
    pub(crate) kind: MediaKind,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MediaKind {
    Text,
    Image,
    Audio,
    Video,
    Geometry,
}

impl MediaKind {
    /// One of the files, in words.
    pub(crate) fn one(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Audio => "recording",
            Self::Video => "video",
            Self::Geometry => "shape",
        }
    }

    /// Folder of the files in the task.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Text => "texts",
            Self::Image => "images",
            Self::Audio => "recordings",
            Self::Video => "videos",
            Self::Geometry => "shapes",
        }
    }
}

/// Files whose place or name is their class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Files {
    /// The archive in which they lie; the directory is one of it.
    pub(crate) archive: Option<String>,
    /// Directory, empty for the top.
    pub(crate) directory: String,
    /// How many folders lie between the directory and the one that is the class.
    pub(crate) depth: usize,
    pub(crate) kind: MediaKind,
    /// Extensions with their dots, in lower case; an empty one for none.
    pub(crate) extensions: Vec<String>,
    /// The classes, where they are the beginnings of names; else empty.
    pub(crate) prefixes: Vec<String>,
    /// Classes that are too small.
    pub(crate) classes: Vec<String>,
}

/// Pieces of a few long texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Passages {
    /// Path of each text below the dataset, by the name that is its class.
    pub(crate) texts: BTreeMap<String, String>,
    /// The directory whose folders hold the texts of a class each, where texts are not classes themselves.
    #[serde(default)]
    pub(crate) folders: Option<String>,
    /// Lines of a piece.
    pub(crate) lines: u64,
}

/// Samples and labels in arrays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Arrays {
    /// Ready-made parts that are put together.
    pub(crate) parts: Vec<ArrayPart>,
    pub(crate) format: ArrayFormat,
    pub(crate) samples: Samples,
}

/// Paths of an array and of its labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ArrayPart {
    pub(crate) samples: String,
    pub(crate) labels: String,
}

/// How an array is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ArrayFormat {
    Idx,
    Npy,
    Npz,
}

/// What a sample of an array is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Samples {
    /// A picture; its channels may come before its rows, and its lights lie between two numbers.
    Pictures { channels_first: bool, least: f64, greatest: f64 },
    /// So many numbers.
    Numbers { columns: u64 },
}

/// Edges of a graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Edges {
    pub(crate) table: Table,
    /// Columns of the two ends, and of the kind of an edge.
    pub(crate) start: String,
    pub(crate) relation: Option<String>,
    pub(crate) end: String,
}

impl Edges {
    /// The columns of an edge, in order.
    pub(crate) fn columns(&self) -> Vec<String> {
        let mut columns = vec![self.start.clone()];
        columns.extend(self.relation.clone());
        columns.push(self.end.clone());
        columns
    }
}

/// Words with their rows of symbols, one a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lexicon {
    pub(crate) path: String,
    /// Some lines, or ends of lines, are remarks.
    pub(crate) remarks: bool,
    /// Further ways of a word carry a number.
    pub(crate) variants: bool,
}

/// What is predicted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) column: String,
    pub(crate) ask: Ask,
}

/// The question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum Ask {
    /// The probability of one of two values.
    Binary { positive: String, negative: String, share: f64, cells: Cells },
    /// One of several classes.
    Classes { labels: Vec<String>, least: u64, cells: Cells, small: u64 },
    /// A number.
    Number { integer: bool, least: Option<f64>, greatest: Option<f64> },
    /// Any number of labels of a list.
    Labels { separator: Option<String>, labels: Vec<String> },
    /// Several columns at once: yes or no in each, or a number in each.
    Several { columns: Vec<String>, numbers: bool },
    /// A number by which the rows of one group are put in order.
    Ranked { within: String },
    /// A row of symbols, of which there are so many different ones and so many at most; and two that show its form.
    Sequence { symbols: u64, longest: u64, shown: [String; 2] },
    /// A text, of so many characters at most.
    Text { longest: u64 },
    /// Any number of boxes, each around something of one of these kinds.
    Boxes { kinds: Vec<String> },
    /// The kind of each point of a picture, as the values of masks name it; without kinds, which points stand out.
    Regions { kinds: Vec<String> },
    /// A value some steps ahead of what was seen.
    Ahead { time: String, series: Vec<String>, steps: u64, window: u64, others: Vec<String> },
}

/// How the cells of a target are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cells {
    Numbers,
    Booleans,
    Words,
}

/// How predictions are scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Metric {
    RocAuc,
    AveragePrecision,
    Accuracy,
    MacroF1,
    WeightedKappa,
    Rmse,
    Mae,
    Rmsle,
    MeanRocAuc,
    MeanR2,
    ErrorRate,
    Ndcg,
    MeanAveragePrecision,
    Rouge,
    Dice,
    MeanIou,
}

impl Metric {
    pub(crate) fn higher_is_better(self) -> bool {
        !matches!(self, Self::Rmse | Self::Mae | Self::Rmsle | Self::ErrorRate)
    }

    /// Its usual name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RocAuc => "area under the ROC curve (ROC AUC)",
            Self::AveragePrecision => "average precision",
            Self::Accuracy => "accuracy",
            Self::MacroF1 => "macro-averaged F1 score",
            Self::WeightedKappa => "quadratic weighted kappa",
            Self::Rmse => "root mean squared error (RMSE)",
            Self::Mae => "mean absolute error (MAE)",
            Self::Rmsle => "root mean squared logarithmic error (RMSLE)",
            Self::MeanRocAuc => "mean column-wise ROC AUC",
            Self::MeanR2 => "mean column-wise R² (coefficient of determination)",
            Self::Ndcg => "normalised discounted cumulative gain (NDCG)",
            Self::ErrorRate => "token error rate (edit distance per symbol)",
            Self::Rouge => "mean of the ROUGE-1 and ROUGE-2 F1 scores",
            Self::MeanAveragePrecision => {
                "mean average precision at an intersection over union of 0.5 (mAP@0.5)"
            }
            Self::Dice => "mean Dice coefficient",
            Self::MeanIou => "mean intersection over union (mIoU)",
        }
    }

    /// A part of a class's name.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::RocAuc => "RocAuc",
            Self::AveragePrecision => "AveragePrecision",
            Self::Accuracy => "Accuracy",
            Self::MacroF1 => "MacroF1",
            Self::WeightedKappa => "WeightedKappa",
            Self::Rmse => "Rmse",
            Self::Mae => "Mae",
            Self::Rmsle => "Rmsle",
            Self::MeanRocAuc => "MeanRocAuc",
            Self::MeanR2 => "MeanR2",
            Self::ErrorRate => "ErrorRate",
            Self::Ndcg => "Ndcg",
            Self::MeanAveragePrecision => "MeanAveragePrecision",
            Self::Rouge => "Rouge",
            Self::Dice => "Dice",
            Self::MeanIou => "MeanIou",
        }
    }
}

/// How examples are divided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub(crate) enum Split {
    /// At random.
    Random,
    /// At random, with the same share of each class on both sides.
    Stratified,
    /// Whole groups at random.
    Group { column: String, reason: String },
    /// What is later is tested.
    Time { column: String, date: bool },
}

/// A column that participants get.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Feature {
    pub(crate) name: String,
    /// What its values are, in a few words.
    pub(crate) what: String,
    /// What the dataset's documents say of it.
    pub(crate) said: Option<String>,
}

/// A column that they do not get.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Dropped {
    pub(crate) name: String,
    pub(crate) reason: String,
}

impl Plan {
    /// Takes a column from the participants.
    pub(crate) fn drop_feature(&mut self, name: &str, reason: &str) -> bool {
        let before = self.features.len();
        self.features.retain(|feature| feature.name != name);
        let dropped = self.features.len() < before;
        if dropped {
            self.dropped.push(Dropped { name: name.to_owned(), reason: reason.to_owned() });
        }
        dropped
    }

    /// True where participants get series of numbers, not columns with names of their own.
    pub(crate) fn shows_series(&self) -> bool {
        matches!(&self.source, Source::Table(table) if matches!(table.reader, Reader::Cases { .. }))
    }

    /// True where pictures are drawn from arrays and not copied.
    pub(crate) fn draws_pictures(&self) -> bool {
        matches!(&self.source, Source::Arrays(_)) && self.media().is_some()
    }

    /// True where large pictures are made smaller.
    pub(crate) fn shrinks_pictures(&self) -> bool {
        matches!(&self.source, Source::Masks(_))
    }

    /// The kind of the files that examples consist of.
    pub(crate) fn media(&self) -> Option<MediaKind> {
        match &self.source {
            Source::Table(table) => table.media.as_ref().map(|media| media.kind),
            Source::Files(files) => Some(files.kind).filter(|kind| *kind != MediaKind::Text),
            Source::Arrays(Arrays { samples: Samples::Pictures { .. }, .. })
            | Source::Boxes(_)
            | Source::Masks(_) => Some(MediaKind::Image),
            Source::Passages(_) | Source::Arrays(_) | Source::Edges(_) | Source::Lexicon(_) => None,
        }
    }

    /// True for a question about classes.
    pub(crate) fn is_classification(&self) -> bool {
        matches!(self.target.ask, Ask::Binary { .. } | Ask::Classes { .. })
    }
}
