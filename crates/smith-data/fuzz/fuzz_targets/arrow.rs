//! Fuzzes `smith_data::fuzzing::arrow`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| smith_data::fuzzing::arrow(bytes));
