//! Features of the examples' files.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rayon::prelude::*;
use smith_data::signal::{picture, sound};

use super::{Raw, cells, picture as pictures, sound as sounds, words};
use crate::subject::PublicFile;

/// Bytes of a file that are counted, and of a text that is read.
const COUNTED: u64 = 1 << 16;
/// Numbers of an array that are features of their own.
const ARRAY: usize = 64;
/// Samples of a sound that are looked at.
const SAMPLES: usize = 1 << 19;
/// Salt of the words in files, beyond those of columns.
const SALT: u64 = 1 << 20;

/// What was found in a file.
enum Found {
    Numbers(Vec<f32>),
    Text(String),
}

/// Adds the features of one file for each row.
pub(super) fn add(raw: &mut Raw, root: &Path, files: &[Option<&PublicFile>]) {
    let found: Vec<Option<(f32, Found)>> = files
        .par_iter()
        .map(|file| {
            let file = (*file)?;
            Some(((file.bytes as f32).ln_1p(), look(&root.join(&file.path))?))
        })
        .collect();
    if found.iter().all(Option::is_none) {
        return;
    }
    let width = found.iter().flatten().map(|(_, found)| found.width()).max().unwrap_or(0);
    let mut columns = vec![vec![f32::NAN; raw.rows]; width + 1];
    for (row, (bytes, found)) in found.into_iter().enumerate().filter_map(|(row, found)| Some((row, found?)))
    {
        let numbers = match found {
            Found::Numbers(numbers) => numbers,
            Found::Text(text) => {
                let counted = words::count(SALT, &text);
                if let Some(own) = raw.words_mut().get_mut(row) {
                    words::merge(own, counted);
                }
                words::FIGURES.iter().map(|figure| figure(&text)).collect()
            }
        };
        for (column, value) in columns.iter_mut().zip(std::iter::once(bytes).chain(numbers)) {
            if let Some(place) = column.get_mut(row) {
                *place = value;
            }
        }
    }
    raw.numbers.extend(columns);
    raw.seen.files += 1;
}

impl Found {
    fn width(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Text(_) => words::FIGURES.len(),
        }
    }
}

fn look(path: &Path) -> Option<Found> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let special = match ending.as_str() {
        "png" | "jpg" | "jpeg" | "gif" | "bmp" | "webp" | "tif" | "tiff" | "pgm" | "ppm" => {
            picture(path, pictures::SIDE).map(|picture| pictures::features(&picture))
        }
        "wav" => sound(path, SAMPLES).map(|sound| sounds::features(&sound)),
        "npy" => array(path),
        _ => None,
    };
    match special {
        Some(numbers) => Some(Found::Numbers(numbers)),
        None => plain(path),
    }
}

/// Text, numbers written as text, or the shares of bytes.
fn plain(path: &Path) -> Option<Found> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(COUNTED).read_to_end(&mut bytes).ok()?;
    if let Some(text) = text_of(&bytes) {
        return Some(match numbers_of(text) {
            Some(numbers) => Found::Numbers(numbers),
            None => Found::Text(text.to_owned()),
        });
    }
    let mut shares = vec![0.0_f32; 64];
    for byte in &bytes {
        if let Some(share) = shares.get_mut(usize::from(byte >> 2)) {
            *share += 1.0 / bytes.len() as f32;
        }
    }
    Some(Found::Numbers(shares))
}

/// The bytes as text, but for a character that was cut at the end.
fn text_of(bytes: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() + 4 > bytes.len() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    (!text.contains('\0')).then_some(text)
}

