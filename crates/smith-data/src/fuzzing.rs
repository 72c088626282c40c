//! Doors for fuzzers: each reads bytes as one format and must neither panic nor use more memory than the bytes and a
//! fixed amount. What they find is of no interest.
//!
//! `fuzz/` in this crate's folder of the repository has a target and a corpus for each.

use std::collections::BTreeMap;

use smith_task_schema::profile::FileKind;

use crate::findings::Findings;
use crate::formats::{
    self, Counted, arff as arff_table, arrow_ipc, csv as delimited, json as json_file, parquet_table,
    sequences as sequence_table, sniff, sparse as sparse_table, spreadsheet as workbook, sqlite as database,
    time_series as series_table,
};
use crate::media::window::Window;
use crate::media::{audio as sound, images, video};
use crate::options::ProfileOptions;
use crate::source::encoding::decode_head;
use crate::source::walk::Found;
use crate::source::{Archive, UnpackLimits, unpack_bare};
use crate::structured::{annotations, arrays, geometry as shapes};
use crate::text::{documents, near};

/// Rows of a table that are read.
const MAX_ROWS: u64 = 10_000;
/// Names of a document; each is read in its own way.
const DOCUMENTS: [&str; 7] = [
    "README.md",
    "LICENSE",
    "CITATION.cff",
    "dataset_info.json",
    "datapackage.json",
    "croissant.json",
    "references.bib",
];
/// Endings of the only file of a dataset.
const ENDINGS: [&str; 24] = [
    "csv", "tsv", "txt", "json", "jsonl", "parquet", "arrow", "xlsx", "sqlite", "arff", "npy", "npz", "png",
    "jpg", "wav", "mp4", "zip", "tar", "gz", "xml", "ply", "md", "edges", "bin",
];

/// Reads bytes as one format.
pub type Door = fn(&[u8]);

/// Every door with its name, which is that of its target and of its corpus.
pub const DOORS: [(&str, Door); 33] = [
    ("arff", arff),
    ("arrow", arrow),
    ("audio", audio),
    ("avi", avi),
    ("coco", coco),
    ("csv", csv),
    ("dataset", dataset),
    ("dialect", dialect),
    ("dicom", dicom),
    ("document", document),
    ("exif", exif),
    ("geometry", geometry),
    ("idx", idx),
    ("image_header", image_header),
    ("image_pixels", image_pixels),
    ("json", json),
    ("labelme", labelme),
    ("mkv", mkv),
    ("mp4", mp4),
    ("near_duplicates", near_duplicates),
    ("npy", npy),
    ("npz", npz),
    ("parquet", parquet),
    ("sequences", sequences),
    ("sparse", sparse),
    ("spreadsheet", spreadsheet),
    ("sqlite", sqlite),
    ("tar", tar),
    ("time_series", time_series),
    ("tracks", tracks),
    ("voc", voc),
    ("yolo", yolo),
    ("zip", zip),
];

/// Has a file of a name read that lies alone in a temporary directory. Nothing is read when none can be made.
fn with_file<R>(name: &str, bytes: &[u8], read: impl FnOnce(&Found) -> R) {
    let Ok(directory) = tempfile::tempdir() else { return };
    let path = directory.path().join(name);
    if std::fs::write(&path, bytes).is_ok() {
        drop(read(&Found { path, relative: String::from(name), bytes: bytes.len() as u64 }));
    }
}

/// The dialect of a delimited text.
pub fn dialect(bytes: &[u8]) {
    drop(sniff::sniff(bytes, bytes.len().is_multiple_of(2)));
    let _ = formats::is_special_text(bytes);
}

/// Delimited text, from the dialect to the facts of its columns.
pub fn csv(bytes: &[u8]) {
    let mut findings = Findings::default();
    with_file("t.csv", bytes, |found| {
        delimited::profile(found, "csv", MAX_ROWS, &Counted::silent(), &mut findings)
    });
}

/// JSON and JSON Lines.
pub fn json(bytes: &[u8]) {
    json_file::read_bytes(bytes, "json");
    json_file::read_bytes(bytes, "jsonl");
}

/// ARFF.
pub fn arff(bytes: &[u8]) {
    arff_table::read_bytes(bytes);
}

/// Time series in the format of `sktime`.
pub fn time_series(bytes: &[u8]) {
    let mut findings = Findings::default();
    with_file("t.ts", bytes, |found| series_table::profile(found, "ts", MAX_ROWS, &mut findings));
}

/// Sparse rows in the format of LIBSVM.
pub fn sparse(bytes: &[u8]) {
    let mut findings = Findings::default();
    with_file("t.svm", bytes, |found| sparse_table::profile(found, "libsvm", MAX_ROWS, &mut findings));
}

/// FASTA and FASTQ.
pub fn sequences(bytes: &[u8]) {
    let mut findings = Findings::default();
    with_file("t.fa", bytes, |found| {
        use sequence_table::Sequences::{Fasta, Fastq};
        [(Fasta, "fasta"), (Fastq, "fastq")]
            .map(|(kind, format)| sequence_table::profile(found, kind, format, MAX_ROWS, &mut findings))
    });
}

/// Parquet.
pub fn parquet(bytes: &[u8]) {
    let mut findings = Findings::default();
    with_file("t.parquet", bytes, |found| {
        parquet_table::profile(found, MAX_ROWS, &Counted::silent(), &mut findings)
    });
}

