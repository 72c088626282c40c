//! What the rules on the split and on the quality of the data compute. Everything depends on the task's files alone;
//! samples are spread evenly, never drawn.

mod columns;
mod random;
mod stats;
mod target;

pub(crate) use columns::{Column, Columns, Kind, Values, is_missing, number};
pub(crate) use random::{hash, mixed, shuffled, spread};
pub(crate) use target::{Target, TargetKind};
