//! What an audio file's header says, whatever its format.

use std::path::Path;

use super::{flac, mpeg, ogg, plain, wav};
use crate::media::video;
use crate::media::window::Window;

/// The header of one audio file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AudioMeasure {
    /// How samples are coded: `pcm`, `float`, `mp3`, ….
    pub(crate) codec: &'static str,
    /// Samples per second.
    pub(crate) rate: u32,
    pub(crate) channels: u16,
    /// Bits of a sample; 0 where the codec has none.
    pub(crate) bits: u16,
    /// Duration; none when the file does not say and it cannot be told without decoding.
    pub(crate) seconds: Option<f64>,
    /// What does not fit.
    pub(crate) odd: Option<Odd>,
}

/// What does not fit in an audio file of which the header could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Odd {
    /// The file ends before the sound that its header announces.
    Cut,
    /// The header's own figures disagree.
    Contradictory,
}

impl AudioMeasure {
    pub(crate) fn new(codec: &'static str, rate: u32, channels: u16) -> Self {
        Self { codec, rate, channels, bits: 0, seconds: None, odd: None }
    }

    /// Duration of so many samples of each channel.
    pub(super) fn lasting(mut self, samples: u64) -> Self {
        self.seconds = Some(samples as f64 / f64::from(self.rate.max(1)));
        self
    }
}

/// Why an audio file could not be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The file cannot be read.
    Unreadable(String),
    /// Its header is broken or cut.
    Broken(&'static str),
    /// It is no audio of a format that is read.
    Unknown,
}

/// Reads the header of an audio file.
///
/// # Errors
/// Why there is none.
pub(crate) fn measure(path: &Path) -> Result<AudioMeasure, Fault> {
    let mut window = Window::open(path).map_err(|error| Fault::Unreadable(error.to_string()))?;
    let measured = measure_in(&mut window);
    match window.take_error() {
        Some(error) => Err(Fault::Unreadable(error.to_string())),
        None => measured,
    }
}

/// Reads the header of an audio file.
///
/// # Errors
/// Why there is none.
pub(crate) fn measure_in(window: &mut Window<'_>) -> Result<AudioMeasure, Fault> {
    let head = window.up_to(0, 12).to_vec();
    let (format, measured) = match head.as_slice() {
        [b'R', b'I', b'F', b'F' | b'X', .., b'W', b'A', b'V', b'E']
        | [b'R', b'F', b'6', b'4', .., b'W', b'A', b'V', b'E']
        | [b'B', b'W', b'6', b'4', .., b'W', b'A', b'V', b'E'] => ("WAV", wav::measure(window)),
        [b'F', b'O', b'R', b'M', .., b'A', b'I', b'F', b'F' | b'C'] => ("AIFF", plain::aiff(window)),
        [b'.', b's', b'n', b'd', ..] => ("AU", plain::au(window)),
        [b'N', b'I', b'S', b'T', b'_', b'1', b'A', ..] => ("SPHERE", plain::sphere(window)),
        [b'O', b'g', b'g', b'S', ..] => ("Ogg", ogg::measure(window)),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] | [0x1a, 0x45, 0xdf, 0xa3, ..] => {
            ("MP4 or Matroska", video::sound(window))
        }
        _ => {
            let start = mpeg::after_tags(window);
            if window.has(start, b"fLaC") {
                ("FLAC", flac::measure(window, start))
            } else {
                return mpeg::measure(window, start).ok_or(Fault::Unknown);
            }
        }
    };
    measured.filter(|found| found.rate > 0 && found.channels > 0).ok_or(Fault::Broken(format))
}
