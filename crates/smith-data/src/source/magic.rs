//! Formats by their first bytes.

use smith_task_schema::profile::FileKind;

use crate::source::encoding::looks_binary;

/// A format that its first bytes give away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Magic {
    pub(crate) kind: FileKind,
    /// The format's name as prose has it.
    pub(crate) name: &'static str,
    /// What a reader of the format has to know or to have, where nothing here looks into it.
    pub(crate) needs: Option<&'static str>,
}

struct Signature {
    offset: usize,
    bytes: &'static [u8],
    magic: Magic,
    /// True when a text could begin so: it counts only in what is no text.
    is_weak: bool,
}

const fn known(offset: usize, bytes: &'static [u8], kind: FileKind, name: &'static str) -> Signature {
    Signature { offset, bytes, magic: Magic { kind, name, needs: None }, is_weak: false }
}

const fn weak(bytes: &'static [u8], kind: FileKind, name: &'static str) -> Signature {
    Signature { offset: 0, bytes, magic: Magic { kind, name, needs: None }, is_weak: true }
}

const fn closed(offset: usize, bytes: &'static [u8], name: &'static str, needs: &'static str) -> Signature {
    let magic = Magic { kind: FileKind::Other, name, needs: Some(needs) };
    Signature { offset, bytes, magic, is_weak: false }
}

const RUNS_CODE: &str =
    "loading it runs whatever code it holds, so load it only in a sandbox or from a source you trust";
const UNPACK_FIRST: &str = "it is not read here: unpack it and point to the folder with its files";
const H5PY: &str = "read it with h5py or PyTables";
const XARRAY: &str = "read it with xarray or netCDF4";
const PYREADSTAT: &str = "read it with pyreadstat or pandas";
const R_DATA: &str = "read it with R or pyreadr";
const GEO: &str = "read it with geopandas or GDAL";

