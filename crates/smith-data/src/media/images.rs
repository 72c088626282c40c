//! Measures images by their headers.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use smith_task_schema::profile::{ImageSummary, Range};

use crate::column::tally::most_frequent;
use crate::findings::Findings;
use crate::source::walk::Found;

/// What an image's header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image {
    pub(crate) format: String,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Colour mode, where the header gives it in a fixed place.
    pub(crate) mode: Option<&'static str>,
}

/// Reads an image's header; none for what is no image of a known format.
pub(crate) fn measure(path: &Path) -> Option<Image> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(64).read_to_end(&mut head).ok()?;
    let format = format!("{:?}", imagesize::image_type(&head).ok()?).to_lowercase();
    let size = imagesize::reader_size(BufReader::new(File::open(path).ok()?)).ok()?;
    Some(Image { format, width: size.width, height: size.height, mode: png_mode(&head) })
}

fn png_mode(head: &[u8]) -> Option<&'static str> {
    if !head.starts_with(b"\x89PNG") {
        return None;
    }
    match head.get(25)? {
        0 => Some("greyscale"),
        2 => Some("RGB"),
        3 => Some("palette"),
        4 => Some("greyscale with alpha"),
        6 => Some("RGB with alpha"),
        _ => None,
    }
}

/// The facts of all images, of which `opened` are measured.
pub(crate) fn summarise(all: u64, opened: &[&Found], findings: &mut Findings) -> ImageSummary {
    let mut summary = ImageSummary::default();
    summary.files = all;
    let mut sizes = BTreeMap::new();
    for found in opened {
        let Some(image) = measure(&found.path) else {
            findings.error(&found.relative, "is named like an image, but its header cannot be read");
            continue;
        };
        let (width, height) = (image.width as u64, image.height as u64);
        summary.measured += 1;
        summary.width = Some(summary.width.map_or(Range::of(width), |range| range.with(width)));
        summary.height = Some(summary.height.map_or(Range::of(height), |range| range.with(height)));
        *sizes.entry(format!("{width}x{height}")).or_default() += 1;
        *summary.formats.entry(image.format).or_default() += 1;
    }
    summary.sizes = most_frequent(sizes, 8);
    summary
}
