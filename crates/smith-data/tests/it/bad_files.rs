//! Files that lie, that cannot be read, and that never end.

use std::path::Path;

use smith_data::{DatasetProfile, PreviewOptions, ProfileOptions, preview, profile};
use smith_task_schema::profile::FileKind;
use smith_task_schema::{Severity, hash};

use crate::archive_writing::compress;
use crate::{csv, folder, png};

fn of(root: &Path) -> DatasetProfile {
    profile(root, &ProfileOptions::default()).unwrap()
}

#[track_caller]
fn assert_said(facts: &DatasetProfile, path: &str, words: &str, severity: Severity) {
    let found = facts.findings.iter().any(|finding| {
        finding.path == path && finding.message.contains(words) && finding.severity == severity
    });
    assert!(found, "{path}: {words} ({severity:?}) in {:#?}", facts.findings);
}

#[test]
fn names_that_lie_are_findings_and_the_content_counts() {
    let page = b"<!DOCTYPE html><html><head><title>Log in</title></head><body>Please log in</body></html>";
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 123456\n";
    let root = folder(&[
        ("a.csv", &png(3, 4)),
        ("b.csv", page),
        ("c.parquet", pointer),
        ("d.zip", page),
        ("e.jpg", &png(3, 5)),
        ("f.csv", b"{\"a\": 1, \"b\": [1, 2]}\n{\"a\": 2, \"b\": []}\n"),
        ("g.csv", &csv(30)),
        ("h.pkl", b"\x80\x04\x95\x05\0\0\0\0\0\0\0K\x01."),
        ("i.h5", b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0"),
    ]);
    let facts = of(root.path());
    assert_said(&facts, "a.csv", "is named like a table, but holds a PNG image", Severity::Warning);
    assert_said(&facts, "b.csv", "holds a web page", Severity::Error);
    assert_said(&facts, "c.parquet", "git lfs pull", Severity::Error);
    assert_said(&facts, "d.zip", "holds a web page", Severity::Error);
    assert_said(&facts, "f.csv", "is named like a table, but holds JSON", Severity::Warning);
    assert_said(&facts, "h.pkl", "loading it runs whatever code it holds", Severity::Warning);
    assert_said(&facts, "i.h5", "is an HDF5 file", Severity::Warning);
    let counts = [FileKind::Image, FileKind::Json, FileKind::Table].map(|kind| facts.count(kind));
    assert_eq!(counts, [2, 1, 1]);
    assert_eq!(facts.images.as_ref().map(|images| images.measured), Some(2));
    assert!(facts.json[0].records == Some(2) && facts.table("g.csv").is_some());
}

#[test]
fn a_checkout_of_pointers_is_a_few_findings() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 123456\n";
    let names: Vec<String> = (0..300).map(|i| format!("images/{i}.png")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), pointer.as_slice())).collect();
    let facts = of(folder(&files).path());
    assert_said(&facts, "", "297 further files", Severity::Error);
    assert_eq!((facts.findings.len(), facts.count(FileKind::Image)), (4, 0));
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_profiled() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let root = folder(&[("good.csv", &csv(30)), ("shut.csv", &csv(30)), ("locked/x.csv", &csv(30))]);
    symlink("..", root.path().join("locked/round")).unwrap();
    symlink("/nowhere/at/all", root.path().join("lost")).unwrap();
    std::os::unix::net::UnixListener::bind(root.path().join("socket")).unwrap();
    let shut = |mode: u32| {
        for name in ["shut.csv", "locked"] {
            std::fs::set_permissions(root.path().join(name), std::fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    let facts = of(root.path());
    assert_said(&facts, "locked/round", "a circle", Severity::Warning);
    assert_said(&facts, "lost", "leads nowhere", Severity::Warning);
    assert_said(&facts, "socket", "no regular file", Severity::Warning);
    assert_eq!(facts.digest, Some(hash::tree_digest(root.path()).unwrap()));
    shut(0);
    let facts = of(root.path());
    // Whoever may read everything, as in a container, sees nothing of it.
    if std::fs::read(root.path().join("shut.csv")).is_err() {
        assert_said(&facts, "shut.csv", "cannot be opened", Severity::Error);
        assert_said(&facts, "locked", "cannot be listed", Severity::Error);
        assert_said(&facts, "", "there is no digest", Severity::Error);
        assert_eq!(facts.digest, None);
    }
    assert!(facts.table("good.csv").is_some());
    shut(0o755);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8_and_look_alike_are_told() {
    use std::os::unix::ffi::OsStrExt;

    let root = folder(&[("good.csv", &csv(30))]);
    for name in [&b"caf\xe9.csv"[..], b"caf\xe8.csv"] {
        std::fs::write(root.path().join(std::ffi::OsStr::from_bytes(name)), csv(25)).unwrap();
    }
    let facts = of(root.path());
    assert_said(&facts, "caf\u{fffd}.csv", "name is not UTF-8", Severity::Warning);
    assert_said(&facts, "", "look the same", Severity::Error);
    assert_eq!((facts.files, facts.tables.len(), facts.digest), (3, 3, None));
}

/// Longer than any record may be, in a few kilobytes.
#[test]
fn a_line_without_end_is_bounded_in_every_reader() {
    let line = vec![b'x'; 70 << 20];
    let mut quoted = b"a,b\n1,2\n3,\"".to_vec();
    quoted.extend(&line);
    let root = folder(&[
        ("one_line.csv.zst", &compress("zst", &line)),
        ("never_closed.csv.zst", &compress("zst", &quoted)),
        ("notes.txt.zst", &compress("zst", &line)),
        ("README.md", &line[..1 << 20]),
        ("good.csv", &csv(30)),
    ]);
    let facts = of(root.path());
    assert_said(&facts, "one_line.csv.zst", "longer than 64 MiB", Severity::Error);
    assert_said(&facts, "never_closed.csv.zst", "longer than 64 MiB", Severity::Error);
    assert_said(&facts, "never_closed.csv.zst", "those of the 1 row before", Severity::Error);
    assert!(facts.table("good.csv").is_some());
    let text = facts.texts.iter().find(|text| text.path == "notes.txt.zst").unwrap();
    assert_eq!((text.bytes, text.lines), (70 << 20, 1));
    assert!(text.excerpt.len() < 2_000 && facts.documents[0].text.len() < 5_000);
    let shown = preview(&root.path().join("notes.txt.zst"), &PreviewOptions::default()).unwrap();
    assert!(
        shown.text.len() <= 16_000 && shown.text.contains("bytes in this line"),
        "{}",
        &shown.text[..200]
    );
}

#[cfg(unix)]
#[test]
fn a_file_of_holes_is_told() {
    let root = folder(&[("good.csv", &csv(30))]);
    let file = std::fs::File::create(root.path().join("holes.bin")).unwrap();
    file.set_len(64 << 20).unwrap();
    assert_said(&of(root.path()), "holes.bin", "is mostly holes", Severity::Warning);
}

#[test]
fn empty_files_are_told_and_do_not_flood() {
    let names: Vec<String> = (0..100).map(|i| format!("{i:03}.txt")).collect();
    let mut files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let table = csv(30);
    files.push(("t.csv", &table));
    let facts = of(folder(&files).path());
    assert_said(&facts, "000.txt", "is empty", Severity::Warning);
    assert_said(&facts, "", "80 further files", Severity::Warning);
    assert_eq!((facts.count(FileKind::System), facts.findings.len()), (100, 21));
}
