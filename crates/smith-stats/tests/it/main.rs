#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod elo_golden;
mod elo_laws;
mod golden;
mod laws;
mod plots;
mod refusals;
