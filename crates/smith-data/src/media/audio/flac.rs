//! FLAC: the stream information block, and the last frame for what it leaves open.

use super::measure::{AudioMeasure, Odd};
use crate::media::window::{LONGEST, Window};

/// Checksum of a frame's header: x⁸ + x² + x + 1.
fn checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, &byte| {
        (0..8).fold(sum ^ byte, |sum, _| if sum & 0x80 == 0 { sum << 1 } else { sum << 1 ^ 7 })
    })
}

pub(super) fn measure(window: &mut Window<'_>, start: u64) -> Option<AudioMeasure> {
    // The first block has to be the stream information.
    if window.byte(start.checked_add(4)?)? & 0x7f != 0 {
        return None;
    }
    let info = start.checked_add(8)?;
    let (least, greatest) = (window.be16(info)?, window.be16(info.checked_add(2)?)?);
    // 20 bits of rate, 3 of channels, 5 of depth, 36 of samples.
    let packed = window.be64(info.checked_add(10)?)?;
    let rate = u32::try_from(packed >> 44).ok()?;
    let channels = (packed >> 41 & 7) as u16 + 1;
    let samples = packed & ((1 << 36) - 1);
    let mut measure = AudioMeasure::new("flac", rate, channels);
    measure.bits = (packed >> 36 & 31) as u16 + 1;
    let reached = last_frame(window, if least == greatest { greatest } else { 0 });
    if samples == 0 {
        // A stream whose writer could not go back to fill in the length.
        return Some(match reached {
            Some(reached) => measure.lasting(reached),
            None => measure,
        });
    }
    let announced = samples.saturating_sub(u64::from(greatest));
    if reached.is_some_and(|reached| reached < announced) {
        measure.odd = Some(Odd::Cut);
    }
    Some(measure.lasting(samples))
}

/// The number of samples up to the end of the last frame that begins near the end of the file.
fn last_frame(window: &mut Window<'_>, block: u16) -> Option<u64> {
    let tail = window.up_to(window.length().saturating_sub(LONGEST as u64), LONGEST);
    (0..tail.len()).rev().find_map(|at| frame_end(tail.get(at..)?, block))
}

/// The sample at which a frame ends, if one begins here.
fn frame_end(bytes: &[u8], block: u16) -> Option<u64> {
    let &[0xff, second @ (0xf8 | 0xf9), sizes, channels, ..] = bytes else { return None };
    if sizes >> 4 == 0 || sizes & 15 == 15 || channels >> 4 > 10 || channels & 1 == 1 {
        return None;
    }
    let (number, mut length) = coded_number(bytes.get(4..)?)?;
    length += 4;
    let size = match sizes >> 4 {
        1 => 192,
        code @ 2..=5 => 576_u64 << (code - 2),
        6 => u64::from(*bytes.get(length)?) + 1,
        7 => u64::from(u16::from_be_bytes([*bytes.get(length)?, *bytes.get(length + 1)?])) + 1,
        code => 256_u64 << (code - 8),
    };
    length += match sizes >> 4 {
        6 => 1,
        7 => 2,
        _ => 0,
    };
    length += match sizes & 15 {
        12 => 1,
        13 | 14 => 2,
        _ => 0,
    };
    if checksum(bytes.get(..length)?) != *bytes.get(length)? {
        return None;
    }
    // The number counts samples when blocks differ in size, and blocks when they do not.
    let first = if second == 0xf9 { number } else { number.checked_mul(u64::from(block).max(size))? };
    first.checked_add(size)
}

/// A number written as UTF-8 writes characters, with up to seven bytes.
fn coded_number(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let ones = first.leading_ones() as usize;
    if ones == 0 {
        return Some((u64::from(first), 1));
    }
    if !(2..=7).contains(&ones) {
        return None;
    }
    let start = u64::from(first) & (0x7f >> ones);
    let rest = bytes.get(1..ones)?;
    let number = rest.iter().try_fold(start, |number, &byte| {
        (byte & 0xc0 == 0x80).then(|| number << 6 | u64::from(byte & 0x3f))
    })?;
    Some((number, ones))
}
