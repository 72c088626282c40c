//! MP4 and QuickTime: boxes within boxes. The samples themselves are never read.

use super::measure::{Content, MAX_TRACKS, Movie, Track};
use crate::media::window::Window;

/// Boxes that are looked at in a file, at all depths: a fragmented film has four for each second or so.
const MAX_BOXES: usize = 200_000;
/// Entries of a table of sample durations.
const MAX_ENTRIES: u64 = 200_000;

/// A box: its name and where its content lies.
#[derive(Debug, Clone, Copy)]
struct Boxed {
    name: [u8; 4],
    start: u64,
    end: u64,
}

/// What has been learnt of a track.
#[derive(Default)]
struct Raw {
    id: u32,
    handler: [u8; 4],
    timescale: u32,
    /// In units of the time scale.
    duration: u64,
    samples: u64,
    codec: Option<[u8; 4]>,
    /// Size or rate and channels, from the description of samples.
    width: u32,
    height: u32,
    rate: u32,
    channels: u16,
    bits: u16,
    /// Size at which the track is shown.
    shown: (u32, u32),
    /// Duration of a sample of a fragment that states none.
    default_duration: u32,
}

/// Reads the tracks of a file.
pub(super) fn movie(window: &mut Window<'_>) -> Option<Movie> {
    let mut reader = Reader { boxes: 0, tracks: Vec::new(), timescale: 0, duration: 0 };
    let container = if window.has(4, b"ftyp") && !window.has(8, b"qt  ") { "mp4" } else { "quicktime" };
    let mut cut = false;
    let mut at = 0;
    let end = window.length();
    while let Some(found) = reader.next(window, at, end) {
        cut |= found.end > end;
        match &found.name {
            b"moov" => reader.moov(window, found),
            b"moof" => reader.moof(window, found),
            _ => {}
        }
        at = found.end;
    }
    let seconds = seconds(reader.duration, reader.timescale);
    // Of more fragments than are looked at, the durations are not known.
    let is_whole = reader.boxes <= MAX_BOXES;
    let tracks: Vec<Track> = reader.tracks.iter().filter_map(|raw| finish(raw, is_whole)).collect();
    Some(Movie { container, tracks, seconds, cut })
}

struct Reader {
    boxes: usize,
    tracks: Vec<Raw>,
    timescale: u32,
    duration: u64,
}

impl Reader {
    /// The box at `at`, which may reach behind `end` when the file is cut.
    fn next(&mut self, window: &mut Window<'_>, at: u64, end: u64) -> Option<Boxed> {
        self.boxes += 1;
        if self.boxes > MAX_BOXES || at.checked_add(8)? > end {
            return None;
        }
        let name = window.array::<4>(at.checked_add(4)?)?;
        let (length, header) = match window.be32(at)? {
            // To the end of the file.
            0 => (end.checked_sub(at)?, 8),
            1 => (window.be64(at.checked_add(8)?)?, 16),
            length => (u64::from(length), 8),
        };
        if length < header {
            return None;
        }
        Some(Boxed { name, start: at.checked_add(header)?, end: at.checked_add(length)? })
    }

    /// All boxes within another.
    fn inside(&mut self, window: &mut Window<'_>, outer: Boxed) -> Vec<Boxed> {
        let mut found = Vec::new();
        let mut at = outer.start;
        let end = outer.end.min(window.length());
        while let Some(inner) = self.next(window, at, end) {
            at = inner.end;
            found.push(inner);
        }
        found
    }

    fn moov(&mut self, window: &mut Window<'_>, moov: Boxed) {
        for inner in self.inside(window, moov) {
            match &inner.name {
                b"mvhd" => {
                    if let Some((timescale, duration)) = times(window, inner) {
                        (self.timescale, self.duration) = (timescale, duration);
                    }
                }
                b"trak" if self.tracks.len() < MAX_TRACKS => {
                    let mut raw = Raw::default();
                    self.track(window, inner, &mut raw, 0);
                    self.tracks.push(raw);
                }
                b"mvex" => self.fragment_defaults(window, inner),
                _ => {}
            }
        }
    }

