//! Metrics as they are usually defined, computed independently of any task's code.
//!
//! What is compared is read as numbers, labels, lists or masks, whatever the cells of both sides can be read as; a formula
//! that does not fit gives nothing.

mod labels;
mod lists;
mod masks;
mod measure;
mod numbers;
mod probabilities;
mod sequences;
mod sheet;

pub(crate) use labels::{Average, Part, Weights};
pub(crate) use lists::{Denominator, Discount};
pub(crate) use masks::Overlap;
pub(crate) use measure::{Columns, Measure};
pub(crate) use sequences::EditRate;
pub(crate) use sheet::Sheet;

#[cfg(test)]
mod tests;
