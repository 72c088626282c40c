//! The program smith.
fn main() {}
