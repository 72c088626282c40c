use std::io::{BufReader, Read};

use proptest::prelude::*;

use super::*;

/// Rows of a CSV, or the kind, line and column of its refusal.
type Outcome = Result<Vec<Vec<String>>, (RefusalKind, Option<u64>, Option<usize>)>;

fn rows_of(source: impl BufRead, limits: GateLimits) -> Outcome {
    let mut fields = Fields::new(source, limits);
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    loop {
        match fields.advance() {
            Ok(Some(place)) => {
                assert_eq!(place.at, row.len());
                row.push(fields.text().to_owned());
                if place.ends_row {
                    rows.push(std::mem::take(&mut row));
                }
            }
            Ok(None) => return Ok(rows),
            Err(refusal) => return Err((refusal.kind, refusal.line, refusal.column)),
        }
    }
}

fn rows(csv: &[u8]) -> Outcome {
    rows_of(csv, GateLimits::default())
}

#[test]
fn values_are_split_as_pandas_splits_them() {
    let table: &[(&str, &[&[&str]])] = &[
        ("", &[]),
        ("id", &[&["id"]]),
        ("id,x\n1,2\n", &[&["id", "x"], &["1", "2"]]),
        ("id,x\r\n1,2\r\n", &[&["id", "x"], &["1", "2"]]),
        ("id,x\r\r\n1,2\r\r\n", &[&["id", "x"], &["1", "2"]]),
        ("id,x\n1,2", &[&["id", "x"], &["1", "2"]]),
        ("\n \t\nid\n\n1\n  ", &[&["id"], &["1"]]),
        ("id,\n,\n", &[&["id", ""], &["", ""]]),
        ("a,", &[&["a", ""]]),
        ("x\n\"\"\n\" \"\n", &[&["x"], &[""], &[" "]]),
        ("\"a,b\",\"c\nd\",\"e\r\nf\",\"g\rh\"\n", &[&["a,b", "c\nd", "e\r\nf", "g\rh"]]),
        ("\"a\"\"b\",\"\"\"\",\"\"", &[&["a\"b", "\"", ""]]),
        ("a\"b\"c, \"d\"\n", &[&["a\"b\"c", " \"d\""]]),
        ("\"a\"\r\n", &[&["a"]]),
    ];
    for (csv, expected) in table {
        assert_eq!(rows(csv.as_bytes()).unwrap(), *expected, "{csv:?}");
    }
}

#[test]
fn what_is_no_csv_in_utf_8_is_refused_at_its_place() {
    for (csv, kind, line, column) in [
        (&b"id,x\n1,\"a\n2,b\n"[..], RefusalKind::UnclosedQuote, 2, 2),
        (b"id,x\n1,\"", RefusalKind::UnclosedQuote, 2, 2),
        (b"id,x\n1,\"a\"b\n", RefusalKind::StrayQuote, 2, 2),
        (b"id,x\n1,\"a\n\" ,b\n", RefusalKind::StrayQuote, 3, 2),
        (b"id,x\n\"1\";2\n", RefusalKind::StrayQuote, 2, 1),
        (b"id,\"x\";\n", RefusalKind::StrayQuote, 1, 2),
        (b"\"id\";\"x\"\n", RefusalKind::WrongSeparator, 1, 1),
        (b"\"id\"\t\"x\"\n", RefusalKind::WrongSeparator, 1, 1),
        (b"\"id\"|\"x\"\n", RefusalKind::WrongSeparator, 1, 1),
        (b"id,x\r1,2\r", RefusalKind::LineEnds, 1, 2),
        (b"id,x\n1,\"2\"\r3,4\n", RefusalKind::LineEnds, 2, 2),
        (b"id,x\n1,2\r", RefusalKind::LineEnds, 2, 2),
        (b"id,x\n1,a\0b\n", RefusalKind::Nul, 2, 2),
        (b"id,x\n1,\"a\nb\0\"\n", RefusalKind::Nul, 3, 2),
        (b"id,x\nM\xfcller,2\n", RefusalKind::InvalidUtf8, 2, 1),
        (b"id,x\n1,\"a\n\nb\xff\n\"\n", RefusalKind::InvalidUtf8, 4, 2),
        (b"id,x\n\xed\xa0\x80,2\n", RefusalKind::InvalidUtf8, 2, 1),
    ] {
        assert_eq!(rows(csv), Err((kind, Some(line), Some(column))), "{:?}", csv.escape_ascii().to_string());
    }
}

#[test]
fn limits_hold_to_the_byte() {
    let limits = GateLimits { field_bytes: 4, row_bytes: 12, columns: 3, ..GateLimits::default() };
    for csv in ["abcd,abcd,a\n", "\"abcd\",\n", "\"ab\ncd\"\n", "a,b,c\na,b,c\na,b,c\n"] {
        let rows = rows_of(csv.as_bytes(), limits);
        // A line break within quotes makes the value longer too.
        assert_eq!(rows.is_ok(), csv != "\"ab\ncd\"\n", "{csv:?}: {rows:?}");
    }
    for (csv, kind, line) in [
        ("a\nabcde,b\n", RefusalKind::FieldTooLong, 2),
        ("a\n\"abcde\",b\n", RefusalKind::FieldTooLong, 2),
        ("abcd,abcd,ab\n", RefusalKind::LineTooLong, 1),
        ("a,b,c\na,b,c,d\n", RefusalKind::TooManyColumns, 2),
    ] {
        let refusal = rows_of(csv.as_bytes(), limits).unwrap_err();
        assert_eq!((refusal.0, refusal.1), (kind, Some(line)), "{csv:?}");
    }
}

