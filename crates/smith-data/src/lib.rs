//! Intake of raw datasets: a [`profile()`] of facts, an [`overview()`] of it as prompt text, a [`preview()`] of any
//! file, and strict reading of tables.
//!
//! Everything blocks and works as a stream: memory stays bounded whatever the size of a file. Nothing panics on
//! bad data; what is odd becomes a finding of the profile. Formats are private to this crate: its public types
//! are plain strings, numbers and lists.
//!
//! ```
//! use smith_data::{ProfileOptions, learnable, overview, profile};
//!
//! let folder = tempfile::tempdir()?;
//! let rows: String = (0..30).map(|i| format!("{},{}\n", i * 7 % 30, if i % 3 == 0 { "oak" } else { "elm" })).collect();
//! std::fs::write(folder.path().join("trees.csv"), format!("height,kind\n{rows}"))?;
//!
//! let facts = profile(folder.path(), &ProfileOptions::default())?;
//! assert_eq!(facts.tables[0].rows, 30);
//! assert!(overview(&facts, 2_000).contains("- `kind`: category, 2 distinct: `elm` 20, `oak` 10"));
//! assert!(learnable(&facts).is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod alike;
mod column;
mod error;
mod findings;
mod formats;
mod frame;
#[doc(hidden)]
pub mod fuzzing;
mod intake;
mod learnable;
mod marks;
mod media;
mod observe;
mod options;
mod overview;
mod preview;
mod profile;
mod relations;
mod source;
mod spread;
mod structured;
pub mod table;
mod table_data;
mod tags;
mod text;
mod unpacked;
pub mod written;

pub use error::DataError;
pub use frame::{Frame, FrameLimits, TextColumn, frames, line_frame, pickled, text_frames, together};
pub use learnable::learnable;
pub use marks::{Field, Marks, marks};
pub use observe::ProfileObserver;
pub use options::ProfileOptions;
pub use overview::{
    OverviewOptions, Passage, estimate_tokens, overview, overview_within, passages, relation_lines,
};
pub use preview::{Preview, PreviewOptions, preview};
pub use profile::profile;
pub use smith_task_schema::profile::DatasetProfile;
pub use source::name::dataset_name;
pub use unpacked::{About, Unpacked, UnpackedFile, unpacked};

/// Seconds since 1970 of a date as people write it, with or without a time behind it. Where day and month cannot be told
/// apart, `day_first` decides.
#[must_use]
pub fn instant(text: &str, day_first: bool) -> Option<f64> {
    let date = column::dates::date(text.trim())?;
    Some(date.seconds(day_first)).filter(|seconds| seconds.is_finite())
}

/// True for the name of a file about the data rather than of data: a readme, a licence, metadata.
#[must_use]
pub fn is_document(name: &str) -> bool {
    text::documents::is_document(name)
}

/// What single files and cells hold, as plain numbers.
pub mod signal {
    pub use crate::media::signal::{Picture, Sound, picture, sound};
    pub use crate::media::whole::{Flaw, extent, flaw};

    /// Seconds since 1970 of a cell that holds a date, a time or both, in any of the notations that a profile knows;
    /// `01/02/2020` is read with the month first.
    #[must_use]
    pub fn date_seconds(cell: &str) -> Option<f64> {
        crate::column::dates::date(cell).map(|date| date.seconds(false)).filter(|seconds| seconds.is_finite())
    }
}

/// Figures and untrusted text in words, for whoever prints a profile.
pub mod words {
    pub use crate::overview::display::{duration, number_of, percent, percent_of, size};
    pub use crate::overview::quote::safe_line;
}
