//! Looks at small parts of a file, wherever they lie, with one buffer and few reads.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes that are read at once: the headers of most files lie in the first of them.
const READ: usize = 4 << 10;
/// Longest part that is handed out at once.
pub(crate) const LONGEST: usize = 64 << 10;

trait Source: Read + Seek {}
impl<T: Read + Seek> Source for T {}

/// A file of which parts are looked at. Every part is either there or not: a position behind the end, or one that a
/// hostile header makes up, is no error but nothing.
pub(crate) struct Window<'a> {
    source: Box<dyn Source + 'a>,
    length: u64,
    /// Where the buffered bytes begin.
    start: u64,
    buffer: Vec<u8>,
    /// Where the source stands.
    position: u64,
    error: Option<io::Error>,
}

impl<'a> Window<'a> {
    /// Opens a file.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self::new(Box::new(file), length))
    }

    /// Looks at bytes in memory.
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self::new(Box::new(Cursor::new(bytes)), bytes.len() as u64)
    }

    fn new(source: Box<dyn Source + 'a>, length: u64) -> Self {
        Self { source, length, start: 0, buffer: Vec::new(), position: 0, error: None }
    }

    /// Length of the file in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// What went wrong while reading, if anything did.
    pub(crate) fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }

    /// `count` bytes (at most [`LONGEST`]) from `at`; none when the file ends before.
    pub(crate) fn bytes(&mut self, at: u64, count: usize) -> Option<&[u8]> {
        let bytes = self.up_to(at, count);
        (bytes.len() == count).then_some(bytes)
    }

    /// As many bytes from `at` as there are, up to `count` and [`LONGEST`].
    pub(crate) fn up_to(&mut self, at: u64, count: usize) -> &[u8] {
        let left = usize::try_from(self.length.saturating_sub(at)).unwrap_or(usize::MAX);
        let count = count.min(LONGEST).min(left);
        if self.buffered(at, count).is_none() && count > 0 {
            self.fill(at, count.max(READ));
        }
        let offset = usize::try_from(at.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let end = offset.saturating_add(count).min(self.buffer.len());
        self.buffer.get(offset..end).unwrap_or_default()
    }

    fn buffered(&self, at: u64, count: usize) -> Option<&[u8]> {
        let offset = usize::try_from(at.checked_sub(self.start)?).ok()?;
        self.buffer.get(offset..offset.checked_add(count)?)
    }

    fn fill(&mut self, at: u64, count: usize) {
        self.buffer.clear();
        self.start = at;
        if let Err(error) = self.read(at, count) {
            self.buffer.clear();
            self.error = Some(error);
        }
    }

    fn read(&mut self, at: u64, count: usize) -> io::Result<()> {
        if self.position != at {
            self.source.seek(SeekFrom::Start(at))?;
        }
        let read = self.source.by_ref().take(count as u64).read_to_end(&mut self.buffer)?;
        self.position = at.saturating_add(read as u64);
        Ok(())
    }

    /// A fixed number of bytes.
    pub(crate) fn array<const N: usize>(&mut self, at: u64) -> Option<[u8; N]> {
        self.bytes(at, N)?.try_into().ok()
    }

    pub(crate) fn byte(&mut self, at: u64) -> Option<u8> {
        self.bytes(at, 1)?.first().copied()
    }

    pub(crate) fn be16(&mut self, at: u64) -> Option<u16> {
        self.array(at).map(u16::from_be_bytes)
    }

    pub(crate) fn le16(&mut self, at: u64) -> Option<u16> {
        self.array(at).map(u16::from_le_bytes)
    }

    pub(crate) fn be32(&mut self, at: u64) -> Option<u32> {
        self.array(at).map(u32::from_be_bytes)
    }

    pub(crate) fn le32(&mut self, at: u64) -> Option<u32> {
        self.array(at).map(u32::from_le_bytes)
    }

    pub(crate) fn be64(&mut self, at: u64) -> Option<u64> {
        self.array(at).map(u64::from_be_bytes)
    }

    pub(crate) fn le64(&mut self, at: u64) -> Option<u64> {
        self.array(at).map(u64::from_le_bytes)
    }

    /// True when the file has these bytes at `at`.
    pub(crate) fn has(&mut self, at: u64, expected: &[u8]) -> bool {
        self.bytes(at, expected.len()) == Some(expected)
    }

    /// True when the bytes occur in the last `count` bytes.
    pub(crate) fn tail_holds(&mut self, count: usize, wanted: &[u8]) -> bool {
        let from = self.length.saturating_sub(count as u64);
        self.up_to(from, count).windows(wanted.len()).any(|part| part == wanted)
    }
}

/// How long a part is that reaches to the end of a file when its header says more than there is.
pub(crate) fn clipped(at: u64, length: u64, end: u64) -> u64 {
    length.min(end.saturating_sub(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_there_or_not() {
        let bytes: Vec<u8> = (0..20_000_u32).map(|i| (i % 251) as u8).collect();
        let mut window = Window::of(&bytes);
        assert_eq!(window.bytes(3, 2), Some(&[3, 4][..]));
        assert_eq!(window.bytes(12_000, 3), Some(&bytes[12_000..12_003]));
        assert_eq!(window.bytes(1, 9_000), Some(&bytes[1..9_001]));
        assert_eq!(window.be16(19_998), Some(u16::from_be_bytes([bytes[19_998], bytes[19_999]])));
        assert_eq!(window.be16(19_999), None);
        assert_eq!(window.up_to(19_999, 10), &bytes[19_999..]);
        assert_eq!(window.bytes(u64::MAX, 4), None);
        assert_eq!(window.bytes(0, LONGEST + 1), None);
        assert!(window.up_to(20_000, 5).is_empty());
    }

    #[test]
    fn tails() {
        let mut window = Window::of(b"abcdef");
        assert!(window.tail_holds(3, b"ef"));
        assert!(window.tail_holds(300, b"ab"));
        assert!(!window.tail_holds(2, b"de"));
    }
}
