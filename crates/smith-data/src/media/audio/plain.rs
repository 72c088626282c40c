//! Formats with a plain header: AIFF, AU, and SPHERE of speech corpora.

use super::measure::{AudioMeasure, Odd};
use crate::media::window::Window;

/// Chunks that are looked through.
const MAX_CHUNKS: usize = 256;
/// Bytes of a SPHERE header.
const SPHERE_HEADER: usize = 1 << 10;

pub(super) fn aiff(window: &mut Window<'_>) -> Option<AudioMeasure> {
    let compressed = window.has(8, b"AIFC");
    let (mut at, mut common, mut cut) = (12_u64, None, None);
    for _ in 0..MAX_CHUNKS {
        let (Some(name), Some(length)) = (window.array::<4>(at), window.be32(at.checked_add(4)?)) else {
            break;
        };
        let data = at.checked_add(8)?;
        let end = data.checked_add(u64::from(length))?;
        match &name {
            b"COMM" => common = Some(aiff_format(window, data, compressed)?),
            b"SSND" => cut = Some(end > window.length()),
            _ => {}
        }
        if common.is_some() && cut.is_some() {
            break;
        }
        at = end.checked_add(u64::from(length % 2))?;
    }
    let mut measure: AudioMeasure = common?;
    // Without a chunk of sound the header's number of samples is a promise that is not kept.
    let silent = measure.seconds == Some(0.0);
    if cut == Some(true) || (cut.is_none() && !silent) {
        measure.odd = Some(Odd::Cut);
    }
    Some(measure)
}

fn aiff_format(window: &mut Window<'_>, at: u64, compressed: bool) -> Option<AudioMeasure> {
    let (channels, samples, bits) =
        (window.be16(at)?, window.be32(at.checked_add(2)?)?, window.be16(at.checked_add(6)?)?);
    let rate = extended(window.array(at.checked_add(8)?)?)?;
    let kind = if compressed { window.array::<4>(at.checked_add(18)?)? } else { *b"NONE" };
    let codec = match &kind {
        b"NONE" | b"sowt" | b"twos" | b"in24" | b"in32" => "pcm",
        b"fl32" | b"FL32" | b"fl64" | b"FL64" => "float",
        b"alaw" | b"ALAW" => "a-law",
        b"ulaw" | b"ULAW" => "mu-law",
        b"ima4" => "ima-adpcm",
        _ => "other",
    };
    // A packet of this codec is 64 samples, and packets are what is counted.
    let samples = u64::from(samples) * if codec == "ima-adpcm" { 64 } else { 1 };
    let mut measure = AudioMeasure::new(codec, rate, channels).lasting(samples);
    measure.bits = if matches!(codec, "pcm" | "float" | "a-law" | "mu-law") { bits } else { 0 };
    Some(measure)
}

/// A number of 80 bits: sign, 15 bits of exponent, 64 of mantissa.
fn extended(bytes: [u8; 10]) -> Option<u32> {
    let exponent = u16::from_be_bytes([bytes[0], bytes[1]]);
    let mantissa = bytes.iter().skip(2).fold(0_u64, |value, &byte| value << 8 | u64::from(byte));
    let shift = 16_383_u32.checked_add(63)?.checked_sub(u32::from(exponent))?;
    u32::try_from(mantissa.checked_shr(shift)?).ok()
}

pub(super) fn au(window: &mut Window<'_>) -> Option<AudioMeasure> {
    let (start, length, encoding) = (window.be32(4)?, window.be32(8)?, window.be32(12)?);
    let (rate, channels) = (window.be32(16)?, window.be32(20)?);
    let (codec, bits) = match encoding {
        1 => ("mu-law", 8),
        2 => ("pcm", 8),
        3 => ("pcm", 16),
        4 => ("pcm", 24),
        5 => ("pcm", 32),
        6 => ("float", 32),
        7 => ("float", 64),
        27 => ("a-law", 8),
        _ => ("other", 0),
    };
    let mut measure = AudioMeasure::new(codec, rate, u16::try_from(channels).ok()?);
    measure.bits = bits;
    let rest = window.length().saturating_sub(u64::from(start));
    let bytes = if length == u32::MAX { rest } else { u64::from(length) };
    if bytes > rest {
        measure.odd = Some(Odd::Cut);
    }
    let block = u64::from(bits / 8) * u64::from(channels);
    Some(match bytes.min(rest).checked_div(block) {
        Some(samples) => measure.lasting(samples),
        None => measure,
    })
}

/// Lines of a name, a type and a value, in a header whose length its second line states.
pub(super) fn sphere(window: &mut Window<'_>) -> Option<AudioMeasure> {
    let file = window.length();
    let text = String::from_utf8_lossy(window.up_to(0, SPHERE_HEADER)).into_owned();
    let header: u64 = text.lines().nth(1)?.trim().parse().ok()?;
    let field = |name: &str| -> Option<&str> {
        let of_line = |line: &str| -> bool { line.split(' ').next() == Some(name) };
        text.lines().find(|line| of_line(line))?.splitn(3, ' ').nth(2)
    };
    let number = |name: &str| field(name).and_then(|value| value.trim().parse::<u64>().ok());
    let (rate, samples) = (u32::try_from(number("sample_rate")?).ok()?, number("sample_count")?);
    let channels = u16::try_from(number("channel_count").unwrap_or(1)).ok()?;
    let width = number("sample_n_bytes").unwrap_or(2);
    let coding = field("sample_coding").unwrap_or("pcm");
    let codec = match coding.split(',').next().unwrap_or(coding) {
        "pcm" => "pcm",
        "ulaw" | "mu-law" => "mu-law",
        "alaw" => "a-law",
        _ => "other",
    };
    let mut measure = AudioMeasure::new(codec, rate, channels).lasting(samples);
    measure.bits = u16::try_from(width.saturating_mul(8)).ok()?;
    let bytes = samples.saturating_mul(width).saturating_mul(u64::from(channels));
    let is_packed = coding.contains(',');
    if !is_packed && header.saturating_add(bytes) > file {
        measure.odd = Some(Odd::Cut);
    }
    Some(measure)
}