/// Where most of a text is numbers, in lines or columns: moments and parts of them, and those of each column.
fn numbers_of(text: &str) -> Option<Vec<f32>> {
    let split = |line: &'_ str| -> Vec<Option<f64>> {
        let parts = line.split([',', ' ', ';', '\t']).filter(|part| !part.is_empty());
        parts.map(|part| part.parse().ok().filter(|value: &f64| value.is_finite())).collect()
    };
    let lines: Vec<Vec<Option<f64>>> = text.lines().map(split).filter(|line| !line.is_empty()).collect();
    let all: Vec<f64> = lines.iter().flatten().flatten().copied().collect();
    let parts: usize = lines.iter().map(Vec::len).sum();
    if all.len() < 4 || all.len() * 10 < parts * 8 {
        return None;
    }
    let column = |at: usize| -> Vec<f64> { lines.iter().filter_map(|line| *line.get(at)?).collect() };
    let mut features: Vec<f64> = cells::moments(&all).to_vec();
    for at in 0..4 {
        features.extend(cells::moments(&column(at)).map(|value| if value.is_finite() { value } else { 0.0 }));
    }
    let mut shape = cells::parts(&all, ARRAY);
    shape.resize(ARRAY, 0.0);
    features.extend(shape);
    Some(features.into_iter().map(|value| value as f32).collect())
}

/// Moments, parts and sizes of a NumPy array of plain numbers.
fn array(path: &Path) -> Option<Vec<f32>> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(8 << 20).read_to_end(&mut bytes).ok()?;
    let header_length = u16::from_le_bytes(bytes.get(8..10)?.try_into().ok()?);
    let (start, length) = match bytes.get(6)? {
        1 => (10, usize::from(header_length)),
        _ => (12, u32::from_le_bytes(bytes.get(8..12)?.try_into().ok()?) as usize),
    };
    let body = bytes.get(start + length.min(bytes.len())..)?;
    let header = std::str::from_utf8(bytes.get(start..start + length)?).ok()?;
    let numbers = array_numbers(header, body)?;
    let sizes =
        header.split('(').nth(1)?.split(')').next()?.split(',').filter_map(|size| size.trim().parse().ok());
    let mut features: Vec<f64> = cells::moments(&numbers).to_vec();
    let mut sizes: Vec<f64> = sizes.collect();
    let last = sizes.last().map_or(0, |width| *width as usize);
    sizes.resize(4, 0.0);
    features.extend(sizes);
    // Points, channels: what the last axis counts.
    for at in 0..4 {
        let column: Vec<f64> = if (2..=16).contains(&last) && at < last {
            numbers.iter().skip(at).step_by(last).copied().collect()
        } else {
            Vec::new()
        };
        features.extend(cells::moments(&column).map(|value| if value.is_finite() { value } else { 0.0 }));
    }
    let mut shape = cells::parts(&numbers, ARRAY);
    shape.resize(ARRAY, 0.0);
    features.extend(shape);
    Some(features.into_iter().map(|value| value as f32).collect())
}

fn array_numbers(header: &str, body: &[u8]) -> Option<Vec<f64>> {
    let kind = header.split("'descr':").nth(1)?.trim_start().trim_start_matches('\'').split('\'').next()?;
    fn each<const N: usize>(body: &[u8], number: fn([u8; N]) -> f64) -> Vec<f64> {
        body.chunks_exact(N).filter_map(|bytes| Some(number(bytes.try_into().ok()?))).collect()
    }
    let numbers: Vec<f64> = match kind {
        "|u1" | "|b1" => each(body, |[a]| f64::from(a)),
        "|i1" => each(body, |[a]| f64::from(a as i8)),
        "<i2" => each(body, |bytes| f64::from(i16::from_le_bytes(bytes))),
        "<u2" => each(body, |bytes| f64::from(u16::from_le_bytes(bytes))),
        "<i4" => each(body, |bytes| f64::from(i32::from_le_bytes(bytes))),
        "<i8" => each(body, |bytes| i64::from_le_bytes(bytes) as f64),
        "<f4" => each(body, |bytes| f64::from(f32::from_le_bytes(bytes))),
        "<f8" => each(body, f64::from_le_bytes),
        _ => return None,
    };
    let finite: Vec<f64> =
        numbers.into_iter().map(|value| if value.is_finite() { value } else { 0.0 }).collect();
    (!finite.is_empty()).then_some(finite)
}
