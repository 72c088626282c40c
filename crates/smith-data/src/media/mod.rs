//! Facts of images, sound and video.

pub(crate) mod audio;
mod folded;
pub(crate) mod images;
pub(crate) mod signal;
pub(crate) mod video;
pub(crate) mod whole;
pub(crate) mod window;
