//! AVI: lists of chunks; the films themselves are never read.

use super::measure::{Content, MAX_TRACKS, Movie, Track};
use crate::media::window::Window;

/// Chunks that are looked at.
const MAX_CHUNKS: usize = 1_000;

/// A chunk: its name, for a list the list's name, and where its content lies.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    name: [u8; 4],
    list: [u8; 4],
    start: u64,
    end: u64,
}

/// What the headers before the film say.
#[derive(Default)]
struct Header {
    tracks: Vec<Track>,
    /// Millionths of a second of a picture, for a track that states no rate.
    per_picture: u32,
    /// Pictures of the whole film, which may reach over several parts of a file.
    all_pictures: Option<u32>,
}

/// Reads the headers of the streams.
pub(super) fn movie(window: &mut Window<'_>) -> Option<Movie> {
    let end = window.length();
    let (mut header, mut cut, mut at) = (Header::default(), false, 12);
    let announced = u64::from(window.le32(4)?).checked_add(8)?;
    let mut left = MAX_CHUNKS;
    while let Some(chunk) = next(window, at, end, &mut left) {
        if &chunk.list == b"hdrl" {
            read_header(window, chunk, &mut header, &mut left);
        }
        cut |= chunk.end > end;
        if &chunk.list == b"movi" {
            break;
        }
        at = chunk.end;
    }
    cut |= announced > end;
    Some(Movie { container: "avi", tracks: finish(header), seconds: None, cut })
}

fn next(window: &mut Window<'_>, at: u64, end: u64, left: &mut usize) -> Option<Chunk> {
    *left = left.checked_sub(1)?;
    if at.checked_add(8)? > end {
        return None;
    }
    let name = window.array::<4>(at)?;
    let length = u64::from(window.le32(at.checked_add(4)?)?);
    let start = at.checked_add(8)?;
    let mut chunk =
        Chunk { name, list: [0; 4], start, end: start.checked_add(length)?.checked_add(length % 2)? };
    if &name == b"LIST" {
        chunk.list = window.array(start)?;
        chunk.start = start.checked_add(4)?;
    }
    Some(chunk)
}

fn read_header(window: &mut Window<'_>, list: Chunk, header: &mut Header, left: &mut usize) {
    let end = list.end.min(window.length());
    let mut at = list.start;
    while let Some(chunk) = next(window, at, end, left) {
        match (&chunk.name, &chunk.list) {
            (b"avih", _) => header.per_picture = window.le32(chunk.start).unwrap_or(0),
            (_, b"strl") if header.tracks.len() < MAX_TRACKS => {
                header.tracks.extend(read_stream(window, chunk, left));
            }
            (_, b"odml") if window.has(chunk.start, b"dmlh") => {
                header.all_pictures = window.le32(chunk.start.saturating_add(8)).filter(|count| *count > 0);
            }
            _ => {}
        }
        at = chunk.end;
    }
}

fn read_stream(window: &mut Window<'_>, list: Chunk, left: &mut usize) -> Option<Track> {
    let end = list.end.min(window.length());
    let (mut head, mut format) = (None, None);
    let mut at = list.start;
    while let Some(chunk) = next(window, at, end, left) {
        match &chunk.name {
            b"strh" => head = Some(chunk.start),
            b"strf" => format = Some(chunk.start),
            _ => {}
        }
        at = chunk.end;
    }
    let (head, format) = (head?, format?);
    let field = |window: &mut Window<'_>, offset: u64| window.le32(head.saturating_add(offset)).unwrap_or(0);
    let (scale, per_scale, length) = (field(window, 20), field(window, 24), field(window, 32));
    let rate = (scale > 0 && per_scale > 0).then(|| f64::from(per_scale) / f64::from(scale));
    let seconds = rate.map(|rate| f64::from(length) / rate).filter(|seconds| *seconds > 0.0);
    match &window.array::<4>(head)? {
        b"vids" => {
            let side =
                |value: Option<u32>| value.map_or(0, |v| i32::from_le_bytes(v.to_le_bytes()).unsigned_abs());
            let (width, height) =
                (side(window.le32(format.saturating_add(4))), side(window.le32(format.saturating_add(8))));
            let codec = codec(window.array(format.saturating_add(16))?);
            Some(Track { codec, content: Content::Picture { width, height, rate }, seconds })
        }
        b"auds" => {
            let (tag, channels) = (window.le16(format)?, window.le16(format.saturating_add(2))?);
            let rate = window.le32(format.saturating_add(4))?;
            let content = Content::Sound { rate, channels, bits: 0 };
            Some(Track { codec: format!("0x{tag:04x}"), content, seconds })
        }
        _ => None,
    }
}

/// Four letters, or a number for the formats without compression.
fn codec(name: [u8; 4]) -> String {
    if name.iter().all(|&byte| byte.is_ascii_graphic() || byte == b' ') {
        return String::from_utf8_lossy(&name).trim().to_string();
    }
    let number = u32::from_le_bytes(name);
    if number == 0 { String::from("raw") } else { format!("0x{number:08x}") }
}

fn finish(header: Header) -> Vec<Track> {
    let of_film = (header.per_picture > 0).then(|| 1e6 / f64::from(header.per_picture));
    let mut tracks = header.tracks;
    for track in &mut tracks {
        let Content::Picture { rate, .. } = &mut track.content else { continue };
        *rate = rate.or(of_film);
        let whole = header.all_pictures.zip(*rate).map(|(count, rate)| f64::from(count) / rate);
        track.seconds = whole.filter(|whole| track.seconds.is_none_or(|own| *whole > own)).or(track.seconds);
    }
    tracks
}
