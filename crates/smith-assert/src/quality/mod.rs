//! What the rules on the split and on the quality of the data compute. Everything depends on the task's files alone;
//! samples are spread evenly, never drawn.

pub(crate) mod binned;
pub(crate) mod boxes;
mod columns;
pub(crate) mod copies;
pub(crate) mod groups;
pub(crate) mod media;
pub(crate) mod misnamed;
pub(crate) mod one_sided;
pub(crate) mod overlaps;
pub(crate) mod personal;
pub(crate) mod promises;
mod random;
pub(crate) mod raw_files;
mod raw_groups;
pub(crate) mod raw_use;
pub(crate) mod rows;
pub(crate) mod said;
pub(crate) mod signal;
pub(crate) mod stats;
mod target;
pub(crate) mod texts;
pub(crate) mod times;
pub(crate) mod turned;
pub(crate) mod wordings;

pub(crate) use columns::{Column, Columns, Kind, is_missing, number};
pub(crate) use random::{hash as hash_of, hash_bytes as hash_of_bytes, mixed, shuffled, spread};
pub(crate) use target::{Target, TargetKind, counts};
