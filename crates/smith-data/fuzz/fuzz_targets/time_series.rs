//! Fuzzes `smith_data::fuzzing::time_series`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| smith_data::fuzzing::time_series(bytes));
