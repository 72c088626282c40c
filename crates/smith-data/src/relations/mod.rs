//! How columns, tables and files hang together.

pub(crate) mod links;
pub(crate) mod targets;
