//! What is kept of a recording to compare it with others: how loud it is over its length, and how often it crosses zero.
//!
//! Neither depends on the volume, nor much on the sampling rate and the number of bits, so that a copy that was scaled
//! or converted is found.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rayon::prelude::*;

use crate::media::images::alike::Hashes;
use crate::media::images::alike::index::Index;

/// Parts of a recording.
const PARTS: usize = 65;
/// Longest recording that is compared, in bytes.
const MAX_BYTES: u64 = 64 << 20;
/// Loudness below the loudest part that counts as silence, in decibels.
const FLOOR: f32 = 50.0;
/// Two recordings of one sound: durations differ by less than this share, loudness correlates at least so, and
/// crossings differ by at most this share.
const DURATION: f64 = 0.01;
const CORRELATION: f32 = 0.995;
const CROSSINGS: f32 = 0.08;
/// Below this standard deviation of loudness, in decibels, there is nothing to compare.
const EVEN: f32 = 0.5;

/// The print of a recording.
#[derive(Debug, Clone)]
pub(crate) struct Print {
    seconds: f64,
    /// Decibels below the loudest part, at most [`FLOOR`].
    loudness: [f32; PARTS],
    /// Crossings of zero per second.
    crossings: [f32; PARTS],
}

impl Print {
    /// The print of a WAV file with plain samples; none for other files, silence and steady sounds.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let mut bytes = Vec::new();
        File::open(path).ok()?.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
        let (samples, rate) = samples(&bytes)?;
        Self::of_samples(&samples, rate)
    }

    fn of_samples(samples: &[f32], rate: u32) -> Option<Self> {
        if samples.len() < PARTS * 8 || rate == 0 {
            return None;
        }
        let part = |at: usize| {
            let range = at * samples.len() / PARTS..(at + 1) * samples.len() / PARTS;
            samples.get(range).unwrap_or_default()
        };
        let energy: [f32; PARTS] = std::array::from_fn(|at| {
            part(at).iter().map(|x| x * x).sum::<f32>() / part(at).len().max(1) as f32
        });
        let loudest = energy.iter().copied().fold(0.0, f32::max);
        if loudest <= 0.0 {
            return None;
        }
        let loudness = energy.map(|own| (-10.0 * (own / loudest).max(1e-12).log10()).min(FLOOR));
        let crossings = std::array::from_fn(|at| {
            let crossed =
                part(at).windows(2).filter(|pair| matches!(pair, [a, b] if (*a < 0.0) != (*b < 0.0)));
            crossed.count() as f32 * rate as f32 / part(at).len().max(1) as f32
        });
        let print = Self { seconds: samples.len() as f64 / f64::from(rate), loudness, crossings };
        (deviation(&loudness) >= EVEN).then_some(print)
    }

    /// Loudness over the length, 16 values, then crossings, 16 values.
    pub(crate) fn points(&self) -> [f32; 32] {
        std::array::from_fn(|at| {
            let values = if at < 16 { &self.loudness } else { &self.crossings };
            let four = values.get(at % 16 * 4..at % 16 * 4 + 4).unwrap_or_default();
            four.iter().sum::<f32>() / 4.0
        })
    }

    /// For each print the first earlier one of the same sound.
    pub(crate) fn first_alike(prints: &[&Self]) -> Vec<Option<usize>> {
        let hashes: Vec<Hashes> = prints.iter().map(|print| print.hashes()).collect();
        let index = Index::new(&hashes);
        (0..prints.len())
            .into_par_iter()
            .map_init(Vec::new, |candidates, at| {
                index.earlier(at, candidates);
                let own = prints.get(at)?;
                let is_like = |other: &usize| prints.get(*other).is_some_and(|other| other.is_like(own));
                candidates.iter().map(|&other| other as usize).find(is_like)
            })
            .collect()
    }

    /// Where loudness and crossings rise.
    fn hashes(&self) -> Hashes {
        Hashes { frequencies: rises(&self.loudness), gradients: rises(&self.crossings) }
    }

    fn is_like(&self, other: &Self) -> bool {
        let longer = self.seconds.max(other.seconds);
        (self.seconds - other.seconds).abs() <= DURATION * longer
            && correlation(&self.loudness, &other.loudness) >= CORRELATION
            && self.crosses_like(other)
    }

    /// Compares the crossings of the loud parts.
    fn crosses_like(&self, other: &Self) -> bool {
        let (mut difference, mut sum) = (0.0_f32, 0.0_f32);
        for ((loudness, a), b) in self.loudness.iter().zip(&self.crossings).zip(&other.crossings) {
            if *loudness < FLOOR / 2.0 {
                difference += (a - b).abs();
                sum += a.max(*b);
            }
        }
        difference <= CROSSINGS * sum
    }
}

fn rises(values: &[f32; PARTS]) -> u64 {
    let pairs = values.windows(2).enumerate();
    pairs.fold(
        0,
        |hash, (at, pair)| if matches!(pair, [a, b] if b > a) { hash | 1 << (at % 64) } else { hash },
    )
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

fn deviation(values: &[f32]) -> f32 {
    let middle = mean(values);
    (values.iter().map(|x| (x - middle).powi(2)).sum::<f32>() / values.len().max(1) as f32).sqrt()
}

fn correlation(a: &[f32; PARTS], b: &[f32; PARTS]) -> f32 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    let product = a.iter().zip(b).map(|(x, y)| (x - mean_a) * (y - mean_b)).sum::<f32>() / PARTS as f32;
    product / (deviation(a) * deviation(b)).max(f32::MIN_POSITIVE)
}

