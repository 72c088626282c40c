//! The crate as its users see it: folders and files in, facts and text out.
#![recursion_limit = "512"]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod archive_writing;
mod archives;
mod bad_files;
mod built;
mod documents;
mod formats;
mod fuzz_corpus;
mod fuzz_seeds;
mod fuzz_seeds_media;
mod media;
mod media_files;
mod media_never_panics;
mod never_panics;
mod numbers;
mod overview;
mod preview;
mod profile;
mod quotation;
mod relations;
mod schema;
mod structured;
mod table;

use std::path::Path;

/// Writes files below `root`, with their folders.
fn write(root: &Path, files: &[(&str, &[u8])]) {
    for (name, content) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}

/// A folder with files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    folder
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A whole PNG of one size in shades of grey.
fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = image::GrayImage::from_fn(width, height, |x, y| image::Luma([(x * 31 + y * 57) as u8]));
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

/// `rows` rows of a number, a word and a key.
fn csv(rows: usize) -> Vec<u8> {
    let mut text = String::from("id,size,colour\n");
    for i in 0..rows {
        text += &format!("{i},{}.5,{}\n", i * 7 % 31, ["red", "green"][i % 2]);
    }
    text.into_bytes()
}
