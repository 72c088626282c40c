//! The reviewer with a scripted model: what it is shown, what it may answer, and what that counts for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod bench;
mod kappa;
mod material;
mod passes;
mod points;
mod replies;
mod resume;
mod support;
