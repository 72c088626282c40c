//! The directories of tags that TIFF and EXIF share.

use crate::media::window::Window;

/// Tags of a directory that are looked at.
const MAX_TAGS: u64 = 512;
/// Longest text that is read.
const MAX_TEXT: usize = 64;

/// A tag of a directory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag {
    pub(super) id: u16,
    kind: u16,
    pub(super) count: u64,
    /// Where its values lie in the file.
    at: u64,
}

/// The tags of a directory and where the next directory is (0 for none).
pub(super) struct Directory {
    tags: Vec<Tag>,
    pub(super) next: u64,
}

impl Directory {
    pub(super) fn tag(&self, id: u16) -> Option<Tag> {
        self.tags.iter().find(|tag| tag.id == id).copied()
    }
}

/// How directories are written, from the header at `base`, to which all positions refer.
pub(super) struct Layout {
    base: u64,
    big_endian: bool,
    /// 64-bit positions (BigTIFF).
    big: bool,
    pub(super) first: u64,
}

impl Layout {
    pub(super) fn read(window: &mut Window<'_>, base: u64) -> Option<Self> {
        let head = window.array::<4>(base)?;
        let (big_endian, big) = match &head {
            b"II*\0" => (false, false),
            b"MM\0*" => (true, false),
            b"II+\0" => (false, true),
            b"MM\0+" => (true, true),
            _ => return None,
        };
        let mut layout = Self { base, big_endian, big, first: 0 };
        layout.first = if big {
            layout.u64(window, base.checked_add(8)?)
        } else {
            layout.u32(window, base.checked_add(4)?)
        }?;
        Some(layout)
    }

    fn u16(&self, window: &mut Window<'_>, at: u64) -> Option<u16> {
        if self.big_endian { window.be16(at) } else { window.le16(at) }
    }

    fn u32(&self, window: &mut Window<'_>, at: u64) -> Option<u64> {
        if self.big_endian { window.be32(at) } else { window.le32(at) }.map(u64::from)
    }

    fn u64(&self, window: &mut Window<'_>, at: u64) -> Option<u64> {
        if self.big_endian { window.be64(at) } else { window.le64(at) }
    }

    /// The directory at an offset from the header.
    pub(super) fn directory(&self, window: &mut Window<'_>, offset: u64) -> Option<Directory> {
        let start = self.base.checked_add(offset)?;
        let (count, first, size) = if self.big {
            (self.u64(window, start)?, start.checked_add(8)?, 20)
        } else {
            (u64::from(self.u16(window, start)?), start.checked_add(2)?, 12)
        };
        let mut tags = Vec::new();
        for i in 0..count.min(MAX_TAGS) {
            // A directory that the file's end cuts still tells what it has.
            let Some(tag) = self.tag(window, first.checked_add(i * size)?) else { break };
            tags.push(tag);
        }
        let end = first.checked_add(count.checked_mul(size)?)?;
        let next = if self.big { self.u64(window, end) } else { self.u32(window, end) };
        Some(Directory { tags, next: next.unwrap_or(0) })
    }

    fn tag(&self, window: &mut Window<'_>, at: u64) -> Option<Tag> {
        let (id, kind) = (self.u16(window, at)?, self.u16(window, at.checked_add(2)?)?);
        let (count, value, room) = if self.big {
            (self.u64(window, at.checked_add(4)?)?, at.checked_add(12)?, 8)
        } else {
            (self.u32(window, at.checked_add(4)?)?, at.checked_add(8)?, 4)
        };
        let fits = count.checked_mul(width(kind)).is_some_and(|bytes| bytes <= room);
        let at = if fits {
            value
        } else {
            let offset = if self.big { self.u64(window, value) } else { self.u32(window, value) };
            self.base.checked_add(offset?)?
        };
        Some(Tag { id, kind, count, at })
    }

    /// One of a tag's whole numbers.
    pub(super) fn number(&self, window: &mut Window<'_>, tag: Tag, index: u64) -> Option<u64> {
        if index >= tag.count {
            return None;
        }
        let at = tag.at.checked_add(index.checked_mul(width(tag.kind))?)?;
        match tag.kind {
            1 | 6 | 7 => window.byte(at).map(u64::from),
            3 | 8 => self.u16(window, at).map(u64::from),
            4 | 9 | 13 => self.u32(window, at),
            16..=18 => self.u64(window, at),
            _ => None,
        }
    }

    /// A tag's text without the nought behind it, shortened when it is long.
    pub(super) fn text(&self, window: &mut Window<'_>, tag: Tag) -> Option<String> {
        let count = usize::try_from(tag.count).unwrap_or(usize::MAX).min(MAX_TEXT);
        let bytes = window.bytes(tag.at, count)?;
        let text = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
        let text = crate::overview::display::one_line(&String::from_utf8_lossy(text), MAX_TEXT);
        (!text.is_empty()).then_some(text)
    }
}

/// Bytes of one value; 8 for kinds that are not known, which are not read.
fn width(kind: u16) -> u64 {
    match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        _ => 8,
    }
}
