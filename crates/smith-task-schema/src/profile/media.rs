//! Facts of images, sound and video.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ValueCount;

/// Least and greatest of some figures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
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

    /// A range, where there is one already, grown to hold a further figure too.
    #[must_use]
    pub fn grown(range: Option<Self>, value: T) -> Self {
        range.map_or(Self::of(value), |range| range.with(value))
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
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
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
    /// Colour modes (`RGB`, `RGBA`, `L` for grey, `P` for a palette, `vector` for drawings, …), with the bits of a
    /// channel when they are not eight (`L 16-bit`), with the number of files.
    pub modes: Vec<ValueCount>,
    /// Ways of taking medical images (`CT`, `MR`, …) as DICOM files state them, with the number of files.
    pub modalities: Vec<ValueCount>,
    /// How many files hold more than one picture: animations, pages, slices.
    pub several_pictures: u64,
    /// How many files carry embedded texts, which may give a label away.
    pub with_text: u64,
    /// How many of the measured files carry EXIF metadata.
    pub with_exif: u64,
    /// EXIF facts that may tell something about the label or the place of the picture, with the number of files:
    /// `taken 2014-03-01 to 2015-08-09`, `camera NAME`, `orientation 6` (1 is upright and not listed), `position`,
    /// `georeferenced` (GeoTIFF).
    pub exif: Vec<ValueCount>,
    /// Files with the same pixels or nearly the same.
    pub near_duplicates: Option<DuplicateFiles>,
}

/// Facts of all audio files together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct AudioSummary {
    /// Number of audio files.
    pub files: u64,
    /// How many headers were understood; rates, channels and durations are theirs.
    pub measured: u64,
    /// Formats by extension.
    pub formats: BTreeMap<String, u64>,
    /// How the samples are coded, by content (`pcm`, `float`, `mp3`, `vorbis`, …), with the number of files.
    pub codecs: Vec<ValueCount>,
    /// Bits of a sample, where they are fixed, with the number of files.
    pub bits: Vec<ValueCount>,
    /// Samples per second, with the number of files.
    pub rates: Vec<ValueCount>,
    /// Channels, with the number of files.
    pub channels: Vec<ValueCount>,
    /// Duration in seconds.
    pub seconds: Option<Range<f64>>,
    /// Duration of all measured files together in seconds.
    pub total_seconds: f64,
}

/// Facts of all videos together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct VideoSummary {
    /// Number of video files.
    pub files: u64,
    /// How many containers were understood (MP4, QuickTime, Matroska, WebM, AVI); the facts below are theirs.
    pub measured: u64,
    /// Containers by content, with the number of files.
    pub containers: BTreeMap<String, u64>,
    /// Codecs of the picture, with the number of files.
    pub codecs: Vec<ValueCount>,
    /// Most frequent sizes as `1280x720`.
    pub sizes: Vec<ValueCount>,
    /// Pictures in a second, with the number of files.
    pub rates: Vec<ValueCount>,
    /// How many files have sound.
    pub with_audio: u64,
    /// Duration in seconds.
    pub seconds: Option<Range<f64>>,
    /// Duration of all measured files together in seconds.
    pub total_seconds: f64,
}

/// Files that repeat each other.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct DuplicateFiles {
    /// How many files were compared.
    pub compared: u64,
    /// True when these are all there are.
    pub exact: bool,
    /// How many files repeat an earlier one.
    pub repeats: u64,
    /// How many of the repeats lie in another directory than the earlier one: another class or another part.
    pub across_directories: u64,
    /// Some sets of files alike.
    pub examples: Vec<Vec<String>>,
}
