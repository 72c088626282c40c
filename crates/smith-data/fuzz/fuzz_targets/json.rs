//! Fuzzes `smith_data::fuzzing::json`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| smith_data::fuzzing::json(bytes));
