//! The crate from outside: over real sockets, over memory, and over recordings.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod conformance;
mod connecting;
mod drift;
mod http;
mod keys;
mod limits;
mod metering;
mod prices_page;
mod recording;
mod support;
mod tokens;
mod trace;
mod wire;
