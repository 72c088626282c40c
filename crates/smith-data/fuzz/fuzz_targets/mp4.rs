//! Fuzzes `smith_data::fuzzing::mp4`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| smith_data::fuzzing::mp4(bytes));
