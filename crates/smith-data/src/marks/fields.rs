//! Fields of the headers of pictures and sounds.

use super::Marks;
use crate::media::window::Window;

/// What a chunk of a PNG says beside pixels and texts.
pub(super) fn png_field(
    window: &mut Window<'_>,
    marks: &mut Marks,
    (at, length, kind): (u64, u32, [u8; 4]),
    is_known: bool,
) {
    let (name, is_content) = match &kind {
        b"pHYs" => ("resolution", false),
        b"tIME" => ("time of the last change", false),
        b"gAMA" => ("gamma", false),
        b"cHRM" => ("colours of the screen", false),
        b"sRGB" => ("rendering", false),
        b"bKGD" => ("background", true),
        b"sBIT" => ("significant bits", true),
        b"PLTE" => {
            marks.field("length of the palette", true, &[u64::from(length)]);
            return;
        }
        // Two bits say how hard the program tried to pack the pixels; those beside them go with their number.
        b"IDAT" if !is_known => {
            let head = window.be16(at.saturating_add(8)).unwrap_or(0);
            marks.field("way of packing", false, &[u64::from(head >> 6 & 3)]);
            return;
        }
        _ => return,
    };
    let size = usize::try_from(length).unwrap_or(usize::MAX).min(32);
    let bytes: Vec<u64> = window.up_to(at.saturating_add(8), size).iter().copied().map(u64::from).collect();
    marks.field(name, is_content, &bytes);
}

/// What a segment of a JPEG says beside pixels and texts.
pub(super) fn jpeg_field(window: &mut Window<'_>, marks: &mut Marks, at: u64, kind: u8) {
    let body = at.saturating_add(4);
    let sum = |bytes: &[u8]| {
        bytes.iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)))
    };
    match kind {
        0xe0 => {
            let bytes: Vec<u64> =
                window.up_to(body.saturating_add(5), 7).iter().copied().map(u64::from).collect();
            marks.field("resolution", false, &bytes);
        }
        0xdb => {
            let tables = sum(window.up_to(body, 65));
            marks.field("tables of quality", true, &[tables]);
        }
        0xc0..=0xc2 => {
            let sampling = sum(window.up_to(body.saturating_add(5), 10));
            marks.field("sampling of the colours", true, &[u64::from(kind), sampling]);
        }
        _ => {}
    }
}

/// The format of a sound.
pub(super) fn riff_format(window: &mut Window<'_>, marks: &mut Marks, at: u64) {
    let short = |window: &mut Window<'_>, by: u64| u64::from(window.le16(at.saturating_add(by)).unwrap_or(0));
    let rate = u64::from(window.le32(at.saturating_add(4)).unwrap_or(0));
    let bytes_a_second = u64::from(window.le32(at.saturating_add(8)).unwrap_or(0));
    let (code, channels) = (short(window, 0), short(window, 2));
    let (block, bits) = (short(window, 12), short(window, 14));
    marks.field("sampling rate", true, &[rate]);
    marks.field("number of channels", true, &[channels]);
    marks.field("bits of a sample", true, &[bits]);
    marks.field("code of the format", true, &[code]);
    // Both follow from the others, and no reader looks at them.
    let is_right = block == channels * bits.div_ceil(8) && bytes_a_second == rate * block;
    let stated: &[u64] = if is_right || code != 1 { &[] } else { &[block, bytes_a_second] };
    marks.field("bytes of a second as stated", false, stated);
}

/// The pixels of a bitmap and their resolution.
pub(super) fn bitmap(window: &mut Window<'_>, marks: &mut Marks) {
    let word = |window: &mut Window<'_>, at: u64| u64::from(window.le32(at).unwrap_or(0));
    let (across, down, kept) = (word(window, 38), word(window, 42), word(window, 6));
    marks.field("resolution", false, &[across, down]);
    marks.field("reserved bytes", false, &[kept]);
    marks.field("kind of pixels", true, &[u64::from(window.le16(28).unwrap_or(0))]);
}

/// The stream of a FLAC.
pub(super) fn flac(window: &mut Window<'_>, marks: &mut Marks) {
    // Twenty bits of the rate, three of the channels, five of the bits of a sample.
    let packed = window.be32(18).unwrap_or(0);
    marks.field("sampling rate", true, &[u64::from(packed >> 12)]);
    marks.field("number of channels", true, &[u64::from((packed >> 9) & 7) + 1]);
    let depth = window.be16(20).map_or(0, |bits| (bits >> 4) & 31);
    marks.field("bits of a sample", true, &[u64::from(depth) + 1]);
    marks.field("size of the blocks", false, &[u64::from(window.be32(8).unwrap_or(0))]);
}
