//! DICOM: rows, columns, samples and modality from the elements before the pixels.

use flate2::read::DeflateDecoder;
use std::io::Read;

use super::measure::{ImageMeasure, Mode};
use crate::media::window::{LONGEST, Window};

/// Elements that are walked through.
const MAX_ELEMENTS: usize = 4_000;
/// Depth of sequences of unknown length.
const MAX_DEPTH: usize = 16;
/// A length that the writer did not know.
const OPEN: u32 = u32::MAX;
/// Unpacked bytes of a deflated file that are looked at.
const MAX_INFLATED: u64 = 256 << 10;

/// How elements are written.
#[derive(Debug, Clone, Copy)]
struct Syntax {
    explicit: bool,
    big_endian: bool,
}

/// An element's header.
struct Element {
    group: u16,
    id: u16,
    length: u32,
    /// Where its value begins.
    at: u64,
    /// True when the writer did not know what it is; then what lies within is written without representations.
    unknown: bool,
}

/// What the elements say.
#[derive(Default)]
struct Facts {
    rows: Option<u16>,
    columns: Option<u16>,
    samples: Option<u16>,
    bits: Option<u16>,
    frames: Option<String>,
    modality: Option<String>,
    photometric: Option<String>,
    /// Where the pixels begin and how long they are.
    pixels: Option<(u64, u32)>,
    /// True when the elements were followed to the end of the file.
    ended: bool,
}

/// Reads a file with its preamble.
pub(super) fn measure(window: &mut Window<'_>) -> Option<ImageMeasure> {
    let meta = Syntax { explicit: true, big_endian: false };
    let mut at = 132_u64;
    let mut transfer = String::new();
    for _ in 0..64 {
        let Some(element) = element(window, at, meta).filter(|element| element.group == 2) else { break };
        if element.id == 0x0010 {
            transfer = text(window, &element)?;
        }
        at = element.at.checked_add(u64::from(element.length))?;
    }
    match transfer.as_str() {
        "1.2.840.10008.1.2" => data_set(window, at, Syntax { explicit: false, big_endian: false }),
        "1.2.840.10008.1.2.2" => data_set(window, at, Syntax { explicit: true, big_endian: true }),
        "1.2.840.10008.1.2.1.99" => deflated(window, at),
        _ => {
            let explicit = window.bytes(at.checked_add(4)?, 2)?.iter().all(u8::is_ascii_uppercase);
            data_set(window, at, Syntax { explicit, big_endian: false })
        }
    }
}

/// Reads a file that begins with its elements, as old ones do; it has to state its modality to be believed.
pub(super) fn without_preamble(window: &mut Window<'_>) -> Option<ImageMeasure> {
    let explicit = window.bytes(4, 2)?.iter().all(u8::is_ascii_uppercase);
    let big_endian = window.byte(0)? == 0;
    data_set(window, 0, Syntax { explicit, big_endian }).filter(|found| found.modality.is_some())
}

fn deflated(window: &mut Window<'_>, at: u64) -> Option<ImageMeasure> {
    let mut plain = Vec::new();
    let packed = window.up_to(at, LONGEST);
    // The packed bytes may be a part of the file only: what could be unpacked is looked at.
    let _ = DeflateDecoder::new(packed).take(MAX_INFLATED).read_to_end(&mut plain);
    let mut found = data_set(&mut Window::of(&plain), 0, Syntax { explicit: true, big_endian: false })?;
    found.cut = false;
    Some(found)
}

fn data_set(window: &mut Window<'_>, start: u64, syntax: Syntax) -> Option<ImageMeasure> {
    let mut facts = Facts::default();
    let mut at = start;
    let (mut elements, mut any) = (0, false);
    while elements < MAX_ELEMENTS {
        elements += 1;
        let Some(element) = element(window, at, syntax) else { break };
        any = true;
        if element.group == 0x7fe0 && matches!(element.id, 8..=0x10) {
            facts.pixels = Some((element.at, element.length));
            break;
        }
        read(window, &element, syntax, &mut facts);
        let Some(next) = behind(window, &element, syntax, MAX_DEPTH, &mut elements) else { break };
        at = next;
    }
    facts.ended = at.saturating_add(8) > window.length();
    summary(window, facts, any)
}

