//! Statistics over scores and rating sets: correlation, agreement, reliability, summaries.
//!
//! Pure functions over slices of `f64`. Nothing here knows of models or tasks, does I/O or keeps state. A result
//! is a finite number or a [`StatsError`]; NaN and infinity neither go in nor come out.
//!
//! ```
//! use smith_stats::{agreement, correlation};
//!
//! let first = [1254.6, 1146.7, 1068.0, 1011.9];
//! let second = [1179.7, 1079.3, 1097.6, 1003.3];
//! assert!((correlation::kendall_tau_b(&first, &second)? - 2.0 / 3.0).abs() < 1e-12);
//! assert!(agreement::lin_ccc(&first, &second)? < correlation::pearson(&first, &second)?);
//! assert!((agreement::top_k_overlap(&first, &second, 2)? - 0.5).abs() < 1e-12);
//! # Ok::<(), smith_stats::StatsError>(())
//! ```

pub mod agreement;
mod check;
pub mod corpus;
pub mod correlation;
pub mod curves;
pub mod elo;
mod error;
mod interval;
pub mod plots;
pub mod quality;
pub mod summary;

pub use error::StatsError;
pub use interval::{Estimate, Interval};
