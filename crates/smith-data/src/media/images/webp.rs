//! WebP.

use super::exif;
use super::measure::{ImageMeasure, Mode};
use crate::media::window::Window;

/// Chunks that are walked through to the EXIF metadata, which come last.
const MAX_CHUNKS: usize = 2_000;

pub(super) fn measure(window: &mut Window<'_>) -> Option<ImageMeasure> {
    let mut measure = match &window.array::<4>(12)? {
        b"VP8 " => lossy(window)?,
        b"VP8L" => lossless(window)?,
        b"VP8X" => extended(window)?,
        _ => return None,
    };
    measure.bits = 8;
    measure.cut = u64::from(window.le32(4)?).saturating_add(8) > window.length();
    Some(measure)
}

fn lossy(window: &mut Window<'_>) -> Option<ImageMeasure> {
    if !window.has(23, b"\x9d\x01\x2a") {
        return None;
    }
    let side = |packed: u16| u32::from(packed & 0x3fff);
    let mut measure = ImageMeasure::new("webp", side(window.le16(26)?), side(window.le16(28)?));
    measure.mode = Some(Mode::Rgb);
    Some(measure)
}

fn lossless(window: &mut Window<'_>) -> Option<ImageMeasure> {
    let packed = (window.byte(20)? == 0x2f).then(|| window.le32(21))??;
    let mut measure = ImageMeasure::new("webp", (packed & 0x3fff) + 1, ((packed >> 14) & 0x3fff) + 1);
    measure.mode = Some(if packed >> 28 & 1 == 1 { Mode::Rgba } else { Mode::Rgb });
    Some(measure)
}

fn extended(window: &mut Window<'_>) -> Option<ImageMeasure> {
    let flags = window.byte(20)?;
    let side = |low: [u8; 3]| u32::from_le_bytes([low[0], low[1], low[2], 0]) + 1;
    let mut measure = ImageMeasure::new("webp", side(window.array(24)?), side(window.array(27)?));
    measure.mode = Some(if flags & 0x10 == 0 { Mode::Rgb } else { Mode::Rgba });
    measure.several = flags & 2 != 0;
    if flags & 8 != 0 {
        measure.exif = find_exif(window);
    }
    Some(measure)
}

fn find_exif(window: &mut Window<'_>) -> Option<Box<exif::Exif>> {
    let mut at = 12_u64;
    for _ in 0..MAX_CHUNKS {
        let kind = window.array::<4>(at)?;
        let length = u64::from(window.le32(at.saturating_add(4))?);
        let data = at.saturating_add(8);
        if &kind == b"EXIF" {
            // Some writers repeat the label that a JPEG has there.
            let label = if window.has(data, b"Exif\0\0") { 6 } else { 0 };
            return exif::read(window, data.saturating_add(label));
        }
        at = data.saturating_add(length).saturating_add(length % 2);
    }
    None
}