fn element(window: &mut Window<'_>, at: u64, syntax: Syntax) -> Option<Element> {
    let group = number(window, at, syntax)?;
    let id = number(window, at.checked_add(2)?, syntax)?;
    // Items of sequences carry no value representation.
    if !syntax.explicit || group == 0xfffe {
        let length = long(window, at.checked_add(4)?, syntax)?;
        return Some(Element { group, id, length, at: at.checked_add(8)?, unknown: false });
    }
    let representation = window.array::<2>(at.checked_add(4)?)?;
    if !representation.iter().all(u8::is_ascii_uppercase) {
        return None;
    }
    let is_long = matches!(
        &representation,
        b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR" | b"UT" | b"UV"
    );
    let (length, at) = if is_long {
        (long(window, at.checked_add(8)?, syntax)?, at.checked_add(12)?)
    } else {
        (u32::from(number(window, at.checked_add(6)?, syntax)?), at.checked_add(8)?)
    };
    Some(Element { group, id, length, at, unknown: &representation == b"UN" })
}

fn number(window: &mut Window<'_>, at: u64, syntax: Syntax) -> Option<u16> {
    if syntax.big_endian { window.be16(at) } else { window.le16(at) }
}

fn long(window: &mut Window<'_>, at: u64, syntax: Syntax) -> Option<u32> {
    if syntax.big_endian { window.be32(at) } else { window.le32(at) }
}

/// A short text without the blank or nought that fills it up.
fn text(window: &mut Window<'_>, element: &Element) -> Option<String> {
    let length = usize::try_from(element.length).ok().filter(|length| *length <= 64)?;
    let text = String::from_utf8_lossy(window.bytes(element.at, length)?).into_owned();
    Some(text.trim_matches([' ', '\0']).to_string())
}

fn read(window: &mut Window<'_>, element: &Element, syntax: Syntax, facts: &mut Facts) {
    let short = |window: &mut Window<'_>| number(window, element.at, syntax).filter(|_| element.length >= 2);
    match (element.group, element.id) {
        (0x0008, 0x0060) => facts.modality = text(window, element).filter(|text| !text.is_empty()),
        (0x0028, 0x0002) => facts.samples = short(window),
        (0x0028, 0x0004) => facts.photometric = text(window, element),
        (0x0028, 0x0008) => facts.frames = text(window, element),
        (0x0028, 0x0010) => facts.rows = short(window),
        (0x0028, 0x0011) => facts.columns = short(window),
        (0x0028, 0x0100) => facts.bits = short(window),
        _ => {}
    }
}

/// Where the next element begins. What has no length of its own ends with a delimiter of its own.
fn behind(
    window: &mut Window<'_>,
    element: &Element,
    syntax: Syntax,
    depth: usize,
    elements: &mut usize,
) -> Option<u64> {
    if element.length != OPEN {
        return element.at.checked_add(u64::from(element.length));
    }
    let mut at = element.at;
    let syntax = if element.unknown { Syntax { explicit: false, big_endian: false } } else { syntax };
    while *elements < MAX_ELEMENTS {
        *elements += 1;
        let inner = self::element(window, at, syntax)?;
        let is_end = inner.group == 0xfffe && matches!(inner.id, 0xe00d | 0xe0dd);
        if is_end {
            return Some(inner.at);
        }
        at = behind(window, &inner, syntax, depth.checked_sub(1)?, elements)?;
    }
    None
}

fn summary(window: &Window<'_>, facts: Facts, any: bool) -> Option<ImageMeasure> {
    if !any {
        return None;
    }
    let (width, height) = (facts.columns.unwrap_or(0), facts.rows.unwrap_or(0));
    let mut measure = ImageMeasure::new("dicom", u32::from(width), u32::from(height));
    measure.bits = facts.bits.and_then(|bits| u8::try_from(bits).ok()).unwrap_or(0);
    measure.mode = facts.photometric.as_deref().and_then(|photometric| mode(photometric, facts.samples));
    measure.several = facts.frames.and_then(|frames| frames.parse::<u32>().ok()).is_some_and(|n| n > 1);
    measure.modality = facts.modality.map(|text| crate::overview::display::one_line(&text, 16).into());
    measure.cut = match facts.pixels {
        Some((at, length)) if length != OPEN => at.saturating_add(u64::from(length)) > window.length(),
        Some(_) => false,
        // A picture's size without a picture.
        None => facts.ended && width > 0 && height > 0,
    };
    Some(measure)
}

fn mode(photometric: &str, samples: Option<u16>) -> Option<Mode> {
    match (photometric, samples.unwrap_or(1)) {
        ("MONOCHROME1" | "MONOCHROME2", 1) => Some(Mode::Grey),
        ("PALETTE COLOR", 1) => Some(Mode::Palette),
        (_, 3) => Some(Mode::Rgb),
        (_, 4) => Some(Mode::Cmyk),
        _ => None,
    }
}
