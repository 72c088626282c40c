//! WAV: RIFF, its big-endian variety RIFX, and RF64/BW64 for long recordings.

use super::measure::{AudioMeasure, Odd};
use crate::media::window::{Window, clipped};

/// Chunks that are looked through for the samples.
const MAX_CHUNKS: usize = 256;
/// Lengths that a program writes when it does not know better: a stream, or a 64-bit length elsewhere.
const OPEN: [u32; 2] = [0, u32::MAX];

/// The format chunk.
struct Format {
    tag: u16,
    channels: u16,
    rate: u32,
    bytes_per_second: u32,
    /// Bytes of one sample of all channels.
    block: u16,
    bits: u16,
}

/// How numbers are written.
#[derive(Clone, Copy)]
struct Endian {
    big: bool,
}

impl Endian {
    fn u16(self, window: &mut Window<'_>, at: u64) -> Option<u16> {
        if self.big { window.be16(at) } else { window.le16(at) }
    }

    fn u32(self, window: &mut Window<'_>, at: u64) -> Option<u32> {
        if self.big { window.be32(at) } else { window.le32(at) }
    }
}

pub(super) fn measure(window: &mut Window<'_>) -> Option<AudioMeasure> {
    let endian = Endian { big: window.has(0, b"RIFX") };
    let (mut at, mut format, mut samples, mut long) = (12_u64, None, None, None);
    for _ in 0..MAX_CHUNKS {
        let name = window.array::<4>(at)?;
        let length = endian.u32(window, at.checked_add(4)?)?;
        let data = at.checked_add(8)?;
        match &name {
            b"fmt " => format = Some(read_format(window, endian, data, length)?),
            b"fact" => samples = endian.u32(window, data).filter(|count| *count > 0),
            b"ds64" => long = window.le64(data.checked_add(8)?),
            b"data" => {
                let length =
                    long.filter(|_| length == u32::MAX).map_or(Announced::of(length), Announced::Bytes);
                return Some(duration(&format?, length, samples, data, window.length()));
            }
            _ => {}
        }
        at = data.checked_add(u64::from(length))?.checked_add(u64::from(length % 2))?;
    }
    None
}

/// What the header says about the length of the samples.
#[derive(Clone, Copy)]
enum Announced {
    Bytes(u64),
    /// The rest of the file, as the program that wrote the header did not know.
    Rest,
}

impl Announced {
    fn of(length: u32) -> Self {
        if OPEN.contains(&length) { Self::Rest } else { Self::Bytes(u64::from(length)) }
    }
}

fn read_format(window: &mut Window<'_>, endian: Endian, at: u64, length: u32) -> Option<Format> {
    if length < 14 {
        return None;
    }
    let mut tag = endian.u16(window, at)?;
    // The extensible variety has the tag at the beginning of its identifier.
    if tag == 0xfffe && length >= 40 {
        tag = endian.u16(window, at.checked_add(24)?)?;
    }
    Some(Format {
        tag,
        channels: endian.u16(window, at.checked_add(2)?)?,
        rate: endian.u32(window, at.checked_add(4)?)?,
        bytes_per_second: endian.u32(window, at.checked_add(8)?)?,
        block: endian.u16(window, at.checked_add(12)?)?,
        bits: if length >= 16 { endian.u16(window, at.checked_add(14)?)? } else { 0 },
    })
}

fn duration(format: &Format, length: Announced, samples: Option<u32>, data: u64, end: u64) -> AudioMeasure {
    let rest = end.saturating_sub(data);
    let (bytes, cut) = match length {
        Announced::Bytes(bytes) => (clipped(data, bytes, end), bytes > rest),
        Announced::Rest => (rest, false),
    };
    let (codec, is_plain) = codec(format.tag);
    let mut measure = AudioMeasure::new(codec, format.rate, format.channels);
    measure.bits = if is_plain { format.bits } else { 0 };
    measure.odd = cut.then_some(Odd::Cut);
    let block = u64::from(format.block);
    if is_plain && block > 0 {
        let expected = u64::from(format.bits).div_ceil(8) * u64::from(format.channels);
        let per_second = u64::from(format.rate).saturating_mul(block);
        if block != expected || u64::from(format.bytes_per_second) != per_second {
            measure.odd = measure.odd.or(Some(Odd::Contradictory));
        }
        return measure.lasting(bytes / block);
    }
    if let Some(samples) = samples.filter(|_| !cut) {
        return measure.lasting(u64::from(samples));
    }
    if format.bytes_per_second > 0 {
        measure.seconds = Some(bytes as f64 / f64::from(format.bytes_per_second));
    }
    measure
}

/// A codec's name, and whether its samples all have the same size.
fn codec(tag: u16) -> (&'static str, bool) {
    match tag {
        1 => ("pcm", true),
        2 => ("ms-adpcm", false),
        3 => ("float", true),
        6 => ("a-law", true),
        7 => ("mu-law", true),
        0x11 => ("ima-adpcm", false),
        0x31 => ("gsm", false),
        0x50 | 0x55 => ("mp3", false),
        0xff | 0x1610 => ("aac", false),
        _ => ("other", false),
    }
}