/// The samples of a WAV file, all channels mixed, and their rate.
fn samples(bytes: &[u8]) -> Option<(Vec<f32>, u32)> {
    if bytes.get(..4)? != b"RIFF" || bytes.get(8..12)? != b"WAVE" {
        return None;
    }
    let le16 = |at: usize| Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?));
    let le32 = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?));
    let (mut at, mut format) = (12_usize, None);
    loop {
        let (name, length) = (bytes.get(at..at.checked_add(4)?)?, le32(at.checked_add(4)?)? as usize);
        let data = at.checked_add(8)?;
        match name {
            b"fmt " => {
                let tag = le16(data)?;
                let tag = if tag == 0xfffe { le16(data.checked_add(24)?)? } else { tag };
                format = Some((tag, le16(data + 2)?, le32(data + 4)?, le16(data + 14)?));
            }
            b"data" => {
                let (tag, channels, rate, bits) = format?;
                let end = data.checked_add(length)?.min(bytes.len());
                return Some((mixed(bytes.get(data..end)?, tag, channels, bits)?, rate));
            }
            _ => {}
        }
        at = data.checked_add(length)?.checked_add(length % 2)?;
    }
}

fn mixed(data: &[u8], tag: u16, channels: u16, bits: u16) -> Option<Vec<f32>> {
    let width = usize::from(bits) / 8;
    let read: fn(&[u8]) -> f32 = match (tag, bits) {
        (1, 8) => |b| b.first().map_or(0.0, |b| (f32::from(*b) - 128.0) / 128.0),
        (1, 16) => |b| b.try_into().map_or(0.0, |b| f32::from(i16::from_le_bytes(b)) / 32_768.0),
        (1, 24) => |b| match *b {
            [x, y, z] => (i32::from_le_bytes([0, x, y, z]) >> 8) as f32 / 8_388_608.0,
            _ => 0.0,
        },
        (1, 32) => |b| b.try_into().map_or(0.0, |b| i32::from_le_bytes(b) as f32 / 2_147_483_648.0),
        (3, 32) => |b| b.try_into().map_or(0.0, f32::from_le_bytes),
        _ => return None,
    };
    let frame = width.checked_mul(usize::from(channels)).filter(|frame| *frame > 0)?;
    let mono = |frame: &[u8]| {
        let sum: f32 = frame.chunks_exact(width).map(read).sum();
        let mixed = sum / f32::from(channels);
        if mixed.is_finite() { mixed } else { 0.0 }
    };
    Some(data.chunks_exact(frame).map(mono).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sound of its own for each seed, at a rate and a volume.
    fn sound(seed: u32, rate: u32, volume: f32) -> Vec<f32> {
        let tone = |t: f32| {
            let part = (t * 20.0) as u32;
            let own = crate::column::hash::mixed(u64::from(seed * 1_000 + part));
            let (pitch, loud) = (200.0 + (own % 800) as f32, 0.05 + (own >> 20 & 255) as f32 / 300.0);
            volume * loud * (std::f32::consts::TAU * pitch * t).sin()
        };
        (0..rate * 2).map(|i| tone(i as f32 / rate as f32)).collect()
    }

    #[test]
    fn copies_at_another_rate_and_volume_are_alike_and_others_are_not() {
        let mut prints: Vec<Print> =
            (0..30).map(|seed| Print::of_samples(&sound(seed, 16_000, 0.9), 16_000).unwrap()).collect();
        prints.extend((0..30).map(|seed| Print::of_samples(&sound(seed, 8_000, 0.3), 8_000).unwrap()));
        let alike = Print::first_alike(&prints.iter().collect::<Vec<_>>());
        assert!(alike[..30].iter().all(Option::is_none));
        assert_eq!(alike[30..], (0..30).map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn silence_and_steady_tones_have_no_print() {
        assert!(Print::of_samples(&[0.0; 8_000], 8_000).is_none());
        let steady: Vec<f32> = (0..8_000).map(|i| (i as f32 * 0.3).sin()).collect();
        assert!(Print::of_samples(&steady, 8_000).is_none());
        assert!(Print::of_samples(&[0.5; 10], 8_000).is_none());
    }

    #[test]
    fn samples_of_all_plain_kinds_are_read() {
        let wav = |tag: u16, bits: u16, data: &[u8]| {
            let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
            bytes.extend([tag.to_le_bytes(), 1_u16.to_le_bytes()].concat());
            bytes.extend([8_000_u32.to_le_bytes(), 8_000_u32.to_le_bytes()].concat());
            bytes.extend([(bits / 8).to_le_bytes(), bits.to_le_bytes()].concat());
            bytes.extend(b"data");
            bytes.extend((data.len() as u32).to_le_bytes());
            bytes.extend(data);
            bytes
        };
        let cases: [(u16, u16, Vec<u8>); 5] = [
            (1, 8, vec![64]),
            (1, 16, (-16_384_i16).to_le_bytes().to_vec()),
            (1, 24, vec![0, 0, 0xc0]),
            (1, 32, (-1_073_741_824_i32).to_le_bytes().to_vec()),
            (3, 32, (-0.5_f32).to_le_bytes().to_vec()),
        ];
        for (tag, bits, data) in cases {
            assert_eq!(samples(&wav(tag, bits, &data)), Some((vec![-0.5], 8_000)), "{tag} {bits}");
        }
        assert_eq!(samples(&wav(2, 4, &[1])), None);
        assert_eq!(samples(b"RIFF"), None);
    }
}
