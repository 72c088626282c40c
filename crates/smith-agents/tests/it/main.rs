//! The agents with a scripted model, real tools and real Python.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod brainstormer;
mod budget;
mod builders;
mod chaos;
mod failures;
mod programs;
mod recording;
mod replies;
mod resume;
mod support;
mod validation;
mod window;
