//! What a file holds, from its name and its first bytes together.

use smith_task_schema::profile::FileKind;

use crate::formats::is_special_text;
use crate::formats::sniff::{self, Dialect};
use crate::source::encoding::{decode_head, looks_binary};
use crate::source::kind::{SNIFF_BYTES, by_extension, by_name, extension, split_compression};
use crate::source::magic::{self, Magic};
use crate::source::reader::{self, Codec};
use crate::source::remark::Remark;
use crate::source::signs;
use crate::source::walk::Found;

/// What has to be opened to get at the files in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Zip,
    Tar(Option<Codec>),
    /// One compressed file of a format that is not read as a stream.
    Single(Codec),
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) kind: FileKind,
    pub(crate) container: Option<Container>,
    pub(crate) remark: Option<Remark>,
}

impl Verdict {
    fn of(kind: FileKind) -> Self {
        Self { kind, container: None, remark: None }
    }

    fn remarked(kind: FileKind, remark: Remark) -> Self {
        Self { kind, container: None, remark: Some(remark) }
    }
}

/// Judges a file by its path and the bytes that it begins with (`SNIFF_BYTES` of them, or all).
pub(crate) fn judge(found: &Found, head: &[u8]) -> Verdict {
    let announced = by_name(&found.relative);
    if announced == Some(FileKind::System) {
        return Verdict::of(FileKind::System);
    }
    if found.bytes == 0 {
        return Verdict::remarked(FileKind::System, Remark::Empty);
    }
    let file = File { name: found.name(), announced, head, bytes: found.bytes };
    match Codec::of(head) {
        Some(codec) => packed(found, &file, codec),
        None if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") => zip(&file),
        None => plain(&file),
    }
}

/// What is known of a file.
struct File<'a> {
    name: &'a str,
    announced: Option<FileKind>,
    head: &'a [u8],
    bytes: u64,
}

impl File<'_> {
    fn extension(&self) -> String {
        extension(self.name)
    }

    /// True when the head is the whole file.
    fn is_whole(&self) -> bool {
        self.head.len() as u64 >= self.bytes
    }
}

/// A file that is compressed as a whole: what can be read as a stream stays as it is.
fn packed(found: &Found, file: &File<'_>, codec: Codec) -> Verdict {
    let (inner, error) = reader::readable_head(&found.path, SNIFF_BYTES);
    if inner.is_empty() {
        let kind = file.announced.unwrap_or(FileKind::Archive);
        return match error {
            Some(_) => Verdict::remarked(kind, Remark::Broken(codec)),
            None => Verdict::remarked(FileKind::System, Remark::Empty),
        };
    }
    if magic::is_tar_header(&inner) {
        return Verdict {
            kind: FileKind::Archive,
            container: Some(Container::Tar(Some(codec))),
            remark: None,
        };
    }
    let name = split_compression(file.name).map_or(file.name, |(stem, _)| stem);
    let announced = file.announced.filter(|kind| *kind != FileKind::Archive);
    // The size is not known before the end: what is told by it is looked at when the file is unpacked.
    let bytes = if inner.len() < SNIFF_BYTES { inner.len() as u64 } else { u64::MAX };
    let inside = File { name, announced, head: &inner, bytes };
    let is_nested = Codec::of(&inner).is_some() || inner.starts_with(b"PK\x03\x04");
    if is_nested || (bytes == u64::MAX && magic::may_be_idx(&inner)) {
        return Verdict { kind: FileKind::Archive, container: Some(Container::Single(codec)), remark: None };
    }
    let verdict = plain(&inside);
    let streams =
        matches!(verdict.kind, FileKind::Table | FileKind::Json | FileKind::Text | FileKind::Document)
            && !looks_binary(&inner);
    if streams || matches!(verdict.kind, FileKind::Other | FileKind::System) {
        return verdict;
    }
    Verdict { kind: FileKind::Archive, container: Some(Container::Single(codec)), remark: verdict.remark }
}

fn zip(file: &File<'_>) -> Verdict {
    if let Some(magic) = magic::on_zip(&file.extension()) {
        return Verdict { kind: magic.kind, container: None, remark: Remark::needs(magic) };
    }
    // Spreadsheets that are saved under the ending of their forerunner.
    if matches!(file.extension().as_str(), "xls" | "xlt") && signs::is_office_zip(file.head) {
        return Verdict::of(FileKind::Table);
    }
    if by_extension(&file.extension()).is_none() && signs::is_office_zip(file.head) {
        let magic =
            Magic { kind: FileKind::Other, name: "office document", needs: Some("open it with LibreOffice") };
        return Verdict { kind: magic.kind, container: None, remark: Remark::needs(magic) };
    }
    let remark = file
        .announced
        .filter(|kind| !matches!(kind, FileKind::Archive | FileKind::Document))
        .map(|named| Remark::Lies { named, holds: "ZIP archive" });
    Verdict { kind: FileKind::Archive, container: Some(Container::Zip), remark }
}

