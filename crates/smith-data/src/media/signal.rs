//! Pictures and sounds as numbers, for those who compare what is in them.

use std::fs;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::{ImageReader, Limits};

/// Larger files are not decoded.
const MAX_BYTES: u64 = 64 << 20;
/// Memory that a decoder may ask for.
const MAX_MEMORY: u64 = 512 << 20;
/// Largest width and height.
const MAX_SIDE: u32 = 20_000;
/// Chunks of a sound file that are looked through.
const MAX_CHUNKS: usize = 256;

/// A picture, shrunk to a square.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Picture {
    /// Width of the original in pixels.
    pub width: u32,
    /// Height of the original in pixels.
    pub height: u32,
    /// Points of the square row by row: red, green and blue between 0 and 1.
    pub points: Vec<[f32; 3]>,
    /// How opaque each point is, between 0 and 1; absent where all are alike.
    pub opacity: Option<Vec<f32>>,
}

/// The beginning of a sound.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Sound {
    /// Samples each second.
    pub rate: u32,
    /// Length of the whole sound in samples.
    pub length: u64,
    /// The mean of all channels, between -1 and 1.
    pub samples: Vec<f32>,
}

/// Decodes an image and shrinks it to `side` by `side` points. None for what is no image that can be decoded, for
/// files above 64 MiB and for pictures that need more than 512 MiB. Blocks.
#[must_use]
pub fn picture(path: &Path, side: u32) -> Option<Picture> {
    let bytes = read(path)?;
    // The decoders are others' work and the bytes are anybody's.
    catch_unwind(AssertUnwindSafe(|| decode(&bytes, side))).ok().flatten()
}

fn decode(bytes: &[u8], side: u32) -> Option<Picture> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    reader.limits(limits);
    let image = reader.decode().ok()?;
    let (width, height) = (image.width(), image.height());
    if width == 0 || height == 0 || side == 0 {
        return None;
    }
    let small = image.thumbnail_exact(side, side);
    let points = small.to_rgb32f().pixels().map(|pixel| pixel.0).collect();
    let opacity = small.color().has_alpha().then(|| {
        small.to_rgba32f().pixels().map(|pixel| pixel.0.last().copied().unwrap_or(1.0)).collect::<Vec<f32>>()
    });
    let opacity = opacity.filter(|all| all.iter().any(|one| Some(one) != all.first()));
    Some(Picture { width, height, points, opacity })
}

/// The first `most` samples of a WAV file of whole or floating numbers. None for anything else. Blocks.
#[must_use]
pub fn sound(path: &Path, most: usize) -> Option<Sound> {
    let bytes = read(path)?;
    if bytes.get(..4)? != b"RIFF" || bytes.get(8..12)? != b"WAVE" {
        return None;
    }
    let (mut at, mut format) = (12_usize, None);
    for _ in 0..MAX_CHUNKS {
        let name = bytes.get(at..at.checked_add(4)?)?;
        let length = usize::try_from(le32(&bytes, at.checked_add(4)?)?).ok()?;
        let data = at.checked_add(8)?;
        let body = bytes.get(data..data.saturating_add(length).min(bytes.len()))?;
        match name {
            b"fmt " => format = Some(Format::read(body)?),
            b"data" => return Some(format?.sound(body, most)),
            _ => {}
        }
        at = data.checked_add(length)?.checked_add(length % 2)?;
    }
    None
}

/// How samples are written.
struct Format {
    is_float: bool,
    channels: usize,
    rate: u32,
    bytes: usize,
}

impl Format {
    fn read(body: &[u8]) -> Option<Self> {
        let mut tag = le16(body, 0)?;
        // The extensible variety has the tag at the beginning of its identifier.
        if tag == 0xfffe {
            tag = le16(body, 24)?;
        }
        let (channels, rate, bits) = (le16(body, 2)?, le32(body, 4)?, le16(body, 14)?);
        let is_known = matches!((tag, bits), (1, 8 | 16 | 24 | 32) | (3, 32 | 64));
        (is_known && (1..=64).contains(&channels) && rate > 0).then(|| Self {
            is_float: tag == 3,
            channels: usize::from(channels),
            rate,
            bytes: usize::from(bits / 8),
        })
    }

