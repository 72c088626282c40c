use std::io::{Cursor, Write};
use std::path::Path;

use proptest::prelude::*;
use smith_task_schema::profile::{ColumnKind, ProfileFinding};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="0"/>
    <cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs></styleSheet>"#;

/// A workbook of sheets with a name, a state and rows of cells as XML.
fn workbook(sheets: &[(&str, &str, &str)]) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let listed: String = sheets
        .iter()
        .enumerate()
        .map(|(i, (name, state, _))| {
            format!(r#"<sheet name="{name}" sheetId="{}" state="{state}" r:id="rId{}"/>"#, i + 1, i + 1)
        })
        .collect();
    let relations: String = (1..=sheets.len())
        .map(|i| {
            format!(r#"<Relationship Id="rId{i}" Type="{rel}/worksheet" Target="worksheets/sheet{i}.xml"/>"#)
        })
        .collect();
    let relations = format!(
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}
        <Relationship Id="rIdS" Type="{rel}/styles" Target="styles.xml"/></Relationships>"#
    );
    let book = format!(r#"<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>{listed}</sheets></workbook>"#);
    let top = format!(
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    );
    let parts: Vec<(String, String)> = sheets
        .iter()
        .enumerate()
        .map(|(i, (_, _, rows))| {
            let xml = format!(r#"<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#);
            (format!("xl/worksheets/sheet{}.xml", i + 1), xml)
        })
        .collect();
    let mut files = vec![
        ("_rels/.rels", top.as_str()),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", &relations),
        ("xl/styles.xml", STYLES),
    ];
    files.extend(parts.iter().map(|(name, xml)| (name.as_str(), xml.as_str())));
    zipped(&files)
}

/// Rows from texts: numbers as numbers, `d:` before a serial date, `e:` before an error, nothing for an empty cell.
fn rows(first_row: usize, first_column: u8, lines: &[&str]) -> String {
    let cell = |row: usize, column: usize, text: &str| {
        let place = format!("{}{row}", char::from(first_column + column as u8));
        match text {
            "" => String::new(),
            text if text.parse::<f64>().is_ok() => format!(r#"<c r="{place}"><v>{text}</v></c>"#),
            text if text.starts_with("d:") => format!(r#"<c r="{place}" s="1"><v>{}</v></c>"#, &text[2..]),
            text if text.starts_with("e:") => format!(r#"<c r="{place}" t="e"><v>{}</v></c>"#, &text[2..]),
            text => format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#),
        }
    };
    let row = |(i, line): (usize, &&str)| {
        let row = first_row + i;
        let cells: String =
            line.split('|').enumerate().map(|(column, text)| cell(row, column, text)).collect();
        format!(r#"<row r="{row}">{cells}</row>"#)
    };
    lines.iter().enumerate().map(row).collect()
}

fn read_bytes(bytes: &[u8], max_rows: u64) -> (Vec<TableData>, Vec<ProfileFinding>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("book.xlsx");
    std::fs::write(&path, bytes).unwrap();
    read_file(&path, max_rows)
}

fn read_file(path: &Path, max_rows: u64) -> (Vec<TableData>, Vec<ProfileFinding>) {
    let found = Found { path: path.to_path_buf(), relative: "book.xlsx".into(), bytes: 1 };
    let mut findings = Findings::default();
    let tables = profile(&found, max_rows, &mut findings);
    (tables, findings.finish())
}

fn sales() -> Vec<u8> {
    let sales = rows(
        3,
        b'C',
        &["Sales of 2019||", "shop|day|sum", "A|d:43466|1.5", "B|d:43467|e:#DIV/0!", "C|d:43468|7"],
    );
    let codes = rows(1, b'A', &["1|2", "3|4", "5|6.5"]);
    let merged = rows(1, b'A', &["name|first||second|", "|x|y|x|y", "a|1|2|3|4", "b|2|3|4|5", "c|5|6|7|8"]);
    workbook(&[
        ("Sales", "visible", &sales),
        ("Empty", "visible", ""),
        ("Codes", "hidden", &codes),
        ("Merged", "visible", &merged),
    ])
}

#[test]
fn sheets_are_tables() {
    let (tables, findings) = read_bytes(&sales(), 100);
    let facts: Vec<_> = tables
        .iter()
        .map(|t| (t.facts.path.as_str(), t.facts.rows, t.facts.has_header, t.facts.skipped_lines))
        .collect();
    assert_eq!(
        facts,
        [
            ("book.xlsx!/Sales", 3, true, 1),
            ("book.xlsx!/Codes", 3, false, 0),
            ("book.xlsx!/Merged", 3, true, 0)
        ]
    );
    let sales = &tables[0].facts;
    let names: Vec<&str> = sales.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["shop", "day", "sum"]);
    assert_eq!(
        (sales.columns[1].kind, sales.columns[1].min.as_deref()),
        (ColumnKind::Date, Some("2019-01-01"))
    );
    assert_eq!((sales.columns[2].missing, sales.columns[2].max.as_deref()), (1, Some("7")));
    let merged: Vec<&str> = tables[2].facts.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(merged, ["name", "first_x", "first_y", "second_x", "second_y"]);
    for message in ["1 cells hold an error such as #DIV/0!", "is hidden", "does not seem to name its columns"]
    {
        assert!(findings.iter().any(|finding| finding.message.contains(message)), "{message} {findings:?}");
    }
    assert_eq!(findings.len(), 3);
}

#[test]
fn the_text_of_every_sheet() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.xlsx");
    std::fs::write(&path, sales()).unwrap();
    let frames = crate::frames(&path, &crate::FrameLimits::default()).unwrap();
    let (tables, _) = read_bytes(&sales(), u64::MAX);
    assert_eq!(frames.len(), tables.len());
    for (frame, table) in frames.iter().zip(&tables) {
        assert!(table.facts.path.ends_with(frame.part()));
        assert_eq!(frame.rows() as u64, table.facts.rows);
        assert_eq!(frame.names().len(), table.facts.columns.len());
    }
}

#[test]
fn rows_beyond_the_limit_are_left_out() {
    let (tables, _) = read_bytes(&sales(), 2);
    assert_eq!((tables[0].facts.rows, tables[0].facts.exact), (2, false));
}

#[test]
fn dates_and_times() {
    use calamine::ExcelDateTimeType::{DateTime, TimeDelta};
    for (value, kind, expected) in [
        (43_466.0, DateTime, "2019-01-01"),
        (43_466.5, DateTime, "2019-01-01 12:00:00"),
        (0.25, DateTime, "06:00:00"),
        (1.5, TimeDelta, "36:00:00"),
    ] {
        assert_eq!(point_in_time(&ExcelDateTime::new(value, kind, false)), expected);
    }
}

#[test]
fn what_is_no_spreadsheet_is_told() {
    let encrypted: Vec<u8> = [&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], &[0; 600]]
        .concat()
        .into_iter()
        .chain("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    for (bytes, message) in [
        (b"a,b\n1,2\n".to_vec(), "is named like a spreadsheet, but is none"),
        (zipped(&[("photo.txt", "x")]), "is another archive"),
        (encrypted, "is encrypted"),
        (sales()[..400].to_vec(), "damaged spreadsheet"),
    ] {
        let (tables, findings) = read_bytes(&bytes, 10);
        assert!(
            tables.is_empty() && findings.len() == 1 && findings[0].message.contains(message),
            "{message} {findings:?}"
        );
    }
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let bomb = "<t>".to_string() + &" ".repeat(300 << 20);
    let bytes =
        zipped(&[("_rels/.rels", "<x/>"), ("xl/workbook.xml", "<x/>"), ("xl/sharedStrings.xml", &bomb)]);
    assert!(bytes.len() < 2 << 20);
    let (_, findings) = read_bytes(&bytes, 10);
    assert!(findings[0].message.contains("unpacks to more than memory allows"), "{findings:?}");
    // The parser would make room for every text that is claimed.
    let claim = r#"<sst uniqueCount="4294967295"><si><t>a</t></si></sst>"#;
    let bytes =
        zipped(&[("_rels/.rels", "<x/>"), ("xl/workbook.xml", "<x/>"), ("xl/sharedStrings.xml", claim)]);
    let (_, findings) = read_bytes(&bytes, 10);
    assert!(findings[0].message.contains("more texts than it can hold"), "{findings:?}");
    // A cell in the last corner costs nothing.
    let corners =
        r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#;
    let (tables, _) = read_bytes(&workbook(&[("Far", "visible", corners)]), 10);
    assert_eq!(tables[0].facts.rows, 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_workbook_is_read_or_refused(
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..10),
        rows in "[<>/=\"a-z 0-9&;]{0,80}",
    ) {
        let mut bytes = workbook(&[("S", "visible", &format!("<row r=\"1\"><c r=\"A1\"><v>1</v></c>{rows}</row>"))]);
        read_bytes(&bytes, 100);
        for (index, byte) in damage {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        read_bytes(&bytes, 100);
    }
}
