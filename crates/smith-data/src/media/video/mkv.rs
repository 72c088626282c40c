//! Matroska and WebM: elements within elements (EBML). The blocks themselves are never read.

use std::collections::BTreeMap;

use super::measure::{Content, MAX_TRACKS, Movie, Track};
use crate::media::window::Window;

/// Elements that are looked at in a file.
const MAX_ELEMENTS: usize = 200_000;
/// Blocks from which the rate of a track is found that states none.
const RATE_BLOCKS: u64 = 300;
/// Longest name of a codec.
const MAX_NAME: u64 = 64;

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TRACKS: u32 = 0x1654_ae6b;
const CLUSTER: u32 = 0x1f43_b675;

/// An element; `end` is none when the writer did not know.
#[derive(Debug, Clone, Copy)]
struct Element {
    id: u32,
    start: u64,
    end: Option<u64>,
}

/// What has been learnt of a track.
#[derive(Default)]
struct Raw {
    number: u64,
    kind: u64,
    codec: String,
    /// Billionths of a second of a frame.
    frame: u64,
    width: u64,
    height: u64,
    rate: f64,
    channels: u64,
    bits: u64,
}

/// Blocks of one track.
#[derive(Default)]
struct Blocks {
    count: u64,
    first: i64,
    last: i64,
}

struct Reader {
    elements: usize,
    /// Billionths of a second of a unit of time.
    scale: u64,
    duration: f64,
    tracks: Vec<Raw>,
    blocks: BTreeMap<u64, Blocks>,
    /// Time of the last block, in units.
    last: i64,
}

/// Reads the tracks of a file.
pub(super) fn movie(window: &mut Window<'_>) -> Option<Movie> {
    let mut reader = Reader {
        elements: 0,
        scale: 1_000_000,
        duration: 0.0,
        tracks: Vec::new(),
        blocks: BTreeMap::new(),
        last: 0,
    };
    let header = reader.element(window, 0)?;
    let kind = reader.find(window, header, 0x4282).and_then(|found| text(window, found));
    let container = if kind.as_deref() == Some("webm") { "webm" } else { "matroska" };
    let mut at = header.end?;
    let mut cut = false;
    while let Some(element) = reader.element(window, at) {
        if element.id == SEGMENT {
            cut = element.end.is_some_and(|end| end > window.length());
            reader.segment(window, element);
            break;
        }
        at = element.end?;
    }
    let seconds = reader.seconds();
    let tracks = reader.tracks.iter().filter_map(|raw| reader.finish(raw)).collect();
    Some(Movie { container, tracks, seconds, cut })
}