fn plain(file: &File<'_>) -> Verdict {
    if let Some(magic) = magic::recognise(file.head).or_else(|| by_size(file)) {
        return known(file, magic);
    }
    if looks_binary(file.head) { binary(file) } else { text(file) }
}

fn by_size(file: &File<'_>) -> Option<Magic> {
    magic::by_size(file.head, file.bytes)
}

/// A format that the first bytes give away; a name that says something else is put right.
fn known(file: &File<'_>, magic: Magic) -> Verdict {
    let kind = adjusted(file, magic);
    if magic.name == "tar archive" {
        return Verdict { kind, container: Some(Container::Tar(None)), remark: None };
    }
    let lies = |named: &FileKind| {
        let is_media = |kind| matches!(kind, FileKind::Audio | FileKind::Video);
        *named != kind && !(is_media(*named) && is_media(kind)) && *named != FileKind::Document
    };
    let remark = file.announced.filter(lies).map(|named| Remark::Lies { named, holds: magic.name });
    Verdict { kind, container: None, remark: remark.or_else(|| Remark::needs(magic)) }
}

/// Containers that hold one thing or another say which by their name.
fn adjusted(file: &File<'_>, magic: Magic) -> FileKind {
    let extension = file.extension();
    match (magic.kind, extension.as_str()) {
        (FileKind::Video, "m4a" | "aac" | "wma" | "m4b" | "weba" | "mka") => FileKind::Audio,
        (FileKind::Audio, "ogv") => FileKind::Video,
        // The brand is that of sound, the name that of a film: that the film is missing is for its reader to say.
        (FileKind::Audio, "mp4" | "m4v" | "mov") if magic.name == "MP4 audio" => FileKind::Video,
        (FileKind::Other, "xls" | "xlt") if magic.name.starts_with("Microsoft Office") => FileKind::Table,
        (kind, _) => kind,
    }
}

/// Bytes that are no text and of no known beginning.
fn binary(file: &File<'_>) -> Verdict {
    let named = match file.announced {
        None => return Verdict::of(FileKind::Other),
        Some(named) => named,
    };
    let extension = file.extension();
    let should_be_text = match named {
        FileKind::Json | FileKind::Text | FileKind::Document => true,
        FileKind::Table => signs::is_delimited(&extension),
        FileKind::Image => extension == "svg",
        _ => false,
    };
    if should_be_text && named != FileKind::Table {
        return Verdict::remarked(FileKind::Other, Remark::Lies { named, holds: "bytes that are no text" });
    }
    // What is named like a table is left to the reader of tables, which has more to say about it.
    Verdict::of(named)
}

