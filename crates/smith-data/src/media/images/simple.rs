//! Formats with a short header: GIF, BMP, PNM, ICO, JPEG 2000.

use super::measure::{ImageMeasure, Mode};
use crate::media::window::Window;

/// Blocks of a GIF that are walked through to its second picture.
const MAX_BLOCKS: usize = 20_000;
/// Bytes in which the header of a PNM lies.
const PNM_HEADER: usize = 1 << 10;
/// Bytes in which the header of a JPEG 2000 file lies.
const JP2_HEADER: usize = 4 << 10;

pub(super) fn gif(window: &mut Window<'_>) -> Option<ImageMeasure> {
    let (width, height) = (window.le16(6)?, window.le16(8)?);
    let flags = window.byte(10)?;
    let mut measure = ImageMeasure::new("gif", u32::from(width), u32::from(height));
    measure.mode = Some(Mode::Palette);
    measure.bits = 8;
    let mut at = 13 + palette_bytes(flags);
    let (mut pictures, mut blocks) = (0, 0);
    while blocks < MAX_BLOCKS {
        match window.byte(at) {
            Some(0x2c) => {
                pictures += 1;
                if pictures > 1 {
                    measure.several = true;
                    return Some(measure);
                }
                let local = window.byte(at.saturating_add(9)).map_or(0, palette_bytes);
                at = after_blocks(window, at.saturating_add(11).saturating_add(local), &mut blocks);
            }
            Some(0x21) => at = after_blocks(window, at.saturating_add(2), &mut blocks),
            // Bytes between blocks that mean nothing.
            Some(0) => at = at.saturating_add(1),
            Some(_) => return Some(measure),
            None => {
                measure.cut = true;
                return Some(measure);
            }
        }
        blocks += 1;
    }
    Some(measure)
}

