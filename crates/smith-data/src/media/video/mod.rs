//! Measures videos by their containers: size, rate, duration and codecs of the tracks.

mod avi;
mod measure;
mod mkv;
mod mp4;
mod summary;

pub(crate) use measure::{Fault, measure_in, sound};
pub(crate) use summary::summarise;

/// For fuzzing: MP4 whatever the first bytes are.
pub(crate) fn read_mp4(window: &mut super::window::Window<'_>) {
    let _ = mp4::movie(window);
}

/// For fuzzing: Matroska whatever the first bytes are.
pub(crate) fn read_mkv(window: &mut super::window::Window<'_>) {
    let _ = mkv::movie(window);
}

/// For fuzzing: AVI whatever the first bytes are.
pub(crate) fn read_avi(window: &mut super::window::Window<'_>) {
    let _ = avi::movie(window);
}
