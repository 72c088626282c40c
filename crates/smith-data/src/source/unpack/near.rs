//! A buffered reader that keeps its buffer when it is sent to a place nearby, as the members of an archive are.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

/// Reads a file of which the next place is usually just behind the last one.
pub(super) struct NearReader {
    inner: BufReader<File>,
    position: u64,
}

impl NearReader {
    /// A reader at the beginning of a file.
    pub(super) fn new(inner: BufReader<File>) -> Self {
        Self { inner, position: 0 }
    }
}

impl Read for NearReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.position += n as u64;
        Ok(n)
    }
}

impl BufRead for NearReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.inner.consume(bytes);
        self.position += bytes as u64;
    }
}

impl Seek for NearReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let wanted = match to {
            SeekFrom::Start(wanted) => Some(wanted),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(_) => None,
        };
        let by = wanted.and_then(|wanted| {
            let (wanted, here) = (i64::try_from(wanted).ok()?, i64::try_from(self.position).ok()?);
            wanted.checked_sub(here)
        });
        match (by, wanted) {
            (Some(by), Some(wanted)) => {
                self.inner.seek_relative(by)?;
                self.position = wanted;
            }
            _ => self.position = self.inner.seek(to)?,
        }
        Ok(self.position)
    }

    fn stream_position(&mut self) -> io::Result<u64> {
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        let bytes: Vec<u8> = (0..200_000_u32).map(|i| (i % 251) as u8).collect();
        std::fs::write(&path, &bytes).unwrap();
        let open = || BufReader::with_capacity(1024, File::open(&path).unwrap());
        let (mut near, mut plain) = (NearReader::new(open()), open());
        let places = [
            SeekFrom::Start(100),
            SeekFrom::Current(-60),
            SeekFrom::Start(150_000),
            SeekFrom::End(-70),
            SeekFrom::Current(2),
            SeekFrom::Start(199_000),
            SeekFrom::Start(3),
        ];
        for place in places {
            assert_eq!(near.seek(place).unwrap(), plain.seek(place).unwrap());
            assert_eq!(near.stream_position().unwrap(), plain.stream_position().unwrap());
            let (mut a, mut b) = ([0; 5], [0; 5]);
            near.read_exact(&mut a).unwrap();
            plain.read_exact(&mut b).unwrap();
            assert_eq!(a, b, "{place:?}");
        }
        assert!(near.seek(SeekFrom::Current(-1_000_000)).is_err());
    }
}
