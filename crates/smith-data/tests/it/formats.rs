//! Formats of tables beside delimited text, from a folder to the profile.

use smith_data::{DatasetProfile, ProfileOptions, profile};
use smith_task_schema::profile::FileKind;

use crate::{folder, gzip};

fn profiled(files: &[(&str, &[u8])]) -> DatasetProfile {
    profile(folder(files).path(), &ProfileOptions::default()).unwrap()
}

const ARFF: &[u8] =
    b"@relation r\n@attribute size numeric\n@attribute kind {oak, elm}\n@data\n1,oak\n2,elm\n3,oak\n";

#[test]
fn each_format_becomes_a_table() {
    let series = b"@problemName p\n@timeStamps false\n@classLabel true a b\n@data\n1,2,3:a\n1,2,4:b\n";
    let sparse = b"1 1:0.5 3:2\n-1 2:1\n1 1:7\n-1 3:7\n";
    let fasta = b">q1 first\nACGTACGT\n>q2\nACGTA\n";
    let tabs = b"size\tkind\ncontinuous\tdiscrete\n\tclass\n1\toak\n2\telm\n";
    let found = profiled(&[
        ("a.arff", ARFF),
        ("b.arff.gz", &gzip(ARFF)),
        ("c.ts", series),
        ("d.txt", sparse),
        ("e.fa", fasta),
        ("f.tab", tabs),
        ("g.ts", b"import { x } from 'y';\nexport const z = 1;\n"),
    ]);
    let tables: Vec<(&str, &str, usize)> = found
        .tables
        .iter()
        .map(|table| (table.path.as_str(), table.format.as_str(), table.columns.len()))
        .collect();
    let expected = [
        ("a.arff", "arff", 2),
        ("b.arff.gz", "arff.gz", 2),
        ("c.ts", "ts", 4),
        ("d.txt", "libsvm", 4),
        ("e.fa", "fasta", 4),
        ("f.tab", "csv", 2),
    ];
    assert_eq!(tables, expected);
    assert_eq!((found.count(FileKind::Table), found.count(FileKind::Text)), (6, 1));
    assert_eq!(found.tables[0].columns[1].declared.as_deref(), Some("nominal {oak, elm}"));
}

#[test]
fn a_file_may_hold_several_tables() {
    let records = |key: &str| (0..8).map(|i| format!("{{\"{key}\":{i}}}")).collect::<Vec<_>>().join(",");
    let json = format!("{{\"images\":[{}],\"boxes\":[{}]}}", records("id"), records("image_id"));
    let found = profiled(&[("labels.json", json.as_bytes())]);
    let paths: Vec<&str> = found.tables.iter().map(|table| table.path.as_str()).collect();
    assert_eq!(paths, ["labels.json!/boxes", "labels.json!/images"]);
    assert_eq!(
        found.json[0].keys,
        ["images: array of 8 objects with id", "boxes: array of 8 objects with image_id"]
    );
}

#[test]
fn what_its_name_promises_and_its_bytes_do_not_is_a_finding() {
    let found = profiled(&[
        ("a.db", b"\x07\x07\x07\x07 not a database \x01\x02\x03"),
        ("b.xlsx", b"PK\x03\x04 cut off"),
        ("c.arff", b"no header\n"),
        ("d.feather", b"FEA1\0\0\0\0"),
        ("e.json", b"[{\"a\":1},{\"a\":2},{\"a\""),
    ]);
    let told: Vec<&str> = found.findings.iter().map(|finding| finding.path.as_str()).collect();
    for path in ["a.db", "b.xlsx", "c.arff", "d.feather", "e.json"] {
        assert!(told.contains(&path), "{path} {:?}", found.findings);
    }
    assert_eq!((found.tables.len(), found.tables[0].rows, found.tables[0].exact), (1, 2, false));
}

#[test]
fn text_under_the_name_of_a_spreadsheet_is_read_as_text() {
    let found = profiled(&[("a.xls", b"size\tkind\n1\toak\n2\telm\n3\toak\n")]);
    assert_eq!((found.tables.len(), found.tables[0].rows), (1, 3));
}
