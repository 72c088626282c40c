//! PNG and APNG.

use super::exif;
use super::measure::{ImageMeasure, Mode};
use crate::media::window::Window;

/// Chunks that are looked at before the picture itself.
const MAX_CHUNKS: usize = 64;
/// The last chunk of every PNG.
const END: &[u8] = b"IEND";

/// Reads the header and the chunks before the pixels.
pub(super) fn measure(window: &mut Window<'_>) -> Option<ImageMeasure> {
    if !window.has(12, b"IHDR") {
        return None;
    }
    let (width, height) = (window.be32(16)?, window.be32(20)?);
    let [bits, colour] = window.array(24)?;
    let mut measure = ImageMeasure::new("png", width, height);
    measure.bits = bits;
    measure.mode = mode(colour);
    ancillary(window, &mut measure);
    // Some programs write a few bytes behind the last chunk.
    measure.cut = !window.tail_holds(64, END);
    Some(measure)
}

fn mode(colour: u8) -> Option<Mode> {
    match colour {
        0 => Some(Mode::Grey),
        2 => Some(Mode::Rgb),
        3 => Some(Mode::Palette),
        4 => Some(Mode::GreyAlpha),
        6 => Some(Mode::Rgba),
        _ => None,
    }
}

/// Animation, texts and EXIF, which stand before the pixels as a rule.
fn ancillary(window: &mut Window<'_>, measure: &mut ImageMeasure) {
    let mut at = 8_u64;
    for _ in 0..MAX_CHUNKS {
        let (Some(length), Some(kind)) = (window.be32(at), window.array::<4>(at.saturating_add(4))) else {
            return;
        };
        match &kind {
            b"IDAT" | b"IEND" => return,
            b"acTL" => measure.several = window.be32(at.saturating_add(8)).is_some_and(|frames| frames > 1),
            b"tEXt" | b"zTXt" | b"iTXt" => measure.with_text = true,
            b"eXIf" => measure.exif = exif::read(window, at.saturating_add(8)),
            _ => {}
        }
        at = at.saturating_add(u64::from(length)).saturating_add(12);
    }
}
