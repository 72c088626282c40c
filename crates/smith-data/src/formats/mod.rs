//! Readers of the formats that tables come in.

pub(crate) mod arrow_cells;
pub(crate) mod csv;
pub(crate) mod csv_blocks;
pub(crate) mod json;
pub(crate) mod json_outline;
pub(crate) mod json_record;
pub(crate) mod json_sample;
pub(crate) mod parquet_table;
pub(crate) mod sniff;
