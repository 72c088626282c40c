//! Opens files: gzip is unpacked, UTF-16 becomes UTF-8, a record without end is stopped.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;
use std::rc::Rc;

use flate2::read::MultiGzDecoder;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Longest record that is held in memory, in bytes.
pub(crate) const MAX_RECORD_BYTES: u64 = 64 << 20;

/// The bytes of a file, unpacked when it is gzip.
pub(crate) fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    let mut file = File::open(path)?;
    let mut magic = Vec::new();
    (&mut file).take(2).read_to_end(&mut magic)?;
    file.rewind()?;
    Ok(if magic == GZIP_MAGIC { Box::new(MultiGzDecoder::new(BufReader::new(file))) } else { Box::new(file) })
}

/// The first bytes of a file, at most `limit`, unpacked when it is gzip.
pub(crate) fn head(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(limit as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Stops a reader that hands out too much without anybody having reset the count.
pub(crate) struct RecordGuard<R> {
    inner: R,
    since_record: Rc<Cell<u64>>,
}

impl<R: Read> RecordGuard<R> {
    /// The guarded reader and the count that its user sets to 0 after every record.
    pub(crate) fn new(inner: R) -> (Self, Rc<Cell<u64>>) {
        let since_record = Rc::new(Cell::new(0));
        (Self { inner, since_record: Rc::clone(&since_record) }, since_record)
    }
}

impl<R: Read> Read for RecordGuard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since_record.get() > MAX_RECORD_BYTES {
            return Err(io::Error::other(
                "a record is longer than 64 MiB; a quotation mark may never be closed",
            ));
        }
        let n = self.inner.read(buffer)?;
        self.since_record.set(self.since_record.get() + n as u64);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_without_end_is_stopped() {
        let (mut guard, since) = RecordGuard::new(io::repeat(b'x'));
        let mut buffer = vec![0; 1 << 20];
        for _ in 0..100 {
            since.set(0);
            guard.read_exact(&mut buffer).unwrap();
        }
        let error = (0..100).find_map(|_| guard.read_exact(&mut buffer).err()).unwrap();
        assert!(error.to_string().contains("64 MiB"));
    }
}
