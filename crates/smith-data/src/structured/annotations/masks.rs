//! Masks: images whose values are classes, each beside a picture of nearly the same name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use rayon::prelude::*;
use smith_task_schema::profile::{AnnotationFormat, AnnotationProfile, FileKind};

use super::image_index::stem;
use super::tally::{Annotated, Tally};
use crate::source::kind::extension;
use crate::source::walk::Found;
use crate::spread::spread;
use crate::structured::parts::part_of;

/// Masks of a group that are decoded.
const DECODED: usize = 48;
/// Pixels of a mask that are decoded, in bytes.
const MAX_PIXEL_BYTES: usize = 64 << 20;
/// Different values of a mask; a picture has more.
const MAX_VALUES: usize = 256;
/// Different values that masks have on average at most.
const USUAL_VALUES: usize = 32;

/// Words in the name of a directory of masks.
const DIRECTORIES: [&str; 13] = [
    "mask",
    "label",
    "annot",
    "segm",
    "groundtruth",
    "ground_truth",
    "ground-truth",
    "trimap",
    "gt",
    "seg",
    "matte",
    "saliency",
    "semantic",
];
/// What stands behind the picture's name in the name of its mask.
const ENDINGS: [&str; 14] = [
    "_mask",
    "-mask",
    ".mask",
    "_masks",
    "_segmentation",
    "_seg",
    "-seg",
    "_label",
    "_labels",
    "_gt",
    "_labelids",
    "_groundtruth",
    "_annotation",
    "_anno",
];

/// Masks of one directory, with the picture of each.
struct Group<'f> {
    path: String,
    pairs: Vec<(&'f Found, &'f Found)>,
    files: usize,
}

/// The masks of a dataset, a profile for each directory.
pub(super) fn profile(files: &[(Found, FileKind)]) -> Vec<AnnotationProfile> {
    let images: Vec<&Found> =
        files.iter().filter(|(_, kind)| *kind == FileKind::Image).map(|(found, _)| found).collect();
    groups(&images).iter().filter_map(describe).collect()
}

/// True for the name of a directory that may hold masks, or that of a part of a split within one.
fn is_mask_directory(directory: &str) -> bool {
    let mut parts =
        directory.rsplit('/').skip_while(|part| part_of(part).is_some_and(|_| !names_masks(part)));
    parts.next().is_some_and(names_masks)
}

fn names_masks(part: &str) -> bool {
    let lower = part.to_lowercase();
    DIRECTORIES.iter().any(|word| if word.len() <= 3 { lower == *word } else { lower.contains(word) })
}

/// True for formats that blur values: pictures, even in a directory called `segmentation`.
fn is_lossy(name: &str) -> bool {
    matches!(extension(name).as_str(), "jpg" | "jpeg" | "webp")
}

/// The picture's name within the name of a mask, with what was behind it.
fn without_ending(stem: &str) -> Option<(&str, &'static str)> {
    let lower = stem.to_lowercase();
    let ending =
        ENDINGS.into_iter().filter(|ending| lower.ends_with(ending)).max_by_key(|ending| ending.len())?;
    let base = stem.get(..stem.len() - ending.len())?;
    (!base.is_empty()).then_some((base, ending))
}

fn groups<'f>(images: &[&'f Found]) -> Vec<Group<'f>> {
    let mut pictures: HashMap<&str, Vec<&Found>> = HashMap::new();
    let mut candidates: BTreeMap<String, Vec<(&Found, &str)>> = BTreeMap::new();
    for &image in images {
        let stem = stem(image.name());
        if let Some((base, ending)) = without_ending(stem) {
            candidates.entry(format!("{}/*{ending}", image.directory())).or_default().push((image, base));
        } else if is_mask_directory(image.directory()) && !is_lossy(image.name()) {
            candidates.entry(image.directory().to_string()).or_default().push((image, stem));
        } else {
            pictures.entry(stem).or_default().push(image);
        }
    }
    let paired = |(path, masks): (String, Vec<(&'f Found, &str)>)| {
        let pair = |&(mask, base): &(&'f Found, &str)| {
            let picture = pictures
                .get(base)?
                .iter()
                .max_by_key(|picture| alike(picture.directory(), mask.directory()))?;
            Some((mask, *picture))
        };
        let pairs: Vec<(&Found, &Found)> = masks.iter().filter_map(pair).collect();
        let path = path.trim_start_matches('/').to_string();
        (pairs.len() >= 2 && pairs.len() * 5 >= masks.len() * 4).then_some(Group {
            path,
            pairs,
            files: masks.len(),
        })
    };
    candidates.into_iter().filter_map(paired).collect()
}

