//! What an image's header says, whatever its format.

use std::io::BufReader;
use std::path::Path;

use imagesize::{Compression, ImageType};

use super::exif::Exif;
use super::{dicom, jpeg, png, simple, svg, tiff, webp};
use crate::media::window::Window;
use crate::source::magic;

/// What the pixels of an image are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
    Palette,
    Cmyk,
    Lab,
    /// So many channels of another kind, as satellites deliver them.
    Bands(u16),
    /// A drawing of lines and areas.
    Vector,
}

/// The header of one image.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ImageMeasure {
    /// Format by content: `png`, `jpeg`, `gif`, ….
    pub(crate) format: &'static str,
    /// In pixels; 0 when the file does not say.
    pub(crate) width: u32,
    /// In pixels; 0 when the file does not say.
    pub(crate) height: u32,
    pub(crate) mode: Option<Mode>,
    /// Bits of a channel; 0 when the file does not say.
    pub(crate) bits: u8,
    /// True when channels are floating-point numbers.
    pub(crate) float: bool,
    /// True when the file holds more than one picture: an animation, pages, slices.
    pub(crate) several: bool,
    /// True when the file ends before the picture does.
    pub(crate) cut: bool,
    /// True when texts are embedded.
    pub(crate) with_text: bool,
    /// True when the picture states where on earth it lies.
    pub(crate) located: bool,
    pub(crate) exif: Option<Box<Exif>>,
    /// Way of taking a medical image: `CT`, `MR`, ….
    pub(crate) modality: Option<Box<str>>,
}

impl ImageMeasure {
    pub(super) fn new(format: &'static str, width: u32, height: u32) -> Self {
        Self {
            format,
            width,
            height,
            mode: None,
            bits: 0,
            float: false,
            several: false,
            cut: false,
            with_text: false,
            located: false,
            exif: None,
            modality: None,
        }
    }

    /// The colour mode, with the bits of a channel when they are not eight: `RGB`, `L 16-bit`.
    pub(crate) fn mode_name(&self) -> Option<String> {
        let name = match self.mode? {
            Mode::Grey => "L",
            Mode::GreyAlpha => "LA",
            Mode::Rgb => "RGB",
            Mode::Rgba => "RGBA",
            Mode::Palette => return Some(String::from("P")),
            Mode::Cmyk => "CMYK",
            Mode::Lab => "Lab",
            Mode::Bands(bands) => &format!("{bands} bands"),
            Mode::Vector => return Some(String::from("vector")),
        };
        Some(match (self.bits, self.float) {
            (0 | 8, false) => name.to_string(),
            (bits, false) => format!("{name} {bits}-bit"),
            (bits, true) => format!("{name} {bits}-bit float"),
        })
    }

    /// Width times height.
    pub(crate) fn pixels(&self) -> u64 {
        u64::from(self.width).saturating_mul(u64::from(self.height))
    }
}

/// Why an image could not be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The file cannot be read.
    Unreadable(String),
    /// The header of a format is broken or cut.
    Broken(&'static str),
    /// What the file holds instead.
    NoImage(&'static str),
}

/// Reads an image's header.
///
/// # Errors
/// Why there is none.
pub(crate) fn measure(path: &Path) -> Result<ImageMeasure, Fault> {
    let mut window = Window::open(path).map_err(|error| Fault::Unreadable(error.to_string()))?;
    let measured = measure_in(&mut window);
    match window.take_error() {
        Some(error) => Err(Fault::Unreadable(error.to_string())),
        None if matches!(measured, Err(Fault::NoImage(_))) => rare(path).map_or(measured, Ok),
        None => measured,
    }
}

/// Reads the header of an image of the common formats.
pub(crate) fn measure_in(window: &mut Window<'_>) -> Result<ImageMeasure, Fault> {
    let head: Vec<u8> = window.up_to(0, 16).to_vec();
    let (format, measured) = match head.as_slice() {
        // Its first 128 bytes may be anything, even the beginning of a TIFF.
        _ if window.has(128, b"DICM") => ("DICOM", dicom::measure(window)),
        [0x89, b'P', b'N', b'G', ..] => ("PNG", png::measure(window)),
        [0xff, 0xd8, 0xff, ..] => ("JPEG", jpeg::measure(window)),
        [b'G', b'I', b'F', b'8', ..] => ("GIF", simple::gif(window)),
        [b'B', b'M', ..] => ("BMP", simple::bmp(window)),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => ("WebP", webp::measure(window)),
        [b'I', b'I', b'*' | b'+', 0, ..] | [b'M', b'M', 0, b'*' | b'+', ..] => {
            ("TIFF", tiff::measure(window))
        }
        [b'P', b'1'..=b'7', blank, ..] if blank.is_ascii_whitespace() => ("PNM", simple::pnm(window)),
        [0, 0, 1 | 2, 0, count, 0, ..] if *count > 0 => ("ICO", simple::ico(window)),
        [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] | [0xff, 0x4f, 0xff, 0x51, ..] => {
            ("JPEG 2000", simple::jp2(window))
        }
        [2 | 8, 0, 0..=0x20, 0, ..] | [0, 8, 0, 0..=0x20, ..] => ("DICOM", dicom::without_preamble(window)),
        _ => return svg::measure(window).ok_or_else(|| Fault::NoImage(held(window))),
    };
    measured.ok_or(Fault::Broken(format))
}

/// What a file holds that holds no image.
fn held(window: &mut Window<'_>) -> &'static str {
    let head = window.up_to(0, 512);
    let start = head.trim_ascii_start().to_ascii_lowercase();
    if let Some(magic) = magic::recognise(head) {
        magic.name
    } else if start.starts_with(b"<!doctype html") || start.starts_with(b"<html") {
        "a web page"
    } else if head.iter().all(|&byte| byte == 0) {
        "nothing but zeros"
    } else if !crate::source::encoding::looks_binary(head) {
        "text"
    } else {
        "data of an unknown format"
    }
}

/// The size of an image of a rare format.
fn rare(path: &Path) -> Option<ImageMeasure> {
    let mut reader = BufReader::with_capacity(4 << 10, std::fs::File::open(path).ok()?);
    let head = std::io::BufRead::fill_buf(&mut reader).ok()?;
    let format = match imagesize::image_type(head).ok()? {
        ImageType::Heif(Compression::Av1) => "avif",
        ImageType::Heif(Compression::Hevc) => "heic",
        ImageType::Heif(_) => "heif",
        ImageType::Jxl => "jxl",
        ImageType::Psd => "psd",
        ImageType::Exr => "exr",
        ImageType::Qoi => "qoi",
        ImageType::Hdr => "hdr",
        ImageType::Farbfeld => "farbfeld",
        ImageType::Tga => "tga",
        _ => return None,
    };
    let size = imagesize::reader_size(reader).ok()?;
    let side = |pixels: usize| u32::try_from(pixels).ok();
    Some(ImageMeasure::new(format, side(size.width)?, side(size.height)?))
}
