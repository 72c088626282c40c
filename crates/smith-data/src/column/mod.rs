//! Facts of columns, gathered as a stream.

pub(crate) mod civil;
pub(crate) mod dates;
pub(crate) mod dictionary;
pub(crate) mod extremes;
pub(crate) mod finish;
pub(crate) mod gather;
pub(crate) mod hash;
pub(crate) mod hyperloglog;
pub(crate) mod judge;
pub(crate) mod key;
pub(crate) mod order;
pub(crate) mod repeats;
pub(crate) mod sampler;
pub(crate) mod table_builder;
pub(crate) mod tally;
pub(crate) mod value;