fn alike(a: &str, b: &str) -> usize {
    a.split('/').filter(|part| b.split('/').any(|other| other == *part)).count()
}

fn describe(group: &Group<'_>) -> Option<AnnotationProfile> {
    let sample = spread(&group.pairs, DECODED);
    let read: Vec<Option<BTreeSet<String>>> = sample.par_iter().map(|(mask, _)| values(mask)).collect();
    let decoded: Vec<BTreeSet<String>> = read.into_iter().flatten().collect();
    let pngs = sample.iter().filter(|(mask, _)| extension(mask.name()) == "png").count();
    let usual = decoded.iter().map(BTreeSet::len).sum::<usize>() <= decoded.len() * USUAL_VALUES;
    if decoded.len() * 5 < pngs * 4 || !usual {
        return None;
    }
    let mut tally = Tally::default();
    for values in &decoded {
        let mut one = Annotated::default();
        (one.objects, one.classes) = (1, values.iter().map(|value| (value.clone(), 1)).collect());
        tally.add(one);
    }
    for (_, picture) in &group.pairs {
        tally.found_in(picture.directory());
    }
    tally.shapes.insert("mask");
    (tally.images, tally.objects) = (group.files as u64, group.files as u64);
    let mut profile =
        tally.finish(&group.path, AnnotationFormat::Masks, group.files as u64, decoded.len() as u64);
    profile.per_image = None;
    (profile.checked, profile.invalid) = (0, 0);
    Some(profile)
}

/// The different values of a mask; none for what is no PNG or has as many as a picture.
fn values(mask: &Found) -> Option<BTreeSet<String>> {
    (extension(mask.name()) == "png").then(|| png_values(&mask.path)).flatten()
}

fn png_values(path: &Path) -> Option<BTreeSet<String>> {
    let limits = png::Limits { bytes: MAX_PIXEL_BYTES };
    let mut decoder = png::Decoder::new_with_limits(BufReader::new(File::open(path).ok()?), limits);
    // Indices of a palette are the classes: they stay as they are.
    decoder.set_transformations(png::Transformations::IDENTITY);
    let mut reader = decoder.read_info().ok()?;
    if reader.output_buffer_size().is_none_or(|bytes| bytes > MAX_PIXEL_BYTES) {
        return None;
    }
    let (color, depth) = reader.output_color_type();
    let width = reader.info().width as usize;
    let mut seen: BTreeSet<u64> = BTreeSet::new();
    while let Ok(Some(row)) = reader.next_row() {
        add_row(row.data(), width, color, depth, &mut seen);
        if seen.len() > MAX_VALUES {
            return None;
        }
    }
    let is_color = color.samples() >= 3;
    let write = |value: u64| if is_color { format!("#{value:06x}") } else { value.to_string() };
    (!seen.is_empty()).then(|| seen.into_iter().map(write).collect())
}

/// Adds the values of a row: numbers of grey or palette images, otherwise red, green and blue in one number.
fn add_row(row: &[u8], width: usize, color: png::ColorType, depth: png::BitDepth, seen: &mut BTreeSet<u64>) {
    let bits = depth as usize;
    if bits < 8 {
        let mask = (1_u16 << bits) - 1;
        let shifts = (0..8 / bits).rev().map(|i| i * bits);
        let values =
            row.iter().flat_map(|byte| shifts.clone().map(move |shift| u16::from(*byte) >> shift & mask));
        seen.extend(values.take(width).map(u64::from));
        return;
    }
    let bytes = bits / 8;
    let mut last = None;
    for pixel in row.chunks_exact(bytes * color.samples()) {
        if last != Some(pixel) {
            last = Some(pixel);
            seen.insert(value(pixel, bytes, color.samples()));
        }
        if seen.len() > MAX_VALUES {
            return;
        }
    }
}

