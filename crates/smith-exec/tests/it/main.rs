//! The public API, seen from outside. What needs Python builds the shared environment once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[cfg(target_os = "linux")]
mod battery;
mod environment;
mod environment_feedback;
mod environment_fixture;
mod environment_options;
mod environment_sessions;
mod gate;
mod grader;
mod jail;
mod prepare;
mod provision;
mod runtime;
mod sandbox;
mod score;
