//! Facts of images, sound and video.

pub(crate) mod audio;
pub(crate) mod images;
