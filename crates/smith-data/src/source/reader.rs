//! Opens files: what is compressed is unpacked while it is read, a record without end is stopped.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;
use std::rc::Rc;

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;

/// Longest record that is held in memory, in bytes.
pub(crate) const MAX_RECORD_BYTES: u64 = 64 << 20;
/// Bytes that are read at a time from what is compressed.
const BUFFER_BYTES: usize = 64 << 10;
/// Memory that an xz file may ask for, in KiB. Its strongest usual setting asks for 65 MiB.
const XZ_MEMORY_KIB: u32 = 256 << 10;

/// How a file is compressed as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Codec {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

impl Codec {
    /// The compression that a file's first bytes give away.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        let bzip2 = |head: &[u8]| {
            head.starts_with(b"BZh")
                && head.get(3).is_some_and(|level| (b'1'..=b'9').contains(level))
                && matches!(head.get(4..10), Some(b"1AY&SY" | b"\x17rE8P\x90"))
        };
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            _ if head.starts_with(b"\xfd7zXZ\0") => Some(Self::Xz),
            _ if bzip2(head) => Some(Self::Bzip2),
            _ => None,
        }
    }

    /// What the names of files that are packed so end in.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
            Self::Bzip2 => ".bz2",
            Self::Xz => ".xz",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "Zstandard",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        }
    }

    /// Unpacks what `input` hands out, one compressed stream behind the other.
    pub(crate) fn decoder<'a>(
        self,
        input: impl BufRead + Send + 'a,
    ) -> io::Result<Box<dyn Read + Send + 'a>> {
        Ok(match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(input)),
            Self::Zstd => Box::new(zstd::Decoder::with_buffer(input)?),
            Self::Bzip2 => Box::new(MultiBzDecoder::new(input)),
            Self::Xz => Box::new(XzReader::new_mem_limit(input, true, XZ_MEMORY_KIB)),
        })
    }
}

/// The bytes of a file, unpacked when it is compressed as a whole.
pub(crate) fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    let (file, codec) = open_packed(path)?;
    match codec {
        Some(codec) => codec.decoder(BufReader::with_capacity(BUFFER_BYTES, file)),
        None => Ok(Box::new(file)),
    }
}

/// A format's name with the ending of how the file at `path` is compressed as a whole: `csv.gz`. Its content counts,
/// not its name; what cannot be opened is not compressed.
pub(crate) fn packed_format(format: &str, path: &Path) -> String {
    let codec = open_packed(path).ok().and_then(|(_, codec)| codec);
    format!("{format}{}", codec.map_or("", Codec::ending))
}

/// A file at its beginning, and how it is compressed.
fn open_packed(path: &Path) -> io::Result<(File, Option<Codec>)> {
    let mut file = File::open(path)?;
    let mut magic = Vec::new();
    (&mut file).take(16).read_to_end(&mut magic)?;
    file.rewind()?;
    Ok((file, Codec::of(&magic)))
}

/// The first bytes of a file, at most `limit`, unpacked when it is compressed as a whole.
pub(crate) fn head(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(limit as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The first bytes of a file as they are, at most `limit`.
pub(crate) fn raw_head(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads from a place of a file, wherever others read it.
#[cfg(unix)]
pub(crate) fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

/// Reads from a place of a file, wherever others read it.
#[cfg(windows)]
pub(crate) fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// As many of the first bytes as can be read, at most `limit`, and the error that came before the limit.
pub(crate) fn readable_head(path: &Path, limit: usize) -> (Vec<u8>, Option<io::Error>) {
    let mut bytes = Vec::new();
    let error = open(path).and_then(|input| input.take(limit as u64).read_to_end(&mut bytes)).err();
    (bytes, error)
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
    use std::io::Write;

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

    fn packed(codec: Codec, bytes: &[u8]) -> Vec<u8> {
        match codec {
            Codec::Gzip => {
                let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                out.write_all(bytes).unwrap();
                out.finish().unwrap()
            }
            Codec::Zstd => zstd::encode_all(bytes, 1).unwrap(),
            Codec::Bzip2 => {
                let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
                out.write_all(bytes).unwrap();
                out.finish().unwrap()
            }
            Codec::Xz => {
                let options = lzma_rust2::XzOptions::with_preset(1);
                let mut out = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
                out.write_all(bytes).unwrap();
                out.finish().unwrap()
            }
        }
    }

    /// Tools that compress in parallel, and `cat a.gz b.gz`, write several streams behind each other.
    #[test]
    fn every_compression_is_known_by_content_and_read_stream_behind_stream() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("no extension");
        let (first, second) = ("first line\n".repeat(9_000), "second\n".repeat(7));
        for codec in [Codec::Gzip, Codec::Zstd, Codec::Bzip2, Codec::Xz] {
            let mut bytes = packed(codec, first.as_bytes());
            bytes.extend(packed(codec, second.as_bytes()));
            std::fs::write(&path, &bytes).unwrap();
            let mut text = String::new();
            open(&path).unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, format!("{first}{second}"), "{codec:?}");
            assert_eq!(head(&path, 5).unwrap(), b"first");
            assert_eq!(packed_format("csv", &path), format!("csv{}", codec.ending()));
            std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
            let mut cut = Vec::new();
            assert!(open(&path).unwrap().read_to_end(&mut cut).is_err(), "{codec:?}");
        }
    }

    #[test]
    fn words_that_begin_like_bzip2_are_no_bzip2() {
        assert_eq!(Codec::of(b"BZh9 is a name"), None);
        assert_eq!(Codec::of(b""), None);
    }
}
