//! What a video's container says, whatever its format.

use std::path::Path;

use super::{avi, mkv, mp4};
use crate::media::audio::AudioMeasure;
use crate::media::window::Window;

/// Tracks of one file that are looked at.
pub(super) const MAX_TRACKS: usize = 64;

/// What a track carries.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Picture {
        width: u32,
        height: u32,
        /// Pictures in a second, when the container tells.
        rate: Option<f64>,
    },
    Sound {
        rate: u32,
        channels: u16,
        bits: u16,
    },
}

/// One track of a container.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    pub(super) codec: String,
    pub(super) content: Content,
    pub(super) seconds: Option<f64>,
}

/// A container and its tracks of picture and sound.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Movie {
    pub(super) container: &'static str,
    pub(super) tracks: Vec<Track>,
    /// Duration that the container states for all tracks.
    pub(super) seconds: Option<f64>,
    /// True when the file ends before the container does.
    pub(super) cut: bool,
}

/// The facts of one video.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VideoMeasure {
    /// `mp4`, `quicktime`, `matroska`, `webm`, `avi`.
    pub(crate) container: &'static str,
    /// Codec of the first track of pictures; empty when there is none.
    pub(crate) codec: String,
    /// In pixels; 0 when unknown.
    pub(crate) width: u32,
    /// In pixels; 0 when unknown.
    pub(crate) height: u32,
    /// Pictures in a second.
    pub(crate) rate: Option<f64>,
    pub(crate) seconds: Option<f64>,
    pub(crate) with_audio: bool,
    pub(crate) cut: bool,
}

/// Why a video could not be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The file cannot be read.
    Unreadable(String),
    /// The container is broken or cut before its tracks are described.
    Broken(&'static str),
    /// A container whose inside is not looked at.
    Closed(&'static str),
    /// It is no video of a known container.
    Unknown,
}

/// Reads a video's container.
///
/// # Errors
/// Why nothing is known.
pub(crate) fn measure(path: &Path) -> Result<VideoMeasure, Fault> {
    let mut window = Window::open(path).map_err(|error| Fault::Unreadable(error.to_string()))?;
    let measured = measure_in(&mut window);
    match window.take_error() {
        Some(error) => Err(Fault::Unreadable(error.to_string())),
        None => measured,
    }
}

/// Reads a video's container.
///
/// # Errors
/// Why nothing is known.
pub(crate) fn measure_in(window: &mut Window<'_>) -> Result<VideoMeasure, Fault> {
    let head = window.up_to(0, 16).to_vec();
    match head.as_slice() {
        // The oldest QuickTime files have no type.
        [_, _, _, _, b'f', b't', b'y', b'p', ..]
        | [_, _, _, _, b'm', b'o', b'o', b'v', ..]
        | [_, _, _, _, b'm', b'd', b'a', b't', ..]
        | [_, _, _, _, b'w', b'i', b'd', b'e', ..] => facts(mp4::movie(window), "MP4"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => facts(mkv::movie(window), "Matroska"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b' ', ..] => facts(avi::movie(window), "AVI"),
        [b'F', b'L', b'V', ..] => Err(Fault::Closed("flv")),
        [0x30, 0x26, 0xb2, 0x75, ..] => Err(Fault::Closed("asf")),
        [0, 0, 1, 0xba | 0xb3, ..] => Err(Fault::Closed("mpeg")),
        [b'O', b'g', b'g', b'S', ..] => Err(Fault::Closed("ogg")),
        [0x47, ..] if window.byte(188) == Some(0x47) && window.byte(376) == Some(0x47) => {
            Err(Fault::Closed("mpeg-ts"))
        }
        _ => Err(Fault::Unknown),
    }
}

fn facts(movie: Option<Movie>, format: &'static str) -> Result<VideoMeasure, Fault> {
    let movie = movie.filter(|movie| !movie.tracks.is_empty()).ok_or(Fault::Broken(format))?;
    let longest =
        movie.tracks.iter().filter_map(|track| track.seconds).fold(None, |longest: Option<f64>, seconds| {
            Some(longest.map_or(seconds, |longest| longest.max(seconds)))
        });
    let mut measure = VideoMeasure {
        container: movie.container,
        codec: String::new(),
        width: 0,
        height: 0,
        rate: None,
        seconds: movie.seconds.or(longest),
        with_audio: movie.tracks.iter().any(|track| matches!(track.content, Content::Sound { .. })),
        cut: movie.cut,
    };
    for track in &movie.tracks {
        if let Content::Picture { width, height, rate } = track.content {
            (measure.width, measure.height, measure.rate) = (width, height, rate);
            measure.codec = track.codec.clone();
            measure.seconds = track.seconds.or(measure.seconds);
            break;
        }
    }
    Ok(measure)
}

/// The first track of sound of an MP4 or a Matroska file.
pub(crate) fn sound(window: &mut Window<'_>) -> Option<AudioMeasure> {
    let movie = if window.has(4, b"ftyp") { mp4::movie(window) } else { mkv::movie(window) }?;
    movie.tracks.iter().find_map(|track| {
        let Content::Sound { rate, channels, bits } = track.content else { return None };
        let codec = sound_codec(&track.codec);
        let mut measure = AudioMeasure::new(codec, rate, channels);
        measure.bits = if matches!(codec, "pcm" | "alac" | "flac") { bits } else { 0 };
        measure.seconds = track.seconds.or(movie.seconds);
        if movie.cut {
            measure.odd = Some(crate::media::audio::Odd::Cut);
        }
        Some(measure)
    })
}

/// Codecs as MP4 and Matroska name them.
fn sound_codec(name: &str) -> &'static str {
    let starts = |prefix: &str| name.starts_with(prefix);
    match name {
        "mp4a" => "aac",
        "alac" | "A_ALAC" => "alac",
        "Opus" | "A_OPUS" => "opus",
        "fLaC" | "A_FLAC" => "flac",
        "A_VORBIS" => "vorbis",
        ".mp3" | "A_MPEG/L3" => "mp3",
        "ac-3" | "A_AC3" => "ac3",
        "sowt" | "twos" | "lpcm" | "in24" | "in32" | "ipcm" => "pcm",
        "samr" | "sawb" => "amr",
        _ if starts("A_AAC") => "aac",
        _ if starts("A_PCM") => "pcm",
        _ => "other",
    }
}
