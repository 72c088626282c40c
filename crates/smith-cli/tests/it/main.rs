//! The program `smith`, started and used as its users start and use it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod conformance;
mod datasets;
mod doctor;
mod endpoint;
mod env;
mod evaluate;
mod evaluate_faults;
mod faults;
mod journals;
mod keys;
mod kills;
mod model;
mod money;
mod odd_datasets;
mod one_owner;
mod ponds;
mod profile;
mod program;
mod recordings;
mod reference;
mod refusals;
mod review_bench;
mod rules;
#[cfg(feature = "otlp")]
mod spans;
mod statistics;
mod tasks;
mod tree;
mod whole_run;