fn palette_bytes(flags: u8) -> u64 {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Behind a chain of blocks, each of which states its length first.
fn after_blocks(window: &mut Window<'_>, mut at: u64, blocks: &mut usize) -> u64 {
    while *blocks < MAX_BLOCKS {
        *blocks += 1;
        match window.byte(at) {
            Some(0) => return at.saturating_add(1),
            Some(length) => at = at.saturating_add(u64::from(length)).saturating_add(1),
            None => return at,
        }
    }
    at
}

pub(super) fn bmp(window: &mut Window<'_>) -> Option<ImageMeasure> {
    let header = window.le32(14)?;
    let (width, height, bits) = if header == 12 {
        (u32::from(window.le16(18)?), u32::from(window.le16(20)?), window.le16(24)?)
    } else if (16..=1024).contains(&header) {
        let signed = |value: u32| i32::from_le_bytes(value.to_le_bytes()).unsigned_abs();
        (signed(window.le32(18)?), signed(window.le32(22)?), window.le16(28)?)
    } else {
        return None;
    };
    let mut measure = ImageMeasure::new("bmp", width, height);
    (measure.mode, measure.bits) = match bits {
        1 | 2 | 4 | 8 => palette(window, header, bits)?,
        16 | 24 => (Some(Mode::Rgb), 8),
        // Only the later headers say whether the fourth byte is an alpha channel.
        32 if header >= 56 && window.le32(66)? != 0 => (Some(Mode::Rgba), 8),
        32 => (Some(Mode::Rgb), 8),
        _ => return None,
    };
    let pixels = u64::from(window.le32(10)?);
    let uncompressed = header == 12 || matches!(window.le32(30)?, 0 | 3);
    if uncompressed {
        let row = (u64::from(width) * u64::from(bits)).div_ceil(32) * 4;
        measure.cut = pixels.saturating_add(row.saturating_mul(u64::from(height))) > window.length();
    }
    Some(measure)
}

/// Many grey pictures are written with a palette of greys.
fn palette(window: &mut Window<'_>, header: u32, bits: u16) -> Option<(Option<Mode>, u8)> {
    let entry = if header == 12 { 3 } else { 4 };
    let used = if header == 12 { 0 } else { window.le32(46)? };
    let colours = if used == 0 { 1 << bits } else { (used as usize).min(256) };
    let palette = window.bytes(14 + u64::from(header), colours * entry)?;
    let is_grey = palette.chunks_exact(entry).all(|entry| entry[0] == entry[1] && entry[1] == entry[2]);
    Some(match (is_grey, bits) {
        (true, 1) => (Some(Mode::Grey), 1),
        (true, _) => (Some(Mode::Grey), 8),
        (false, _) => (Some(Mode::Palette), 8),
    })
}

/// JPEG 2000, as a file with boxes or as a bare stream.
pub(super) fn jp2(window: &mut Window<'_>) -> Option<ImageMeasure> {
    if window.has(0, b"\xff\x4f\xff\x51") {
        let side = |end: u32, start: u32| end.checked_sub(start);
        let (width, height) =
            (side(window.be32(8)?, window.be32(16)?)?, side(window.be32(12)?, window.be32(20)?)?);
        return Some(ImageMeasure::new("jp2", width, height));
    }
    let at = window.up_to(0, JP2_HEADER).windows(4).position(|name| name == b"ihdr")? as u64;
    let mut measure = ImageMeasure::new("jp2", window.be32(at + 8)?, window.be32(at + 4)?);
    measure.mode = match window.be16(at + 12)? {
        1 => Some(Mode::Grey),
        3 => Some(Mode::Rgb),
        4 => Some(Mode::Rgba),
        bands => Some(Mode::Bands(bands)),
    };
    // One less than the bits, and the sign in the highest; 255 when channels differ.
    measure.bits = window.byte(at + 14).filter(|bits| *bits != 255).map_or(0, |bits| (bits & 0x7f) + 1);
    Some(measure)
}

/// PBM, PGM, PPM (as text and as bytes) and PAM.
pub(super) fn pnm(window: &mut Window<'_>) -> Option<ImageMeasure> {
    let length = window.length();
    let head = window.up_to(0, PNM_HEADER);
    let kind = *head.get(1)?;
    if kind == b'7' {
        return pam(&String::from_utf8_lossy(head));
    }
    let (numbers, data) = pnm_numbers(head.get(2..)?, if matches!(kind, b'1' | b'4') { 2 } else { 3 })?;
    let (width, height) = (*numbers.first()?, *numbers.get(1)?);
    let largest = numbers.get(2).copied().unwrap_or(1);
    let mut measure = ImageMeasure::new("pnm", width, height);
    measure.bits = if matches!(kind, b'1' | b'4') {
        1
    } else if largest > 255 {
        16
    } else {
        8
    };
    measure.mode = Some(if matches!(kind, b'3' | b'6') { Mode::Rgb } else { Mode::Grey });
    let row = match kind {
        b'4' => u64::from(width).div_ceil(8),
        b'5' => u64::from(width) * u64::from(measure.bits / 8),
        b'6' => u64::from(width) * u64::from(measure.bits / 8) * 3,
        _ => 0,
    };
    measure.cut = (data as u64 + 2).saturating_add(row.saturating_mul(u64::from(height))) > length;
    Some(measure)
}

/// The first numbers of a text with comments, and where the byte behind the blank after them lies.
fn pnm_numbers(text: &[u8], count: usize) -> Option<(Vec<u32>, usize)> {
    let (mut numbers, mut digits, mut comment) = (Vec::new(), String::new(), false);
    for (i, &byte) in text.iter().enumerate() {
        match byte {
            b'\n' | b'\r' if comment => comment = false,
            _ if comment => {}
            b'0'..=b'9' if digits.len() < 9 => digits.push(char::from(byte)),
            b' ' | b'\t' | b'\n' | b'\r' | b'#' => {
                comment = byte == b'#';
                if !digits.is_empty() {
                    numbers.push(digits.parse().ok()?);
                    digits.clear();
                }
                if numbers.len() == count {
                    return Some((numbers, i + 1));
                }
            }
            _ => return None,
        }
    }
    None
}

fn pam(text: &str) -> Option<ImageMeasure> {
    let field = |name: &str| -> Option<&str> {
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).map(str::trim)
    };
    let mut measure = ImageMeasure::new("pnm", field("WIDTH")?.parse().ok()?, field("HEIGHT")?.parse().ok()?);
    let largest: u32 = field("MAXVAL")?.parse().ok()?;
    measure.bits = if largest > 255 { 16 } else { 8 };
    measure.mode = match field("DEPTH")? {
        "1" => Some(Mode::Grey),
        "2" => Some(Mode::GreyAlpha),
        "3" => Some(Mode::Rgb),
        "4" => Some(Mode::Rgba),
        _ => None,
    };
    Some(measure)
}

/// The largest picture of an icon or a cursor.
pub(super) fn ico(window: &mut Window<'_>) -> Option<ImageMeasure> {
    let count = window.le16(4)?.min(256);
    let mut largest = (0, 0);
    for i in 0..u64::from(count) {
        let [width, height] = window.array(6 + 16 * i)?;
        // Nought stands for 256.
        let side = |byte: u8| if byte == 0 { 256 } else { u32::from(byte) };
        largest = largest.max((side(width), side(height)));
    }
    (largest.0 > 0).then(|| {
        let mut measure = ImageMeasure::new("ico", largest.0, largest.1);
        measure.several = count > 1;
        measure
    })
}
