//! Facts of columns, gathered as a stream.

pub(crate) mod extremes;
pub(crate) mod key;
pub(crate) mod one;
pub(crate) mod table_builder;
pub(crate) mod tally;
pub(crate) mod value;
