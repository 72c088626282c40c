//! MP3 and the other layers of MPEG audio, and AAC in ADTS frames.

use super::measure::{AudioMeasure, Odd};
use crate::media::window::Window;

/// Bytes in which the first frame is looked for.
const SEARCH: usize = 16 << 10;
/// Frames that are walked through when nothing states their number: two hours or so.
const MAX_FRAMES: u64 = 300_000;
/// Frames of one bit rate, one after the other, that make it likely that all are.
const SAMPLE: u64 = 64;

/// Where the sound begins: behind the tags of ID3.
pub(super) fn after_tags(window: &mut Window<'_>) -> u64 {
    let mut at = 0_u64;
    for _ in 0..4 {
        let Some([b'I', b'D', b'3', _, _, flags, a, b, c, d]) = window.array(at) else { break };
        let length = [a, b, c, d].into_iter().fold(0_u64, |sum, byte| sum << 7 | u64::from(byte & 0x7f));
        let footer = if flags & 0x10 == 0 { 0 } else { 10 };
        at = at.saturating_add(10).saturating_add(length).saturating_add(footer);
    }
    at
}

/// A frame's header.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Frame {
    codec: &'static str,
    rate: u32,
    channels: u16,
    /// Samples of each channel.
    samples: u32,
    /// Bytes, header included.
    length: u32,
    /// Thousands of bits per second; 0 for AAC, whose frames all differ.
    bit_rate: u32,
    /// Where the description of the whole stream stands in a first frame.
    side: u32,
}

impl Frame {
    /// True when both may belong to one stream.
    fn fits(&self, other: &Self) -> bool {
        (self.codec, self.rate, self.samples) == (other.codec, other.rate, other.samples)
    }
}

pub(super) fn measure(window: &mut Window<'_>, start: u64) -> Option<AudioMeasure> {
    let (first_at, first) = first_frame(window, start)?;
    let end = end_of_sound(window);
    let measure = AudioMeasure::new(first.codec, first.rate, first.channels);
    if let Some((frames, bytes)) = described(window, first_at, &first) {
        let samples = u64::from(frames) * u64::from(first.samples);
        let mut measure = measure.lasting(samples);
        let there = end.saturating_sub(first_at);
        // The number of bytes may count the first frame or not.
        if bytes.is_some_and(|bytes| u64::from(bytes) > there.saturating_add(4 << 10)) {
            measure.odd = Some(Odd::Cut);
        }
        return Some(measure);
    }
    let walked = walk(window, first_at, &first, end);
    let samples = walked.frames.saturating_mul(u64::from(first.samples));
    // What was not walked through is as long as what was.
    let share = end.saturating_sub(first_at) as f64 / walked.bytes.max(1) as f64;
    let samples = if walked.stopped { (samples as f64 * share) as u64 } else { samples };
    Some(measure.lasting(samples))
}

/// The first frame that others of its kind follow.
fn first_frame(window: &mut Window<'_>, start: u64) -> Option<(u64, Frame)> {
    let head = window.up_to(start, SEARCH).to_vec();
    for offset in 0..head.len().saturating_sub(3) {
        let Some(frame) = head.get(offset..).and_then(frame) else { continue };
        let at = start.checked_add(offset as u64)?;
        let mut next = at.checked_add(u64::from(frame.length))?;
        let mut followers = 0;
        while followers < 2 {
            match frame_at(window, next).filter(|other| other.fits(&frame)) {
                Some(other) => next = next.checked_add(u64::from(other.length))?,
                None => break,
            }
            followers += 1;
        }
        // A file of one or two frames ends with the last of them.
        if followers == 2 || (offset == 0 && next >= window.length()) {
            return Some((at, frame));
        }
    }
    None
}

fn frame_at(window: &mut Window<'_>, at: u64) -> Option<Frame> {
    frame(window.up_to(at, 7))
}

