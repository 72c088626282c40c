//! Where the bytes come from: the files of a dataset, their kinds, and guarded reading of them.

pub(crate) mod content;
mod duplicates;
pub(crate) mod encoding;
mod file_hash;
pub(crate) mod group;
pub(crate) mod kind;
pub(crate) mod magic;
pub(crate) mod name;
mod numbering;
mod pass;
pub(crate) mod reader;
mod remark;
mod signs;
mod sources;
mod stamp;
pub(crate) mod unpack;
pub(crate) mod walk;

pub(crate) use content::Container as Archive;
pub(crate) use sources::Sources;
pub(crate) use unpack::{UnpackLimits, unpack_bare};