impl Reader {
    fn element(&mut self, window: &mut Window<'_>, at: u64) -> Option<Element> {
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return None;
        }
        let (id, id_length) = number(window, at, 4, false)?;
        let (length, length_length) = number(window, at.checked_add(id_length)?, 8, true)?;
        let start = at.checked_add(id_length)?.checked_add(length_length)?;
        let open = length == u64::MAX;
        let end = if open { None } else { Some(start.checked_add(length)?) };
        Some(Element { id: u32::try_from(id).ok()?, start, end })
    }

    /// The elements within one of known length, as far as the file goes.
    fn inside(&mut self, window: &mut Window<'_>, outer: Element) -> Vec<Element> {
        let mut found = Vec::new();
        let mut at = outer.start;
        while outer.end.is_some_and(|end| at < end) {
            let Some(inner) = self.element(window, at) else { break };
            let Some(end) = inner.end else { break };
            found.push(inner);
            at = end;
        }
        found
    }

    fn find(&mut self, window: &mut Window<'_>, outer: Element, id: u32) -> Option<Element> {
        self.inside(window, outer).into_iter().find(|inner| inner.id == id)
    }

    /// Information and tracks; the clusters only for what these leave open.
    fn segment(&mut self, window: &mut Window<'_>, segment: Element) {
        let mut at = segment.start;
        let end = segment.end.unwrap_or(u64::MAX);
        while at < end {
            let Some(element) = self.element(window, at) else { break };
            match element.id {
                INFO => self.info(window, element),
                TRACKS => self.track_entries(window, element),
                CLUSTER => {
                    if self.is_complete() {
                        break;
                    }
                    at = self.cluster(window, element);
                    continue;
                }
                _ => {}
            }
            let Some(next) = element.end else { break };
            at = next;
        }
    }

    fn is_complete(&self) -> bool {
        let has_rate = |raw: &Raw| {
            raw.kind != 1
                || raw.frame > 0
                || self.blocks.get(&raw.number).is_some_and(|b| b.count >= RATE_BLOCKS)
        };
        self.duration > 0.0 && !self.tracks.is_empty() && self.tracks.iter().all(has_rate)
    }

    fn info(&mut self, window: &mut Window<'_>, info: Element) {
        for inner in self.inside(window, info) {
            match inner.id {
                0x2a_d7b1 => {
                    self.scale = unsigned(window, inner).filter(|scale| *scale > 0).unwrap_or(1_000_000);
                }
                0x4489 => self.duration = float(window, inner).filter(|d| d.is_finite()).unwrap_or(0.0),
                _ => {}
            }
        }
    }

    fn track_entries(&mut self, window: &mut Window<'_>, tracks: Element) {
        for entry in self.inside(window, tracks) {
            if entry.id == 0xae && self.tracks.len() < MAX_TRACKS {
                let mut raw = Raw { rate: 8000.0, channels: 1, ..Raw::default() };
                self.track(window, entry, &mut raw);
                self.tracks.push(raw);
            }
        }
    }

    fn track(&mut self, window: &mut Window<'_>, entry: Element, raw: &mut Raw) {
        for inner in self.inside(window, entry) {
            let value = |window: &mut Window<'_>| unsigned(window, inner).unwrap_or(0);
            match inner.id {
                0xd7 => raw.number = value(window),
                0x83 => raw.kind = value(window),
                0x86 => raw.codec = text(window, inner).unwrap_or_default(),
                0x23_e383 => raw.frame = value(window),
                0xe0 | 0xe1 => {
                    for detail in self.inside(window, inner) {
                        let value = |window: &mut Window<'_>| unsigned(window, detail).unwrap_or(0);
                        match detail.id {
                            0xb0 => raw.width = value(window),
                            0xba => raw.height = value(window),
                            0xb5 => raw.rate = float(window, detail).unwrap_or(0.0),
                            0x9f => raw.channels = value(window),
                            0x6264 => raw.bits = value(window),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Counts the blocks of a cluster; where the next element of the segment begins.
    fn cluster(&mut self, window: &mut Window<'_>, cluster: Element) -> u64 {
        let (mut at, mut time) = (cluster.start, 0);
        while cluster.end.is_none_or(|end| at < end) {
            let Some(inner) = self.element(window, at) else { return u64::MAX };
            match inner.id {
                // The next cluster or another part of the segment ends one of unknown length.
                CLUSTER | INFO | TRACKS | 0x1c53_bb6b | 0x114d_9b74 | 0x1254_c367 | 0x1043_a770
                | 0x1941_a469 => {
                    return at;
                }
                0xe7 => time = unsigned(window, inner).and_then(|time| i64::try_from(time).ok()).unwrap_or(0),
                0xa3 => self.block(window, inner, time),
                0xa0 => {
                    if let Some(block) = self.find(window, inner, 0xa1) {
                        self.block(window, block, time);
                    }
                }
                _ => {}
            }
            let Some(next) = inner.end else { return u64::MAX };
            at = next;
        }
        cluster.end.unwrap_or(u64::MAX)
    }

    /// A block's track and its time, which counts from that of its cluster.
    fn block(&mut self, window: &mut Window<'_>, block: Element, cluster: i64) {
        let Some((track, length)) = number(window, block.start, 8, true) else { return };
        let Some(offset) = window.array(block.start.saturating_add(length)) else { return };
        let time = cluster.saturating_add(i64::from(i16::from_be_bytes(offset)));
        self.last = self.last.max(time);
        if !self.tracks.iter().any(|raw| raw.number == track) {
            return;
        }
        let blocks = self.blocks.entry(track).or_insert(Blocks { count: 0, first: time, last: time });
        blocks.count += 1;
        blocks.first = blocks.first.min(time);
        blocks.last = blocks.last.max(time);
    }

    /// The stated duration, or the time of the last block and of the picture that begins with it.
    fn seconds(&self) -> Option<f64> {
        let of_units = |units: f64| (units > 0.0).then(|| units * self.scale as f64 / 1e9);
        if self.duration > 0.0 {
            return of_units(self.duration);
        }
        if self.elements > MAX_ELEMENTS {
            return None;
        }
        let picture = self.tracks.iter().filter(|raw| raw.kind == 1).find_map(|raw| self.rate(raw));
        of_units(self.last as f64).map(|seconds| seconds + picture.map_or(0.0, |rate| 1.0 / rate))
    }

    fn finish(&self, raw: &Raw) -> Option<Track> {
        let side = |value: u64| u32::try_from(value).unwrap_or(0);
        let content = match raw.kind {
            1 => Content::Picture { width: side(raw.width), height: side(raw.height), rate: self.rate(raw) },
            2 => Content::Sound {
                rate: raw.rate.round() as u32,
                channels: u16::try_from(raw.channels).unwrap_or(0),
                bits: u16::try_from(raw.bits).unwrap_or(0),
            },
            _ => return None,
        };
        Some(Track { codec: raw.codec.clone(), content, seconds: None })
    }

    fn rate(&self, raw: &Raw) -> Option<f64> {
        if raw.frame > 0 {
            return Some(1e9 / raw.frame as f64);
        }
        let blocks = self.blocks.get(&raw.number).filter(|blocks| blocks.count > 1)?;
        let span = blocks.last.saturating_sub(blocks.first) as f64 * self.scale as f64 / 1e9;
        (span > 0.0).then(|| (blocks.count - 1) as f64 / span)
    }
}

/// A number of one to `longest` bytes whose leading zeros state its length; with or without that mark. All ones
/// stand for an unknown length.
fn number(window: &mut Window<'_>, at: u64, longest: usize, strip: bool) -> Option<(u64, u64)> {
    let first = window.byte(at)?;
    let length = first.leading_zeros() as usize + 1;
    if length > longest {
        return None;
    }
    let bytes = window.bytes(at, length)?;
    let value = bytes.iter().fold(0_u64, |value, &byte| value << 8 | u64::from(byte));
    if !strip {
        return Some((value, length as u64));
    }
    let mask = (1_u64 << (7 * length)) - 1;
    let value = value & mask;
    Some((if value == mask { u64::MAX } else { value }, length as u64))
}

fn unsigned(window: &mut Window<'_>, element: Element) -> Option<u64> {
    let length =
        usize::try_from(element.end?.checked_sub(element.start)?).ok().filter(|length| *length <= 8)?;
    Some(window.bytes(element.start, length)?.iter().fold(0, |value, &byte| value << 8 | u64::from(byte)))
}

fn float(window: &mut Window<'_>, element: Element) -> Option<f64> {
    match element.end?.checked_sub(element.start)? {
        4 => window.array(element.start).map(f32::from_be_bytes).map(f64::from),
        8 => window.array(element.start).map(f64::from_be_bytes),
        _ => None,
    }
}

fn text(window: &mut Window<'_>, element: Element) -> Option<String> {
    let length = element.end?.checked_sub(element.start)?.min(MAX_NAME);
    let bytes = window.bytes(element.start, usize::try_from(length).ok()?)?;
    Some(crate::overview::display::one_line(
        String::from_utf8_lossy(bytes).trim_end_matches('\0'),
        MAX_NAME as usize,
    ))
}
