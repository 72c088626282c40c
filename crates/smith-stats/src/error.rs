//! Why a statistic has no value.

/// Why a statistic has no value for these numbers.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatsError {
    /// Fewer values than the statistic needs.
    #[error("at least {needed} {what} are needed, there are {found}")]
    TooFew {
        /// What is counted: values, pairs, raters, subjects.
        what: &'static str,
        /// How many are needed.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// Series that belong together differ in length.
    #[error("the series must have the same length; they have {expected} and {found} values")]
    UnequalLengths {
        /// Length of the first series.
        expected: usize,
        /// Length of the series that differs.
        found: usize,
    },
    /// NaN or an infinity among the values.
    #[error("value number {} is {value}; only finite numbers can be used", .index + 1)]
    NonFinite {
        /// Position in its series, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// The statistic divides by a spread that is zero.
    #[error("{of} are all equal, so the statistic is undefined")]
    ZeroVariance {
        /// What does not vary.
        of: &'static str,
    },
    /// The size of the head of a ranking is zero or exceeds the number of values.
    #[error("k must lie between 1 and {len}, it is {k}")]
    InvalidK {
        /// The size that was asked for.
        k: usize,
        /// The number of values.
        len: usize,
    },
    /// A probability outside 0 to 1.
    #[error("a probability must lie between 0 and 1, it is {0}")]
    InvalidProbability(f64),
    /// The magnitudes are beyond double precision.
    #[error("the values are too large or too small for double precision; rescale them")]
    OutOfRange,
}
