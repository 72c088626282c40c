//! Entries for fuzzers: each reads bytes as one format and must neither panic nor use more memory than the bytes and a
//! fixed amount. What they find is of no interest.

use std::collections::BTreeMap;

use crate::formats::{self, arff, json, sniff};
use crate::media::window::Window;
use crate::media::{audio, images, video};
use crate::source::encoding::decode_head;
use crate::structured::{annotations, arrays, geometry};
use crate::text::near;

/// The dialect of a delimited text.
pub fn dialect(bytes: &[u8]) {
    drop(sniff::sniff(bytes, bytes.len().is_multiple_of(2)));
    let _ = formats::is_special_text(bytes);
}

/// JSON and JSON Lines.
pub fn json(bytes: &[u8]) {
    json::read_bytes(bytes, "json");
    json::read_bytes(bytes, "jsonl");
}

/// ARFF.
pub fn arff(bytes: &[u8]) {
    arff::read_bytes(bytes);
}

/// NumPy's `.npy`.
pub fn npy(bytes: &[u8]) {
    drop(arrays::npy_of_bytes(bytes));
}

/// IDX.
pub fn idx(bytes: &[u8]) {
    drop(arrays::idx_of_bytes(bytes));
}

/// Meshes and point clouds of every format; the first byte chooses one.
pub fn geometry(bytes: &[u8]) {
    if let Some((choice, bytes)) = bytes.split_first() {
        let formats = geometry::FORMATS;
        drop(geometry::of_bytes(bytes, formats[usize::from(*choice) % formats.len()]));
    }
}

/// Pascal VOC.
pub fn voc(bytes: &[u8]) {
    drop(annotations::voc::read(&decode_head(bytes)));
}

/// COCO.
pub fn coco(bytes: &[u8]) {
    drop(annotations::coco::read(|| Ok(bytes), &|_| None));
}

/// labelme.
pub fn labelme(bytes: &[u8]) {
    drop(annotations::labelme::read(bytes));
}

/// YOLO's labels.
pub fn yolo(bytes: &[u8]) {
    drop(annotations::yolo::read(bytes, &BTreeMap::new()));
    drop(annotations::yolo::names("data.yaml", &decode_head(bytes)));
}

/// Near-duplicates among the lines of a text; the first byte chooses the length of a shingle.
pub fn near_duplicates(bytes: &[u8]) {
    let text = decode_head(bytes);
    drop(near::near_duplicates(text.lines()));
    drop(near::near_duplicates_by(text.lines(), bytes.first().map_or(0, |words| usize::from(*words))));
}

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
