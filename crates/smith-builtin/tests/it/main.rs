//! The built-in stages on small datasets: what is proposed, what is written, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod boxes;
mod datasets;
mod masks;
mod mending;
mod proposals;
mod refusals;
mod support;
mod tasks;
