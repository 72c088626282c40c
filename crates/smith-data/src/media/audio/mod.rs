//! Measures audio by its headers: rate, channels, length and what disagrees about them.

mod flac;
mod measure;
mod mpeg;
mod ogg;
mod plain;
mod print;
mod summary;
mod wav;

pub(crate) use measure::{AudioMeasure, Odd, measure_in};
pub(crate) use print::Print;
pub(crate) use summary::summarise;
