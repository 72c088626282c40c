//! The public API, seen from outside. What needs Python builds the shared environment once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[cfg(target_os = "linux")]
mod battery;
#[cfg(target_os = "linux")]
mod container;
mod environment;
mod environment_feedback;
mod environment_fixture;
mod environment_options;
mod environment_sessions;
mod gate;
mod grader;
mod jail;
mod jail_users;
mod prepare;
mod provision;
mod provision_fixture;
mod provision_sources;
mod runtime;
mod sandbox;
mod score;
mod scorer;
mod server;
mod server_client;
mod server_dialect;
mod server_finish;
mod server_fixture;
mod server_life;
mod server_options;
mod server_soak;
