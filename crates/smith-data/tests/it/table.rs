use smith_data::DataError;
use smith_data::table::{Table, read_csv};

use crate::{csv, folder, gzip};

fn read(content: &[u8]) -> Result<Table, DataError> {
    let root = folder(&[("t.csv", content)]);
    read_csv(&root.path().join("t.csv"), 1_000)
}

#[test]
fn a_sound_table_is_read_as_it_is_written() {
    let table = read(b"\xef\xbb\xbfid, name\n1,\" a \"\"b\"\", c\"\n2,\n").unwrap();
    assert_eq!(table.headers, ["id", " name"]);
    assert_eq!(table.rows, [["1", " a \"b\", c"], ["2", ""]]);
    assert_eq!((table.column("id"), table.column("name")), (Some(0), None));
    assert_eq!(read(b"a,b\n").unwrap().rows.len(), 0);
}

#[test]
fn gzip_is_unpacked_and_measured_unpacked() {
    let root = folder(&[("t.csv.gz", &gzip(&csv(40)))]);
    let path = root.path().join("t.csv.gz");
    assert_eq!(read_csv(&path, 10_000).unwrap().rows.len(), 40);
    let length = csv(40).len() as u64;
    assert!(read_csv(&path, length).is_ok());
    let error = read_csv(&path, length - 1).unwrap_err();
    assert!(matches!(error, DataError::TooLarge { limit, .. } if limit == length - 1), "{error}");
}

#[test]
fn every_fault_has_its_line() {
    let cases: [(&[u8], u64, &str); 8] = [
        (b"a,b\n1,2\n3\n", 3, "1 cells"),
        (b"a,b\n1,2\n\n3,4,5\n", 4, "3 cells"),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n3\r\n", 3, "1 cells"),
        (b"a,b\n\"x\ny\",2\n3\n", 4, "1 cells"),
        (b"a,b,a\n1,2,3\n", 1, "`a` occurs more than once"),
        (b"a,b\n1,x\0\n", 2, "NUL"),
        (b"a,b\n1,2\n3,M\xfcnchen\n", 3, "not UTF-8"),
        (b"\xff\xfea\0,\0b\0", 1, "UTF-16"),
    ];
    for (content, expected, words) in cases {
        match read(content).unwrap_err() {
            DataError::Malformed { line, message, .. } => {
                assert_eq!(line, expected, "{message}");
                assert!(message.contains(words), "{message}");
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn no_table_at_all() {
    assert!(matches!(read(b"").unwrap_err(), DataError::Empty(_)));
    let root = folder(&[]);
    assert!(matches!(read_csv(root.path(), 10).unwrap_err(), DataError::NotAFile(_)));
    assert!(matches!(read_csv(&root.path().join("x"), 10).unwrap_err(), DataError::NotFound(_)));
    let broken = folder(&[("t.csv.gz", b"\x1f\x8bnot gzip")]);
    let error = read_csv(&broken.path().join("t.csv.gz"), 10).unwrap_err();
    assert!(matches!(error, DataError::Unreadable { .. }) && !error.is_mistake());
}