/// The value of a pixel without its opacity; of deep colours the upper bytes.
fn value(pixel: &[u8], bytes: usize, samples: usize) -> u64 {
    let fold =
        |parts: &mut dyn Iterator<Item = &u8>| parts.fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    if samples >= 3 {
        fold(&mut pixel.iter().step_by(bytes).take(3))
    } else {
        fold(&mut pixel.iter().take(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str) -> Found {
        Found { path: path.into(), relative: path.into(), bytes: 1 }
    }

    fn paths(names: &[&str]) -> Vec<(String, usize)> {
        let files: Vec<Found> = names.iter().map(|name| found(name)).collect();
        let images: Vec<&Found> = files.iter().collect();
        groups(&images).into_iter().map(|group| (group.path, group.pairs.len())).collect()
    }

    #[test]
    fn masks_pair_with_pictures() {
        assert_eq!(
            paths(&["images/1.jpg", "images/2.jpg", "masks/1.png", "masks/2.png"]),
            [("masks".into(), 2)]
        );
        assert_eq!(paths(&["t/1.tif", "t/1_mask.tif", "t/2.tif", "t/2_mask.tif"]), [("t/*_mask".into(), 2)]);
        assert_eq!(paths(&["a.png", "a_mask.png", "b.png", "b_mask.png"]), [("*_mask".into(), 2)]);
        assert_eq!(
            paths(&["seg/images/1.png", "seg/images/2.png", "seg/1.png", "seg/2.png"]),
            [("seg".into(), 2)]
        );
        assert_eq!(
            paths(&["i/val/1.jpg", "i/val/2.jpg", "masks/val/1.png", "masks/val/2.png"]),
            [("masks/val".into(), 2)]
        );
        assert_eq!(paths(&["masks/1.png", "masks/2.png", "x/7.png"]), []);
        assert_eq!(paths(&["cats/1.png", "cats/2.png", "dogs/1.png", "dogs/2.png"]), []);
    }

    #[test]
    fn values_of_every_kind_of_png() {
        let folder = tempfile::tempdir().unwrap();
        let cases: [(png::ColorType, png::BitDepth, &[u8], &[&str]); 5] = [
            (png::ColorType::Grayscale, png::BitDepth::Eight, &[0, 255, 0, 255], &["0", "255"]),
            (png::ColorType::Indexed, png::BitDepth::Eight, &[0, 2, 1, 2], &["0", "1", "2"]),
            (png::ColorType::Grayscale, png::BitDepth::One, &[0b1000_0000, 0b0111_1111], &["0", "1"]),
            (png::ColorType::Grayscale, png::BitDepth::Sixteen, &[1, 0, 0, 1, 0, 1, 0, 1], &["1", "256"]),
            (
                png::ColorType::Rgba,
                png::BitDepth::Eight,
                &[255, 0, 0, 9, 0, 0, 1, 8, 255, 0, 0, 1, 255, 0, 0, 1],
                &["#000001", "#ff0000"],
            ),
        ];
        for (index, (color, depth, data, expected)) in cases.into_iter().enumerate() {
            let path = folder.path().join(format!("{index}.png"));
            let mut encoder = png::Encoder::new(File::create(&path).unwrap(), 2, 2);
            encoder.set_color(color);
            encoder.set_depth(depth);
            encoder.set_palette(vec![0; 9]);
            encoder.write_header().unwrap().write_image_data(data).unwrap();
            let values = png_values(&path).unwrap();
            let mut expected: Vec<&str> = expected.to_vec();
            expected.sort_unstable();
            assert_eq!(
                values.iter().map(String::as_str).collect::<Vec<_>>(),
                expected,
                "{color:?} {depth:?}"
            );
        }
    }
}
