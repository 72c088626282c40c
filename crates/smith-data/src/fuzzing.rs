//! Doors to the parsers of single formats for fuzzing. Each takes any bytes and must neither panic nor hang.

use crate::media::window::Window;
use crate::media::{audio, images, video};

/// Header of an image of any format.
pub fn image_header(bytes: &[u8]) {
    let _ = images::measure_in(&mut Window::of(bytes));
}

/// EXIF metadata without what surrounds them.
pub fn exif(bytes: &[u8]) {
    images::read_exif(&mut Window::of(bytes));
}

/// DICOM, with a preamble and without one.
pub fn dicom(bytes: &[u8]) {
    images::read_dicom(&mut Window::of(bytes));
}

/// Decoding of an image, as far as its thumbnail.
pub fn image_pixels(bytes: &[u8]) {
    images::decode(bytes);
}

/// Header of audio of any format.
pub fn audio(bytes: &[u8]) {
    let _ = audio::measure_in(&mut Window::of(bytes));
}

/// MP4 and QuickTime.
pub fn mp4(bytes: &[u8]) {
    video::read_mp4(&mut Window::of(bytes));
}

/// Matroska and WebM.
pub fn mkv(bytes: &[u8]) {
    video::read_mkv(&mut Window::of(bytes));
}

/// AVI.
pub fn avi(bytes: &[u8]) {
    video::read_avi(&mut Window::of(bytes));
}
