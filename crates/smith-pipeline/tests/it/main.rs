//! The pipeline through its public interface: whole runs with stages that a test directs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod acceptance;
mod datasets;
mod faults;
mod mending;
mod money;
mod resume;
mod side_by_side;
mod support;