/// The first match wins.
const SIGNATURES: &[Signature] = &[
    // What stands before the mark may look like another format.
    known(128, b"DICM", FileKind::Image, "DICOM image"),
    known(0, b"\x89PNG\r\n\x1a\n", FileKind::Image, "PNG image"),
    known(0, b"\xff\xd8\xff", FileKind::Image, "JPEG image"),
    known(0, b"GIF87a", FileKind::Image, "GIF image"),
    known(0, b"GIF89a", FileKind::Image, "GIF image"),
    known(8, b"WEBP", FileKind::Image, "WebP image"),
    known(0, b"II*\0", FileKind::Image, "TIFF image"),
    known(0, b"MM\0*", FileKind::Image, "TIFF image"),
    known(0, b"II+\0", FileKind::Image, "BigTIFF image"),
    known(0, b"MM\0+", FileKind::Image, "BigTIFF image"),
    known(0, b"\0\0\0\x0cjP  \r\n", FileKind::Image, "JPEG 2000 image"),
    known(0, b"\0\0\0\x0cJXL \r\n", FileKind::Image, "JPEG XL image"),
    known(0, b"\xff\x0a", FileKind::Image, "JPEG XL image"),
    known(0, b"\x76\x2f\x31\x01", FileKind::Image, "OpenEXR image"),
    known(0, b"#?RADIANCE", FileKind::Image, "Radiance HDR image"),
    known(0, b"\0\0\x01\0", FileKind::Image, "icon"),
    weak(b"BM", FileKind::Image, "BMP image"),
    known(4, b"ftypheic", FileKind::Image, "HEIC image"),
    known(4, b"ftypheix", FileKind::Image, "HEIC image"),
    known(4, b"ftypmif1", FileKind::Image, "HEIF image"),
    known(4, b"ftypmsf1", FileKind::Image, "HEIF image sequence"),
    known(4, b"ftypavif", FileKind::Image, "AVIF image"),
    known(4, b"ftypavis", FileKind::Image, "AVIF image sequence"),
    known(8, b"WAVE", FileKind::Audio, "WAV audio"),
    known(0, b"fLaC", FileKind::Audio, "FLAC audio"),
    known(28, b"\x80theora", FileKind::Video, "Ogg video"),
    known(0, b"OggS", FileKind::Audio, "Ogg stream"),
    known(0, b"ID3", FileKind::Audio, "MP3 audio"),
    known(8, b"AIFF", FileKind::Audio, "AIFF audio"),
    known(8, b"AIFC", FileKind::Audio, "AIFF audio"),
    known(0, b"#!AMR", FileKind::Audio, "AMR audio"),
    known(0, b".snd\0\0", FileKind::Audio, "AU audio"),
    known(0, b"caff\0\x01", FileKind::Audio, "CAF audio"),
    known(4, b"ftypM4A ", FileKind::Audio, "MP4 audio"),
    known(4, b"ftypM4B ", FileKind::Audio, "MP4 audio"),
    known(4, b"ftyp", FileKind::Video, "MP4 or QuickTime video"),
    known(4, b"moov", FileKind::Video, "QuickTime video"),
    known(4, b"mdat", FileKind::Video, "QuickTime video"),
    known(0, b"\x1aE\xdf\xa3", FileKind::Video, "Matroska or WebM video"),
    known(8, b"AVI ", FileKind::Video, "AVI video"),
    known(0, b"\0\0\x01\xba", FileKind::Video, "MPEG video"),
    known(0, b"\0\0\x01\xb3", FileKind::Video, "MPEG video"),
    known(0, b"FLV\x01", FileKind::Video, "Flash video"),
    known(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", FileKind::Video, "Windows Media file"),
    known(0, b"PAR1", FileKind::Table, "Parquet table"),
    known(0, b"ARROW1", FileKind::Table, "Arrow table"),
    closed(0, b"FEA1", "Feather table of version 1", "read it with pyarrow and write it as Parquet"),
    closed(0, b"Obj\x01", "Avro file", "read it with fastavro"),
    Signature {
        offset: 0,
        bytes: b"ORC",
        magic: Magic {
            kind: FileKind::Other,
            name: "ORC table",
            needs: Some("read it with pyarrow and write it as Parquet"),
        },
        is_weak: true,
    },
    known(0, b"SQLite format 3\0", FileKind::Database, "SQLite database"),
    known(8, b"DUCK\x40\0\0\0", FileKind::Database, "DuckDB database"),
    closed(
        4,
        b"Standard Jet DB",
        "Microsoft Access database",
        "export its tables, for example with mdbtools",
    ),
    closed(
        4,
        b"Standard ACE DB",
        "Microsoft Access database",
        "export its tables, for example with mdbtools",
    ),
    closed(16, b"\xde\xc0\xef\xbe", "LMDB database", "read it with the package lmdb"),
    known(
        0,
        b"PK\x03\x04",
        FileKind::Archive,
        "ZIP archive (or a format built on it, such as NPZ, XLSX or DOCX)",
    ),
    known(0, b"PK\x05\x06", FileKind::Archive, "empty ZIP archive"),
    known(0, b"\x1f\x8b", FileKind::Archive, "gzip file"),
    known(0, b"BZh", FileKind::Archive, "bzip2 file"),
    known(0, b"\xfd7zXZ\0", FileKind::Archive, "xz file"),
    known(0, b"\x28\xb5\x2f\xfd", FileKind::Archive, "Zstandard file"),
    foreign(b"7z\xbc\xaf\x27\x1c", "7-Zip archive"),
    foreign(b"Rar!\x1a\x07", "RAR archive"),
    foreign(b"MSCF\0\0\0\0", "Windows cabinet archive"),
    foreign(b"\x04\x22\x4d\x18", "LZ4 file"),
    foreign(b"LZIP\x01", "lzip file"),
    foreign(b"\x1f\x9d", "file packed with compress"),
    foreign(b"070701", "cpio archive"),
    foreign(b"!<arch>\n", "ar archive"),
    known(257, b"ustar", FileKind::Archive, "tar archive"),
    known(0, b"\x93NUMPY", FileKind::Array, "NumPy array"),
    closed(0, b"\x89HDF\r\n\x1a\n", "HDF5 file", H5PY),
    closed(0, b"CDF\x01", "NetCDF file", XARRAY),
    closed(0, b"CDF\x02", "NetCDF file", XARRAY),
    closed(0, b"CDF\x05", "NetCDF file", XARRAY),
    closed(0, b"MATLAB 5.0 MAT", "MATLAB file", "read it with scipy.io.loadmat"),
    closed(0, b"RDX2\n", "R workspace", R_DATA),
    closed(0, b"RDX3\n", "R workspace", R_DATA),
    closed(0, b"X\n\0\0\0", "R object", R_DATA),
    closed(0, b"$FL2", "SPSS file", PYREADSTAT),
    closed(0, b"$FL3", "SPSS file", PYREADSTAT),
    closed(0, b"<stata_dta>", "Stata file", PYREADSTAT),
    closed(0, b"HEADER RECORD*******LIBRARY", "SAS transport file", PYREADSTAT),
    closed(12, b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\0", "SAS file", PYREADSTAT),
    closed(0, b"\0\0\x27\x0a\0\0\0\0", "shapefile", GEO),
    closed(0, b"SIMPLE  =", "FITS file", "read it with astropy"),
    closed(0, b"GRIB\0", "GRIB file", "read it with cfgrib"),
    closed(0, b"\xffBIOSEMI", "BDF recording", "read it with mne or pyedflib"),
    closed(0, b"0       ", "EDF recording", "read it with mne or pyedflib"),
    closed(344, b"n+1\0", "NIfTI image", "read it with nibabel"),
    closed(344, b"ni1\0", "NIfTI header", "read it with nibabel, together with the .img file beside it"),
    closed(0, b"MThd\0\0\0\x06", "MIDI file", "read it with mido or pretty_midi"),
    closed(0, b"BAM\x01", "BAM alignment", "read it with pysam"),
    closed(0, b"CRAM\x03", "CRAM alignment", "read it with pysam"),
    closed(0, b"GGUF", "GGUF model", "it is a model rather than data"),
    closed(4, b"TFL3", "TensorFlow Lite model", "it is a model rather than data"),
    known(0, b"LASF", FileKind::Geometry, "LAS point cloud"),
    known(0, b"ply\n", FileKind::Geometry, "PLY mesh or point cloud"),
    known(0, b"ply\r\n", FileKind::Geometry, "PLY mesh or point cloud"),
    closed(0, b"glTF", "binary glTF scene", "read it with trimesh"),
    closed(0, b"Kaydara FBX Binary", "FBX scene", "convert it, for example with Blender"),
    closed(0, b"BLENDER", "Blender scene", "open it with Blender"),
    closed(0, b"%PDF-", "PDF document", "extract its text, for example with pypdf"),
    closed(0, b"8BPS\0\x01", "Photoshop image", "read it with psd-tools"),
    closed(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Microsoft Office file of the old kind", "convert it"),
    known(0, b"\x7fELF", FileKind::Other, "ELF program"),
    known(0, b"\xca\xfe\xba\xbe", FileKind::Other, "Java class"),
    known(0, b"\xcf\xfa\xed\xfe", FileKind::Other, "Mach-O program"),
    known(0, b"\0asm", FileKind::Other, "WebAssembly module"),
    weak(b"MZ", FileKind::Other, "Windows program"),
    weak(b"wOF", FileKind::Other, "font"),
    known(0, b"OTTO\0", FileKind::Other, "font"),
    known(0, b"\0\x01\0\0\0", FileKind::Other, "font"),
];

const fn foreign(bytes: &'static [u8], name: &'static str) -> Signature {
    let magic = Magic { kind: FileKind::Archive, name, needs: Some(UNPACK_FIRST) };
    Signature { offset: 0, bytes, magic, is_weak: false }
}

const PICKLE: Magic = Magic { kind: FileKind::Other, name: "Python pickle", needs: Some(RUNS_CODE) };
const SAFETENSORS: Magic =
    Magic { kind: FileKind::Other, name: "safetensors file", needs: Some("read it with safetensors") };
const IDX: Magic = Magic { kind: FileKind::Array, name: "IDX array", needs: None };
const STL: Magic = Magic { kind: FileKind::Geometry, name: "binary STL mesh", needs: None };
const TRANSPORT_STREAM: Magic = Magic { kind: FileKind::Video, name: "MPEG transport stream", needs: None };
const PORTABLE_IMAGE: Magic = Magic { kind: FileKind::Image, name: "portable pixmap", needs: None };
const TAR: Magic = Magic { kind: FileKind::Archive, name: "tar archive", needs: None };

/// What is built on ZIP and stays one file, by extension: others look into it, or nobody does.
pub(crate) fn on_zip(extension: &str) -> Option<Magic> {
    let (kind, name, needs) = match extension {
        "xlsx" | "xlsm" | "xlsb" | "ods" => (FileKind::Table, "spreadsheet", None),
        "npz" => (FileKind::Array, "NumPy arrays", None),
        "docx" | "odt" => {
            (FileKind::Other, "text document", Some("extract its text, for example with pandoc"))
        }
        "pptx" | "odp" => {
            (FileKind::Other, "presentation", Some("extract its text, for example with pandoc"))
        }
        "jar" | "war" | "apk" | "aar" => (FileKind::Other, "packed program", None),
        "pt" | "pth" | "ckpt" => (FileKind::Other, "PyTorch file", Some(RUNS_CODE)),
        "keras" => (FileKind::Other, "Keras model", Some("it is a model rather than data")),
        "3mf" => (FileKind::Other, "3MF mesh", Some("read it with trimesh")),
        _ => return None,
    };
    Some(Magic { kind, name, needs })
}

/// The format of a file that begins with these bytes.
pub(crate) fn recognise(head: &[u8]) -> Option<Magic> {
    let signature = SIGNATURES.iter().find(|signature| {
        head.get(signature.offset..).is_some_and(|rest| rest.starts_with(signature.bytes))
            && (!signature.is_weak || looks_binary(head))
    });
    signature.map(|signature| signature.magic).or_else(|| structured(head))
}

/// Formats whose beginning is told by how it is built.
fn structured(head: &[u8]) -> Option<Magic> {
    if is_pickle(head) {
        Some(PICKLE)
    } else if is_safetensors(head) {
        Some(SAFETENSORS)
    } else if is_transport_stream(head) {
        Some(TRANSPORT_STREAM)
    } else if is_portable_image(head) {
        Some(PORTABLE_IMAGE)
    } else {
        is_tar_header(head).then_some(TAR)
    }
}

/// Formats whose beginning fits the size of the whole file.
pub(crate) fn by_size(head: &[u8], bytes: u64) -> Option<Magic> {
    if is_idx(head, bytes) {
        return Some(IDX);
    }
    let triangles = u32::from_le_bytes(head.get(80..84)?.try_into().ok()?);
    (bytes == 84 + 50 * u64::from(triangles)).then_some(STL)
}

/// Protocol 2 and later begin with their number; from the fourth on a frame follows.
fn is_pickle(head: &[u8]) -> bool {
    match head {
        [0x80, 4 | 5, 0x95, ..] => true,
        [0x80, 2 | 3, opcode, ..] => b"]}()cKMJGNX\x88\x89\x8a".contains(opcode),
        _ => false,
    }
}

/// The length of a header of JSON, and then the header.
fn is_safetensors(head: &[u8]) -> bool {
    let length = head.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    (2..100 << 20).contains(&length) && head.get(8..10) == Some(b"{\"")
}

fn is_transport_stream(head: &[u8]) -> bool {
    (0..4).all(|packet| head.get(packet * 188) == Some(&0x47)) && looks_binary(head)
}

/// `P5`, then a blank, then a number or a comment.
fn is_portable_image(head: &[u8]) -> bool {
    match head {
        [b'P', b'1'..=b'7', blank, next, ..] => {
            blank.is_ascii_whitespace() && (next.is_ascii_digit() || *next == b'#') && {
                let width: &[u8] = &head[3..];
                *next == b'#' || width.iter().take(24).filter(|byte| byte.is_ascii_digit()).count() > 1
            }
        }
        _ => false,
    }
}

/// The sum of a header's bytes stands in the header, whatever the dialect.
pub(crate) fn is_tar_header(head: &[u8]) -> bool {
    let Some(header) = head.first_chunk::<512>() else { return false };
    let stated: Vec<u8> = header[148..156].iter().copied().filter(|byte| !matches!(byte, b' ' | 0)).collect();
    let stated = std::str::from_utf8(&stated).ok().and_then(|octal| u32::from_str_radix(octal, 8).ok());
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    let field: u32 = header[148..156].iter().map(|&byte| u32::from(byte)).sum();
    header[0] != 0 && stated == Some(sum - field + 8 * 32)
}

/// True for a beginning that could be that of an IDX array whose size is not known yet.
pub(crate) fn may_be_idx(head: &[u8]) -> bool {
    matches!(head, [0, 0, 8 | 9 | 11..=14, 1..=4, ..]) && looks_binary(head)
}

/// Two zeros, a type, a number of dimensions and their sizes, which together make the size of the file.
fn is_idx(head: &[u8], bytes: u64) -> bool {
    let &[0, 0, kind, dimensions @ 1..=8, ..] = head else { return false };
    let width = match kind {
        8 | 9 => 1,
        11 => 2,
        12 | 13 => 4,
        14 => 8,
        _ => return false,
    };
    let sizes = head[4..].chunks_exact(4).take(usize::from(dimensions));
    let mut cells = Some(width);
    let mut seen = 0;
    for size in sizes {
        let size = u32::from_be_bytes([size[0], size[1], size[2], size[3]]);
        cells = cells.and_then(|cells: u64| cells.checked_mul(u64::from(size)));
        seen += 1;
    }
    let header = 4 + 4 * u64::from(dimensions);
    seen == dimensions && cells.and_then(|cells| cells.checked_add(header)) == Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(head: &[u8]) -> Option<&'static str> {
        recognise(head).map(|magic| magic.name)
    }

    #[test]
    fn formats_are_told_by_their_beginning() {
        let mut tar = tar::Header::new_gnu();
        tar.set_path("a/b").unwrap();
        tar.set_size(3);
        tar.set_cksum();
        let mut old = [0; 512];
        old[..3].copy_from_slice(b"a/b");
        let sum = old.iter().map(|&byte| u32::from(byte)).sum::<u32>() + 256;
        old[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let cases: [(&[u8], Option<&str>); 12] = [
            (b"GIF89a....", Some("GIF image")),
            (b"GIFts to charities,amount", None),
            (b"BM,weight\n1,2\n", None),
            (b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", Some("BMP image")),
            (b"\0\0\0\x18ftypheic\0\0\0\0", Some("HEIC image")),
            (b"\x80\x04\x95\x10\0\0\0", Some("Python pickle")),
            (b"\x40\0\0\0\0\0\0\0{\"weight\":{}}", Some("safetensors file")),
            (b"P5\n# made by hand\n3 3\n", Some("portable pixmap")),
            (b"P1 is the first patient", None),
            (b"ORC,orcs\n1,2\n", None),
            (tar.as_bytes(), Some("tar archive")),
            (&old, Some("tar archive")),
        ];
        for (head, expected) in cases {
            assert_eq!(name(head), expected, "{:?}", String::from_utf8_lossy(&head[..head.len().min(20)]));
        }
    }

    #[test]
    fn sizes_decide_where_the_beginning_says_little() {
        let mut idx = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4];
        idx.extend([7; 24]);
        assert_eq!(by_size(&idx, 40).map(|magic| magic.name), Some("IDX array"));
        assert_eq!(by_size(&idx, 41), None);
        assert_eq!(by_size(&[0, 0, 8, 3, 0xff, 0xff, 0xff, 0xff], 8), None);
        let mut stl = vec![b'x'; 80];
        stl.extend(2_u32.to_le_bytes());
        assert_eq!(by_size(&stl, 184).map(|magic| magic.name), Some("binary STL mesh"));
    }
}
