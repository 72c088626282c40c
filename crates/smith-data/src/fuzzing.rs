//! Entries for fuzzers: each reads bytes as one format and must neither panic nor use more memory than the bytes and a
//! fixed amount. What they find is of no interest.

use std::collections::BTreeMap;

use crate::source::encoding::decode_head;
use crate::structured::{annotations, arrays, geometry};
use crate::text::near;

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
