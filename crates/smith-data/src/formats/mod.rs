//! Readers of the formats that tables come in.

pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod parquet_table;
pub(crate) mod sniff;
