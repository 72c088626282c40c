//! Decodes a picture just far enough for its thumbnail.

use std::fs;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::{DynamicImage, ImageError, ImageReader, Limits};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::thumbnail::{Shrunk, Thumbnail};
use crate::media::images::measure::ImageMeasure;

/// Larger pictures and files are not decoded.
const MAX_PIXELS: u64 = 40_000_000;
const MAX_BYTES: u64 = 64 << 20;
/// Memory that a decoder may ask for.
const MAX_MEMORY: u64 = 512 << 20;
/// What shines through a transparent picture.
const BACKGROUND: u32 = 128;

/// Why there is no thumbnail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The data of the picture are broken.
    Broken(&'static str),
    /// Nothing is wrong but that the decoder does not know this variety, or asks for too much.
    Unsupported,
}

/// True for pictures that can be decoded within the limits.
pub(super) fn can(measure: &ImageMeasure, bytes: u64) -> bool {
    let known = matches!(measure.format, "png" | "jpeg" | "gif" | "bmp" | "webp" | "tiff" | "pnm");
    known && !measure.cut && bytes <= MAX_BYTES && (1..=MAX_PIXELS).contains(&measure.pixels())
}

/// Decodes the first picture of a file.
pub(super) fn thumbnail(path: &Path) -> Result<Thumbnail, Failure> {
    let bytes = fs::read(path).map_err(|_| Failure::Broken("it cannot be read"))?;
    // The decoders are others' work and the bytes are anybody's: a mistake of theirs costs one picture, not the run.
    catch_unwind(AssertUnwindSafe(|| decode(&bytes))).unwrap_or(Err(Failure::Broken("the decoder gave up")))
}

pub(super) fn decode(bytes: &[u8]) -> Result<Thumbnail, Failure> {
    if bytes.starts_with(b"\xff\xd8")
        && let Some(found) = jpeg(bytes)
    {
        return Ok(found);
    }
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let mut reader = reader.map_err(|_| Failure::Unsupported)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    limits.max_image_width = u32::try_from(MAX_PIXELS).ok();
    limits.max_image_height = limits.max_image_width;
    reader.limits(limits);
    reader.decode().map_err(|error| failure(&error)).and_then(|image| shrink(&image))
}

fn failure(error: &ImageError) -> Failure {
    match error {
        ImageError::Decoding(_) | ImageError::IoError(_) => Failure::Broken("its data are damaged"),
        _ => Failure::Unsupported,
    }
}

/// Brightness alone, which spares decoding the colours. None for what this decoder does not take.
fn jpeg(bytes: &[u8]) -> Option<Thumbnail> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    if !matches!(decoder.input_colorspace()?, ColorSpace::YCbCr | ColorSpace::Luma) {
        return None;
    }
    let (width, height) = decoder.dimensions()?;
    if (width as u64).saturating_mul(height as u64) > MAX_PIXELS {
        return None;
    }
    let grey = decoder.decode().ok()?;
    let mut shrunk = Shrunk::new(width, height);
    grey.chunks_exact(width).take(height).enumerate().for_each(|(y, row)| shrunk.add(y, row));
    Some(Thumbnail::new(&shrunk, None))
}

fn shrink(image: &DynamicImage) -> Result<Thumbnail, Failure> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    if width == 0 || height == 0 {
        return Err(Failure::Unsupported);
    }
    Ok(match image {
        DynamicImage::ImageLuma8(grey) => {
            let mut shrunk = Shrunk::new(width, height);
            grey.as_raw().chunks_exact(width).enumerate().for_each(|(y, row)| shrunk.add(y, row));
            Thumbnail::new(&shrunk, Some([&Shrunk::even(128.0), &Shrunk::even(128.0)]))
        }
        DynamicImage::ImageRgb8(rgb) => coloured::<3>(rgb.as_raw(), width, height),
        DynamicImage::ImageRgba8(rgba) => coloured::<4>(rgba.as_raw(), width, height),
        DynamicImage::ImageLumaA8(_) => coloured::<4>(image.to_rgba8().as_raw(), width, height),
        // Depths of more than eight bits rarely use their whole range.
        deep => {
            let mut shrunk = Shrunk::new(width, height);
            let grey = deep.to_luma32f();
            grey.as_raw().chunks_exact(width).enumerate().for_each(|(y, row)| shrunk.add(y, row));
            Thumbnail::stretched(&shrunk)
        }
    })
}

fn coloured<const CHANNELS: usize>(pixels: &[u8], width: usize, height: usize) -> Thumbnail {
    let mut planes: [Shrunk; 3] = std::array::from_fn(|_| Shrunk::new(width, height));
    let mut rows: [Vec<u8>; 3] = std::array::from_fn(|_| vec![0; width]);
    for (y, line) in pixels.chunks_exact(width * CHANNELS).enumerate() {
        let [grey, blue, red] = &mut rows;
        let places = grey.iter_mut().zip(blue).zip(red);
        for (((grey, blue), red), pixel) in places.zip(line.chunks_exact(CHANNELS)) {
            [*grey, *blue, *red] = brightness_and_colours(pixel);
        }
        planes.iter_mut().zip(&rows).for_each(|(plane, row)| plane.add(y, row));
    }
    let [grey, blue, red] = &planes;
    Thumbnail::new(grey, Some([blue, red]))
}

/// Brightness and two differences of colour around 128, of red, green, blue and perhaps alpha.
fn brightness_and_colours(pixel: &[u8]) -> [u8; 3] {
    let [r, g, b] = match *pixel {
        [r, g, b] => [r, g, b].map(u32::from),
        [r, g, b, a] => {
            let alpha = u32::from(a);
            [r, g, b].map(|channel| (u32::from(channel) * alpha + BACKGROUND * (255 - alpha)) / 255)
        }
        _ => [BACKGROUND; 3],
    };
    let grey = (77 * r + 150 * g + 29 * b) >> 8;
    let blue = (128 * b + (128 << 8)).saturating_sub(43 * r + 85 * g) >> 8;
    let red = (128 * r + (128 << 8)).saturating_sub(107 * g + 21 * b) >> 8;
    [grey, blue, red].map(|value| value.min(255) as u8)
}
