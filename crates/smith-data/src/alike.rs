//! Which texts, pictures and sounds are nearly the same, for those who compare two parts of a dataset.
//!
//! Searches take time in proportion to the number of items, and depend on the items and their order alone.

use std::path::Path;

use crate::media::{audio, images};
use crate::text::near;

/// Two items that are nearly the same, by their positions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Position of the earlier one.
    pub earlier: usize,
    /// Position of the later one.
    pub later: usize,
    /// Share of the parts (three words each) that both have, at least 0.8.
    pub similarity: f64,
}

/// Texts that are nearly the same: at least four fifths of their sequences of three words are shared. For each text its
/// nearest predecessors are looked at, at most 32 for each of eight marks, and a million pairs are kept.
#[must_use]
pub fn texts<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<Pair> {
    let pairs = near::near_duplicates(texts).pairs;
    let pair = |pair: near::NearPair| Pair {
        earlier: pair.earlier as usize,
        later: pair.later as usize,
        similarity: pair.similarity,
    };
    pairs.into_iter().map(pair).collect()
}

/// What is kept of a picture to compare it with others.
#[derive(Debug, Clone)]
pub struct Picture(images::Print);

impl Picture {
    /// Decodes a picture (PNG, JPEG, GIF, BMP, WebP, TIFF, PNM). None when it cannot be decoded, has more pixels than
    /// allowed, or shows hardly any structure. Blocks.
    #[must_use]
    pub fn read(path: &Path, max_pixels: u64) -> Option<Self> {
        images::Print::of(path, max_pixels).map(Self)
    }

    /// The same with left and right changed.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        Self(self.0.mirrored())
    }

    /// Mean brightness of eight by eight parts, line by line.
    #[must_use]
    pub fn points(&self) -> [u8; 64] {
        self.0.points()
    }

    /// For each picture the first earlier one that shows the same, scaled or compressed differently.
    #[must_use]
    pub fn first_alike(pictures: &[&Self]) -> Vec<Option<usize>> {
        images::Print::first_alike(&pictures.iter().map(|picture| &picture.0).collect::<Vec<_>>())
    }
}

/// What is kept of a recording to compare it with others.
#[derive(Debug, Clone)]
pub struct Sound(audio::Print);

impl Sound {
    /// Reads a WAV file with plain samples, at most its first 64 MiB. None for others, for silence and for steady
    /// sounds. Blocks.
    #[must_use]
    pub fn read(path: &Path) -> Option<Self> {
        audio::Print::of(path).map(Self)
    }

    /// Sixteen values of loudness over the length, then sixteen of how often zero is crossed.
    #[must_use]
    pub fn points(&self) -> [f32; 32] {
        self.0.points()
    }

    /// For each recording the first earlier one of the same sound, at another volume, rate or depth.
    #[must_use]
    pub fn first_alike(sounds: &[&Self]) -> Vec<Option<usize>> {
        audio::Print::first_alike(&sounds.iter().map(|sound| &sound.0).collect::<Vec<_>>())
    }
}

/// True when a picture's metadata say where it was taken. Blocks.
#[must_use]
pub fn has_position(path: &Path) -> bool {
    images::measure(path).is_ok_and(|measure| measure.exif.is_some_and(|exif| exif.position))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageBuffer, Rgb, imageops};

    fn picture(seed: u32) -> ImageBuffer<Rgb<u8>, Vec<u8>> {
        let wave = |at: u32, place: u32| {
            let own = crate::column::hash::mixed(u64::from(seed * 16 + at));
            ((own % 7 + 2) as f32 * place as f32 / 60.0 + (own >> 8 & 7) as f32).sin() * 50.0
        };
        ImageBuffer::from_fn(192, 128, |x, y| {
            Rgb([0, 1, 2].map(|channel| (128.0 + wave(channel, x) + wave(channel + 3, y)) as u8))
        })
    }

    #[test]
    fn pictures_are_found_resized_compressed_and_mirrored() {
        let dir = tempfile::tempdir().unwrap();
        let read = |name: &str| Picture::read(&dir.path().join(name), 1 << 20).unwrap();
        for seed in 0..4 {
            picture(seed).save(dir.path().join(format!("{seed}.png"))).unwrap();
        }
        let small = imageops::resize(&picture(1), 96, 64, imageops::FilterType::Triangle);
        small.save(dir.path().join("small.jpg")).unwrap();
        imageops::flip_horizontal(&picture(2)).save(dir.path().join("mirrored.png")).unwrap();
        let mirrored = read("mirrored.png").mirrored();
        let mut pictures: Vec<Picture> = (0..4).map(|seed| read(&format!("{seed}.png"))).collect();
        pictures.extend([read("small.jpg"), read("mirrored.png"), mirrored]);
        let alike = Picture::first_alike(&pictures.iter().collect::<Vec<_>>());
        assert_eq!(alike, [None, None, None, None, Some(1), None, Some(2)]);
        assert!(Picture::read(&dir.path().join("1.png"), 100).is_none());
    }
}
