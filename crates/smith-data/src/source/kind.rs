//! Which kind of file a name announces, and the first bytes where the name does not.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use smith_task_schema::profile::FileKind;

use crate::formats::{is_special_text, sniff};
use crate::source::encoding::looks_binary;
use crate::source::magic;
use crate::text::documents;

/// Bytes that are looked at to tell text from other data and to find a table's dialect.
pub(crate) const SNIFF_BYTES: usize = 64 << 10;

/// Extension in lower case without its dot. `.gz` is added to the extension before it (`csv.gz`). Numbers and
/// long endings are part of the name.
pub(crate) fn extension(name: &str) -> String {
    let lower = name.to_lowercase();
    match split_ending(&lower) {
        Some((stem, "gz")) => match split_ending(stem) {
            Some((_, inner)) => format!("{inner}.gz"),
            None => String::from("gz"),
        },
        Some((_, ending)) => ending.to_string(),
        None => String::new(),
    }
}

fn split_ending(name: &str) -> Option<(&str, &str)> {
    let (stem, ending) = name.rsplit_once('.')?;
    let plausible = (1..=10).contains(&ending.len()) && ending.chars().any(char::is_alphabetic);
    (plausible && !stem.is_empty()).then_some((stem, ending))
}

/// The kind that a relative path gives away by itself; none when the content has to be asked.
pub(crate) fn by_name(relative: &str) -> Option<FileKind> {
    let name = relative.rsplit('/').next().unwrap_or(relative);
    if is_system(relative, name) {
        return Some(FileKind::System);
    }
    if documents::is_document(name) {
        return Some(FileKind::Document);
    }
    let extension = extension(name);
    by_extension(extension.strip_suffix(".gz").unwrap_or(&extension))
}

fn is_system(relative: &str, name: &str) -> bool {
    let folders = [".git/", "__MACOSX/", ".cache/", ".ipynb_checkpoints/"];
    let names = ["Thumbs.db", "desktop.ini", ".DS_Store", ".gitignore", ".gitattributes", ".gitkeep"];
    let inside = |folder: &&str| relative.starts_with(*folder) || relative.contains(&format!("/{folder}"));
    folders.iter().any(inside) || names.contains(&name) || name.starts_with("._")
}

fn by_extension(extension: &str) -> Option<FileKind> {
    Some(match extension {
        "csv" | "tsv" | "psv" | "tab" | "parquet" | "pq" | "arrow" | "arrows" | "feather" | "arff"
        | "xlsx" | "xlsm" | "xlsb" | "xls" | "ods" | "fasta" | "fastq" | "libsvm" | "svmlight" => {
            FileKind::Table
        }
        "json" | "jsonl" | "ndjson" | "geojson" => FileKind::Json,
        "png" | "jpg" | "jpeg" | "gif" | "bmp" | "webp" | "tif" | "tiff" | "ppm" | "pgm" => FileKind::Image,
        "wav" | "flac" | "mp3" | "ogg" | "oga" | "opus" | "m4a" | "aac" | "aif" | "aiff" => FileKind::Audio,
        "mp4" | "avi" | "mov" | "mkv" | "webm" | "mpg" | "mpeg" | "m4v" => FileKind::Video,
        "zip" | "tar" | "tgz" | "bz2" | "xz" | "zst" | "7z" | "rar" => FileKind::Archive,
        "db" | "db3" | "sqlite" | "sqlite3" | "duckdb" => FileKind::Database,
        "md" | "rst" | "html" | "htm" | "xml" | "yaml" | "yml" | "toml" | "py" => FileKind::Text,
        _ => return None,
    })
}

/// The kind of a file that its name does not give away, from its first bytes.
pub(crate) fn by_content(path: &Path) -> io::Result<FileKind> {
    let mut packed = Vec::new();
    File::open(path)?.take(512).read_to_end(&mut packed)?;
    if let Some(magic) = magic::recognise(&packed)
        && magic.name != "gzip file"
    {
        return Ok(magic.kind);
    }
    let Ok(head) = crate::source::reader::head(path, SNIFF_BYTES) else {
        return Ok(FileKind::Archive);
    };
    if looks_binary(&head) {
        return Ok(magic::recognise(&head).map_or(FileKind::Other, |magic| magic.kind));
    }
    let whole = head.len() < SNIFF_BYTES;
    let is_table =
        is_special_text(&head) || sniff::sniff(&head, whole).is_some_and(|dialect| dialect.is_certain());
    Ok(if is_table { FileKind::Table } else { FileKind::Text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions() {
        let cases = [
            ("a.CSV", "csv"),
            ("a.csv.gz", "csv.gz"),
            ("routes.gz", "gz"),
            ("a.b.json.gz", "json.gz"),
            ("Makefile", ""),
            (".hidden", ""),
            ("v1.2.tar", "tar"),
            ("dot.", ""),
            ("00001.7c53336b37003a9286aba55d2945844c", ""),
            ("part.0001", ""),
        ];
        for (name, expected) in cases {
            assert_eq!(extension(name), expected, "{name}");
        }
    }

    #[test]
    fn names_give_kinds_away() {
        assert_eq!(by_name("a/b.tsv.gz"), Some(FileKind::Table));
        assert_eq!(by_name("a/.git/config.json"), Some(FileKind::System));
        assert_eq!(by_name("x/README.md"), Some(FileKind::Document));
        assert_eq!(by_name("x/scan.JPG"), Some(FileKind::Image));
        assert_eq!(by_name("x/notes.txt"), None);
    }
}
