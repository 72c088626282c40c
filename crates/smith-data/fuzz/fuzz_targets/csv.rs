//! Fuzzes `smith_data::fuzzing::csv`.
#![no_main]

libfuzzer_sys::fuzz_target!(init: smith_data_fuzz::let_readers_catch_panics(), |bytes: &[u8]| {
    smith_data::fuzzing::csv(bytes);
});
