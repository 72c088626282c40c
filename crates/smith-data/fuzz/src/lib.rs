//! What every target does before it begins.

/// Has a panic end a target only when nothing in the reader catches it. By default the fuzzer ends at every panic, those
/// too that a reader expects of a library on a damaged file and makes a finding of.
pub fn let_readers_catch_panics() {
    drop(std::panic::take_hook());
}