#[test]
fn a_line_without_end_is_not_kept() {
    let endless = BufReader::new(std::io::repeat(b'a').take(1 << 40));
    let refusal = rows_of(endless, GateLimits::default()).unwrap_err();
    assert_eq!(refusal, (RefusalKind::FieldTooLong, Some(1), Some(1)));
    let endless = BufReader::new(b"\"".chain(std::io::repeat(b'\n')));
    let mut fields = Fields::new(endless, GateLimits::default());
    let refusal = fields.advance().unwrap_err();
    assert_eq!((refusal.kind, refusal.line), (RefusalKind::FieldTooLong, Some(1)));
    assert!(refusal.message.contains("closing quote"), "{refusal}");
}

#[test]
fn values_know_their_lines() {
    let mut fields = Fields::new(&b"\nid,x\n\n\"a\nb\",\"c\n\"\nd,e\n"[..], GateLimits::default());
    let mut places = Vec::new();
    while let Some(place) = fields.advance().unwrap() {
        places.push((fields.text().to_owned(), place.line, place.at, place.ends_row));
    }
    let expected = [
        ("id", 2, 0, false),
        ("x", 2, 1, true),
        ("a\nb", 4, 0, false),
        ("c\n", 5, 1, true),
        ("d", 7, 0, false),
        ("e", 7, 1, true),
    ];
    assert_eq!(places, expected.map(|(text, line, at, ends)| (text.to_owned(), line, at, ends)));
    assert_eq!(fields.blank_lines(), 2);
}

#[test]
fn a_failure_of_the_system_is_a_fault() {
    let failing = BufReader::new(b"id\n1".chain(Failing));
    assert_eq!(rows_of(failing, GateLimits::default()), Err((RefusalKind::Io, None, None)));
}

struct Failing;

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::Other.into())
    }
}

/// One value as Python's csv module writes it.
fn written(value: &str, quote_all: bool) -> String {
    if quote_all || value.contains([',', '"', '\n', '\r']) || value.trim_matches([' ', '\t']).is_empty() {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    let value = || "[a-c0-9é,\" \t\n\r;'=.-]{0,8}";
    (1..5usize).prop_flat_map(move |width| prop::collection::vec(prop::collection::vec(value(), width), 1..8))
}

proptest! {
    #[test]
    fn every_table_is_read_as_it_was_written(
        table in table(), quote_all: bool, crlf: bool, last_end: bool, buffer in 1..9usize,
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let lines: Vec<String> = table
            .iter()
            .map(|row| row.iter().map(|value| written(value, quote_all)).collect::<Vec<_>>().join(","))
            .collect();
        let csv = lines.join(end) + if last_end { end } else { "" };
        // Small buffers put the border between two pieces everywhere.
        let source = BufReader::with_capacity(buffer, csv.as_bytes());
        prop_assert_eq!(rows_of(source, GateLimits::default()), Ok(table));
    }

    #[test]
    fn any_bytes_are_read_alike_in_any_pieces(
        bytes in prop::collection::vec(
            prop_oneof![any::<u8>(), prop::sample::select(b"\",\r\n \0a1".to_vec())], 0..60,
        ),
        buffer in 1..9usize,
    ) {
        let limits = GateLimits { field_bytes: 9, row_bytes: 20, columns: 4, ..GateLimits::default() };
        let pieces = rows_of(BufReader::with_capacity(buffer, &bytes[..]), limits);
        let whole = rows_of(&bytes[..], limits);
        // Which of two faults comes first may depend on the pieces, whether there is one may not.
        prop_assert_eq!(pieces.is_ok(), whole.is_ok());
        if let Ok(rows) = &whole {
            prop_assert_eq!(pieces.as_ref(), Ok(rows));
        }
    }

    #[test]
    fn what_is_accepted_is_what_the_csv_crate_reads(csv in "[a\",\n ]{0,30}") {
        if let Ok(rows) = rows_of(csv.as_bytes(), GateLimits::default()) {
            let mut reader = csv::ReaderBuilder::new();
            let mut reader = reader.has_headers(false).flexible(true).from_reader(csv.as_bytes());
            let theirs: Vec<Vec<String>> = reader.deserialize().map(Result::unwrap).collect();
            // It does not take a line of spaces for a blank one.
            let theirs: Vec<_> =
                theirs.into_iter().filter(|row| row.len() > 1 || !is_blank(&row[0])).collect();
            let ours: Vec<_> = rows.into_iter().filter(|row| row.len() > 1 || !is_blank(&row[0])).collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}
