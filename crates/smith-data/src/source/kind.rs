//! Which kind of file a name announces.

use smith_task_schema::profile::FileKind;

use crate::text::documents;

/// Bytes that are looked at to tell text from other data and to find a table's dialect.
pub(crate) const SNIFF_BYTES: usize = 64 << 10;

/// Endings of files that are compressed as a whole.
const COMPRESSED: [&str; 5] = ["gz", "zst", "bz2", "xz", "gzip"];

/// Extension in lower case without its dot. The ending of a compressed file is added to the extension before it
/// (`csv.gz`). Numbers and long endings are part of the name.
pub(crate) fn extension(name: &str) -> String {
    let lower = name.to_lowercase();
    match split_ending(&lower) {
        Some((stem, ending)) if COMPRESSED.contains(&ending) => match split_ending(stem) {
            Some((_, inner)) => format!("{inner}.{ending}"),
            None => ending.to_string(),
        },
        Some((_, ending)) => ending.to_string(),
        None => String::new(),
    }
}

/// The name without the ending of a compressed file, and that ending in lower case.
pub(crate) fn split_compression(name: &str) -> Option<(&str, String)> {
    let (stem, ending) = name.rsplit_once('.')?;
    let ending = ending.to_lowercase();
    (!stem.is_empty() && COMPRESSED.contains(&ending.as_str())).then_some((stem, ending))
}

fn split_ending(name: &str) -> Option<(&str, &str)> {
    let (stem, ending) = name.rsplit_once('.')?;
    let plausible = (1..=10).contains(&ending.len()) && ending.chars().any(char::is_alphabetic);
    (plausible && !stem.is_empty()).then_some((stem, ending))
}

/// The kind that a relative path announces; none when only the content can tell.
pub(crate) fn by_name(relative: &str) -> Option<FileKind> {
    let name = relative.rsplit('/').next().unwrap_or(relative);
    if is_system(relative, name) {
        return Some(FileKind::System);
    }
    if documents::is_document(name) {
        return Some(FileKind::Document);
    }
    by_extension(&extension(split_compression(name).map_or(name, |(stem, _)| stem)))
        .or_else(|| split_compression(name).and_then(|(_, ending)| by_extension(&ending)))
}

/// Folders that tools and operating systems leave behind.
const SYSTEM_FOLDERS: [&str; 16] = [
    ".git",
    ".svn",
    ".hg",
    ".dvc",
    ".cache",
    ".huggingface",
    ".ipynb_checkpoints",
    ".idea",
    ".vscode",
    "__MACOSX",
    "__pycache__",
    ".Trash",
    ".Spotlight-V100",
    ".fseventsd",
    "$RECYCLE.BIN",
    "System Volume Information",
];
const SYSTEM_FILES: [&str; 9] = [
    "Thumbs.db",
    "desktop.ini",
    "Desktop.ini",
    ".DS_Store",
    ".gitignore",
    ".gitattributes",
    ".gitkeep",
    ".gitmodules",
    ".localized",
];
/// Beginnings of names: Apple's second halves, open documents, cut downloads.
const SYSTEM_STARTS: [&str; 3] = ["._", "~$", ".~lock."];

fn is_system(relative: &str, name: &str) -> bool {
    let folders = relative.rsplit_once('/').map_or("", |(directory, _)| directory);
    folders.split('/').any(|folder| SYSTEM_FOLDERS.contains(&folder))
        || SYSTEM_FILES.contains(&name)
        || SYSTEM_STARTS.iter().any(|start| name.starts_with(start))
}

/// True for an extension, without its dot, that names of files end in.
pub(crate) fn is_file_extension(extension: &str) -> bool {
    let extension = extension.to_ascii_lowercase();
    by_extension(&extension).is_some()
        || matches!(extension.as_str(), "txt" | "xml" | "npy" | "npz" | "dcm" | "pdf")
}

pub(crate) fn by_extension(extension: &str) -> Option<FileKind> {
    Some(match extension {
        "csv" | "tsv" | "psv" | "tab" | "parquet" | "pq" | "arrow" | "arrows" | "feather" | "fasta"
        | "fastq" | "libsvm" | "svmlight" | "arff" | "xlsx" | "xlsm" | "xlsb" | "xls" | "ods" => {
            FileKind::Table
        }
        "json" | "jsonl" | "ndjson" | "geojson" | "topojson" | "ipynb" => FileKind::Json,
        "png" | "jpg" | "jpeg" | "jpe" | "jfif" | "gif" | "bmp" | "webp" | "tif" | "tiff" | "ppm" | "pgm"
        | "pbm" | "pnm" | "svg" | "heic" | "heif" | "avif" | "jp2" | "j2k" | "jxl" | "exr" | "hdr"
        | "ico" | "dcm" => FileKind::Image,
        "wav" | "flac" | "mp3" | "ogg" | "oga" | "opus" | "m4a" | "aac" | "aif" | "aiff" | "aifc" | "amr"
        | "wma" | "au" | "caf" => FileKind::Audio,
        "mp4" | "avi" | "mov" | "mkv" | "webm" | "mpg" | "mpeg" | "m4v" | "wmv" | "flv" | "3gp" | "ogv"
        | "m2ts" | "mts" => FileKind::Video,
        "zip" | "tar" | "tgz" | "tbz" | "tbz2" | "txz" | "tzst" | "bz2" | "xz" | "zst" | "7z" | "rar"
        | "lz4" | "cab" | "cpio" => FileKind::Archive,
        "db" | "sqlite" | "sqlite3" | "db3" | "duckdb" | "gpkg" => FileKind::Database,
        "npy" | "npz" => FileKind::Array,
        "las" | "laz" | "pcd" => FileKind::Geometry,
        "md" | "rst" | "html" | "htm" | "xml" | "yaml" | "yml" | "toml" | "py" | "r" | "jl" | "c" | "h"
        | "cc" | "cpp" | "hpp" | "java" | "js" | "jsx" | "tsx" | "go" | "rs" | "rb" | "php" | "pl"
        | "scala" | "kt" | "swift" | "cs" | "sh" | "bash" | "ps1" | "sql" | "lua" | "hs" | "css" | "scss"
        | "tex" | "bib" | "ini" | "cfg" | "conf" | "log" | "srt" | "vtt" => FileKind::Text,
        _ => return None,
    })
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
            ("a.csv.ZST", "csv.zst"),
            ("data.tar.xz", "tar.xz"),
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
        assert_eq!(by_name("x/a.json.zst"), Some(FileKind::Json));
        assert_eq!(by_name("x/names.xz"), Some(FileKind::Archive));
        assert_eq!(by_name("data.zip!/__MACOSX/a.csv"), Some(FileKind::System));
        assert_eq!(by_name("x/~$grades.xlsx"), Some(FileKind::System));
    }
}
