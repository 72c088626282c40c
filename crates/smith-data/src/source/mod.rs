//! Where the bytes come from: the files of a dataset, their kinds, and guarded reading of them.

pub(crate) mod encoding;
pub(crate) mod group;
pub(crate) mod kind;
pub(crate) mod magic;
pub(crate) mod name;
pub(crate) mod reader;
pub(crate) mod walk;
