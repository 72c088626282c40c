//! Ogg: Vorbis, Opus, FLAC and Speex, with the length from the last page.

use super::measure::{AudioMeasure, Odd};
use crate::media::window::{LONGEST, Window};

/// Streams of one file whose first page is looked at.
const MAX_STREAMS: usize = 8;
/// A page without the end of a packet has no position.
const NO_POSITION: u64 = u64::MAX;

/// The first page of a stream of sound.
struct Stream {
    serial: u32,
    measure: AudioMeasure,
    /// Positions per second; Opus counts at a rate of its own.
    clock: u32,
    /// Samples at the beginning that are not played.
    skipped: u64,
}

pub(super) fn measure(window: &mut Window<'_>) -> Option<AudioMeasure> {
    let stream = first_pages(window)?;
    let mut measure = stream.measure;
    let (end, cut) = last_position(window, stream.serial);
    if let Some(end) = end {
        measure.seconds = Some(end.saturating_sub(stream.skipped) as f64 / f64::from(stream.clock.max(1)));
    }
    measure.odd = cut.then_some(Odd::Cut);
    Some(measure)
}

/// The first stream of sound: a file with pictures has theirs before.
fn first_pages(window: &mut Window<'_>) -> Option<Stream> {
    let mut at = 0_u64;
    for _ in 0..MAX_STREAMS {
        if !window.has(at, b"OggS") {
            return None;
        }
        let serial = window.le32(at.checked_add(14)?)?;
        let segments = window.byte(at.checked_add(26)?)?;
        let table = at.checked_add(27)?;
        let data = table.checked_add(u64::from(segments))?;
        let length: u64 =
            window.bytes(table, usize::from(segments))?.iter().map(|&byte| u64::from(byte)).sum();
        if let Some((measure, clock, skipped)) = codec(window, data) {
            return Some(Stream { serial, measure, clock, skipped });
        }
        at = data.checked_add(length)?;
    }
    None
}

fn codec(window: &mut Window<'_>, at: u64) -> Option<(AudioMeasure, u32, u64)> {
    let head: [u8; 20] = window.array(at)?;
    let le32 =
        |from: usize| -> Option<u32> { Some(u32::from_le_bytes(head.get(from..from + 4)?.try_into().ok()?)) };
    if head.starts_with(b"\x01vorbis") {
        let (channels, rate) = (u16::from(*head.get(11)?), le32(12)?);
        return Some((AudioMeasure::new("vorbis", rate, channels), rate, 0));
    }
    if head.starts_with(b"OpusHead") {
        let (channels, skipped) =
            (u16::from(*head.get(9)?), u16::from_le_bytes([*head.get(10)?, *head.get(11)?]));
        // Opus always plays at 48 kHz; the header has the rate of what was coded.
        let rate = le32(12)?;
        let rate = if rate == 0 { 48_000 } else { rate };
        return Some((AudioMeasure::new("opus", rate, channels), 48_000, u64::from(skipped)));
    }
    if head.starts_with(b"\x7fFLAC") {
        let packed = window.be64(at.checked_add(27)?)?;
        let rate = u32::try_from(packed >> 44).ok()?;
        let mut measure = AudioMeasure::new("flac", rate, (packed >> 41 & 7) as u16 + 1);
        measure.bits = (packed >> 36 & 31) as u16 + 1;
        return Some((measure, rate, 0));
    }
    if head.starts_with(b"Speex   ") {
        let (rate, channels) = (window.le32(at.checked_add(36)?)?, window.le32(at.checked_add(48)?)?);
        return Some((AudioMeasure::new("speex", rate, u16::try_from(channels).ok()?), rate, 0));
    }
    None
}

/// The last position of a stream, and whether the file ends within its last page or before the stream does.
fn last_position(window: &mut Window<'_>, serial: u32) -> (Option<u64>, bool) {
    let length = window.length();
    let from = length.saturating_sub(LONGEST as u64);
    let tail = window.up_to(from, LONGEST);
    let mut cut = false;
    for at in (0..tail.len().saturating_sub(26)).rev() {
        let Some(page) = tail.get(at..).filter(|page| page.starts_with(b"OggS")) else { continue };
        let number = |from: usize, count: usize| -> Option<u64> {
            Some(
                page.get(from..from + count)?
                    .iter()
                    .rev()
                    .fold(0, |value, &byte| value << 8 | u64::from(byte)),
            )
        };
        if number(14, 4) != Some(u64::from(serial)) {
            continue;
        }
        let segments = page.get(26).map_or(0, |&count| usize::from(count));
        let whole = page.get(27..27 + segments).and_then(|table| {
            let bytes: usize = table.iter().map(|&byte| usize::from(byte)).sum();
            page.get(27 + segments..27 + segments + bytes)
        });
        cut |= whole.is_none();
        match number(6, 8) {
            Some(position) if position != NO_POSITION && whole.is_some() => return (Some(position), cut),
            _ => {}
        }
    }
    (None, cut)
}
