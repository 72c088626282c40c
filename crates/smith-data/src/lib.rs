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

mod column;
mod error;
mod findings;
mod formats;
mod learnable;
mod media;
mod overview;
mod preview;
mod profile;
mod relations;
mod source;
pub mod table;
mod table_data;
mod text;

/// Entry points for fuzzing: whatever the bytes, none of them panics. No part of the public interface.
#[doc(hidden)]
pub mod fuzzing {
    /// Finds the dialect of a text.
    pub fn fuzz_sniff(data: &[u8]) {
        let _ = crate::formats::sniff::sniff(data, data.len().is_multiple_of(2));
        let _ = crate::formats::is_special_text(data);
    }

    /// Reads JSON and JSON Lines.
    pub fn fuzz_json(data: &[u8]) {
        crate::formats::json::read_bytes(data, "json");
        crate::formats::json::read_bytes(data, "jsonl");
    }

    /// Reads ARFF.
    pub fn fuzz_arff(data: &[u8]) {
        crate::formats::arff::read_bytes(data);
    }
}

pub use error::DataError;
pub use learnable::learnable;
pub use overview::overview;
pub use preview::{Preview, PreviewOptions, preview};
pub use profile::{ProfileOptions, profile};
pub use smith_task_schema::profile::DatasetProfile;
pub use source::name::dataset_name;