    fn sound(&self, body: &[u8], most: usize) -> Sound {
        let frame = self.bytes * self.channels;
        let frames = body.chunks_exact(frame);
        let length = frames.len() as u64;
        let mean = |frame: &[u8]| {
            frame.chunks_exact(self.bytes).map(|sample| self.sample(sample)).sum::<f32>()
                / self.channels as f32
        };
        Sound { rate: self.rate, length, samples: frames.take(most).map(mean).collect() }
    }

    fn sample(&self, bytes: &[u8]) -> f32 {
        let value = match (self.is_float, bytes) {
            (false, [a]) => (f32::from(*a) - 128.0) / 128.0,
            (false, [a, b]) => f32::from(i16::from_le_bytes([*a, *b])) / 32_768.0,
            (false, [a, b, c]) => (i32::from_le_bytes([0, *a, *b, *c]) >> 8) as f32 / 8_388_608.0,
            (false, [a, b, c, d]) => i32::from_le_bytes([*a, *b, *c, *d]) as f32 / 2_147_483_648.0,
            (true, [a, b, c, d]) => f32::from_le_bytes([*a, *b, *c, *d]),
            (true, bytes) => bytes.try_into().map_or(0.0, |bytes| f64::from_le_bytes(bytes) as f32),
            _ => 0.0,
        };
        if value.is_finite() { value.clamp(-1.0, 1.0) } else { 0.0 }
    }
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let is_small = fs::metadata(path).is_ok_and(|facts| facts.is_file() && facts.len() <= MAX_BYTES);
    is_small.then(|| fs::read(path).ok()).flatten()
}

fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        (dir, path)
    }

    /// A WAV file of two channels.
    fn wav(tag: u16, bits: u16, body: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
        file.extend(tag.to_le_bytes());
        file.extend([2, 0, 0x40, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0]);
        file.extend(bits.to_le_bytes());
        file.extend(b"LIST\x02\0\0\0xxdata");
        file.extend((body.len() as u32).to_le_bytes());
        file.extend(body);
        file
    }

    #[test]
    fn samples_of_each_size_are_read() {
        let half = |bytes: &[u8]| [bytes, bytes, &vec![0; bytes.len() * 2]].concat();
        let cases = [
            (1, 16, half(&0x4000_i16.to_le_bytes())),
            (1, 24, half(&[0, 0, 0x40])),
            (1, 32, half(&0x4000_0000_i32.to_le_bytes())),
            (3, 32, half(&0.5_f32.to_le_bytes())),
            (3, 64, half(&0.5_f64.to_le_bytes())),
            (1, 8, vec![192, 192, 128, 128]),
        ];
        for (tag, bits, body) in cases {
            let (_dir, path) = written("a.wav", &wav(tag, bits, &body));
            let found = sound(&path, 100).unwrap();
            assert_eq!((found.rate, found.length, found.samples), (8000, 2, vec![0.5, 0.0]), "{tag} {bits}");
        }
    }

    #[test]
    fn pictures_are_shrunk_to_a_square() {
        let mut image = image::RgbImage::new(40, 20);
        image
            .enumerate_pixels_mut()
            .filter(|(x, ..)| *x >= 20)
            .for_each(|(_, _, pixel)| pixel.0 = [255, 0, 0]);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.png");
        image.save(&path).unwrap();
        let found = picture(&path, 2).unwrap();
        assert_eq!((found.width, found.height), (40, 20));
        assert_eq!(found.points, [[0.0; 3], [1.0, 0.0, 0.0], [0.0; 3], [1.0, 0.0, 0.0]]);
    }

    #[test]
    fn other_and_broken_files_are_neither() {
        for bytes in [
            &b""[..],
            b"RIFF",
            b"RIFF\0\0\0\0WAVEfmt \xff\xff\xff\xff",
            &wav(2, 4, &[1; 8]),
            b"\x89PNG\r\n\x1a\n",
        ] {
            let (_dir, path) = written("a.bin", bytes);
            assert!(sound(&path, 10).is_none() && picture(&path, 8).is_none());
        }
    }
}