fn frame(bytes: &[u8]) -> Option<Frame> {
    let &[0xff, second, third, fourth, ..] = bytes else { return None };
    if second & 0xf6 == 0xf0 {
        return adts(bytes);
    }
    if second & 0xe0 != 0xe0 {
        return None;
    }
    let version = second >> 3 & 3;
    let layer = 4 - (second >> 1 & 3);
    if version == 1 || layer == 4 {
        return None;
    }
    let is_first = version == 3;
    let kilobits = bit_rate(is_first, layer, usize::from(third >> 4))?;
    let halvings = match version {
        3 => 0,
        2 => 1,
        _ => 2,
    };
    let rate = [44_100_u32, 48_000, 32_000].get(usize::from(third >> 2 & 3))? >> halvings;
    let channels = if fourth >> 6 == 3 { 1 } else { 2 };
    let padding = u32::from(third >> 1 & 1);
    let (samples, length) = match layer {
        1 => (384, (12_000 * kilobits / rate + padding) * 4),
        3 if !is_first => (576, 72_000 * kilobits / rate + padding),
        _ => (1152, 144_000 * kilobits / rate + padding),
    };
    let side = match (is_first, channels) {
        (true, 2) => 36,
        (true, _) | (false, 2) => 21,
        _ => 13,
    };
    let codec = ["mp1", "mp2", "mp3"].get(usize::from(layer) - 1)?;
    Some(Frame { codec, rate, channels, samples, length, bit_rate: kilobits, side })
}

/// Thousands of bits per second.
fn bit_rate(is_first: bool, layer: u8, index: usize) -> Option<u32> {
    const RATES: [[u32; 14]; 5] = [
        [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ];
    let row = match (is_first, layer) {
        (true, 1) => 0,
        (true, 2) => 1,
        (true, _) => 2,
        (false, 1) => 3,
        (false, _) => 4,
    };
    RATES.get(row)?.get(index.checked_sub(1)?).copied()
}

fn adts(bytes: &[u8]) -> Option<Frame> {
    const RATES: [u32; 13] = [
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
    ];
    let &[_, _, third, fourth, fifth, sixth, seventh, ..] = bytes else { return None };
    let rate = *RATES.get(usize::from(third >> 2 & 15))?;
    let channels = u16::from(third & 1) << 2 | u16::from(fourth >> 6);
    let length = u32::from(fourth & 3) << 11 | u32::from(fifth) << 3 | u32::from(sixth >> 5);
    let samples = 1024 * (u32::from(seventh & 3) + 1);
    // Eight channels are written as seven; nought means that the stream itself says.
    let channels = match channels {
        0 => 1,
        7 => 8,
        channels => channels,
    };
    (length >= 7).then_some(Frame { codec: "aac", rate, channels, samples, length, bit_rate: 0, side: 0 })
}

/// Number of frames, and of bytes if it is there, from the first frame of a stream whose bit rate varies.
fn described(window: &mut Window<'_>, at: u64, first: &Frame) -> Option<(u32, Option<u32>)> {
    if first.codec != "mp3" {
        return None;
    }
    let note = at.checked_add(u64::from(first.side))?;
    if window.has(note, b"Xing") || window.has(note, b"Info") {
        let flags = window.be32(note.checked_add(4)?)?;
        let frames = (flags & 1 != 0).then(|| window.be32(note.saturating_add(8)))??;
        let bytes = (flags & 2 != 0).then(|| window.be32(note.saturating_add(12))).flatten();
        return (frames > 0).then_some((frames, bytes));
    }
    let note = at.checked_add(36)?;
    if window.has(note, b"VBRI") {
        let (bytes, frames) = (window.be32(note.checked_add(10)?)?, window.be32(note.checked_add(14)?)?);
        return (frames > 0).then_some((frames, Some(bytes)));
    }
    None
}

/// The end of the sound: before the tags that stand at the end of a file.
fn end_of_sound(window: &mut Window<'_>) -> u64 {
    let mut end = window.length();
    if window.has(end.saturating_sub(128), b"TAG") {
        end = end.saturating_sub(128);
    }
    if window.has(end.saturating_sub(32), b"APETAGEX") {
        let length = window.le32(end.saturating_sub(20)).map_or(0, u64::from);
        end = end.saturating_sub(length);
    }
    end
}

/// How far frames were followed.
struct Walked {
    frames: u64,
    bytes: u64,
    /// True when the rest was not looked at.
    stopped: bool,
}

fn walk(window: &mut Window<'_>, start: u64, first: &Frame, end: u64) -> Walked {
    let (mut at, mut frames, mut varies) = (start, 0, first.bit_rate == 0);
    while at < end && frames < MAX_FRAMES {
        if frames == SAMPLE && !varies {
            return Walked { frames, bytes: at - start, stopped: true };
        }
        let Some(frame) = frame_at(window, at).filter(|frame| frame.fits(first)) else { break };
        varies |= frame.bit_rate != first.bit_rate;
        at = at.saturating_add(u64::from(frame.length));
        frames += 1;
    }
    Walked { frames, bytes: at.saturating_sub(start), stopped: frames == MAX_FRAMES }
}
