//! The size of an image that is at hand in Base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::chat::Image;

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: u64,
    pub(super) height: u64,
}

/// Characters of Base64 that are looked at: sizes stand in a file's header, in a photograph behind its small preview.
const LOOKED_AT: usize = 256 << 10;

/// The size, if the beginning of the file tells it.
pub(super) fn size(image: &Image) -> Option<Size> {
    let text = image.data.as_bytes();
    let beginning = text.get(..text.len().min(LOOKED_AT) / 4 * 4)?;
    let bytes = STANDARD.decode(beginning).ok()?;
    let size = imagesize::blob_size(&bytes).ok()?;
    Some(Size { width: u64::try_from(size.width).ok()?, height: u64::try_from(size.height).ok()? })
}

impl Size {
    /// Scaled down so that no side is longer.
    pub(super) fn within(self, side: u64) -> Self {
        self.scaled(side, self.width.max(self.height))
    }

    /// Scaled down so that the shorter side is no longer.
    pub(super) fn with_short_side(self, side: u64) -> Self {
        self.scaled(side, self.width.min(self.height))
    }

    fn scaled(self, to: u64, from: u64) -> Self {
        if from <= to {
            return self;
        }
        let scale = |side: u64| {
            let scaled = (u128::from(side) * u128::from(to)).div_ceil(u128::from(from));
            u64::try_from(scaled).unwrap_or(u64::MAX)
        };
        Self { width: scale(self.width), height: scale(self.height) }
    }

    pub(super) fn pixels(self) -> u64 {
        self.width.saturating_mul(self.height)
    }

    /// How many squares of this side cover it; bounded, so that sums of them are.
    pub(super) fn squares(self, side: u64) -> u64 {
        self.width.div_ceil(side).saturating_mul(self.height.div_ceil(side)).min(1 << 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Option<Size> {
        size(&Image { media_type: "image/png".into(), data: STANDARD.encode(bytes) })
    }

    #[test]
    fn the_header_tells_the_size_and_what_is_none_tells_nothing() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([0, 0, 4, 0, 0, 0, 3, 0, 8, 2, 0, 0, 0]);
        png.extend([0; 64]);
        assert_eq!(of(&png), Some(Size { width: 1024, height: 768 }));
        for nothing in [&b""[..], b"no image at all", &png[..14]] {
            assert_eq!(of(nothing), None);
        }
        assert_eq!(size(&Image { media_type: "image/png".into(), data: "*".repeat(99) }), None);
    }
}
