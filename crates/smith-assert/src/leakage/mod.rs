//! What the audits of public data compute: how a column agrees with the answers, and whether chance explains it.

pub(crate) mod agree;
pub(crate) mod arithmetic;
pub(crate) mod bytes;
pub(crate) mod chance;
pub(crate) mod coarse;
pub(crate) mod derived;
pub(crate) mod digests;
pub(crate) mod exact;
pub(crate) mod explained;
pub(crate) mod forms;
pub(crate) mod join;
pub(crate) mod links;
pub(crate) mod listed;
pub(crate) mod mask;
pub(crate) mod order;
pub(crate) mod panel;
pub(crate) mod placeholder;
pub(crate) mod predict;
pub(crate) mod search;
pub(crate) mod sequence;
pub(crate) mod sheet;
pub(crate) mod statistics;
mod summaries;
pub(crate) mod target;
pub(crate) mod tokens;
pub(crate) mod windows;
pub(crate) mod written;
