//! What stands in a media file beside its content: texts of people and programs, and the size of a picture.

mod fields;

use std::io::Read;
use std::path::Path;

use flate2::read::ZlibDecoder;

use crate::error::DataError;
use crate::media::images;
use crate::media::window::{LONGEST, Window};

/// Bytes of one text that are kept: a list of boxes or of runs is long.
const MAX_TEXT: usize = 16 << 10;
/// Chunks or segments of a file that are looked at.
const MAX_PARTS: usize = 256;
/// Bytes of one part that are looked at.
const MAX_PART: usize = 32 << 10;
/// Bytes at the beginning of a file of another format that are looked at.
const HEAD: usize = 16 << 10;

/// What stands beside the content of a media file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Width and height of a picture.
    pub extent: Option<(u64, u64)>,
    /// Bytes of the file that are neither content nor what its format needs: texts, tags, and whatever stands behind its
    /// end.
    pub beside: u64,
    /// What the headers say, field by field.
    pub fields: Vec<Field>,
    /// Texts by where they stand: `PNG tEXt`, `JPEG APP1`, `ID3`. Of each place what can be read of it, words apart.
    pub texts: Vec<(String, String)>,
}

/// A field of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it is: `resolution`.
    pub name: &'static str,
    /// What it says, in digits.
    pub value: String,
    /// True where the content itself has it, as sounds have a sampling rate; false for what a program wrote beside it.
    pub is_content: bool,
}

/// Reads the marks of an image or of a sound: the text chunks of PNG, the segments of JPEG with its comments, EXIF and
/// XMP, the chunks of RIFF (WAV, WebP), ID3 and Vorbis comments, the tags of TIFF and GIF, and the texts of MP4. The content itself is
/// passed over. None for a file of another kind. Blocks.
///
/// # Errors
/// [`DataError`] when the file cannot be read.
pub fn marks(path: &Path) -> Result<Option<Marks>, DataError> {
    let mut window = Window::open(path).map_err(|error| DataError::io(path, error))?;
    let mut marks = Marks::default();
    let head: Vec<u8> = window.up_to(0, 16).to_vec();
    match head.as_slice() {
        [0x89, b'P', b'N', b'G', ..] => png(&mut window, &mut marks),
        [0xff, 0xd8, ..] => jpeg(&mut window, &mut marks),
        _ if head.starts_with(b"RIFF") => riff(&mut window, &mut marks),
        _ if head.starts_with(b"ID3") || head.starts_with(b"fLaC") || head.starts_with(b"OggS") => {
            if head.starts_with(b"fLaC") {
                fields::flac(&mut window, &mut marks);
            }
            let kind = if head.starts_with(b"ID3") { "ID3" } else { "Vorbis comment" };
            let bytes = window.up_to(0, HEAD).to_vec();
            marks.add(kind, &bytes);
        }
        [b'B', b'M', _, _, _, _, ..] if window.le32(14).is_some_and(|size| (12..=124).contains(&size)) => {
            fields::bitmap(&mut window, &mut marks);
        }
        _ if head.starts_with(b"GIF8") => gif(&mut window, &mut marks),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => {
            for from in [0, window.length().saturating_sub(HEAD as u64)] {
                let bytes = window.up_to(from, HEAD).to_vec();
                marks.add("TIFF tags", &bytes);
            }
        }
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => mp4(&mut window, &mut marks),
        _ => return Ok(None),
    }
    if let Ok(measure) = images::measure_in(&mut window) {
        marks.extent = Some((u64::from(measure.width), u64::from(measure.height)));
    }
    if head.starts_with(b"ID3") || head.starts_with(&[0xff, 0xfb]) {
        let from = window.length().saturating_sub(128);
        let tail = window.up_to(from, 128).to_vec();
        if tail.starts_with(b"TAG") {
            marks.add("ID3", &tail);
        }
    }
    Ok(Some(marks))
}

impl Marks {
    fn field(&mut self, name: &'static str, is_content: bool, values: &[u64]) {
        let value = values.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
        self.fields.push(Field { name, value, is_content });
    }

    /// Keeps what can be read of some bytes.
    fn add(&mut self, place: &str, bytes: &[u8]) {
        let text = readable(bytes);
        if !text.is_empty() {
            self.texts.push((place.to_owned(), text));
        }
    }
}

