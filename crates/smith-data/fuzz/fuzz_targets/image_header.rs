//! Fuzzes `smith_data::fuzzing::image_header`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| smith_data::fuzzing::image_header(bytes));