    /// Gathers what the boxes of a track say; those that matter lie in a fixed chain of others.
    fn track(&mut self, window: &mut Window<'_>, outer: Boxed, raw: &mut Raw, depth: usize) {
        for inner in self.inside(window, outer) {
            match &inner.name {
                b"mdia" | b"minf" | b"stbl" if depth < 3 => self.track(window, inner, raw, depth + 1),
                b"tkhd" => shown(window, inner, raw),
                b"mdhd" => {
                    if let Some((timescale, duration)) = times(window, inner) {
                        (raw.timescale, raw.duration) = (timescale, duration);
                    }
                }
                b"hdlr" if depth == 1 => {
                    raw.handler = window.array(inner.start.saturating_add(8)).unwrap_or_default();
                }
                b"stsd" => description(window, inner, raw),
                b"stts" => count_samples(window, inner, raw),
                _ => {}
            }
        }
    }

    fn fragment_defaults(&mut self, window: &mut Window<'_>, mvex: Boxed) {
        for inner in self.inside(window, mvex) {
            if &inner.name != b"trex" {
                continue;
            }
            let (id, duration) =
                (window.be32(inner.start.saturating_add(4)), window.be32(inner.start.saturating_add(12)));
            if let Some(track) = self.tracks.iter_mut().find(|track| Some(track.id) == id) {
                track.default_duration = duration.unwrap_or(0);
            }
        }
    }

    fn moof(&mut self, window: &mut Window<'_>, moof: Boxed) {
        for traf in self.inside(window, moof) {
            if &traf.name == b"traf" {
                let inner = self.inside(window, traf);
                self.fragment(window, &inner);
            }
        }
    }

    /// Adds the samples of one fragment to its track.
    fn fragment(&mut self, window: &mut Window<'_>, boxes: &[Boxed]) -> Option<()> {
        let header = boxes.iter().find(|inner| &inner.name == b"tfhd")?;
        let (flags, id) = (window.be32(header.start)?, window.be32(header.start.checked_add(4)?)?);
        let track = self.tracks.iter_mut().find(|track| track.id == id)?;
        let mut duration = track.default_duration;
        if flags & 8 != 0 {
            let before = if flags & 1 != 0 { 8 } else { 0 } + if flags & 2 != 0 { 4 } else { 0 };
            duration = window.be32(header.start.checked_add(8 + before)?)?;
        }
        for run in boxes.iter().filter(|inner| &inner.name == b"trun") {
            let (count, lasting) = run_of_samples(window, *run, duration)?;
            track.samples = track.samples.saturating_add(count);
            track.duration = track.duration.saturating_add(lasting);
        }
        Some(())
    }
}

/// Number of samples of a run, and their durations together.
fn run_of_samples(window: &mut Window<'_>, run: Boxed, default: u32) -> Option<(u64, u64)> {
    let (flags, count) = (window.be32(run.start)? & 0x00ff_ffff, window.be32(run.start.checked_add(4)?)?);
    let optional = |flag: u32| if flags & flag != 0 { 4_u64 } else { 0 };
    let first = run.start.checked_add(8 + optional(1) + optional(4))?;
    let size = [0x100, 0x200, 0x400, 0x800].into_iter().map(optional).sum::<u64>();
    // What does not fit into the box is not there, whatever its count says.
    let room = run.end.min(window.length()).saturating_sub(first);
    let count = u64::from(count).min(room.checked_div(size).unwrap_or(u64::MAX));
    if flags & 0x100 == 0 {
        return Some((count, count.saturating_mul(u64::from(default))));
    }
    let mut lasting = 0_u64;
    for i in 0..count.min(MAX_ENTRIES) {
        lasting = lasting.saturating_add(u64::from(window.be32(first.checked_add(i * size)?)?));
    }
    if count > MAX_ENTRIES {
        lasting = (lasting / MAX_ENTRIES).saturating_mul(count);
    }
    Some((count, lasting))
}

