//! Fuzzes `smith_data::fuzzing::arff`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| smith_data::fuzzing::arff(bytes));
