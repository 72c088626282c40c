//! Whatever the bytes and the name of a file: facts or an error, never a panic.

use proptest::prelude::*;
use smith_data::{PreviewOptions, ProfileOptions, learnable, overview, preview, profile};

use crate::{csv, gzip, png};

const EXTENSIONS: [&str; 40] = [
    "csv", "tsv", "csv.gz", "parquet", "json", "jsonl", "json.gz", "txt", "png", "jpg", "gif", "webp",
    "tiff", "wav", "flac", "mp3", "mp4", "db", "md", "gz", "", "xyz", "npy", "npz", "off", "ply", "stl",
    "obj", "xml", "edges", "arff", "ts", "xlsx", "xls", "ods", "feather", "arrow", "sqlite", "fasta", "svm",
];

/// Bytes that begin like a format, and then like nothing.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let starts: Vec<Vec<u8>> = vec![
        Vec::new(),
        csv(5),
        gzip(&csv(5)),
        png(3, 3),
        b"PAR1".to_vec(),
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec(),
        b"fLaC".to_vec(),
        b"\xff\xfe".to_vec(),
        b"\xef\xbb\xbf".to_vec(),
        b"[{\"a\":1},".to_vec(),
        b"\xff\xd8\xff\xe0".to_vec(),
        b"II*\0".to_vec(),
        b"\x93NUMPY\x01\0\x40\0{'descr': '<f4', 'shape': (3,), ".to_vec(),
        b"OFF9 9 9\n1 2 3\n".to_vec(),
        b"ply\nformat ascii 1.0\nelement vertex 9\nproperty float x\nend_header\n".to_vec(),
        b"<annotation><filename>a</filename><object>".to_vec(),
        b"{\"images\":[{\"id\":1}],\"annotations\":[".to_vec(),
        b"PK\x03\x04".to_vec(),
        b"SQLite format 3\0".to_vec(),
        b"ARROW1\0\0\xff\xff\xff\xff".to_vec(),
        b"@relation r\n@attribute a numeric\n@data\n".to_vec(),
        b">name\nACGTACGT\n".to_vec(),
    ];
    let noise = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..400),
        "[ -~\n,;|\"\t]{0,400}".prop_map(String::into_bytes),
        "\\PC{0,100}".prop_map(String::into_bytes),
    ];
    (proptest::sample::select(starts), noise).prop_map(|(mut start, noise)| {
        start.extend(noise);
        start
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn profile_and_preview(
        content in content(),
        extension in proptest::sample::select(EXTENSIONS.as_slice()),
        first_line in 0_u64..5,
        max_bytes in 0_usize..3_000,
    ) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(format!("file.{extension}"));
        std::fs::write(&path, &content).unwrap();
        let facts = profile(root.path(), &ProfileOptions::default()).unwrap();
        let _ = learnable(&facts);
        prop_assert!(overview(&facts, max_bytes).len() <= max_bytes);
        let mut options = PreviewOptions::default();
        (options.first_line, options.max_bytes) = (first_line, max_bytes);
        prop_assert!(preview(&path, &options).unwrap().text.len() <= max_bytes);
    }
}
