//! The facts of all images together.

use std::collections::BTreeMap;

use rayon::prelude::*;
use smith_task_schema::profile::{ImageSummary, Range, ValueCount};

use super::alike;
use super::exif::Exif;
use super::measure::{Fault, ImageMeasure, measure};
use crate::column::tally::most_frequent;
use crate::findings::Findings;
use crate::media::folded::Folded;
use crate::source::kind::extension;
use crate::source::walk::Found;

/// Values that are listed of sizes, modes and modalities, and of cameras.
const LISTED: usize = 8;
const CAMERAS: usize = 5;

/// Measures every file on all cores, in order.
pub(crate) fn measure_all(files: &[&Found]) -> Vec<Result<ImageMeasure, Fault>> {
    files.par_iter().with_min_len(16).map(|found| measure(&found.path)).collect()
}

/// The facts of all images from what was measured of each; at most `compare` of them are decoded to find those that
/// look alike.
pub(crate) fn summarise(
    files: &[&Found],
    measured: &[Result<ImageMeasure, Fault>],
    compare: usize,
    findings: &mut Findings,
) -> ImageSummary {
    let mut folded = Folded::new("images", files.len());
    let mut tally = Tally::default();
    tally.summary.files = files.len() as u64;
    for (found, measure) in files.iter().zip(measured) {
        match measure {
            Ok(measure) => {
                report(found, measure, &mut folded);
                tally.add(measure);
            }
            Err(fault) => folded.error(&found.relative, describe(fault)),
        }
    }
    let mut summary = tally.finish();
    summary.near_duplicates = alike::find(files, measured, compare, &mut folded);
    folded.finish(findings);
    summary
}

fn describe(fault: &Fault) -> String {
    match fault {
        Fault::Unreadable(error) => format!("cannot be read: {error}"),
        Fault::Broken(format) => format!("begins like a {format} image, but its header is broken or cut off"),
        Fault::NoImage(held) => format!("is named like an image, but holds {held}"),
    }
}

/// What is odd about an image that could be measured.
fn report(found: &Found, measure: &ImageMeasure, folded: &mut Folded) {
    let path = &found.relative;
    if measure.cut {
        folded.error(path, "ends before its picture does (cut off): a decoder fails or shows a part of it");
    }
    if let Some(named) = format_of(&extension(found.name()))
        && named != measure.format
    {
        folded.warn(path, format!("is named like {named}, but holds {}", measure.format));
    }
    let Some(exif) = &measure.exif else { return };
    if exif.orientation > 1 {
        folded.warn(
            path,
            "is stored turned (its EXIF orientation is not 1): boxes and masks fit only one of the two ways to read it",
        );
    }
    if exif.position {
        folded.warn(
            path,
            "carries the position where it was taken in its EXIF metadata (privacy, and a hint at the label)",
        );
    }
}

/// The format that an extension announces; none when it may be several.
fn format_of(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "png" | "apng" => "png",
        "jpg" | "jpeg" | "jpe" | "jfif" => "jpeg",
        "gif" => "gif",
        "bmp" | "dib" => "bmp",
        "webp" => "webp",
        "tif" | "tiff" => "tiff",
        "ppm" | "pgm" | "pbm" | "pnm" | "pam" => "pnm",
        "ico" | "cur" => "ico",
        "svg" => "svg",
        "dcm" | "dicom" => "dicom",
        _ => return None,
    })
}

#[derive(Default)]
struct Tally {
    summary: ImageSummary,
    sizes: BTreeMap<(u32, u32), u64>,
    modes: BTreeMap<String, u64>,
    modalities: BTreeMap<String, u64>,
    formats: BTreeMap<&'static str, u64>,
    cameras: BTreeMap<String, u64>,
    orientations: BTreeMap<u8, u64>,
    days: BTreeMap<String, u64>,
    positions: u64,
    located: u64,
}

impl Tally {
    fn add(&mut self, measure: &ImageMeasure) {
        let summary = &mut self.summary;
        summary.measured += 1;
        summary.several_pictures += u64::from(measure.several);
        summary.with_text += u64::from(measure.with_text);
        if measure.width > 0 && measure.height > 0 {
            let (width, height) = (u64::from(measure.width), u64::from(measure.height));
            summary.width = Some(Range::grown(summary.width, width));
            summary.height = Some(Range::grown(summary.height, height));
            *self.sizes.entry((measure.width, measure.height)).or_default() += 1;
        }
        *self.formats.entry(measure.format).or_default() += 1;
        if let Some(mode) = measure.mode_name() {
            *self.modes.entry(mode).or_default() += 1;
        }
        if let Some(modality) = &measure.modality {
            *self.modalities.entry(modality.to_string()).or_default() += 1;
        }
        self.located += u64::from(measure.located);
        if let Some(exif) = &measure.exif {
            self.add_exif(exif);
        }
    }

    fn add_exif(&mut self, exif: &Exif) {
        self.summary.with_exif += 1;
        self.positions += u64::from(exif.position);
        if exif.orientation > 1 {
            *self.orientations.entry(exif.orientation).or_default() += 1;
        }
        if let Some(camera) = &exif.camera {
            *self.cameras.entry(camera.clone()).or_default() += 1;
        }
        if let Some(day) = &exif.day {
            *self.days.entry(day.clone()).or_default() += 1;
        }
    }

    fn finish(self) -> ImageSummary {
        let mut exif = Vec::new();
        if let (Some(first), Some(last)) = (self.days.keys().next(), self.days.keys().next_back()) {
            let span =
                if first == last { format!("taken {first}") } else { format!("taken {first} to {last}") };
            exif.push(ValueCount::new(span, self.days.values().sum()));
        }
        for ValueCount { value, count } in most_frequent(self.cameras, CAMERAS) {
            exif.push(ValueCount::new(format!("camera {value}"), count));
        }
        let orientations = self.orientations.iter();
        exif.extend(
            orientations.map(|(value, count)| ValueCount::new(format!("orientation {value}"), *count)),
        );
        let places = [("position", self.positions), ("georeferenced", self.located)];
        exif.extend(
            places.into_iter().filter(|(_, count)| *count > 0).map(|(name, n)| ValueCount::new(name, n)),
        );

        let mut summary = self.summary;
        summary.exif = exif;
        summary.sizes = sizes(self.sizes);
        summary.modes = most_frequent(self.modes, LISTED);
        summary.modalities = most_frequent(self.modalities, LISTED);
        summary.formats = self.formats.into_iter().map(|(name, n)| (name.to_string(), n)).collect();
        summary
    }
}

/// The most frequent sizes; equals in order of size.
fn sizes(counts: BTreeMap<(u32, u32), u64>) -> Vec<ValueCount> {
    let mut list: Vec<((u32, u32), u64)> = counts.into_iter().collect();
    list.sort_by_key(|&(size, count)| (std::cmp::Reverse(count), size));
    let most = list.into_iter().take(LISTED);
    most.map(|((width, height), count)| ValueCount::new(format!("{width}x{height}"), count)).collect()
}
