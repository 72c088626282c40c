//! Measures images by their headers and finds those that look alike.

pub(in crate::media) mod alike;
mod dicom;
mod exif;
mod ifd;
mod jpeg;
mod measure;
mod png;
mod simple;
mod summary;
mod svg;
mod tiff;
mod webp;

pub(crate) use alike::Print;
pub(crate) use measure::{Fault, Mode, measure, measure_in};
pub(crate) use summary::{measure_all, summarise};

/// For fuzzing: EXIF metadata alone.
pub(crate) fn read_exif(window: &mut super::window::Window<'_>) {
    let _ = exif::read(window, 0);
}

/// For fuzzing: both varieties of DICOM.
pub(crate) fn read_dicom(window: &mut super::window::Window<'_>) {
    let _ = dicom::measure(window);
    let _ = dicom::without_preamble(window);
}

/// For fuzzing: the pixels.
pub(crate) fn decode(bytes: &[u8]) {
    alike::decode_only(bytes);
}
