//! The program `smith`, started and used as its users start and use it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod datasets;
mod endpoint;
mod journals;
mod kills;
mod model;
mod program;
mod reference;
mod tree;
mod whole_run;