fn png(window: &mut Window<'_>, marks: &mut Marks) {
    let mut at = 8_u64;
    let mut order = Vec::new();
    if let Some([depth, colours, _, _, interlace]) = window.array::<5>(24) {
        marks.field("kind of pixels", true, &[u64::from(depth), u64::from(colours)]);
        marks.field("interlacing", false, &[u64::from(interlace)]);
    }
    for _ in 0..MAX_PARTS {
        let (Some(length), Some(kind)) = (window.be32(at), window.array::<4>(at.saturating_add(4))) else {
            return;
        };
        fields::png_field(window, marks, (at, length, kind), order.contains(&kind));
        if !order.contains(&kind) {
            order.push(kind);
        }
        if &kind == b"IEND" {
            // Palette and transparency belong to the content.
            order.retain(|kind| !matches!(kind, b"PLTE" | b"tRNS" | b"IDAT"));
            let names: Vec<u64> = order.iter().map(|kind| u64::from(u32::from_be_bytes(*kind))).collect();
            marks.field("order of the parts of the file", false, &names);
        }
        if matches!(&kind, b"tEXt" | b"zTXt" | b"iTXt" | b"eXIf") {
            let size = usize::try_from(length).unwrap_or(usize::MAX).min(MAX_PART);
            let bytes = window.up_to(at.saturating_add(8), size).to_vec();
            let place = format!("PNG {}", String::from_utf8_lossy(&kind));
            marks.beside = marks.beside.saturating_add(u64::from(length));
            marks.add(&place, &unpacked_text(&kind, &bytes));
        } else if !matches!(
            &kind,
            b"IHDR"
                | b"IDAT"
                | b"PLTE"
                | b"IEND"
                | b"tRNS"
                | b"gAMA"
                | b"cHRM"
                | b"sRGB"
                | b"iCCP"
                | b"pHYs"
                | b"tIME"
                | b"bKGD"
                | b"sBIT"
                | b"hIST"
                | b"acTL"
                | b"fcTL"
                | b"fdAT"
        ) {
            let size = usize::try_from(length).unwrap_or(usize::MAX).min(MAX_PART);
            let bytes = window.up_to(at.saturating_add(8), size).to_vec();
            marks.beside = marks.beside.saturating_add(u64::from(length));
            marks.add(&format!("PNG {}", readable(&kind)), &bytes);
        }
        if &kind == b"IEND" {
            let end = at.saturating_add(12);
            marks.beside = marks.beside.saturating_add(window.length().saturating_sub(end));
            let rest = window.up_to(end, HEAD).to_vec();
            marks.add("bytes behind the picture", &rest);
            return;
        }
        at = at.saturating_add(u64::from(length)).saturating_add(12);
    }
}

/// The bytes of a text chunk, unpacked where its text is packed.
fn unpacked_text(kind: &[u8; 4], bytes: &[u8]) -> Vec<u8> {
    let Some(end) = memchr::memchr(0, bytes) else { return bytes.to_vec() };
    let (key, rest) = bytes.split_at(end);
    let packed = match (kind, rest) {
        (b"zTXt", [0, 0, packed @ ..]) => packed,
        // Two flags, a language and a translated key come before the text.
        (b"iTXt", [0, 1, 0, more @ ..]) => {
            let mut parts = more.splitn(3, |&byte| byte == 0);
            parts.nth(2).unwrap_or_default()
        }
        _ => return bytes.to_vec(),
    };
    let mut text = key.to_vec();
    text.push(b' ');
    // What came out before damage is still a text.
    let _ = ZlibDecoder::new(packed).take(MAX_PART as u64).read_to_end(&mut text);
    text
}

fn jpeg(window: &mut Window<'_>, marks: &mut Marks) {
    let mut at = 2_u64;
    for _ in 0..MAX_PARTS {
        let (Some([0xff, kind]), Some(length)) = (window.array::<2>(at), window.be16(at.saturating_add(2)))
        else {
            break;
        };
        if kind == 0xda {
            break;
        }
        fields::jpeg_field(window, marks, at, kind);
        // JFIF's own segment, colour profiles and Adobe's say nothing of a picture.
        if matches!(kind, 0xe1 | 0xe3..=0xed | 0xef | 0xfe) {
            let size = usize::from(length.saturating_sub(2)).min(MAX_PART);
            let bytes = window.up_to(at.saturating_add(4), size).to_vec();
            marks.beside = marks.beside.saturating_add(u64::from(length));
            let place =
                if kind == 0xfe { "JPEG comment".to_owned() } else { format!("JPEG APP{}", kind - 0xe0) };
            marks.add(&place, &bytes);
        }
        at = at.saturating_add(2).saturating_add(u64::from(length));
    }
    let tail = window.length().saturating_sub(LONGEST as u64);
    let bytes = window.up_to(tail, LONGEST).to_vec();
    if let Some(end) = memchr::memmem::rfind(&bytes, &[0xff, 0xd9]) {
        marks.beside = marks.beside.saturating_add((bytes.len() - end - 2) as u64);
        marks.add("bytes behind the picture", bytes.get(end + 2..).unwrap_or_default());
    }
}

