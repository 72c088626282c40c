//! Facts of texts and documents.

pub(crate) mod documents;
pub(crate) mod files;