/// Time scale and duration of a header of a film or of a track's media.
fn times(window: &mut Window<'_>, header: Boxed) -> Option<(u32, u64)> {
    let at = header.start;
    if window.byte(at)? == 1 {
        let duration = window.be64(at.checked_add(24)?)?;
        return Some((window.be32(at.checked_add(20)?)?, if duration == u64::MAX { 0 } else { duration }));
    }
    let duration = window.be32(at.checked_add(16)?)?;
    let duration = if duration == u32::MAX { 0 } else { u64::from(duration) };
    Some((window.be32(at.checked_add(12)?)?, duration))
}

/// The track's number and the size at which it is shown (whole numbers with 16 bits of fraction).
fn shown(window: &mut Window<'_>, header: Boxed, raw: &mut Raw) {
    let long = window.byte(header.start) == Some(1);
    let at = |short: u64, longer: u64| header.start.saturating_add(if long { longer } else { short });
    raw.id = window.be32(at(12, 20)).unwrap_or(0);
    let size = (window.be32(at(76, 88)), window.be32(at(80, 92)));
    raw.shown = (size.0.unwrap_or(0) >> 16, size.1.unwrap_or(0) >> 16);
}

/// The first description of samples: the codec, and what every codec of its kind states.
fn description(window: &mut Window<'_>, stsd: Boxed, raw: &mut Raw) {
    let entry = stsd.start.saturating_add(8);
    let at = |offset: u64| entry.saturating_add(offset);
    raw.codec = window.array(at(4));
    match &raw.handler {
        b"vide" => {
            raw.width = window.be16(at(32)).map_or(0, u32::from);
            raw.height = window.be16(at(34)).map_or(0, u32::from);
        }
        b"soun" => {
            raw.channels = window.be16(at(24)).unwrap_or(0);
            raw.bits = window.be16(at(26)).unwrap_or(0);
            raw.rate = window.be32(at(32)).unwrap_or(0) >> 16;
            // QuickTime's second version has them elsewhere.
            if window.be16(at(16)) == Some(2) {
                raw.rate = window.array(at(40)).map_or(0, |bytes| f64::from_be_bytes(bytes) as u32);
                raw.channels = window.be32(at(48)).and_then(|count| u16::try_from(count).ok()).unwrap_or(0);
                raw.bits = window.be32(at(56)).and_then(|bits| u16::try_from(bits).ok()).unwrap_or(0);
            }
        }
        _ => {}
    }
}

/// Adds up the table of how many samples last how long.
fn count_samples(window: &mut Window<'_>, stts: Boxed, raw: &mut Raw) {
    let room = stts.end.min(window.length()).saturating_sub(stts.start) / 8;
    let entries = window.be32(stts.start.saturating_add(4)).map_or(0, u64::from);
    // Of a longer table the number of samples is not known, and with it the rate.
    if entries > MAX_ENTRIES {
        return;
    }
    for i in 0..entries.min(room) {
        let count = window.be32(stts.start.saturating_add(8 + 8 * i)).unwrap_or(0);
        raw.samples = raw.samples.saturating_add(u64::from(count));
    }
}

fn seconds(duration: u64, timescale: u32) -> Option<f64> {
    (duration > 0 && timescale > 0).then(|| duration as f64 / f64::from(timescale))
}

fn finish(raw: &Raw, is_whole: bool) -> Option<Track> {
    let seconds = seconds(raw.duration, raw.timescale).filter(|_| is_whole);
    let codec = String::from_utf8_lossy(&raw.codec?).trim().to_string();
    let content = match &raw.handler {
        b"vide" => {
            let rate = seconds.map(|seconds| raw.samples as f64 / seconds).filter(|rate| *rate > 0.0);
            let (width, height) = if raw.width > 0 { (raw.width, raw.height) } else { raw.shown };
            Content::Picture { width, height, rate }
        }
        b"soun" => {
            // Rates above 16 bits are stated by the time scale only.
            let rate = if raw.rate > 0 { raw.rate } else { raw.timescale };
            Content::Sound { rate, channels: raw.channels, bits: raw.bits }
        }
        _ => return None,
    };
    Some(Track { codec, content, seconds })
}
