//! Facts of texts and documents.

pub(crate) mod corpus;
pub(crate) mod documents;
pub(crate) mod files;
pub(crate) mod near;