fn text(file: &File<'_>) -> Verdict {
    let text = decode_head(file.head);
    if signs::is_lfs_pointer(&text) {
        return Verdict::remarked(FileKind::Other, Remark::LfsPointer);
    }
    let extension = file.extension();
    if let Some(kind) = signs::by_extension(&extension, &text) {
        return Verdict::of(kind);
    }
    let sniffed = |is_enough: fn(&Dialect) -> bool| {
        let is_table = is_special_text(file.head)
            || sniff::sniff(file.head, file.is_whole()).is_some_and(|dialect| is_enough(&dialect));
        if is_table { FileKind::Table } else { FileKind::Text }
    };
    let Some(named) = file.announced else { return Verdict::of(sniffed(Dialect::is_certain)) };
    let page = signs::is_web_page(&text) && !matches!(named, FileKind::Text | FileKind::Document);
    match named {
        _ if page => Verdict::remarked(FileKind::Text, Remark::WebPage { named }),
        FileKind::Table if signs::is_json(file.head) => {
            Verdict::remarked(FileKind::Json, Remark::Lies { named, holds: "JSON" })
        }
        FileKind::Table if !signs::is_delimited(&extension) => {
            Verdict::remarked(sniffed(Dialect::is_likely), Remark::Lies { named, holds: "text" })
        }
        FileKind::Archive => {
            Verdict::remarked(sniffed(Dialect::is_certain), Remark::Lies { named, holds: "text" })
        }
        // What a picture, a sound or a database lacks is for their readers to say.
        named => Verdict::of(named),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(name: &str, content: &[u8]) -> Verdict {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, content).unwrap();
        let found = Found { path, relative: name.to_string(), bytes: content.len() as u64 };
        judge(&found, &content[..content.len().min(SNIFF_BYTES)])
    }

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0";
    const LFS: &[u8] = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";

    #[test]
    fn content_decides_where_names_are_ambiguous() {
        let transport = {
            let mut packets = vec![0_u8; 188 * 5];
            packets.iter_mut().step_by(188).for_each(|byte| *byte = 0x47);
            packets
        };
        let cases: [(&str, &[u8], FileKind); 24] = [
            ("a.obj", b"# made by hand\nv 0 0 0\nv 1 0 0.5\nv 1 1 0\nf 1 2 3\n", FileKind::Geometry),
            ("a.obj", b"\x4c\x01\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", FileKind::Other),
            ("a.off", b"OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n", FileKind::Geometry),
            ("a.off", b"on and off we go\nwithout a table\n", FileKind::Text),
            ("a.stl", b"solid part\n facet normal 0 0 1\n", FileKind::Geometry),
            ("a.xyz", b"0.1 0.2 0.3\n1 2 3\n-1e3 4 5\n", FileKind::Geometry),
            ("a.xyz", b"3\nwater\nO 0 0 0\nH 0.7 0.5 0\nH -0.7 0.5 0\n", FileKind::Text),
            ("a.pts", b"version: 1\nn_points: 2\n{\n1.5 2.5\n3 4\n}\n", FileKind::Text),
            ("a.pts", b"2\n1.5 2.5 1 0\n3 4 2 0\n", FileKind::Geometry),
            ("a.pcd", b"# .PCD v.7 - Point Cloud Data\nVERSION .7\nFIELDS x y z\n", FileKind::Geometry),
            ("a.ts", b"export const a: number = 1;\nconsole.log(a);\n", FileKind::Text),
            (
                "a.ts",
                b"@problemName p\n@timeStamps false\n@classLabel true a b\n@data\n1,2:a\n",
                FileKind::Table,
            ),
            ("a.ts", &transport, FileKind::Video),
            (
                "a.svg",
                b"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
                FileKind::Image,
            ),
            ("iris.data", b"5.1,3.5,a\n4.9,3.0,a\n6.0,2.2,b\n5.5,2.1,b\n5.7,2.8,b\n", FileKind::Table),
            ("iris.names", b"1. Title: Plants\n\n2. Sources:\n   a book\n", FileKind::Document),
            ("a.arff", b"% x\n@relation r\n@attribute a numeric\n@data\n1\n", FileKind::Table),
            ("a.py", b"import os\nprint(os.name)\n", FileKind::Text),
            ("deep.pkl", b"\x80\x04\x95\x05\0\0\0\0\0\0\0K\x01.", FileKind::Other),
            ("sound.mp4", b"\0\0\0\x18ftypM4A \0\0\0\0", FileKind::Video),
            ("sound.m4a", b"\0\0\0\x18ftypmp42\0\0\0\0", FileKind::Audio),
            ("no_name", PNG, FileKind::Image),
            ("x.docx", b"PK\x03\x04\x14\0\0\0", FileKind::Other),
            ("x.npz", b"PK\x03\x04\x14\0\0\0", FileKind::Array),
        ];
        for (name, content, kind) in cases {
            assert_eq!(judged(name, content).kind, kind, "{name}: {:?}", String::from_utf8_lossy(content));
        }
    }

    #[test]
    fn names_that_lie_are_remarked_upon() {
        let html = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n";
        let table = FileKind::Table;
        let cases: [(&str, &[u8], FileKind, Remark); 11] = [
            ("a.csv", PNG, FileKind::Image, Remark::Lies { named: table, holds: "PNG image" }),
            ("a.csv", html, FileKind::Text, Remark::WebPage { named: table }),
            ("a.zip", html, FileKind::Text, Remark::WebPage { named: FileKind::Archive }),
            ("a.parquet", LFS, FileKind::Other, Remark::LfsPointer),
            (
                "a.csv",
                b"[{\"a\": 1}, {\"a\": 2}]",
                FileKind::Json,
                Remark::Lies { named: table, holds: "JSON" },
            ),
            (
                "a.7z",
                b"see the other folder\n",
                FileKind::Text,
                Remark::Lies { named: FileKind::Archive, holds: "text" },
            ),
            ("b.xls", b"a\tb\nx\ty\nz\tu\n", table, Remark::Lies { named: table, holds: "text" }),
            (
                "c.xls",
                b"see the table, please\nin the other folder\nor ask\n",
                FileKind::Text,
                Remark::Lies { named: table, holds: "text" },
            ),
            ("a.xls", b"a\tb\n1\t2\n3\t4\n5\t6\n7\t8\n", table, Remark::Lies { named: table, holds: "text" }),
            ("a.csv.gz", b"\x1f\x8b\x08not gzip at all", table, Remark::Broken(Codec::Gzip)),
            ("a.csv", b"", FileKind::System, Remark::Empty),
        ];
        for (name, content, kind, remark) in cases {
            let verdict = judged(name, content);
            assert_eq!((verdict.kind, verdict.remark), (kind, Some(remark)), "{name}");
        }
        for (name, content) in
            [("a.csv", &b"[id],[name]\n1,x\n"[..]), ("a.html", html), ("page", html), ("a.json", b"[1,2]")]
        {
            assert_eq!(judged(name, content).remark, None, "{name}");
        }
    }
}
