//! TIFF and BigTIFF.

use super::exif;
use super::ifd::{Directory, Layout};
use super::measure::{ImageMeasure, Mode};
use crate::media::window::Window;

pub(super) fn measure(window: &mut Window<'_>) -> Option<ImageMeasure> {
    let layout = Layout::read(window, 0)?;
    let directory = layout.directory(window, layout.first)?;
    let number =
        |window: &mut Window<'_>, id| directory.tag(id).and_then(|tag| layout.number(window, tag, 0));
    let side = |value: Option<u64>| value.and_then(|value| u32::try_from(value).ok());
    let mut measure = ImageMeasure::new("tiff", side(number(window, 256))?, side(number(window, 257))?);
    let samples = number(window, 277).unwrap_or(1);
    measure.bits = number(window, 258).and_then(|bits| u8::try_from(bits).ok()).unwrap_or(1);
    measure.float = number(window, 339) == Some(3);
    measure.mode = mode(number(window, 262), samples);
    measure.several = directory.next != 0;
    measure.located = directory.tag(0x87af).is_some();
    measure.cut = is_cut(window, &layout, &directory);
    let exif = exif::of(window, &layout, &directory);
    let carries_exif = directory.tag(0x8769).is_some() || exif.position || exif.camera.is_some();
    if carries_exif || exif.orientation > 1 {
        measure.exif = Some(Box::new(exif));
    }
    Some(measure)
}

fn mode(photometric: Option<u64>, samples: u64) -> Option<Mode> {
    let bands = Mode::Bands(u16::try_from(samples).unwrap_or(u16::MAX));
    Some(match (photometric, samples) {
        (Some(3), 1) => Mode::Palette,
        (Some(0 | 1), 1) => Mode::Grey,
        (Some(0 | 1), 2) => Mode::GreyAlpha,
        (Some(2 | 6), 3) => Mode::Rgb,
        (Some(2 | 6), 4) => Mode::Rgba,
        (Some(5), 4) => Mode::Cmyk,
        (Some(8), 3) => Mode::Lab,
        (None, 1) => return None,
        _ => bands,
    })
}

/// True when the last strip or tile that the directory announces lies behind the end of the file.
fn is_cut(window: &mut Window<'_>, layout: &Layout, directory: &Directory) -> bool {
    let end_of = |window: &mut Window<'_>, offsets, lengths| {
        let (offsets, lengths) = (directory.tag(offsets)?, directory.tag(lengths)?);
        let last = offsets.count.checked_sub(1)?;
        let (offset, length) = (layout.number(window, offsets, last)?, layout.number(window, lengths, last)?);
        offset.checked_add(length)
    };
    let end = end_of(window, 273, 279).or_else(|| end_of(window, 324, 325));
    end.is_none_or(|end| end > window.length())
}
