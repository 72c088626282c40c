//! Reads what is left of a ZIP without its directory, which stands at its end and is lost when it is cut.

use std::io::{self, BufRead};

use flate2::bufread::DeflateDecoder;

use crate::source::unpack::oddity::Oddity;
use crate::source::unpack::sink::{Exactly, Sink, Stop};

const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";
/// Bytes between a member and the next header: sizes and a checksum, with or without a mark.
const MAX_GAP: usize = 24;
const IS_ENCRYPTED: u16 = 1;
const SIZES_FOLLOW: u16 = 8;

/// Reads the members from the beginning of the file as far as they go. `why` the directory cannot be read.
pub(super) fn read(mut input: impl BufRead, sink: &mut Sink<'_>, why: &str) -> Result<(), Stop> {
    loop {
        let header = match Header::next(&mut input) {
            Ok(Some(header)) => header,
            Ok(None) | Err(_) => return Err(Stop::Damaged(why.to_string())),
        };
        if let Some(damage) = member(&header, &mut input, sink)? {
            return Err(Stop::Damaged(damage));
        }
    }
}

fn member(header: &Header, input: &mut impl BufRead, sink: &mut Sink<'_>) -> Result<Option<String>, Stop> {
    let name = String::from_utf8_lossy(&header.name);
    let is_folder = name.ends_with('/');
    match (header.method, header.packed_bytes) {
        (_, Some(bytes)) if is_folder || header.is_encrypted || !matches!(header.method, 0 | 8) => {
            if !is_folder {
                let oddity = if header.is_encrypted { Oddity::Encrypted } else { Oddity::Unsupported };
                sink.oddities.add(oddity, &name);
            }
            sink.drain(&mut Exactly::new(input, bytes))
        }
        (0, Some(bytes)) => sink.keep(&name, None, &mut Exactly::new(input, bytes)),
        // The data know their own end.
        (8, _) if !header.is_encrypted => sink.keep(&name, header.bytes, &mut DeflateDecoder::new(input)),
        _ if is_folder => Ok(None),
        _ => Ok(Some(String::from("the size of a member is written behind it"))),
    }
}

/// What stands before a member.
struct Header {
    method: u16,
    is_encrypted: bool,
    packed_bytes: Option<u64>,
    bytes: Option<u64>,
    name: Vec<u8>,
}

impl Header {
    /// The next header, which is at hand or a few bytes away; none when there is something else.
    fn next(input: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut window = [0; 4];
        input.read_exact(&mut window)?;
        let mut gap = 0;
        while window != LOCAL_HEADER {
            if gap == MAX_GAP {
                return Ok(None);
            }
            window.rotate_left(1);
            input.read_exact(&mut window[3..])?;
            gap += 1;
        }
        Self::read(input).map(Some)
    }

    fn read(input: &mut impl BufRead) -> io::Result<Self> {
        let mut fixed = [0; 26];
        input.read_exact(&mut fixed)?;
        let short = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
        let long = |at: usize| u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
        let flags = short(2);
        let mut name = vec![0; usize::from(short(22))];
        input.read_exact(&mut name)?;
        let mut extra = vec![0; usize::from(short(24))];
        input.read_exact(&mut extra)?;
        let (mut packed_bytes, mut bytes) = (Some(u64::from(long(14))), Some(u64::from(long(18))));
        if long(14) == u32::MAX || long(18) == u32::MAX {
            (bytes, packed_bytes) = wide_sizes(&extra);
        }
        if flags & SIZES_FOLLOW != 0 && packed_bytes == Some(0) {
            (packed_bytes, bytes) = (None, None);
        }
        Ok(Self { method: short(4), is_encrypted: flags & IS_ENCRYPTED != 0, packed_bytes, bytes, name })
    }
}

/// The sizes of a member of more than four gigabytes: unpacked and packed.
fn wide_sizes(mut extra: &[u8]) -> (Option<u64>, Option<u64>) {
    while let [kind0, kind1, length0, length1, rest @ ..] = extra {
        let length = usize::from(u16::from_le_bytes([*length0, *length1]));
        let Some(field) = rest.get(..length) else { break };
        if [*kind0, *kind1] == [1, 0] {
            let wide = |at: usize| field.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
            return (wide(0), wide(8));
        }
        extra = &rest[length..];
    }
    (None, None)
}
