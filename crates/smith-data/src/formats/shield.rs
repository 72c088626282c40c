//! Keeps panics of other people's parsers from ending a profile.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a part of a parser that may panic on a damaged file where it should report an error. The process's panic hook
/// still sees it. What the closure was changing must not be used after an error, which says that the file is `what`:
/// `a damaged spreadsheet`, say.
pub(super) fn shielded<T>(what: &str, work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| format!("is {what} that cannot be decoded"))
}