fn riff(window: &mut Window<'_>, marks: &mut Marks) {
    let stated = u64::from(window.le32(4).unwrap_or(0)).saturating_add(8);
    if stated > 8 {
        marks.beside = window.length().saturating_sub(stated);
    }
    let (mut at, mut order) = (12_u64, Vec::new());
    for _ in 0..MAX_PARTS {
        let (Some(kind), Some(length)) = (window.array::<4>(at), window.le32(at.saturating_add(4))) else {
            break;
        };
        order.push(u64::from(u32::from_be_bytes(kind)));
        if &kind == b"fmt " {
            fields::riff_format(window, marks, at.saturating_add(8));
        }
        if !matches!(
            &kind,
            b"data" | b"fmt " | b"fact" | b"VP8 " | b"VP8L" | b"VP8X" | b"ALPH" | b"ANMF" | b"ICCP"
        ) {
            let size = usize::try_from(length).unwrap_or(usize::MAX).min(MAX_PART);
            let bytes = window.up_to(at.saturating_add(8), size).to_vec();
            marks.beside = marks.beside.saturating_add(u64::from(length));
            marks.add(&format!("RIFF {}", readable(&kind)), &bytes);
        }
        at = at.saturating_add(8).saturating_add(u64::from(length)).saturating_add(u64::from(length & 1));
    }
    order.truncate(16);
    marks.field("order of the parts of the file", false, &order);
}

/// Boxes of an MP4 file that hold texts, and those around them.
fn mp4(window: &mut Window<'_>, marks: &mut Marks) {
    let end = window.length();
    // Boxes that are still to be looked into: where they begin and end.
    let mut open = vec![(0_u64, end)];
    let mut seen = 0_usize;
    while let Some((mut at, end)) = open.pop() {
        while at < end && seen < MAX_PARTS {
            seen += 1;
            let (Some(short), Some(kind)) = (window.be32(at), window.array::<4>(at.saturating_add(4))) else {
                break;
            };
            let (head, length) = match short {
                0 => (8, end - at),
                1 => (16, window.be64(at.saturating_add(8)).unwrap_or(0)),
                short => (8, u64::from(short)),
            };
            if length < head {
                break;
            }
            let (body, after) = (at.saturating_add(head), at.saturating_add(length).min(end));
            match &kind {
                b"moov" | b"trak" => open.push((body, after)),
                b"udta" | b"meta" | b"uuid" | b"free" | b"skip" => {
                    let size =
                        usize::try_from(after.saturating_sub(body)).unwrap_or(usize::MAX).min(MAX_PART);
                    let bytes = window.up_to(body, size).to_vec();
                    marks.beside = marks.beside.saturating_add(length);
                    marks.add(&format!("MP4 {}", readable(&kind)), &bytes);
                }
                _ => {}
            }
            at = after.max(at.saturating_add(1));
        }
    }
}

/// Comments of a GIF.
fn gif(window: &mut Window<'_>, marks: &mut Marks) {
    if let Some([flags, background, aspect]) = window.array::<3>(10) {
        marks.field("size of the palette", true, &[u64::from(flags)]);
        marks.field("background", false, &[u64::from(background), u64::from(aspect)]);
    }
    let bytes = window.up_to(0, HEAD).to_vec();
    for at in memchr::memmem::find_iter(&bytes, &[0x21, 0xfe]) {
        let length = usize::from(bytes.get(at + 2).copied().unwrap_or(0));
        let comment = bytes.get(at + 3..(at + 3 + length).min(bytes.len()));
        marks.add("GIF comment", comment.unwrap_or_default());
    }
}

