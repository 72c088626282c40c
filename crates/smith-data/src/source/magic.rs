//! Formats by their first bytes.

use smith_task_schema::profile::FileKind;

/// A format that its first bytes give away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Magic {
    pub(crate) kind: FileKind,
    /// The format's name as prose has it.
    pub(crate) name: &'static str,
}

/// Offset, bytes, kind, name; the first match wins.
const SIGNATURES: &[(usize, &[u8], FileKind, &str)] = &[
    (0, b"\x89PNG\r\n\x1a\n", FileKind::Image, "PNG image"),
    (0, b"\xff\xd8\xff", FileKind::Image, "JPEG image"),
    (0, b"GIF8", FileKind::Image, "GIF image"),
    (8, b"WEBP", FileKind::Image, "WebP image"),
    (0, b"II*\0", FileKind::Image, "TIFF image"),
    (0, b"MM\0*", FileKind::Image, "TIFF image"),
    (8, b"WAVE", FileKind::Audio, "WAV audio"),
    (0, b"fLaC", FileKind::Audio, "FLAC audio"),
    (0, b"OggS", FileKind::Audio, "Ogg stream"),
    (0, b"ID3", FileKind::Audio, "MP3 audio"),
    (4, b"ftyp", FileKind::Video, "MP4 or QuickTime video"),
    (0, b"\x1aE\xdf\xa3", FileKind::Video, "Matroska or WebM video"),
    (8, b"AVI ", FileKind::Video, "AVI video"),
    (0, b"PAR1", FileKind::Table, "Parquet table"),
    (0, b"SQLite format 3\0", FileKind::Database, "SQLite database"),
    (0, b"PK\x03\x04", FileKind::Archive, "ZIP archive (or a format built on it, such as NPZ, XLSX or DOCX)"),
    (0, b"\x1f\x8b", FileKind::Archive, "gzip file"),
    (0, b"BZh", FileKind::Archive, "bzip2 file"),
    (0, b"\xfd7zXZ\0", FileKind::Archive, "xz file"),
    (0, b"\x28\xb5\x2f\xfd", FileKind::Archive, "Zstandard file"),
    (0, b"7z\xbc\xaf\x27\x1c", FileKind::Archive, "7-Zip archive"),
    (257, b"ustar", FileKind::Archive, "tar archive"),
    (0, b"\x89HDF\r\n\x1a\n", FileKind::Other, "HDF5 file"),
    (0, b"CDF\x01", FileKind::Other, "NetCDF file"),
    (0, b"\x93NUMPY", FileKind::Other, "NumPy array"),
    (0, b"ARROW1", FileKind::Table, "Arrow IPC file"),
    (0, b"FEA1", FileKind::Table, "Feather file of version 1"),
    (0, b"%PDF-", FileKind::Other, "PDF document"),
    (128, b"DICM", FileKind::Other, "DICOM image"),
    (0, b"MATLAB 5.0 MAT", FileKind::Other, "MATLAB file"),
    (0, b"\x7fELF", FileKind::Other, "ELF program"),
];

/// The format of a file that begins with these bytes.
pub(crate) fn recognise(head: &[u8]) -> Option<Magic> {
    SIGNATURES
        .iter()
        .find(|(offset, bytes, ..)| head.get(*offset..).is_some_and(|rest| rest.starts_with(bytes)))
        .map(|&(_, _, kind, name)| Magic { kind, name })
}
