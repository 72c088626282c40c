use std::path::Path;

use smith_data::{DataError, Preview, PreviewOptions, preview};

use crate::{csv, folder, gzip, png};

fn shown(root: &Path, name: &str, options: &PreviewOptions) -> Preview {
    preview(&root.join(name), options).unwrap()
}

fn options(first_line: u64, lines: u64, max_bytes: usize) -> PreviewOptions {
    let mut options = PreviewOptions::default();
    (options.first_line, options.lines, options.max_bytes) = (first_line, lines, max_bytes);
    options
}

#[test]
fn text_is_shown_by_lines_with_their_numbers() {
    let text: String = (1..=500).map(|i| format!("line number {i}\n")).collect();
    let root = folder(&[("notes.txt", text.as_bytes())]);
    let first = shown(root.path(), "notes.txt", &options(1, 3, 10_000));
    assert_eq!(first.kind, "text");
    assert_eq!(
        first.text,
        "     1  line number 1\n     2  line number 2\n     3  line number 3\n[lines 1 to 3 of 500; read on with first_line 4]"
    );
    let last = shown(root.path(), "notes.txt", &options(499, 10, 10_000));
    assert_eq!(last.text, "   499  line number 499\n   500  line number 500\n[500 lines]");
    assert_eq!(
        shown(root.path(), "notes.txt", &options(501, 1, 10_000)).text,
        "There is no line 501: the file has 500 lines."
    );
}

#[test]
fn reading_on_shows_every_line_once() {
    let text: String = (1..=300).map(|i| format!("{}\n", "word ".repeat(i % 40))).collect();
    let root = folder(&[("notes.txt", text.as_bytes())]);
    let (mut first_line, mut seen) = (1, 0);
    loop {
        let page = shown(root.path(), "notes.txt", &options(first_line, 1_000, 2_000)).text;
        assert!(page.len() <= 2_000);
        seen += page.lines().count() - 1;
        match page.rsplit_once("first_line ") {
            Some((_, next)) => first_line = next.trim_end_matches(']').parse().unwrap(),
            None => break,
        }
    }
    assert_eq!(seen, 300);
}

#[test]
fn a_line_without_end_is_cut_and_measured() {
    let root = folder(&[("one.json", format!("[{}1]", "1,".repeat(50_000)).as_bytes())]);
    let text = shown(root.path(), "one.json", &options(1, 10, 1_000)).text;
    assert!(text.len() <= 1_000 && text.contains("[100003 bytes in this line]"), "{text}");
}

#[test]
fn a_delimited_table_shows_columns_and_first_rows() {
    let root = folder(&[("a.csv", &csv(1_000)), ("b.csv.gz", &gzip(&csv(1_000)))]);
    for name in ["a.csv", "b.csv.gz"] {
        let table = shown(root.path(), name, &options(1, 3, 10_000));
        assert_eq!(table.kind, "csv");
        for part in [
            "1000 rows, 3 columns, ',' between cells, a header",
            "- `size`: float, 0.5 to 30.5",
            "id | size | colour\n0 | 0.5 | red\n1 | 7.5 | green\n2 | 14.5 | red\n[rows 1 to 3 of 1000]",
        ] {
            assert!(table.text.contains(part), "{part} in\n{}", table.text);
        }
    }
    let lines = shown(root.path(), "a.csv", &options(2, 2, 10_000));
    assert_eq!(lines.kind, "text");
    assert!(lines.text.starts_with("     2  0,0.5,red\n     3  1,7.5,green\n"), "{}", lines.text);
}

#[test]
fn a_wide_row_is_shown_compactly() {
    let header = (0..100).map(|i| format!("c{i}x")).collect::<Vec<_>>().join(",");
    let row = vec!["a long cell that goes on and on for more than forty characters"; 100].join(",");
    let root = folder(&[("wide.csv", format!("{header}\n{row}\n{row}\n").as_bytes())]);
    let text = shown(root.path(), "wide.csv", &options(1, 10, 4_000)).text;
    assert!(text.len() <= 4_000);
    assert!(text.contains("c11x | … 88 more\n"), "{text}");
    assert!(text.contains("more lines about columns left out"), "{text}");
}

#[test]
fn other_files_are_named_by_format_and_size() {
    let noise: Vec<u8> = (0..=255).cycle().take(3_000).collect();
    let scan = png(6, 4);
    let root = folder(&[
        ("scan.png", &scan),
        ("films.db", b"SQLite format 3\0\x10\0\x01\x01\0\x40\x20\x20"),
        ("noise.txt", &noise),
        ("nothing.csv", b""),
        ("packed.bin.gz", &gzip(&noise)),
    ]);
    let all = |name| shown(root.path(), name, &PreviewOptions::default());
    let image = all("scan.png");
    let expected = format!("png image, 6 x 4 pixels, mode L, {} B.", scan.len());
    assert_eq!((image.kind.as_str(), image.text), ("image", expected));
    let database = all("films.db");
    assert_eq!((database.kind.as_str(), database.text.contains("SQLite database, 24 B")), ("binary", true));
    assert!(all("noise.txt").text.starts_with("binary data of an unknown format, 3.0 kB (3000 bytes)"));
    assert_eq!(
        (all("nothing.csv").kind.as_str(), all("nothing.csv").text.as_str()),
        ("empty", "The file is empty.")
    );
    assert!(all("packed.bin.gz").text.starts_with("gzip file"));
}

#[test]
fn text_in_other_encodings_is_shown() {
    let mut utf16 = vec![0xfe, 0xff];
    utf16.extend("größe\nzwei\n".encode_utf16().flat_map(u16::to_be_bytes));
    let root = folder(&[
        ("wide.txt", &utf16),
        ("latin.txt", b"gr\xf6\xdfe\n"),
        ("marked.txt", b"\xef\xbb\xbfone\r\n"),
    ]);
    let all = |name| shown(root.path(), name, &PreviewOptions::default()).text;
    assert_eq!(all("wide.txt"), "     1  größe\n     2  zwei\n[2 lines]");
    assert_eq!(all("latin.txt"), "     1  größe\n[1 line] It is not UTF-8 and shown as windows-1252.");
    assert_eq!(all("marked.txt"), "     1  one\n[1 line]");
}

#[test]
fn folders_and_missing_files_are_mistakes() {
    let root = folder(&[]);
    let error = preview(root.path(), &PreviewOptions::default()).unwrap_err();
    assert!(matches!(error, DataError::NotAFile(_)) && error.is_mistake());
    let error = preview(&root.path().join("gone"), &PreviewOptions::default()).unwrap_err();
    assert!(matches!(error, DataError::NotFound(_)));
}
