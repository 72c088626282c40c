//! Fuzzes `smith_data::fuzzing::npy`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| smith_data::fuzzing::npy(bytes));
