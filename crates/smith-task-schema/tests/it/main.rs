//! The crate as its users see it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[cfg(feature = "json-schema")]
mod profile_schema;
