//! Opening a submission, and looking at its first bytes.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use super::refusal::{Refusal, RefusalKind};
use crate::extract::{self, Unfit};

/// UTF-8's byte-order mark.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Endings of file names from which pandas infers that a file is compressed.
const COMPRESSED_NAMES: [&str; 9] = ["gz", "bz2", "zip", "xz", "zst", "tar", "tgz", "tbz", "txz"];

/// First bytes of compressed files.
const COMPRESSED: [(&[u8], &str); 6] = [
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "a zip archive (or an Excel workbook)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ\0", "xz"),
    // The digit between these two is the size of a block.
    (b"BZh", "bzip2"),
];
/// What follows `BZh` and a digit in a bzip2 file.
const BZIP2_BLOCK: &[u8] = b"1AY&SY";

/// First bytes of text in wide encodings.
const WIDE: [(&[u8], &str); 3] =
    [(b"\xff\xfe", "UTF-16 or UTF-32"), (b"\xfe\xff", "UTF-16"), (b"\0\0\xfe\xff", "UTF-32")];

/// Opens the file at `path` for reading and says how many bytes it has. Nothing is read, and nothing that
/// could block or lead elsewhere is opened.
///
/// # Errors
/// A refusal unless it is a regular file of one name with at most `most` bytes, but at least one.
pub(super) fn open(path: &Path, most: u64) -> Result<(File, u64), Refusal> {
    refuse_name(path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = Path::new(path.file_name().unwrap_or_default());
    match extract::open_regular(folder, name, most).map_err(|unfit| refused(unfit, most))? {
        (_, 0) => {
            Err(Refusal::new(RefusalKind::Empty, "the file is empty; write a header and a row for each id"))
        }
        opened => Ok(opened),
    }
}

fn refused(unfit: Unfit, most: u64) -> Refusal {
    match unfit {
        Unfit::Missing => Refusal::new(RefusalKind::NotFound, "there is no such file"),
        Unfit::Link => not_regular("a symbolic link"),
        Unfit::HardLink => {
            let message =
                "the file is a hard link to a file that has another name too; write a file of its own";
            Refusal::new(RefusalKind::HardLink, message)
        }
        Unfit::NotRegular(what) => not_regular(what),
        Unfit::TooLarge(bytes) => too_large(bytes, most),
        Unfit::Io(error) => Refusal::io("the file cannot be opened", error),
    }
}

fn refuse_name(path: &Path) -> Result<(), Refusal> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    if !COMPRESSED_NAMES.contains(&ending.as_str()) {
        return Ok(());
    }
    let message = format!("the name ends with .{ending}, as of a compressed file; send plain CSV named .csv");
    Err(Refusal::new(RefusalKind::Compressed, message))
}

fn not_regular(what: &str) -> Refusal {
    Refusal::new(RefusalKind::NotRegular, format!("it is {what}; write a regular file"))
}

fn too_large(bytes: u64, most: u64) -> Refusal {
    let message = format!("the file has {bytes} bytes, more than the {most} that are taken");
    Refusal::new(RefusalKind::TooLarge, message)
}

/// Refuses a file that, by its first bytes, is no plain text in UTF-8.
///
/// # Errors
/// [`RefusalKind::Compressed`] and [`RefusalKind::WideEncoding`].
pub(super) fn refuse_by_first_bytes(first: &[u8]) -> Result<(), Refusal> {
    let starts = |(magic, _): &&(&[u8], &str)| first.starts_with(magic);
    if let Some((magic, name)) = COMPRESSED.iter().find(starts)
        && (*name != "bzip2" || is_bzip2(&first[magic.len()..]))
    {
        return Err(Refusal::new(RefusalKind::Compressed, format!("the file is {name}; send plain CSV")));
    }
    if let Some((_, name)) = WIDE.iter().find(starts) {
        let message = format!("the file is text in {name}; write it in UTF-8");
        return Err(Refusal::new(RefusalKind::WideEncoding, message));
    }
    Ok(())
}

fn is_bzip2(after_magic: &[u8]) -> bool {
    after_magic.first().is_some_and(u8::is_ascii_digit) && after_magic[1..].starts_with(BZIP2_BLOCK)
}

/// Passes on what it reads, and remembers its hash and its length. An interrupted read is tried again.
pub(super) struct Hashed<R> {
    inner: R,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<R> Hashed<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, hasher: blake3::Hasher::new(), bytes: 0 }
    }

    /// Hash and number of the bytes that were read.
    pub(super) fn finish(&self) -> (blake3::Hash, u64) {
        (self.hasher.finalize(), self.bytes)
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = loop {
            match self.inner.read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.hasher.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_files_and_wide_encodings_are_known_by_their_first_bytes() {
        for (first, kind, words) in [
            (&b"\x1f\x8b\x08\0"[..], RefusalKind::Compressed, "gzip"),
            (b"PK\x03\x04\x14", RefusalKind::Compressed, "Excel"),
            (b"PK\x05\x06\0", RefusalKind::Compressed, "empty zip"),
            (b"\x28\xb5\x2f\xfd\x24", RefusalKind::Compressed, "zstd"),
            (b"\xfd7zXZ\0\0", RefusalKind::Compressed, "xz"),
            (b"BZh91AY&SY", RefusalKind::Compressed, "bzip2"),
            (b"\xff\xfei\0d\0", RefusalKind::WideEncoding, "UTF-16"),
            (b"\xfe\xff\0i", RefusalKind::WideEncoding, "UTF-16"),
            (b"\0\0\xfe\xff\0\0\0i", RefusalKind::WideEncoding, "UTF-32"),
        ] {
            let refusal = refuse_by_first_bytes(first).unwrap_err();
            assert_eq!(refusal.kind, kind, "{first:?}");
            assert!(refusal.message.contains(words), "{refusal}");
        }
    }

    #[test]
    fn text_that_begins_like_an_archive_is_text() {
        for first in [&b"BZh9,x\n1,2\n"[..], b"BZh", b"PK,x\n", b"PK", b"id,x\n", b"\xef\xbb\xbfid"] {
            assert_eq!(refuse_by_first_bytes(first), Ok(()), "{first:?}");
        }
    }

    #[test]
    fn names_of_compressed_files_are_refused() {
        for name in ["a.csv.gz", "a.ZIP", "a.zst"] {
            assert_eq!(refuse_name(Path::new(name)).unwrap_err().kind, RefusalKind::Compressed, "{name}");
        }
        for name in ["a.csv", "gz", "a", "a.gz.csv"] {
            assert_eq!(refuse_name(Path::new(name)), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_is_read_is_hashed() {
        let mut hashed = Hashed::new(&b"id,x\n"[..]);
        io::copy(&mut hashed, &mut io::sink()).unwrap();
        assert_eq!(hashed.finish(), (blake3::hash(b"id,x\n"), 5));
    }

    struct InterruptedOnce(bool);

    impl Read for InterruptedOnce {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if std::mem::replace(&mut self.0, true) {
                buffer[0] = b'a';
                return Ok(1);
            }
            Err(ErrorKind::Interrupted.into())
        }
    }

    #[test]
    fn an_interrupted_read_is_tried_again() {
        let mut hashed = Hashed::new(InterruptedOnce(false));
        assert_eq!(hashed.read(&mut [0; 4]).unwrap(), 1);
        assert_eq!(hashed.finish(), (blake3::hash(b"a"), 1));
    }
}