/// Arrow: files, streams and Feather.
pub fn arrow(bytes: &[u8]) {
    let mut findings = Findings::default();
    with_file("t.arrow", bytes, |found| arrow_ipc::profile(found, MAX_ROWS, &mut findings));
}

/// Workbooks of every format.
pub fn spreadsheet(bytes: &[u8]) {
    let mut findings = Findings::default();
    with_file("t.xlsx", bytes, |found| workbook::profile(found, MAX_ROWS, &mut findings));
}

/// SQLite.
pub fn sqlite(bytes: &[u8]) {
    let mut findings = Findings::default();
    with_file("t.db", bytes, |found| database::profile(found, MAX_ROWS, &mut findings));
}

/// ZIP, with the archives in it.
pub fn zip(bytes: &[u8]) {
    unpack("a.zip", bytes, Archive::Zip);
}

/// TAR, with the archives in it.
pub fn tar(bytes: &[u8]) {
    unpack("a.tar", bytes, Archive::Tar(None));
}

/// Unpacks into a directory of its own, within limits that a small archive can meet.
fn unpack(name: &str, bytes: &[u8], container: Archive) {
    with_file(name, bytes, |found| {
        let directory = found.path.parent().map(std::path::Path::to_path_buf);
        let limits =
            UnpackLimits { max_bytes: 1 << 20, max_members: 50, max_ratio: 50, max_depth: 2, directory };
        unpack_bare(found, container, &limits);
    });
}

/// A readme, a licence or metadata; the first byte chooses its name.
pub fn document(bytes: &[u8]) {
    if let Some((choice, bytes)) = bytes.split_first() {
        let name = DOCUMENTS.into_iter().cycle().nth(usize::from(*choice)).unwrap_or("README.md");
        with_file(name, bytes, documents::read);
    }
}

/// A dataset of one file, from its profile to its overview; the first byte chooses what the file is called.
pub fn dataset(bytes: &[u8]) {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let ending = ENDINGS.into_iter().cycle().nth(usize::from(*choice)).unwrap_or("csv");
    with_file(&format!("a.{ending}"), bytes, |found| {
        let options = ProfileOptions { threads: 1, max_unpacked_bytes: 1 << 20, ..ProfileOptions::default() };
        let root = found.path.parent().unwrap_or(&found.path);
        crate::profile(root, &options).map(|facts| (crate::learnable(&facts), crate::overview(&facts, 2_000)))
    });
}

/// NumPy's `.npy`.
pub fn npy(bytes: &[u8]) {
    drop(arrays::npy_of_bytes(bytes));
}

/// NumPy's `.npz`.
pub fn npz(bytes: &[u8]) {
    let mut findings = Findings::default();
    with_file("a.npz", bytes, |found| arrays::profile(&[(found.clone(), FileKind::Array)], &mut findings));
}

/// IDX.
pub fn idx(bytes: &[u8]) {
    drop(arrays::idx_of_bytes(bytes));
}

/// Meshes and point clouds of every format; the first byte chooses one.
pub fn geometry(bytes: &[u8]) {
    if let Some((choice, bytes)) = bytes.split_first() {
        let formats = shapes::FORMATS;
        drop(shapes::of_bytes(bytes, formats[usize::from(*choice) % formats.len()]));
    }
}

/// Pascal VOC.
pub fn voc(bytes: &[u8]) {
    drop(annotations::voc::read(&decode_head(bytes)));
}

/// COCO.
pub fn coco(bytes: &[u8]) {
    drop(annotations::coco::read(|| Ok(bytes), &|_| None));
}

/// labelme.
pub fn labelme(bytes: &[u8]) {
    drop(annotations::labelme::read(bytes));
}

/// YOLO's labels.
pub fn yolo(bytes: &[u8]) {
    drop(annotations::yolo::read(bytes, &BTreeMap::new()));
    drop(annotations::yolo::names("data.yaml", &decode_head(bytes)));
}

/// Tracks of objects, as MOTChallenge has them.
pub fn tracks(bytes: &[u8]) {
    drop(annotations::tracks::read(bytes));
    let _ = annotations::tracks::looks_like(bytes, true);
}

/// Near-duplicates among the lines of a text; the first byte chooses the length of a shingle.
pub fn near_duplicates(bytes: &[u8]) {
    let text = decode_head(bytes);
    drop(near::near_duplicates(text.lines()));
    drop(near::near_duplicates_by(text.lines(), bytes.first().map_or(0, |words| usize::from(*words))));
}

/// Header of an image of any format.
pub fn image_header(bytes: &[u8]) {
    let _ = images::measure_in(&mut Window::of(bytes));
}

/// EXIF metadata without what surrounds them.
pub fn exif(bytes: &[u8]) {
    images::read_exif(&mut Window::of(bytes));
}

/// DICOM, with a preamble and without one.
pub fn dicom(bytes: &[u8]) {
    images::read_dicom(&mut Window::of(bytes));
}

/// Decoding of an image, as far as its thumbnail.
pub fn image_pixels(bytes: &[u8]) {
    images::decode(bytes);
}

/// Header of audio of any format.
pub fn audio(bytes: &[u8]) {
    let _ = sound::measure_in(&mut Window::of(bytes));
}

/// MP4 and QuickTime.
pub fn mp4(bytes: &[u8]) {
    video::read_mp4(&mut Window::of(bytes));
}

/// Matroska and WebM.
pub fn mkv(bytes: &[u8]) {
    video::read_mkv(&mut Window::of(bytes));
}

/// AVI.
pub fn avi(bytes: &[u8]) {
    video::read_avi(&mut Window::of(bytes));
}