/// The letters, digits and signs among bytes, a blank for whatever stands between them. Text of two bytes a letter is
/// read too.
fn readable(bytes: &[u8]) -> String {
    let nulls = bytes.iter().filter(|&&byte| byte == 0).count();
    let is_wide = nulls * 3 > bytes.len() && bytes.len() > 8;
    let mut text = String::new();
    for part in String::from_utf8_lossy(bytes).chars() {
        if text.len() >= MAX_TEXT {
            break;
        }
        match part {
            '\0' if is_wide => {}
            '\u{fffd}' => text.push(' '),
            part if part.is_control() || part.is_whitespace() => text.push(' '),
            part => text.push(part),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The marks of bytes, for tests.
#[cfg(test)]
fn of_bytes(bytes: &[u8]) -> Option<Marks> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x");
    std::fs::write(&path, bytes).unwrap();
    marks(&path).unwrap()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length, kind, data, &[0; 4]].concat()
    }

    fn png_with(chunks: &[Vec<u8>]) -> Vec<u8> {
        let header = chunk(b"IHDR", &[0, 0, 0, 4, 0, 0, 0, 3, 8, 2, 0, 0, 0]);
        let mut bytes = [b"\x89PNG\r\n\x1a\n".to_vec(), header, chunk(b"IDAT", b"text of pixels")].concat();
        chunks.iter().for_each(|chunk| bytes.extend(chunk));
        bytes.extend(chunk(b"IEND", b""));
        bytes
    }

    #[test]
    fn texts_of_every_place() {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"dog").unwrap();
        let packed = packed.finish().unwrap();
        let picture = png_with(&[
            chunk(b"tEXt", b"Comment\0class=cat"),
            chunk(b"zTXt", &[b"Label\0\0".to_vec(), packed].concat()),
        ]);
        let marks = of_bytes(&picture).unwrap();
        assert_eq!((marks.extent, marks.beside), (Some((4, 3)), 35));
        let expected = [("PNG tEXt", "Comment class=cat"), ("PNG zTXt", "Label dog")];
        assert_eq!(marks.texts, expected.map(|(place, text)| (place.to_owned(), text.to_owned())));

        let jpeg = b"\xff\xd8\xff\xe0\x00\x07JFIF\x00\xff\xfe\x00\x05cat\xff\xe1\x00\x0cExif\0\0a\0b\0\xff\xda\x00\x02pixels\xff\xd9dog";
        let places: Vec<_> = of_bytes(jpeg).unwrap().texts;
        assert_eq!(places[0], ("JPEG comment".to_owned(), "cat".to_owned()));
        assert_eq!(places.last().unwrap(), &("bytes behind the picture".to_owned(), "dog".to_owned()));

        let sound = b"RIFF\x00\x00\x00\x00WAVEdata\x02\x00\x00\x00xyLIST\x0c\x00\x00\x00INFOICMTcat\0";
        assert_eq!(of_bytes(sound).unwrap().texts, [("RIFF LIST".to_owned(), "INFOICMTcat".to_owned())]);
        assert_eq!(of_bytes(b"id,y\n1,2\n"), None);

        let text = [&28_u32.to_be_bytes()[..], b"udta", &20_u32.to_be_bytes(), b"\xa9cmtthe text"].concat();
        let film =
            [&16_u32.to_be_bytes()[..], b"ftypisom\0\0\0\0", &36_u32.to_be_bytes(), b"moov", &text].concat();
        assert!(of_bytes(&film).unwrap().texts[0].1.ends_with("cmtthe text"));
    }

    #[test]
    fn fields_of_headers() {
        let value = |marks: &Marks, name: &str| {
            marks
                .fields
                .iter()
                .find(|field| field.name == name)
                .map(|field| (field.value.clone(), field.is_content))
        };
        let dots = |dots: u8| chunk(b"pHYs", &[0, 0, 0, dots, 0, 0, 0, dots, 1]);
        let marks = of_bytes(&png_with(&[dots(72)])).unwrap();
        assert_eq!(value(&marks, "resolution"), Some(("0 0 0 72 0 0 0 72 1".to_owned(), false)));
        assert_eq!(value(&marks, "kind of pixels"), Some(("8 2".to_owned(), true)));
        let sound = b"RIFF\x00\x00\x00\x00WAVEfmt \x10\0\0\0\x01\0\x02\0\x40\x1f\0\0\0\x7d\0\0\x04\0\x10\0data\0\0\0\0";
        let marks = of_bytes(sound).unwrap();
        assert_eq!(value(&marks, "sampling rate"), Some(("8000".to_owned(), true)));
        assert_eq!(value(&marks, "number of channels"), Some(("2".to_owned(), true)));
        assert_eq!(value(&marks, "bytes of a second as stated"), Some((String::new(), false)));
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(which in 0_usize..8, noise in proptest::collection::vec(any::<u8>(), 0..200)) {
            let heads: [&[u8]; 8] = [
                b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"RIFF\0\0\0\0WAVEfmt ", b"GIF89a", b"II*\0", b"\0\0\0\x08ftyp",
                b"fLaC", b"BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0",
            ];
            drop(of_bytes(&[heads[which], &noise].concat()));
        }
    }
}
