//! JPEG.

use super::exif;
use super::measure::{ImageMeasure, Mode};
use crate::media::window::Window;

/// Segments that are looked through for the frame header.
const MAX_SEGMENTS: usize = 256;
/// Where the end of the picture is looked for: cameras append previews and notes of their own.
const TRAILER: usize = 64 << 10;

/// Reads the segments up to the frame header.
pub(super) fn measure(window: &mut Window<'_>) -> Option<ImageMeasure> {
    let (mut at, mut exif) = (2_u64, None);
    for _ in 0..MAX_SEGMENTS {
        let [mark, code] = window.array(at)?;
        if mark != 0xff {
            return None;
        }
        match code {
            // A byte that fills up, and markers without content.
            0xff => at = at.saturating_add(1),
            0x01 | 0xd0..=0xd8 => at = at.saturating_add(2),
            0xd9 | 0xda => return None,
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let mut measure = frame(window, at)?;
                measure.exif = exif;
                measure.cut = is_cut(window);
                return Some(measure);
            }
            _ => {
                if code == 0xe1 && exif.is_none() && window.has(at.saturating_add(4), b"Exif\0\0") {
                    exif = exif::read(window, at.saturating_add(10));
                }
                at = at.saturating_add(2).saturating_add(u64::from(window.be16(at.saturating_add(2))?));
            }
        }
    }
    None
}

fn frame(window: &mut Window<'_>, at: u64) -> Option<ImageMeasure> {
    let [bits, h1, h0, w1, w0, components] = window.array(at.saturating_add(4))?;
    let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
    let mut measure = ImageMeasure::new("jpeg", u32::from(width), u32::from(height));
    measure.bits = bits;
    measure.mode = match components {
        1 => Some(Mode::Grey),
        3 => Some(Mode::Rgb),
        4 => Some(Mode::Cmyk),
        _ => None,
    };
    Some(measure)
}

/// The end marker cannot occur within the picture's data, so it is enough to find it near the end.
fn is_cut(window: &mut Window<'_>) -> bool {
    let end = b"\xff\xd9";
    !window.tail_holds(64, end) && !window.tail_holds(TRAILER, end)
}
