//! Fuzzes `smith_data::fuzzing::near_duplicates`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| smith_data::fuzzing::near_duplicates(bytes));
