//! Facts of columns, gathered as a stream.

use gather::MAX_DISTINCT;
use repeats::EXACT_ROWS;
use table_builder::{MAX_DISTINCT_TOTAL, SAMPLE_ROWS};

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

/// Sizes up to which facts of columns are exact, by name.
pub(crate) fn limits() -> [(&'static str, u64); 4] {
    [
        ("distinct_values_of_a_column", MAX_DISTINCT as u64),
        ("distinct_values_of_a_table", MAX_DISTINCT_TOTAL as u64),
        ("distinct_rows_of_a_table", EXACT_ROWS as u64),
        ("rows_for_relations", SAMPLE_ROWS as u64),
    ]
}
